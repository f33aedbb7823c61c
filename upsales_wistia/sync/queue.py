"""Work that waits for a thread. Who is due stands in the tables; a queue only says "now"."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)

THREADS = 8


class Queue(Protocol):
    """Where due customers are put."""

    def put(self, customer_id: int) -> bool:
        """Run this customer soon. False when it is waiting or running already."""

    def put_all(self, customer_ids: Iterable[int]) -> int:
        """Run these customers soon, in this order; returns how many were not waiting."""


class OwnQueue(Queue, Protocol):
    """A queue of this process, which it also ends."""

    def join(self) -> None:
        """Wait until everything that this process runs itself has run."""

    def close(self) -> None:
        """Start nothing more, and wait for what is running."""


class LocalQueue:
    """A small pool of threads in this process; a customer is in it at most once.

    With ``repeats`` one that is put in while it waits or runs is run once more afterwards. When
    ``run`` returns True there is more to do: it is run again, after those that wait.
    """

    def __init__(
        self, run: Callable[[int], object], threads: int = THREADS, *, repeats: bool = False
    ) -> None:
        self._run = run
        self._repeats = repeats
        self._again: set[int] = set()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="run")
        self._inside: set[int] = set()
        self._lock = threading.Condition()

    def put(self, customer_id: int) -> bool:
        """Run this customer soon. False when it is waiting or running already."""
        with self._lock:
            if customer_id in self._inside:
                if self._repeats:
                    self._again.add(customer_id)
                return False
            self._inside.add(customer_id)
        self._pool.submit(self._work, customer_id)
        return True

    def put_all(self, customer_ids: Iterable[int]) -> int:
        """Run these customers soon, in this order; returns how many were not inside."""
        return sum(self.put(customer_id) for customer_id in customer_ids)

    def _work(self, customer_id: int) -> None:
        more = None
        try:
            more = self._run(customer_id)
        except Exception:
            # One customer's trouble never stops the others; the tick brings it back when due.
            log.exception("run broke", customer=customer_id)
        if more is True or not self._is_done(customer_id):
            self._go_on_later(customer_id)

    def _go_on_later(self, customer_id: int) -> None:
        try:
            self._pool.submit(self._work, customer_id)
        except RuntimeError:  # The process ends; the next one goes on.
            with self._lock:
                self._inside.discard(customer_id)
                self._lock.notify_all()

    def _is_done(self, customer_id: int) -> bool:
        with self._lock:
            if customer_id in self._again:
                self._again.discard(customer_id)
                return False
            self._inside.discard(customer_id)
            self._lock.notify_all()
            return True

    def join(self) -> None:
        """Wait until everything that was put in has run."""
        with self._lock:
            self._lock.wait_for(lambda: not self._inside)

    def close(self) -> None:
        """Start nothing more, and wait for what is running."""
        self._pool.shutdown(wait=True, cancel_futures=True)
