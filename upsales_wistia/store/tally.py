"""Counts for the report: each distinct state of the views of a window, and how many have it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ..funnel.reasons import WAITING
from ..funnel.view import DONE, State, Target
from .fields import from_nullable, to_column
from .sql import among, fetch


@dataclass(frozen=True, slots=True)
class Tally:
    """``count`` views that are alike in all the rest.

    ``…_state`` is the outbox's, None when nothing was intended; ``…_now`` when that write
    belongs to the run asked for.
    """

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
        f"SELECT v.activity_code, {_write(Target.ACTIVITY)}, "
        f"v.form_code, {_write(Target.FORM)}, count(*) FROM views v "
        "WHERE v.customer_id = ? AND v.received_at >= ? AND v.received_at < ? "
        "GROUP BY 1, 2, 3, 4",
        [run_id, run_id, customer_id, to_column(since), to_column(until)],
    )
    return [
        Tally(
            activity_code,
            *_written(activity),
            form_code,
            *_written(form),
            count,
        )
        for activity_code, activity, form_code, form, count in rows
    ]


def waits(view: str) -> str:
    """SQL for the condition that ``view`` (a name of the table) waits for a contact."""
    # The literal condition is that of the partial indexes, which bound parameters cannot prove.
    return (
        f"{view}.activity_code IN ({', '.join(repr(code) for code in sorted(WAITING))}) "
        f"AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.customer_id = {view}.customer_id "
        f"AND o.target = 'activity' AND o.event_key = {view}.event_key "
        f"AND o.state <> '{State.WITHDRAWN}')"
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Views that wait for a contact, of how many people, and since when (aware UTC)."""

    views: int = 0
    people: int = 0
    since: datetime | None = None


def waiting(customer_id: int) -> Waiting:
    """Who waits for a contact, whatever the age of the view."""
    ((count, people, since),) = fetch(
        "SELECT count(*), count(DISTINCT v.person), min(v.received_at) FROM views v "
        f"WHERE v.customer_id = ? AND {waits('v')}",
        [customer_id],
    )
    return Waiting(count, people, from_nullable(since))


def waiting_by_code(customer_id: int, since: datetime | None = None) -> Counter[str]:
    """The views received from ``since`` (aware; None for all) on that wait, by reason code."""
    newer, moments = ("AND v.received_at >= ?", [to_column(since)]) if since else ("", [])
    rows = fetch(
        "SELECT v.activity_code, count(*) FROM views v "
        f"WHERE v.customer_id = ? AND {waits('v')} {newer} GROUP BY 1",
        [customer_id, *moments],
    )
    return Counter(dict(rows))


def written_by(customer_id: int, run_id: str) -> dict[Target, int]:
    """How many writes of this run are in Upsales, for each target."""
    condition, states = among("state", sorted(DONE))
    rows = fetch(
        "SELECT target, count(*) FROM outbox "
        f"WHERE customer_id = ? AND run_id = ? AND {condition} GROUP BY target",
        [customer_id, run_id, *states],
    )
    return dict.fromkeys(Target, 0) | {Target(target): count for target, count in rows}


def late_written(customer_id: int, since: datetime, run_id: str) -> dict[Target, int]:
    """How many views older than ``since`` this run wrote, for each target."""
    condition, states = among("o.state", sorted(DONE))
    counted = [f"count(CASE WHEN o.target = '{target.value}' THEN 1 END)" for target in Target]
    rows = fetch(
        f"SELECT {', '.join(counted)} FROM outbox o "
        f"WHERE o.customer_id = ? AND o.run_id = ? AND {condition} AND (SELECT v.received_at "
        "FROM views v WHERE v.customer_id = o.customer_id AND v.event_key = o.event_key) < ?",
        [customer_id, run_id, *states, to_column(since)],
    )
    return dict(zip(Target, rows[0], strict=True))


def _write(target: Target) -> str:
    """What the outbox holds of a view, in one text: its state and two marks.

    A sub-query is always a look-up in the unique index. As a join, a database that has no
    statistics yet compares every view with every write.
    """
    return (
        "(SELECT o.state || CASE WHEN o.run_id = ? THEN '+' ELSE '-' END "
        "|| CASE WHEN o.needs_person THEN '+' ELSE '-' END FROM outbox o "
        f"WHERE o.customer_id = v.customer_id AND o.target = '{target.value}' "
        f"AND o.event_key = v.event_key AND o.state <> '{State.WITHDRAWN}')"
    )


def _written(text: str | None) -> tuple[State | None, bool, bool]:
    if text is None:
        return None, False, False
    return State(text[:-2]), text[-2] == "+", text[-1] == "+"
