"""The document of a run, as ``sync --json`` prints it and the status page reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..errors import AppError, VendorError
from ..funnel.report import Place, Tally, counts
from ..funnel.settings import Settings
from ..funnel.view import Sent, State, Target
from ..store import customers, tally
from ..store.tally import Tally as Row
from .asked import Backfill
from .period import Period
from .work import Work


def document(work: Work, error: AppError | None, seconds: float) -> dict[str, Any]:
    """The run's document; ``error`` is what ended it early, None when nothing did."""
    end = work.window.end + timedelta(microseconds=1)
    late = tally.late_written(work.customer_id, work.window.start, work.run_id)
    return _document(
        work,
        Period(work.window.start, work.window.end),
        standing(work, work.window.start, end),
        work.settings,
        error,
        late,
        {
            **spent(work, seconds),
            "forms_created": work.counts["forms_created"],
            "healed": work.counts["healed"],
        },
    )


def document_of(
    work: Work, backfill: Backfill, tallies: Iterable[Tally], error: AppError | None
) -> dict[str, Any]:
    """The same for the period of a backfill, and what was asked for."""
    told = backfill.progress
    made = _document(
        work,
        backfill.period,
        tallies,
        backfill.settings_of(work.settings),
        error,
        {},
        {**told.get("counts", {}), "seconds": told.get("seconds", 0.0)},
    )
    asked = {name: told[name] for name in ("since", "until", "forms", "commit", "by")}
    return made | asked


def standing(work: Work, since: datetime, until: datetime) -> list[Tally]:
    """How many views received from ``since`` on and before ``until`` (aware) stand where."""
    rows = tally.tally(work.customer_id, since, until, work.run_id)
    paused = customers.load(work.customer_id).forms_paused
    return _tallies(rows, work.window.end, paused)


def _document(
    work: Work,
    period: Period,
    tallies: Iterable[Tally],
    settings: Settings,
    error: AppError | None,
    late: Mapping[Target, int],
    taken: Mapping[str, float],
) -> dict[str, Any]:
    counted = counts(tallies, settings)
    return {
        "customer": work.customer_id,
        "run": work.run_id,
        "status": _status(error, counted),
        "reason": error.sentence if error else None,
        "code": code_of(error),
        "window": {"from": _iso(period.start), "to": _iso(period.end)},
        "funnel": counted.pop("funnel"),
        "balance": counted["balance"],
        "written": _written(counted.pop("balance"), late, taken),
        **counted,
        "healed": round(taken.get("healed", 0)),
        "requests": {
            "wistia": round(taken.get("wistia", 0)),
            "upsales": round(taken.get("upsales", 0)),
            "mavera": 0,
        },
        "seconds": round(taken["seconds"], 1),
    }


def spent(work: Work, seconds: float) -> dict[str, float]:
    """What a run has taken by now, all its parts together: calls to each vendor, seconds."""
    return {
        "wistia": work.spent.get("wistia", 0) + work.wistia.requests,
        "upsales": work.spent.get("upsales", 0) + (work.client.requests if work.client else 0),
        "seconds": work.spent.get("seconds", 0) + seconds,
    }


def code_of(error: AppError | None) -> str | None:
    """The document's ``code`` for what ended a run."""
    if isinstance(error, VendorError):
        return error.code or f"{error.vendor}_away"
    return error.code if error else None


def exit_status(made: Mapping[str, Any]) -> int:
    """The command line's exit status for a run's document."""
    if made["status"] == "failed":
        return 4 if str(made["code"]).endswith("_away") else 3
    return 0 if made["status"] == "ok" else 1


def _status(error: AppError | None, counted: dict[str, Any]) -> str:
    if error:
        return "failed"
    return "partial" if counted["failed"] or counted["uncertain"] else "ok"


def _written(
    balance: dict[str, Any], late: Mapping[Target, int], taken: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "activities": _count(balance["activity"]),
        "forms": _count(balance["form"]),
        "forms_created": round(taken.get("forms_created", 0)),
        "late": {
            "activities": late.get(Target.ACTIVITY, 0),
            "forms": late.get(Target.FORM, 0),
        },
    }


def _count(balance: dict[str, Any] | None) -> int:
    return int(balance["written"]) if balance else 0


def _tallies(rows: Iterable[Row], now: datetime, paused: bool) -> list[Tally]:
    return [
        Tally(
            row.count,
            _place(
                row.activity_code,
                row.activity_state,
                row.activity_now,
                row.activity_needs_person,
                now,
            ),
            replace(
                _place(row.form_code, row.form_state, row.form_now, row.form_needs_person, now),
                paused=paused,
            ),
        )
        for row in rows
    ]


def _place(code: str, state: State | None, this_run: bool, person: bool, now: datetime) -> Place:
    return Place(code, Sent(state, now, needs_person=person) if state else None, this_run)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
