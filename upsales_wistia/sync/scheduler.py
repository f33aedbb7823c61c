"""The tick: finds due customers and queues them. Safe in any number of processes.

Who is due stands in the tables and the lease decides who runs, so a tick needs no leader.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler

from ..clock import Clock
from ..store import customers, database, erasures, leases, webhooks
from .queue import Queue

LONGEST_TICK = 10.0


def tick(
    queue: Queue, clock: Clock, kind: str = customers.POLL, table: leases.Table = "leases"
) -> int:
    """Queue every customer with due work of a kind, the latest first; returns how many.

    Whoever is worked on already, with the lease of ``table``, would only take a thread in vain.
    """
    with database.session():
        return queue.put_all(leases.free(customers.due(clock.now(), kind=kind), table))


def tick_webhooks(queue: Queue, clock: Clock) -> int:
    """Queue every customer with work that a webhook started; returns how many were queued."""
    with database.session():
        return queue.put_all(leases.free(webhooks.due_customers(clock.now())))


def nobody_is_due(queue: Queue, clock: Clock) -> int:
    """For work that only people ask for: a tick queues none of it."""
    return 0


def tick_erasures(queue: Queue, clock: Clock) -> int:
    """Queue every customer with a person to be erased; returns how many were queued."""
    with database.session():
        due = erasures.due(clock.now())
    return queue.put_all(due)


def start_ticking(beat: Callable[[], object], poll_minutes: float) -> BackgroundScheduler:
    """Call ``beat`` every min(10 s, half the poll interval) until the scheduler is shut down."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        beat,
        "interval",
        seconds=min(LONGEST_TICK, poll_minutes * 60 / 2),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=30,
    )
    scheduler.start()
    return scheduler
