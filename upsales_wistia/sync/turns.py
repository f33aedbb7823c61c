"""A long job in turns: the customer's lease is held for a while, and given back to the runs.

Whoever carries a job out holds its own lease (``job_leases``) all the time, so that nobody else
does; for each turn it takes the customer's as well, as every run does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ..clock import Clock, monotonic
from ..errors import AppError, LeaseLost
from ..store import customers, jobs
from ..store.leases import LONGEST_PAUSE, Lease, hold
from .patience import Pause
from .run import Pace

LONGEST_TURN = 30.0
"""Seconds after which a turn ends though nobody is known to wait: a person may have asked."""

_GAP = LONGEST_PAUSE + 0.1
"""Seconds in which whoever waits for the lease has surely looked."""


class End(Enum):
    """How a turn ended."""

    DONE = "done"
    MORE = "more"
    LATER = "later"
    NO_KEY = "no key"
    FAILED = "failed"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Taken:
    """How a turn ended; ``wait`` is in seconds for LATER, ``error`` what ended it."""

    end: End
    wait: float = 0.0
    error: AppError | None = None


Turn = Callable[[Lease, Callable[[], bool]], Taken]
"""Does a part of a job; ends early when the second argument says that others want the lease."""


@dataclass
class Turns:
    """Carries out one customer's job of a kind, turn by turn.

    ``most_waiting`` is how many seconds a LATER may be waited for here in all, None without end;
    after that the job is left for a later moment. ``closing`` tells that this process is to end.
    """

    customer_id: int
    kind: jobs.Kind
    turn: Turn
    pace: Pace
    clock: Clock
    pause: Pause
    most_waiting: float | None = 0.0
    closing: Callable[[], bool] = lambda: False
    passed_over: datetime | None = None

    def take(self, own: Lease) -> Taken:
        """Take turns until the job is done, or cannot go on here. Raises LeaseLost."""
        waited = 0.0
        while True:
            own.renew()
            if self.closing():
                return Taken(End.LATER)
            taken = self._one()
            if taken.end is End.LATER:
                waited += taken.wait
                if self.most_waiting is not None and waited > self.most_waiting:
                    return taken
                self.pause(max(taken.wait, _GAP))
            elif taken.end is End.MORE:
                self.pause(_GAP)
            else:
                return taken

    def _one(self) -> Taken:
        with hold(
            self.customer_id, self.pace.lease_seconds, wait=True, heartbeat=self.pace.heartbeat
        ) as lease:
            try:
                return self.turn(lease, _Over(self))
            except LeaseLost:
                return Taken(End.MORE)  # It froze, and a run went on meanwhile.

    def wanted_by_others(self) -> bool:
        """Whether somebody is known to want the lease: a person, or a run that is due."""
        if self.closing() or jobs.wished(self.customer_id, self.kind):
            return True
        due = customers.due_at(self.customer_id, customers.POLL)
        if due is None or due > self.clock.now() or due == self.passed_over:
            return False
        # Once for each moment: where nobody polls we must not wait for it.
        self.passed_over = due
        return True


class _Over:
    """Whether a turn is to end; once it is, it stays so."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._until = monotonic() + LONGEST_TURN
        self._over = False

    def __call__(self) -> bool:
        self._over = self._over or monotonic() > self._until or self._turns.wanted_by_others()
        return self._over
