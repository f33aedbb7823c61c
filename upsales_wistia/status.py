"""Gathers what a customer's status page shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .errors import UsageError
from .funnel.lateness import Lateness
from .funnel.reasons import WAITING
from .funnel.settings import Settings
from .lateness import lateness
from .settings import Problem, typed
from .store import checks, customers, runs, tally, versions
from .store.leases import is_held
from .store.runs import Run

Document = Mapping[str, Any]
"""A run's report: the document that ``sync --json`` prints."""


@dataclass(frozen=True, slots=True)
class RunShown:
    """A run that has ended. ``started_at`` is aware UTC."""

    started_at: datetime
    document: Document


@dataclass(frozen=True, slots=True)
class StatusData:
    """All that a customer's status page shows.

    ``runs`` are the newest first, the last one of them is the page's subject; ``last_good`` is
    the newest run that was complete. ``problems`` are sentences on settings that cannot be read.
    ``unreadable`` counts rows of Wistia's that could not be read as a view, in the last read.
    ``need_person`` counts the views with a write that a person must look at.
    ``waiting`` counts the waiting views of the activity log by reason code, {} when not known.
    ``zone`` is the name of the zone in which times are shown. ``lateness`` tells how late views
    come, None where that is not known.
    """

    customer_name: str
    settings: Settings
    runs: tuple[RunShown, ...] = ()
    last_good: RunShown | None = None
    next_at: datetime | None = None
    running: bool = False
    paused: bool = False
    need_person: int = 0
    forms_paused: bool = False
    unreadable: int = 0
    problems: tuple[str, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    zone: str = "UTC"
    lateness: Lateness | None = None


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
        need_person=checks.count_needing_person(customer_id),
        forms_paused=customer.forms_paused,
        unreadable=customer.setup.get("unreadable", 0),
        problems=tuple(Problem(**p).sentence for p in version.problems) if version else (),
        waiting=_waiting(customer_id, now, window_days),
        lateness=lateness(customer_id, now, window_days),
    )


def told_run(data: StatusData) -> RunShown | None:
    """The newest run that says where its views are: of one that failed, the last good one."""
    newest = data.runs[0] if data.runs else None
    if newest and newest.document["status"] == "failed" and data.last_good:
        return data.last_good
    return newest


def _shown(run: Run) -> RunShown | None:
    return RunShown(run.started_at, run.report) if run.report else None


def _waiting(customer_id: int, now: datetime, window_days: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in tally.tally(customer_id, now - timedelta(days=window_days), now, ""):
        if row.activity_code in WAITING and row.activity_state is None:
            found[row.activity_code] += row.count
    return found
