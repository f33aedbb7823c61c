"""The ledger's views as the funnel reasons about them, each with what is known of its video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..funnel.view import Fetched, Video, View
from .fields import from_column, to_column
from .sql import BATCH, among, batches, fetch

COLUMNS = (
    "v.event_key, v.visitor_key, v.received_at, v.fraction, v.media_id, v.media_name, v.email, "
    "v.conversion_type, v.conversion_email, v.first_name, v.last_name, v.page, v.percent_since, "
    "m.name, m.project_id, m.project_name, m.duration, v.fetched"
)
TABLES = "views v LEFT JOIN medias m ON m.customer_id = v.customer_id AND m.media_id = v.media_id"


def views(customer_id: int, keys: Sequence[str]) -> list[View]:
    """The views with these event keys that are in the ledger, in no particular order."""
    found: list[View] = []
    for batch in batches(keys):
        condition, values = among("v.event_key", batch)
        found += _select(f"v.customer_id = ? AND {condition}", [customer_id, *values])
    return found


def window_views(customer_id: int, since: datetime, until: datetime) -> Iterator[View]:
    """The views received from ``since`` on and before ``until`` (aware), oldest first.

    Read in batches: memory stays flat whatever the number.
    """
    after, after_key = to_column(since), ""
    while True:
        batch = _select(
            "v.customer_id = ? AND v.received_at >= ? AND v.received_at < ? "
            "AND (v.received_at > ? OR v.event_key > ?)"
            f" ORDER BY v.received_at, v.event_key LIMIT {BATCH}",
            [customer_id, after, to_column(until), after, after_key],
        )
        yield from batch
        if len(batch) < BATCH:
            return
        after, after_key = to_column(batch[-1].received_at), batch[-1].event_key


def person_views(customer_id: int, email: str) -> list[View]:
    """The views of a normalised e-mail, by identity or as Wistia spelled it; newest first."""
    return _select(
        "v.customer_id = ? "
        "AND (v.person = ? OR lower(v.email) = ? OR lower(v.conversion_email) = ?) "
        "ORDER BY v.received_at DESC, v.event_key",
        [customer_id, email, email, email],
    )


def view(row: Sequence[Any]) -> View:
    """The view of a row of ``COLUMNS``."""
    (
        event_key,
        visitor_key,
        received_at,
        fraction,
        media_id,
        media_name,
        email,
        conversion_type,
        conversion_email,
        first_name,
        last_name,
        page,
        percent_since,
        name,
        project_id,
        project_name,
        duration,
        fetched,
    ) = row
    return View(
        event_key,
        visitor_key,
        from_column(received_at),
        # By its digits, not by its bits: 0.2499 is 24.99 %, no less and no more.
        Decimal(repr(fraction)) * 100,
        Video(media_id, name or media_name, project_id, project_name, duration),
        email,
        conversion_type,
        conversion_email,
        first_name,
        last_name,
        page,
        from_column(percent_since),
        Fetched(fetched),
    )


def _select(condition: str, parameters: Sequence[Any]) -> list[View]:
    return [
        view(row) for row in fetch(f"SELECT {COLUMNS} FROM {TABLES} WHERE {condition}", parameters)
    ]
