"""Counts for the report: each distinct state of the views of a window, and how many have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..funnel.view import DONE, State, Target
from .fields import to_column
from .sql import among, fetch


@dataclass(frozen=True, slots=True)
class Tally:
    """``count`` views that are alike in all the rest.

    ``…_state`` is the outbox's, None when nothing was intended; ``…_now`` when that write
    belongs to the run asked for.
    """

    identified: bool
    activity_code: str
    activity_state: State | None
    activity_now: bool
    activity_needs_person: bool
    form_code: str
    form_state: State | None
    form_now: bool
    form_needs_person: bool
    count: int


def tally(customer_id: int, since: datetime, until: datetime, run_id: str) -> list[Tally]:
    """Count the views received from ``since`` on and before ``until`` (aware)."""
    rows = fetch(
        "SELECT v.identified, v.activity_code, a.state, a.run_id = ?, a.needs_person, "
        "v.form_code, f.state, f.run_id = ?, f.needs_person, count(*) FROM views v "
        f"LEFT JOIN outbox a ON {_outbox('a', Target.ACTIVITY)} "
        f"LEFT JOIN outbox f ON {_outbox('f', Target.FORM)} "
        "WHERE v.customer_id = ? AND v.received_at >= ? AND v.received_at < ? "
        "GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
        [run_id, run_id, customer_id, to_column(since), to_column(until)],
    )
    return [
        Tally(
            bool(identified),
            activity_code,
            State(activity) if activity else None,
            bool(activity_now),
            bool(activity_person),
            form_code,
            State(form) if form else None,
            bool(form_now),
            bool(form_person),
            count,
        )
        for (
            identified,
            activity_code,
            activity,
            activity_now,
            activity_person,
            form_code,
            form,
            form_now,
            form_person,
            count,
        ) in rows
    ]


def late_written(customer_id: int, since: datetime, run_id: str) -> dict[Target, int]:
    """How many views older than ``since`` this run wrote, for each target."""
    condition, states = among("o.state", sorted(DONE))
    rows = fetch(
        "SELECT o.target, count(*) FROM outbox o "
        "JOIN views v ON v.customer_id = o.customer_id AND v.event_key = o.event_key "
        f"WHERE o.customer_id = ? AND o.run_id = ? AND {condition} AND v.received_at < ? "
        "GROUP BY o.target",
        [customer_id, run_id, *states, to_column(since)],
    )
    return dict.fromkeys(Target, 0) | {Target(target): count for target, count in rows}


def _outbox(alias: str, target: Target) -> str:
    return (
        f"{alias}.customer_id = v.customer_id AND {alias}.target = '{target.value}' "
        f"AND {alias}.event_key = v.event_key"
    )
