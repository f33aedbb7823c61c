"""Visitors: which Turnstile conversions are known of them, and whose own events were read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..funnel.view import Conversion
from .database import database
from .fields import from_column, to_column
from .models import VisitorRow
from .sql import among, batches, execute_each, fetch, upsert

_COLUMNS = (
    "customer_id",
    "event_key",
    "visitor_key",
    "at",
    "email",
    "first_name",
    "last_name",
)
_WRITE = upsert("conversions", _COLUMNS, key=("customer_id", "event_key"))
_REOPEN = (
    "UPDATE views SET decide_at = ? WHERE customer_id = ? AND visitor_key = ? "
    "AND received_at >= ? AND (decide_at IS NULL OR decide_at > ?)"
)


def conversions_for(
    customer_id: int, visitor_keys: Sequence[str]
) -> dict[str, tuple[Conversion, ...]]:
    """The known conversions of each of these visitors that has any, earliest first."""
    found: dict[str, list[Conversion]] = {}
    for batch in batches(visitor_keys):
        condition, values = among("visitor_key", batch)
        rows = fetch(
            "SELECT visitor_key, at, event_key, email, first_name, last_name FROM conversions "
            f"WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        for visitor, at, *rest in rows:
            found.setdefault(visitor, []).append(Conversion(from_column(at), *rest))
    return {visitor: tuple(sorted(known)) for visitor, known in found.items()}


def converted(customer_id: int, visitor_keys: Sequence[str]) -> set[str]:
    """Those of these visitors of whom a conversion is known."""
    return set(conversions_for(customer_id, visitor_keys))


def add_conversions(
    customer_id: int, rows: Sequence[tuple[str, Conversion]], now: datetime
) -> None:
    """Remember conversions, each with its visitor's key.

    By a new or changed one, all views of that visitor at or after it are to be decided again.
    """
    with database.atomic():
        for batch in batches(rows):
            _add_batch(customer_id, batch, to_column(now))


def visitor_read(customer_id: int, visitor_key: str, now: datetime) -> None:
    """Remember that the visitor's own events were read at ``now``."""
    (
        VisitorRow.insert(customer_id=customer_id, visitor_key=visitor_key, read_at=now)
        .on_conflict(
            conflict_target=[VisitorRow.customer_id, VisitorRow.visitor_key],
            preserve=[VisitorRow.read_at],
        )
        .execute()
    )


def unread_visitors(customer_id: int, now: datetime) -> list[str]:
    """Visitors whose own events may tell of a conversion that nobody has read yet.

    Those of a view to be decided at ``now`` with an e-mail, of whom no conversion at or before
    that view is known.
    """
    # Sub-queries instead of NOT EXISTS, which a database without statistics may turn into a
    # comparison of every view with every conversion.
    rows = fetch(
        "SELECT v.visitor_key FROM views v "
        "WHERE v.customer_id = ? AND v.decide_at <= ? "
        "AND v.email <> '' AND v.conversion_email = '' AND v.visitor_key <> '' "
        "AND (SELECT 1 FROM conversions c "
        "WHERE c.customer_id = v.customer_id AND c.visitor_key = v.visitor_key "
        "AND c.at <= v.received_at LIMIT 1) IS NULL "
        "AND (SELECT 1 FROM visitors r "
        "WHERE r.customer_id = v.customer_id AND r.visitor_key = v.visitor_key LIMIT 1) IS NULL",
        [customer_id, to_column(now)],
    )
    return sorted({visitor for (visitor,) in rows})


def _add_batch(customer_id: int, batch: list[tuple[str, Conversion]], now: str) -> None:
    known = _known(customer_id, [conversion.event_key for _, conversion in batch])
    changed = [row for row in batch if known.get(row[1].event_key) != row]
    execute_each(
        _WRITE,
        [
            (customer_id, c.event_key, visitor, to_column(c.at), c.email, c.first_name, c.last_name)
            for visitor, c in changed
        ],
    )
    execute_each(
        _REOPEN,
        [(now, customer_id, visitor, to_column(c.at), now) for visitor, c in changed],
    )


def _known(customer_id: int, event_keys: list[str]) -> dict[str, tuple[str, Conversion]]:
    condition, values = among("event_key", event_keys)
    rows = fetch(
        "SELECT visitor_key, at, event_key, email, first_name, last_name FROM conversions "
        f"WHERE customer_id = ? AND {condition}",
        [customer_id, *values],
    )
    return {rest[0]: (visitor, Conversion(from_column(at), *rest)) for visitor, at, *rest in rows}
