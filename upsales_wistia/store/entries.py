"""Log entries that are in Upsales, with the views they tell of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from .fields import from_column
from .sql import fetch


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in the activity log. ``percent`` is 0–100, ``received_at`` aware UTC.

    ``contact_id`` is None for one on a company alone: then nothing shown may name a person.
    ``score`` is None once what was sent is no longer kept. ``heatmap_url`` has no public token
    in it, and is "" where Wistia gave none.
    """

    event_key: str
    contact_id: int | None
    company_id: int
    text: str
    score: int | None
    percent: Decimal
    received_at: datetime
    page: str
    heatmap_url: str


_SELECT = (
    "SELECT o.event_key, o.contact_id, o.company_id, o.payload, v.fraction, v.received_at, "
    "v.page, v.heatmap_url, v.media_name FROM outbox o "
    "JOIN views v ON v.customer_id = o.customer_id AND v.event_key = o.event_key "
    "WHERE o.customer_id = ? AND o.target = 'activity' AND o.state = 'written' "
    "AND o.company_id IS NOT NULL AND "
)
_NEWEST = " ORDER BY v.received_at DESC, o.id DESC LIMIT ?"


def by_external_id(customer_id: int, external_id: str) -> Entry | None:
    """The entry with this external id, or None."""
    found = _entries("o.external_id <> '' AND o.external_id = ?", [customer_id, external_id, 1])
    return found[0] if found else None


def by_upsales_id(customer_id: int, upsales_id: int) -> Entry | None:
    """The entry that Upsales gave this number, or None."""
    found = _entries("o.upsales_id = ?", [customer_id, upsales_id, 1])
    return found[0] if found else None


def of_company(customer_id: int, company_id: int, limit: int) -> list[Entry]:
    """The newest entries on a company and its contacts."""
    return _entries("o.company_id = ?", [customer_id, company_id, limit])


def of_contact(customer_id: int, company_id: int, contact_id: int, limit: int) -> list[Entry]:
    """The newest entries on a contact of a company."""
    condition = "o.company_id = ? AND o.contact_id = ?"
    return _entries(condition, [customer_id, company_id, contact_id, limit])


def count(customer_id: int, company_id: int, contact_id: int | None) -> int:
    """How many entries there are on a company, or on one contact of it."""
    ((number,),) = fetch(
        "SELECT count(*) FROM outbox WHERE customer_id = ? AND target = 'activity' "
        "AND state = 'written' AND company_id IS NOT NULL AND company_id = ?"
        + (" AND contact_id = ?" if contact_id is not None else ""),
        [customer_id, company_id, *([] if contact_id is None else [contact_id])],
    )
    return int(number)


def _entries(condition: str, parameters: Sequence[Any]) -> list[Entry]:
    return [_entry(row) for row in fetch(_SELECT + condition + _NEWEST, parameters)]


def _entry(row: tuple[Any, ...]) -> Entry:
    event_key, contact_id, company_id, payload, fraction, received_at, page, heatmap_url = row[:8]
    written = json.loads(payload)
    percent = Decimal(repr(fraction)) * 100
    # What was sent is kept for thirty days; what it said can be said again.
    who = "Watched" if contact_id is not None else "Someone watched"
    return Entry(
        event_key,
        contact_id,
        company_id,
        written.get("text") or f"{who} {int(percent)}% of {row[8]}",
        written.get("score"),
        percent,
        from_column(received_at),
        page,
        heatmap_url,
    )
