"""Gathers what a customer's status page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from .errors import UsageError
from .funnel.lateness import Lateness
from .funnel.settings import Settings
from .lateness import lateness
from .settings import Problem, typed
from .store import checks, customers, hints, history, leases, runs, tally, versions
from .store.hints import Hint
from .store.history import Trouble, Written
from .store.runs import Run
from .store.tally import Waiting

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
    ``suspended`` when Upsales refuses to be asked, as it does where the app is switched off.
    ``administrators`` are the numbers of the Upsales users who are known to be some.
    ``doing`` says what the present run does, "" when that is not told. ``waiting_now`` counts
    all who wait, ``waiting`` those of the window alone. ``written`` and ``troubles`` are those
    of ``DAYS_SHOWN``. ``zone`` is the name of the zone in which times are shown. ``lateness``
    tells how late views come, None where that is not known.
    """

    customer_name: str
    settings: Settings
    runs: tuple[RunShown, ...] = ()
    last_good: RunShown | None = None
    next_at: datetime | None = None
    running: bool = False
    doing: str = ""
    paused: bool = False
    suspended: bool = False
    administrators: frozenset[int] = frozenset()
    need_person: int = 0
    forms_paused: bool = False
    unreadable: int = 0
    problems: tuple[str, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    waiting_now: Waiting = field(default_factory=Waiting)
    written: tuple[Written, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    hints: tuple[Hint, ...] = ()
    zone: str = "UTC"
    lateness: Lateness | None = None


_RUNS_SHOWN = 5

DAYS_SHOWN = timedelta(days=31)
"""How far back the figures by day go: thirty days, wherever a day begins."""


def status_data(customer_id: int, now: datetime, window_days: int) -> StatusData | None:
    """What the status page of a customer shows at ``now``; None when there is no such customer."""
    state = state_data(customer_id, now, window_days)
    if state is None:
        return None
    return replace(
        state,
        waiting=tally.waiting_by_code(customer_id, now - timedelta(days=window_days)),
        waiting_now=tally.waiting(customer_id),
        written=tuple(history.written(customer_id, now - DAYS_SHOWN)),
        troubles=tuple(history.troubles(customer_id, now - DAYS_SHOWN)),
        hints=hints.shown(customers.load(customer_id)),
    )


def state_data(customer_id: int, now: datetime, window_days: int) -> StatusData | None:
    """Of the same what tells how the customer is, without the figures around it."""
    try:
        customer = customers.load(customer_id)
    except UsageError:
        return None
    version = versions.current(customer_id)
    latest = runs.listing(customer_id, limit=_RUNS_SHOWN)
    shown = tuple(filter(None, map(_shown, latest)))
    good = runs.last(customer_id, complete=True)
    doing = leases.doing(customer_id)
    return StatusData(
        customer_name=customer.name,
        settings=typed(version.config if version else {}),
        runs=shown,
        last_good=_shown(good) if good else None,
        next_at=customers.due_at(customer_id, "poll") if customer.state == "active" else None,
        running=doing is not None,
        doing=doing or "",
        paused=customer.state == "paused",
        suspended=customer.state == "suspended",
        administrators=frozenset(customer.setup.get("administrators", ())),
        need_person=checks.count_needing_person(customer_id),
        forms_paused=customer.forms_paused,
        unreadable=customer.setup.get("unreadable", 0),
        problems=tuple(Problem(**p).sentence for p in version.problems) if version else (),
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
