"""Whoever the tables of a customer name: to find those who should not be there."""

from __future__ import annotations

from collections.abc import Iterator

from .sql import BATCH, fetch

_EMAILS = (
    ("views", "email"),
    ("views", "conversion_email"),
    ("views", "person"),
    ("conversions", "email"),
    ("people", "email"),
    ("ignored", "email"),
    ("drafts", "person"),
)


def emails(customer_id: int) -> set[str]:
    """Every e-mail address in the tables of a customer, as it is spelt there."""
    found: set[str] = set()
    for table, column in _EMAILS:
        rows = fetch(
            f"SELECT DISTINCT {column} FROM {table} WHERE customer_id = ? AND {column} <> ''",
            [customer_id],
        )
        found |= {email for (email,) in rows}
    return found


def views(customer_id: int) -> Iterator[tuple[int, str, str, str, str]]:
    """Row, event key, visitor's key and the two e-mails of every view, in batches."""
    after = 0
    while True:
        rows = fetch(
            "SELECT id, event_key, visitor_key, email, conversion_email FROM views "
            f"WHERE customer_id = ? AND id > ? ORDER BY id LIMIT {BATCH}",
            [customer_id, after],
        )
        yield from ((row[0], row[1], row[2], row[3], row[4]) for row in rows)
        if len(rows) < BATCH:
            return
        after = rows[-1][0]
