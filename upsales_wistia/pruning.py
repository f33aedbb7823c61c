"""Looks through every customer's rows once a day for what has been kept long enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from .clock import Clock
from .config import Config
from .errors import LeaseBusy, LeaseLost, UsageError
from .privacy.retention import Limits, step
from .privacy.tombstone_file import TombstoneFile
from .queues import Kind
from .store import customers, database, retention
from .store.keyring import Keyring
from .store.leases import hold
from .sync.queue import Queue

log = structlog.get_logger(__name__)

EACH = timedelta(days=1)
"""How often a customer's rows are looked through."""

BUSY = timedelta(minutes=5)
"""When it is tried again after somebody else was at work."""

_THREADS = 1


@dataclass(frozen=True)
class Pruning:
    """Retention as the tick sets it going. It never waits for a lease, and gives it back soon."""

    config: Config
    clock: Clock
    keyring: Keyring = field(repr=False)

    def kind(self) -> Kind:
        """The kind of work that it is."""
        return Kind(retention.JOB, self.run_due, self._fill, _THREADS)

    def _fill(self, queue: Queue, clock: Clock) -> int:
        with database.session():
            return queue.put_all(retention.due(clock.now()))

    def run_due(self, customer_id: int) -> bool:
        """One step for a customer; True when there is more to do, after the others' turn."""
        with database.session():
            try:
                return self._step(customer_id)
            except LeaseBusy:
                customers.set_due(customer_id, retention.JOB, self.clock.now() + BUSY)
            except (LeaseLost, UsageError):
                log.info("pruning put off", customer=customer_id)
            return False

    def _step(self, customer_id: int) -> bool:
        now = self.clock.now()
        limits = Limits.of(customer_id, now, self.config.window_days)
        file = TombstoneFile(self.config.tombstones_file)
        with hold(customer_id, self.config.lease_seconds, wait=False) as lease:
            more = step(lease, self.keyring, file, limits, now)
            if not more:
                with lease.commit():
                    customers.set_due(customer_id, retention.JOB, now + EACH)
        if not more:
            database.forget_deleted()
        return more
