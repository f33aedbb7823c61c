"""Whether a log entry is in Upsales: asked in a way that does not trust the server's filters.

A filter that the server ignores returns everything, a broken one nothing, and a search can lag.
So rows are compared here, and "it is not there" counts only beside a positive control: an entry
that we know is there must be shown by the same kind of question.

A search that lags shows what is older than the entry in doubt, and not that entry. So the control
must have been sent after it (and written then: it never was in doubt itself). Where nothing was
written since, an empty answer says nothing until ``LONG_AFTER``; a person can decide before. The
limit: a search that lags longer than that, with nothing written meanwhile, leads to a double,
which is healed once the search shows it. "After" is told by our own clocks: where processes of
one customer run on several machines, these must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from ..clients.upsales import PER_PAGE
from ..clients.upsales_schema import EventRow
from ..store import checks
from ..store.outbox import OutboxItem
from .work import Work

LONG_AFTER = 288
"""Settling times (a day) after which absence is believed though nothing newer is shown."""

_AROUND = timedelta(days=1)
"""On both sides of an entry's time: the zone in which Upsales reads dates may be unknown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What Upsales has of an item: ``rows`` that are it, oldest first.

    ``absent`` is true when it surely is not there now. ``early`` is true when it is not shown by a
    search that works, but nothing that was sent after it is shown either. None of them: unclear.
    """

    rows: tuple[EventRow, ...] = ()
    absent: bool = False
    early: bool = False


@dataclass(frozen=True, slots=True)
class _Controls:
    """Entries that surely are there; ``prove``: one that is shown proves that ours would be."""

    entries: Sequence[OutboxItem]
    prove: bool

    def not_shown(self) -> Evidence:
        """What it means that ours is not shown by a search that works."""
        return Evidence(absent=self.prove, early=not self.prove)


def evidence(work: Work, item: OutboxItem, known: Sequence[OutboxItem]) -> Evidence:
    """Ask Upsales for a log entry; ``known`` are entries that surely are there.

    Raises VendorError only for what ends a run anyway.
    """
    controls = _controls(work, item, known)
    by_id = work.patience.ask(lambda: _by_external_id(work, item, item.external_id))
    found = same(item, by_id or ())
    if found:
        return Evidence(found)
    if by_id is not None and _search_works(work, controls):
        return controls.not_shown()
    around = work.patience.ask(lambda: _around(work, item))
    found = _not_anothers(work, item, same(item, around or ()))
    if found or around is None or len(around) >= PER_PAGE:
        return Evidence(found)  # A full page may have cut it off.
    return controls.not_shown() if _listing_works(work, controls) else Evidence()


def long_after(work: Work, item: OutboxItem) -> datetime:
    """When absence of ``item`` is believed even beside older controls; aware UTC."""
    return (item.sent_at or item.planned_at) + LONG_AFTER * work.settle


def _controls(work: Work, item: OutboxItem, known: Sequence[OutboxItem]) -> _Controls:
    newer = [entry for entry in known if _sent_after(entry, item)]
    if newer:
        return _Controls(newer, prove=True)
    return _Controls(known, prove=work.clock.now() >= long_after(work, item))


def _sent_after(entry: OutboxItem, item: OutboxItem) -> bool:
    """Whether ``entry`` surely was written after ``item`` was sent.

    In one moment they are sent in the order of their ids.
    """
    if entry.doubts or entry.sent_at is None or item.sent_at is None:
        return False
    return (entry.sent_at, entry.id) > (item.sent_at, item.id)


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


def _search_works(work: Work, controls: _Controls) -> bool:
    """The positive control: the same query finds what is there, and nothing by a random id."""
    if not any(_finds(work, entry) for entry in controls.entries):
        return False
    one, random_id = controls.entries[0], str(uuid4())
    return work.patience.ask(lambda: _by_external_id(work, one, random_id)) == []


def _finds(work: Work, entry: OutboxItem) -> bool:
    rows = work.patience.ask(lambda: _by_external_id(work, entry, entry.external_id))
    return _is_among(entry, rows)


def _listing_works(work: Work, controls: _Controls) -> bool:
    """Whether the listing shows what we know is there; true where nothing is known yet."""
    return not controls.entries or any(_lists(work, entry) for entry in controls.entries)


def _lists(work: Work, entry: OutboxItem) -> bool:
    return _is_among(entry, work.patience.ask(lambda: _around(work, entry)))


def _is_among(entry: OutboxItem, rows: Sequence[EventRow] | None) -> bool:
    """Whether it is shown, by the id that Upsales gave it: another may be alike, or its double."""
    return any(row.id == entry.upsales_id for row in same(entry, rows or ()))
