"""The document of a run, as ``sync --json`` prints it and the status page reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..errors import AppError, VendorError
from ..funnel.report import Place, Tally, counts
from ..funnel.view import Sent, State, Target
from ..store import customers, tally
from ..store.tally import Tally as Row
from .work import Work


def document(work: Work, error: AppError | None, seconds: float) -> dict[str, Any]:
    """The run's document; ``error`` is what ended it early, None when nothing did."""
    end = work.window.end + timedelta(microseconds=1)
    rows = tally.tally(work.customer_id, work.window.start, end, work.run_id)
    late = tally.late_written(work.customer_id, work.window.start, work.run_id)
    paused = customers.load(work.customer_id).forms_paused
    taken = spent(work, seconds)
    counted = counts(_tallies(rows, work.window.end, paused), work.settings)
    return {
        "customer": work.customer_id,
        "run": work.run_id,
        "status": _status(error, counted),
        "reason": error.sentence if error else None,
        "code": code_of(error),
        "window": {"from": _iso(work.window.start), "to": _iso(work.window.end)},
        "funnel": counted.pop("funnel"),
        "balance": counted["balance"],
        "written": _written(work, counted.pop("balance"), late),
        **counted,
        "healed": work.counts["healed"],
        "requests": {
            "wistia": round(taken["wistia"]),
            "upsales": round(taken["upsales"]),
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


def _written(work: Work, balance: dict[str, Any], late: dict[Target, int]) -> dict[str, Any]:
    return {
        "activities": _count(balance["activity"]),
        "forms": _count(balance["form"]),
        "forms_created": work.counts["forms_created"],
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
