"""How the whole deployment is: what the operator's page and the metrics show.

Nothing here asks a vendor or names a viewer, and all of it stands in the tables, so any process
answers for all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from .store import calls, deployment
from .store.calls import Calls
from .store.deployment import Standing

Case = Literal["ours", "admin", "vendor", "suspended", "paused", "new", "sync"]

WORST_FIRST: Sequence[Case] = ("ours", "admin", "vendor", "suspended", "paused", "new", "sync")
"""Whose turn it is: ours, the customer's admin's, a vendor's, or nobody's."""

LATE_POLLS = 3
"""A poll this many intervals late is our trouble, not merely busy times."""

_AWAY = frozenset({"wistia_away", "upsales_away"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A customer as the operator sees it; ``late`` is how long its poll has been due."""

    standing: Standing
    case: Case
    late: timedelta


@dataclass(frozen=True, slots=True)
class Overview:
    """All customers, worst first, and the figures of the whole deployment.

    ``late`` is the 95th percentile of how long due polls have waited; ``calls`` are today's (UTC)
    by vendor; ``open_writes`` counts writes that are not done by state.
    """

    customers: Sequence[Shown]
    cases: Mapping[Case, int]
    late: timedelta
    open_writes: Mapping[str, int]
    calls: Mapping[str, Calls]

    @property
    def waiting(self) -> int:
        """Writes that are still to be sent."""
        return sum(self.open_writes.get(state, 0) for state in ("planned", "retry", "sending"))

    @property
    def failed(self) -> int:
        """Writes that are parked."""
        return self.open_writes.get("failed", 0)


def overview(now: datetime, poll_minutes: float) -> Overview:
    """The deployment at ``now`` (aware UTC)."""
    shown = [_shown(standing, now, poll_minutes) for standing in deployment.standings()]
    shown.sort(key=lambda one: (WORST_FIRST.index(one.case), -one.late, one.standing.id))
    return Overview(
        customers=shown,
        cases=Counter(one.case for one in shown),
        late=late_p95([one.late for one in shown if one.standing.state == "active"]),
        open_writes=deployment.open_writes(),
        calls=calls.of_day(now.date()),
    )


def late_p95(spans: Sequence[timedelta]) -> timedelta:
    """The span that 95 % do not exceed; none for no spans."""
    return sorted(spans)[ceil(0.95 * len(spans)) - 1] if spans else timedelta()


def _shown(standing: Standing, now: datetime, poll_minutes: float) -> Shown:
    late = timedelta()
    if standing.state == "active" and standing.due_at is not None:
        late = max(now - standing.due_at, late)
    return Shown(standing, case_of(standing, late, poll_minutes), late)


def case_of(standing: Standing, late: timedelta, poll_minutes: float) -> Case:
    """Whose turn it is with a customer whose poll has been due for ``late``."""
    if standing.state == "suspended":
        return "suspended"
    if standing.state == "paused":
        return "paused"
    if late > LATE_POLLS * timedelta(minutes=poll_minutes):
        return "ours"
    if standing.status == "failed":
        if standing.code in _AWAY:
            return "vendor"
        return "admin" if standing.code else "ours"
    if standing.needing:
        return "admin"
    return "sync" if standing.status else "new"
