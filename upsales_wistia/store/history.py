"""What was written when, and which runs had trouble: for the figures of a day and of thirty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ..funnel.view import Target
from .database import is_postgresql
from .fields import from_column, to_column
from .sql import fetch


@dataclass(frozen=True, slots=True)
class Written:
    """``count`` writes for ``target`` that were done in the minute that begins ``at`` (UTC)."""

    at: datetime
    target: Target
    count: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A run that could not finish: when it started (aware UTC), and the code of its cause."""

    started_at: datetime
    code: str


def written(customer_id: int, since: datetime) -> list[Written]:
    """The writes done from ``since`` (aware) on, by the minute; adopted ones do not count.

    By the minute, because where a day begins depends on who reads.
    """
    minute = "to_char(done_at, 'YYYY-MM-DD HH24:MI')" if is_postgresql() else "substr(done_at,1,16)"
    rows = fetch(
        f"SELECT {minute}, target, count(*) FROM outbox WHERE customer_id = ? AND done_at >= ? "
        "AND done_at IS NOT NULL AND run_id <> '' GROUP BY 1, 2",
        [customer_id, to_column(since)],
    )
    return [
        Written(datetime.fromisoformat(at).replace(tzinfo=UTC), Target(target), count)
        for at, target, count in rows
    ]


def troubles(customer_id: int, since: datetime) -> list[Trouble]:
    """The runs since then that could not finish, oldest first."""
    rows = fetch(
        "SELECT started_at, code FROM runs WHERE customer_id = ? AND started_at >= ? "
        "AND status = 'failed' ORDER BY started_at",
        [customer_id, to_column(since)],
    )
    return [Trouble(from_column(at), code or "") for at, code in rows]
