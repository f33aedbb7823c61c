"""Runs with a key that came with a request.

Upsales' rule: such a key need not be stored anywhere. So it lives in the memory of the process
that received it, for that one run; never in the database, a queue or a log.
https://support.upsales.com/hc/en-us/articles/360001694168-Use-API-key
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

THREADS = 8


@dataclass
class KeyedRun:
    """A run to come: the newest key that was sent for it, and who wants to hear of it.

    ``asked`` when a person asked for it; ``reads`` is false when Wistia was read just before.
    """

    customer_id: int
    key: str = field(repr=False)
    callbacks: list[str] = field(default_factory=list, repr=False)
    reads: bool = True
    asked: bool = False


class KeyedRuns:
    """At most one run of a customer at a time; what comes meanwhile waits, as one run."""

    def __init__(self, run: Callable[[KeyedRun], None], threads: int = THREADS) -> None:
        self._run = run
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="keyed")
        self._waiting: dict[int, KeyedRun] = {}
        self._running: set[int] = set()
        self._changed = threading.Condition()

    def put(self, wanted: KeyedRun) -> None:
        """Run this customer when its present run has ended."""
        with self._changed:
            waiting = self._waiting.get(wanted.customer_id)
            if waiting is None:
                self._waiting[wanted.customer_id] = wanted
            else:
                waiting.key = wanted.key or waiting.key
                waiting.callbacks += wanted.callbacks
                waiting.reads = waiting.reads or wanted.reads
                waiting.asked = waiting.asked or wanted.asked
            if wanted.customer_id in self._running:
                return
            self._running.add(wanted.customer_id)
        self._pool.submit(self._work, wanted.customer_id)

    def _work(self, customer_id: int) -> None:
        while (wanted := self._next(customer_id)) is not None:
            try:
                self._run(wanted)
            except Exception:
                # Its callbacks are given up; the next request or poll goes on with the work.
                log.exception("keyed run broke", customer=customer_id)

    def _next(self, customer_id: int) -> KeyedRun | None:
        with self._changed:
            wanted = self._waiting.pop(customer_id, None)
            if wanted is None:
                self._running.discard(customer_id)
                self._changed.notify_all()
            return wanted

    def join(self) -> None:
        """Wait until everything that was put in has run."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running)

    def close(self) -> list[KeyedRun]:
        """Wait for what is running. Returns what waited: it comes again with the next request."""
        with self._changed:
            given_up = list(self._waiting.values())
            self._waiting.clear()
        self._pool.shutdown(wait=True)
        return given_up
