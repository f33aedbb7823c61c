"""The runs of a customer, each with its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from uuid6 import uuid7

from . import customers
from .models import RunRow


@dataclass(frozen=True, slots=True)
class Run:
    """One run. ``complete`` when every page of its window was read; times are aware UTC.

    ``code`` and ``reason`` are the run document's; ``report`` is that document, None while it
    runs and when it died.
    """

    id: str
    kind: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    window_from: datetime
    window_to: datetime
    settings_version: int
    complete: bool
    report: dict[str, Any] | None
    code: str | None
    reason: str | None


RUNNING = "running"
POLL = "poll"
WEBHOOK = "webhook"
BACKFILL = "backfill"

_LONG = (BACKFILL,)
"""Runs that go on over several leases, and over the death of a process."""

_ASIDE = (WEBHOOK, *_LONG)
"""Runs that are no account of the window that the polls keep."""

PART = "part"
"""Where a customer's ``setup`` keeps the poll that made room for others and goes on later."""


def open_run(
    customer_id: int,
    kind: str,
    *,
    now: datetime,
    window_from: datetime,
    window_to: datetime,
    settings_version: int,
) -> str:
    """Begin a run; returns its id, which sorts by time of beginning."""
    run_id = str(uuid7())
    RunRow.insert(
        id=run_id,
        customer_id=customer_id,
        kind=kind,
        status=RUNNING,
        started_at=now,
        window_from=window_from,
        window_to=window_to,
        settings_version=settings_version,
        complete=False,
    ).execute()
    return run_id


def close_dead(customer_id: int, now: datetime, reason: str) -> None:
    """End the runs that were left open: whoever holds the lease now knows that they are dead.

    Left open is a poll that made room for others.
    """
    part = customers.setup(customer_id).get(PART) or {}
    (
        RunRow.update(status="failed", ended_at=now, complete=False, reason=reason)
        .where(
            RunRow.customer_id == customer_id,
            RunRow.ended_at.is_null(),
            RunRow.id != part.get("run", ""),
            RunRow.kind.not_in(_LONG),
        )
        .execute()
    )


def close_run(
    customer_id: int,
    run_id: str,
    *,
    status: str,
    now: datetime,
    complete: bool,
    report: dict[str, Any] | None,
    code: str | None = None,
    reason: str | None = None,
) -> None:
    """End a run with its report."""
    (
        RunRow.update(
            status=status,
            ended_at=now,
            complete=complete,
            report=report,
            code=code,
            reason=reason,
        )
        .where(RunRow.customer_id == customer_id, RunRow.id == run_id)
        .execute()
    )


def last(customer_id: int, *, complete: bool | None = None) -> Run | None:
    """The newest run, or the newest that was (or was not) complete; None when there is none.

    Runs that a webhook caused, and backfills, are left aside, here and in ``listing``.
    """
    query = _newest_first(customer_id)
    if complete is not None:
        query = query.where(RunRow.complete == complete)
    row = query.first()
    return None if row is None else _run(row)


def before(customer_id: int, run_id: str) -> Run | None:
    """The newest run that was begun before this one; None when there is none."""
    row = _newest_first(customer_id).where(RunRow.id < run_id).first()
    return None if row is None else _run(row)


def listing(customer_id: int, limit: int = 20) -> list[Run]:
    """The newest runs, newest first."""
    return [_run(row) for row in _newest_first(customer_id).limit(limit)]


def backfills(customer_id: int, limit: int = 20) -> list[Run]:
    """The newest backfills, newest first."""
    rows = RunRow.select().where(RunRow.customer_id == customer_id, RunRow.kind == BACKFILL)
    newest = rows.order_by(RunRow.started_at.desc(), RunRow.id.desc()).limit(limit)
    return [_run(row) for row in newest]


def load(customer_id: int, run_id: str) -> Run | None:
    """One run of this customer; None when it has none of this id."""
    row = RunRow.get_or_none(RunRow.customer_id == customer_id, RunRow.id == run_id)
    return None if row is None else _run(row)


def judge(customer_id: int, received_at: datetime, within: timedelta) -> Run | None:
    """The last complete run that had a view received then (aware UTC) in its window.

    Only runs that began ``within`` that time after it are looked at.
    """
    rows = _newest_first(customer_id).where(
        RunRow.started_at.between(received_at, received_at + within),
        RunRow.window_from <= received_at,
        RunRow.complete,
    )
    row = rows.first()
    return None if row is None else _run(row)


def reported(customer_id: int, *, before: str, limit: int) -> list[Run]:
    """The newest runs that have a report, newest first; older than the run ``before`` if any."""
    query = _newest_first(customer_id).where(RunRow.report.is_null(False))
    earlier = load(customer_id, before) if before else None
    if earlier:
        query = query.where(
            (RunRow.started_at < earlier.started_at)
            | ((RunRow.started_at == earlier.started_at) & (RunRow.id < earlier.id))
        )
    return [_run(row) for row in query.limit(limit)]


def _newest_first(customer_id: int) -> Any:
    # A run that a webhook caused is about single views: it is no account of the window.
    rows = RunRow.select().where(RunRow.customer_id == customer_id, RunRow.kind.not_in(_ASIDE))
    return rows.order_by(RunRow.started_at.desc(), RunRow.id.desc())


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        kind=row.kind,
        status=row.status,
        started_at=row.started_at,
        ended_at=row.ended_at,
        window_from=row.window_from,
        window_to=row.window_to,
        settings_version=row.settings_version,
        complete=row.complete,
        report=row.report,
        code=row.code,
        reason=row.reason,
    )
