"""Who waits for a contact, a person at a time: whoever watched last comes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..funnel.view import DONE
from .fields import from_column, to_column
from .search import Key
from .sql import among, fetch
from .tally import waits


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits, by the newest view: its place, reason code, and whether it was asked for.

    ``person`` is a normalised e-mail.
    """

    key: Key
    person: str
    code: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Viewing:
    """What somebody watched who waits: ``views`` in all, the rows of the newest, and since when."""

    newest: tuple[int, ...]
    views: int
    since: datetime


_DONE = ", ".join(f"'{state.value}'" for state in sorted(DONE))
_BELOW = "AND v.received_at <= ? AND (v.received_at < ? OR v.id < ?)"


def page(
    customer_id: int, codes: Collection[str], before: Key | None = None, limit: int = 50
) -> list[Waiter]:
    """At most ``limit`` people whose newest view waits for one of ``codes``, below ``before``."""
    # One walk down the index for each: of several at once all their views would be sorted.
    found = [one for code in codes for one in _page(customer_id, code, before, limit)]
    found.sort(key=lambda one: (one.key.received_at, one.key.id), reverse=True)
    return found[:limit]


def _page(customer_id: int, code: str, before: Key | None, limit: int) -> list[Waiter]:
    below: list[Any] = []
    if before is not None:
        below = [to_column(before.received_at)] * 2 + [before.id]
    rows = fetch(
        "SELECT v.id, v.received_at, v.person, v.activity_code, v.needs FROM views v "
        f"WHERE v.customer_id = ? AND v.activity_code = ? AND {waits('v')} "
        f"AND NOT EXISTS (SELECT 1 FROM views w WHERE w.customer_id = v.customer_id "
        f"AND w.person = v.person AND w.received_at >= v.received_at "
        f"AND (w.received_at > v.received_at OR w.id > v.id) AND {waits('w')}) "
        f"{_BELOW if below else ''} ORDER BY v.received_at DESC, v.id DESC LIMIT ?",
        [customer_id, code, *below, limit],
    )
    return [
        Waiter(Key(from_column(at), number), person, code, not needs)
        for number, at, person, code, needs in rows
    ]


def viewings(customer_id: int, people: Sequence[str], newest: int) -> dict[str, Viewing]:
    """What these people watched, with the rows of at most ``newest`` views of each."""
    if not people:
        return {}
    condition, values = among("v.person", people)
    each = "OVER (PARTITION BY v.person)"
    rows = fetch(
        "SELECT person, id, views, since FROM (SELECT v.person, v.id, row_number() OVER "
        "(PARTITION BY v.person ORDER BY v.received_at DESC, v.id DESC) AS place, "
        f"count(*) {each} AS views, min(v.received_at) {each} AS since FROM views v "
        f"WHERE v.customer_id = ? AND {condition} AND {waits('v')}) found "
        "WHERE place <= ? ORDER BY person, place",
        [customer_id, *values, newest],
    )
    found: dict[str, Viewing] = {}
    for person, number, views, since in rows:
        before = found[person].newest if person in found else ()
        found[person] = Viewing((*before, number), int(views), from_column(since))
    return found


def written(customer_id: int, people: Sequence[str], since: datetime) -> dict[str, Viewing]:
    """Those of these people who wait no more and were written since ``since`` (aware).

    ``since`` of each is the time of the oldest such view.
    """
    if not people:
        return {}
    condition, values = among("v.person", people)
    rows = fetch(
        f"SELECT v.person, v.id, v.received_at FROM views v WHERE v.customer_id = ? "
        f"AND {condition} AND v.activity_code = 'pass' AND EXISTS (SELECT 1 FROM outbox o "
        "WHERE o.customer_id = v.customer_id AND o.target = 'activity' "
        f"AND o.event_key = v.event_key AND o.state IN ({_DONE}) AND o.done_at >= ?)",
        [customer_id, *values, to_column(since)],
    )
    found: dict[str, Viewing] = {}
    # Not sorted by the database, which would walk all views in that order instead.
    for person, number, at in sorted(rows, key=lambda row: (row[2], row[1]), reverse=True):
        before = found.get(person, Viewing((), 0, from_column(at)))
        found[person] = Viewing((*before.newest, number), before.views + 1, from_column(at))
    return found
