"""Whether a log entry is in Upsales: asked in a way that does not trust the server's filters.

A filter that the server ignores returns everything, a broken one nothing, and a search can lag.
So rows are compared here, and "it is not there" counts only beside a positive control.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from ..clients.upsales import PER_PAGE
from ..clients.upsales_schema import EventRow
from ..errors import NotFound, Rejected, Unclear
from ..store import checks
from ..store.outbox import OutboxItem
from .work import Work

_AROUND = timedelta(days=1)
"""On both sides of an entry's time: the zone in which Upsales reads dates may be unknown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What Upsales has of an item: ``rows`` that are it, oldest first.

    ``absent`` is true when it surely is not there now; neither rows nor ``absent``: unclear.
    """

    rows: tuple[EventRow, ...] = ()
    absent: bool = False


def evidence(work: Work, item: OutboxItem) -> Evidence:
    """Ask Upsales for a log entry. Raises VendorError only for what ends a run anyway."""
    by_id = _ask(work, lambda: _by_external_id(work, item, item.external_id))
    found = same(item, by_id or ())
    if found:
        return Evidence(found)
    if by_id is not None and _search_works(work, item):
        return Evidence(absent=True)
    around = _ask(work, lambda: _around(work, item))
    found = _not_anothers(work, item, same(item, around or ()))
    if found or around is None or len(around) >= PER_PAGE:
        return Evidence(found)  # A full page may have cut it off.
    return Evidence(absent=_listing_works(work, item))


def _not_anothers(work: Work, item: OutboxItem, rows: tuple[EventRow, ...]) -> tuple[EventRow, ...]:
    """Rows that are alike, but for those known to be another view's."""
    taken = checks.taken_ids(work.customer_id, [row.id for row in rows], item.id)
    return tuple(row for row in rows if row.id not in taken)


def same(item: OutboxItem, rows: Sequence[EventRow]) -> tuple[EventRow, ...]:
    """The rows that are this item: by its id, or where ids are not told by second and text."""
    mine = [row for row in rows if row.external_id == item.external_id]
    if not mine:
        mine = [row for row in rows if not row.external_id and _alike(item, row)]
    return tuple(sorted(mine, key=lambda row: row.id))


def _alike(item: OutboxItem, row: EventRow) -> bool:
    second = datetime.fromisoformat(item.payload["date"]).replace(microsecond=0)
    contact = item.payload["contact"]
    same_person = row.contact_ids == ((contact,) if contact is not None else ())
    return row.date == second and row.value == item.payload["text"] and same_person


def _ask(work: Work, question: Callable[[], list[EventRow]]) -> list[EventRow] | None:
    """The rows, or None when Upsales will not answer this question."""
    try:
        rows = question()
    except (Rejected, NotFound, Unclear):
        return None
    work.patience.in_a_row = 0
    return rows


def _by_external_id(work: Work, item: OutboxItem, external_id: str) -> list[EventRow]:
    company = item.payload["company"]
    return work.upsales().events(("client.id", "eq", company), ("externalId", "eq", external_id))


def _around(work: Work, item: OutboxItem) -> list[EventRow]:
    moment = datetime.fromisoformat(item.payload["date"])
    return work.upsales().events(
        ("client.id", "eq", item.payload["company"]),
        ("date", "gte", f"{moment - _AROUND:%Y-%m-%d}"),
        ("date", "lte", f"{moment + 2 * _AROUND:%Y-%m-%d}"),
    )


def _known(work: Work, item: OutboxItem) -> list[OutboxItem]:
    """Entries that surely are there; such as were written after this one was sent, if any.

    An older one would be found by a search that lags as well.
    """
    after = checks.known_entries(work.customer_id, item.sent_at)
    return after or checks.known_entries(work.customer_id, None)


def _search_works(work: Work, item: OutboxItem) -> bool:
    """The positive control: the same query finds what is there, and nothing by a random id."""
    known = _known(work, item)
    if not any(_finds(work, entry) for entry in known):
        return False
    random_id = str(uuid4())
    return _ask(work, lambda: _by_external_id(work, known[0], random_id)) == []


def _finds(work: Work, entry: OutboxItem) -> bool:
    rows = _ask(work, lambda: _by_external_id(work, entry, entry.external_id))
    return bool(same(entry, rows or ()))


def _listing_works(work: Work, item: OutboxItem) -> bool:
    """Whether the listing shows what we know is there; true where nothing is known yet."""
    known = _known(work, item)
    return not known or any(_lists(work, entry) for entry in known)


def _lists(work: Work, entry: OutboxItem) -> bool:
    return bool(same(entry, _ask(work, lambda: _around(work, entry)) or ()))
