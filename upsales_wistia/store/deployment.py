"""All customers at once: how each stands, and what waits. Nothing here names a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .customers import CustomerState, Origin
from .database import is_postgresql
from .fields import from_column, from_nullable, to_column
from .sql import fetch


@dataclass(frozen=True, slots=True)
class Standing:
    """How one customer stands. Times are aware UTC.

    ``status``, ``code`` and ``reason`` are those of its newest poll that has ended, "" before the
    first. ``failed`` and ``checked`` count its writes that are parked or in doubt, ``needing``
    those of them that a person must look at.
    """

    id: int
    name: str
    state: CustomerState
    origin: Origin
    last_at: datetime | None
    status: str
    code: str
    reason: str
    due_at: datetime | None
    failed: int
    checked: int
    needing: int


# The newest poll is looked up customer by customer: a join over all runs would read them all.
_STANDINGS = """
    SELECT c.id, c.name, c.state, c.origin, r.started_at, r.status, r.code, r.reason, j.due_at,
           coalesce(o.failed, 0), coalesce(o.checked, 0), coalesce(o.needing, 0)
    FROM customers c
    LEFT JOIN runs r ON r.id = (
        SELECT n.id FROM runs n WHERE n.customer_id = c.id AND n.kind = 'poll'
        AND n.ended_at IS NOT NULL ORDER BY n.id DESC LIMIT 1)
    LEFT JOIN jobs j ON j.customer_id = c.id AND j.kind = 'poll'
    LEFT JOIN (
        SELECT customer_id,
               sum(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS failed,
               sum(CASE WHEN state = 'uncertain' THEN 1 ELSE 0 END) AS checked,
               sum(CASE WHEN needs_person THEN 1 ELSE 0 END) AS needing
        FROM outbox WHERE done_at IS NULL GROUP BY customer_id) o ON o.customer_id = c.id
    ORDER BY c.id
"""


def standings() -> list[Standing]:
    """How every customer stands, by number."""
    return [_standing(*row) for row in fetch(_STANDINGS)]


def _standing(
    number: int,
    name: str,
    state: CustomerState,
    origin: Origin,
    last_at: Any,
    status: str | None,
    code: str | None,
    reason: str | None,
    due_at: Any,
    *counts: Any,
) -> Standing:
    failed, checked, needing = map(int, counts)
    times = from_nullable(last_at), from_nullable(due_at)
    return Standing(
        id=number,
        name=name,
        state=state,
        origin=origin,
        last_at=times[0],
        status=status or "",
        code=code or "",
        reason=reason or "",
        due_at=times[1],
        failed=failed,
        checked=checked,
        needing=needing,
    )


def open_writes() -> dict[str, int]:
    """How many writes of all customers that are not done stand in each state."""
    rows = fetch("SELECT state, count(*) FROM outbox WHERE done_at IS NULL GROUP BY state")
    return dict(rows)


def polls_since(moment: datetime) -> dict[str, int]:
    """How many polls that began since ``moment`` (aware) ended in each status."""
    rows = fetch(
        "SELECT status, count(*) FROM runs WHERE kind = 'poll' AND started_at >= ? "
        "AND ended_at IS NOT NULL GROUP BY status",
        [to_column(moment)],
    )
    return dict(rows)


def due_work(now: datetime) -> dict[str, tuple[int, datetime]]:
    """Active customers' due work by kind: for how many, and since when at the longest."""
    rows = fetch(
        "SELECT j.kind, count(*), min(j.due_at) FROM jobs j JOIN customers c "
        "ON c.id = j.customer_id WHERE j.due_at <= ? AND c.state = 'active' GROUP BY j.kind",
        [to_column(now)],
    )
    return {kind: (count, from_column(first)) for kind, count, first in rows}


def held_leases() -> int:
    """How many customers are being worked on, or were until their worker died."""
    ((count,),) = fetch("SELECT count(*) FROM leases")
    return int(count)


def engine_jobs() -> dict[tuple[str, str], int]:
    """The engine's jobs by queue and state; {} where there is no engine's table."""
    if not is_postgresql():
        return {}
    rows = fetch(
        "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs "
        "GROUP BY queue_name, status"
    )
    return {(queue, status): count for queue, status, count in rows}
