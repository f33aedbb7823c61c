"""Who watched what: the ledger as the jobs with Mavera group it, and whom they must not name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .fields import from_column, to_column
from .sql import BATCH, fetch


@dataclass(frozen=True, slots=True)
class Viewing:
    """One view. ``person`` is an e-mail, or the visitor where none is known; it stays here.

    ``fraction`` is 0–1, ``at`` aware UTC, ``duration`` the video's length in seconds; ``email``
    is that of a viewer who is identified, else "".
    """

    id: int
    event_key: str
    person: str
    email: str
    first_name: str
    at: datetime
    fraction: float
    media_id: str
    title: str
    project: str
    country: str
    duration: float | None


_COLUMNS = (
    "v.id, v.event_key, v.visitor_key, v.person, v.email, v.first_name, v.received_at, "
    "v.fraction, v.media_id, v.media_name, v.country, m.name, m.project_name, m.duration"
)
_FROM = "views v LEFT JOIN medias m ON m.customer_id = v.customer_id AND m.media_id = v.media_id"


def viewings(customer_id: int, since: datetime, until: datetime) -> Iterator[Viewing]:
    """The views received from ``since`` up to ``until`` (aware), in batches, in no fixed order."""
    after = 0
    while True:
        rows = fetch(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE v.customer_id = ? AND v.received_at >= ? "
            f"AND v.received_at <= ? AND v.id > ? ORDER BY v.id LIMIT {BATCH}",
            [customer_id, to_column(since), to_column(until), after],
        )
        for row in rows:
            yield _viewing(*row)
        if len(rows) < BATCH:
            return
        after = rows[-1][0]


def identity(customer_id: int, event_key: str) -> tuple[str, str] | None:
    """E-mail (normalised) and first name of a view's identified viewer.

    None when there is none (any more); the name is "" when the viewer never gave one.
    """
    rows = fetch(
        "SELECT person, first_name FROM views "
        "WHERE customer_id = ? AND event_key = ? AND person <> ''",
        [customer_id, event_key],
    )
    if not rows:
        return None
    person, first_name = rows[0]
    return str(person), str(first_name or _first_name(customer_id, person))


def _first_name(customer_id: int, person: str) -> str:
    """The first name that somebody gave with another view."""
    rows = fetch(
        "SELECT first_name FROM conversions "
        "WHERE customer_id = ? AND email = ? AND first_name <> '' ORDER BY at DESC LIMIT 1",
        [customer_id, person],
    )
    return rows[0][0] if rows else ""


def names(customer_id: int) -> list[tuple[str, str]]:
    """The first and last name of every viewer that gave any."""
    pairs = "SELECT first_name, last_name FROM {} WHERE customer_id = ? "
    given = "AND (first_name <> '' OR last_name <> '')"
    both = " UNION ".join(pairs.format(table) + given for table in ("views", "conversions"))
    return [(first, last) for first, last in fetch(both, [customer_id, customer_id])]


def contact_names(customer_id: int) -> list[str]:
    """The full name of every contact that was looked up."""
    rows = fetch(
        "SELECT DISTINCT contact_name FROM people WHERE customer_id = ? AND contact_name <> ''",
        [customer_id],
    )
    return [name for (name,) in rows]


def visitor_keys(customer_id: int) -> list[str]:
    """Wistia's key of every visitor."""
    rows = fetch("SELECT DISTINCT visitor_key FROM views WHERE customer_id = ?", [customer_id])
    return [key for (key,) in rows]


def _viewing(
    number: int,
    event_key: str,
    visitor_key: str,
    person: str,
    email: str,
    first_name: str,
    received_at: str | datetime,
    fraction: float,
    media_id: str,
    media_name: str,
    country: str,
    name: str | None,
    project_name: str | None,
    duration: float | None,
) -> Viewing:
    return Viewing(
        number,
        event_key,
        person or email.lower() or visitor_key,
        person,
        first_name,
        from_column(received_at),
        fraction,
        media_id,
        name or media_name,
        project_name or "",
        country,
        duration,
    )
