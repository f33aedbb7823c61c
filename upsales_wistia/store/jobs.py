"""Long jobs of a customer: what was asked for, how far it has come, what a person wishes of it.

A row is there while there is something to do, or to answer. Whoever carries a job out holds the
customer's ``job_leases``; what a person wishes is a column of its own, so neither overwrites the
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast

from .fields import from_column, to_column
from .models_work import JobRow
from .sql import execute, fetch

BACKFILL: Final = "backfill"
UNDO: Final = "undo"

Kind = Literal["backfill", "undo"]
Wish = Literal["", "pause", "stop"]

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a job is due that waits for a person."""


@dataclass(frozen=True, slots=True)
class Job:
    """One long job. ``progress`` is its kind's own document; ``due_at`` is aware UTC."""

    kind: Kind
    run_id: str
    due_at: datetime
    progress: dict[str, Any]
    wish: Wish


def load(customer_id: int, kind: Kind) -> Job | None:
    """The customer's job of this kind; None when there is none."""
    row = JobRow.get_or_none(JobRow.customer_id == customer_id, JobRow.kind == kind)
    if row is None:
        return None
    return Job(kind, row.run_id, row.due_at, row.progress or {}, cast(Wish, row.wish))


def put(
    customer_id: int, kind: Kind, run_id: str, progress: dict[str, Any], due_at: datetime
) -> None:
    """Begin a job, in the place of one that is done."""
    drop(customer_id, kind)
    JobRow.insert(
        customer_id=customer_id, kind=kind, run_id=run_id, due_at=due_at, progress=progress
    ).execute()


def advance(
    customer_id: int, kind: Kind, progress: dict[str, Any], due_at: datetime | None = None
) -> None:
    """Store how far it has come; ``due_at`` None leaves it due as it is."""
    values: dict[str, Any] = {"progress": progress}
    if due_at is not None:
        values["due_at"] = due_at
    JobRow.update(**values).where(JobRow.customer_id == customer_id, JobRow.kind == kind).execute()


def wish(customer_id: int, kind: Kind, what: Wish, due_at: datetime) -> bool:
    """Say what a person wishes of it, to be seen at ``due_at``; False when there is no such job."""
    changed = (
        JobRow.update(wish=what, due_at=due_at)
        .where(JobRow.customer_id == customer_id, JobRow.kind == kind)
        .execute()
    )
    return bool(changed)


def wished(customer_id: int, kind: Kind) -> Wish:
    """What a person wishes of it just now."""
    rows = fetch("SELECT wish FROM jobs WHERE customer_id = ? AND kind = ?", [customer_id, kind])
    return rows[0][0] if rows else ""


def due_at(customer_id: int, kind: str) -> datetime | None:
    """When the customer's work of this kind is due (aware UTC); None when there is none."""
    rows = fetch("SELECT due_at FROM jobs WHERE customer_id = ? AND kind = ?", [customer_id, kind])
    return from_column(rows[0][0]) if rows else None


def postpone(customer_id: int, kind: Kind, due_at: datetime) -> None:
    """Let it be due at ``due_at`` (aware UTC)."""
    execute(
        "UPDATE jobs SET due_at = ? WHERE customer_id = ? AND kind = ?",
        [to_column(due_at), customer_id, kind],
    )


def drop(customer_id: int, kind: Kind) -> None:
    """There is nothing more to do, and nothing to answer."""
    JobRow.delete().where(JobRow.customer_id == customer_id, JobRow.kind == kind).execute()
