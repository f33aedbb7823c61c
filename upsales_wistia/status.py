"""Gathers what a customer's status page shows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from .errors import UsageError
from .funnel.reasons import WAITING
from .settings import Problem, typed
from .store import customers, runs, tally, versions
from .store.leases import is_held
from .store.runs import Run
from .web.contract import RunShown, StatusData

_RUNS_SHOWN = 5


def status_data(customer_id: int, now: datetime, window_days: int) -> StatusData | None:
    """What the status page of a customer shows at ``now``; None when there is no such customer."""
    try:
        customer = customers.load(customer_id)
    except UsageError:
        return None
    version = versions.current(customer_id)
    latest = runs.listing(customer_id, limit=_RUNS_SHOWN)
    shown = tuple(filter(None, map(_shown, latest)))
    good = runs.last(customer_id, complete=True)
    return StatusData(
        customer_name=customer.name,
        settings=typed(version.config if version else {}),
        runs=shown,
        last_good=_shown(good) if good else None,
        next_at=customers.due_at(customer_id, "poll") if customer.state == "active" else None,
        running=is_held(customer_id),
        paused=customer.state == "paused",
        problems=tuple(Problem(**p).sentence for p in version.problems) if version else (),
        waiting=_waiting(customer_id, now, window_days),
    )


def _shown(run: Run) -> RunShown | None:
    return RunShown(run.started_at, run.report) if run.report else None


def _waiting(customer_id: int, now: datetime, window_days: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in tally.tally(customer_id, now - timedelta(days=window_days), now, ""):
        if row.activity_code in WAITING and row.activity_state is None:
            found[row.activity_code] += row.count
    return found
