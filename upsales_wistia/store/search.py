"""The views a person looks for: counted by reason, and page by page, the newest first.

Where a view stands is what the sieve said of it, or what the outbox holds once it was sent. The
outbox is asked for views that the sieve let through alone: whatever is in Upsales, or may be, has
the code ``pass`` (``sieve.settled`` sees to that).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..funnel.reasons import PASS
from ..funnel.view import DONE, State, Target, View
from .fields import from_column, to_column
from .found import Ids
from .sql import BATCH, among, fetch
from .views import COLUMNS, TABLES, view

PAGE = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """As of when views are read: ``run_id`` wrote what counts as written just now.

    ``on`` are the targets that are switched on; ``forms_paused`` as the customer has it.
    """

    run_id: str
    on: frozenset[Target]
    forms_paused: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which views: those for which all of it holds.

    ``reasons`` are reason codes for ``target``, or with ``either`` for any target; None for all.
    ``since`` and ``until`` (not included) are aware; ``media`` are ids of videos, None for all;
    ``whose`` is a sub-query of ``found``; ``version`` that of the settings under which it was
    written to ``target``, None for whatever.
    """

    customer_id: int
    target: Target = Target.ACTIVITY
    reasons: frozenset[str] | None = None
    either: bool = False
    since: datetime | None = None
    until: datetime | None = None
    media: tuple[str, ...] | None = None
    domain: str = ""
    whose: Ids | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A view's place in the list: when it was received (aware UTC), and its row."""

    received_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A view of the list, with what the sieve said of it."""

    key: Key
    view: View
    person: str
    activity_code: str
    form_code: str

    def code(self, target: Target) -> str:
        """The sieve's word for ``target``."""
        return self.activity_code if target is Target.ACTIVITY else self.form_code


_DONE = ", ".join(f"'{state.value}'" for state in sorted(DONE))


def counts(wanted: Filter, reading: Reading) -> dict[str, int]:
    """How many views have each reason for the target, whatever ``wanted.reasons``."""
    reason, reason_values = _reason(wanted.target, reading)
    condition, values = _condition(replace(wanted, reasons=None), reading)
    rows = fetch(
        f"SELECT {reason}, count(*) FROM views v WHERE {condition} GROUP BY 1",
        [*reason_values, *values],
    )
    return dict(rows)


def count(wanted: Filter, reading: Reading, newer_than: Key | None = None) -> int:
    """How many views there are; of those, how many above a place in the list."""
    condition, values = _condition(wanted, reading)
    if newer_than is not None:
        condition, values = _beyond(condition, values, newer_than, ">")
    ((number,),) = fetch(f"SELECT count(*) FROM views v WHERE {condition}", values)
    return int(number)


def page(
    wanted: Filter,
    reading: Reading,
    *,
    before: Key | None = None,
    after: Key | None = None,
    limit: int = PAGE,
) -> list[Listed]:
    """At most ``limit`` views, the newest first: below ``before``, or just above ``after``."""
    condition, values = _condition(wanted, reading)
    order = "DESC"
    if before is not None:
        condition, values = _beyond(condition, values, before, "<")
    elif after is not None:
        condition, values = _beyond(condition, values, after, ">")
        order = "ASC"
    rows = fetch(
        f"SELECT v.id FROM views v WHERE {condition} "
        f"ORDER BY v.received_at {order}, v.id {order} LIMIT ?",
        [*values, limit],
    )
    return listed(wanted.customer_id, [number for (number,) in rows])


def every(wanted: Filter, reading: Reading, limit: int) -> Iterator[list[Listed]]:
    """The newest ``limit`` views in batches: memory stays flat whatever the number."""
    before: Key | None = None
    while limit > 0:
        batch = page(wanted, reading, before=before, limit=min(limit, BATCH))
        yield batch
        if len(batch) < BATCH:
            return
        before, limit = batch[-1].key, limit - len(batch)


def listed(customer_id: int, ids: Sequence[int]) -> list[Listed]:
    """The views of these rows, the newest first."""
    if not ids:
        return []
    condition, values = among("v.id", ids)
    rows = fetch(
        f"SELECT v.id, v.person, v.activity_code, v.form_code, {COLUMNS} FROM {TABLES} "
        f"WHERE v.customer_id = ? AND {condition}",
        [customer_id, *values],
    )
    found = [_listed(row) for row in rows]
    return sorted(found, key=lambda one: (one.key.received_at, one.key.id), reverse=True)


def _listed(row: tuple[Any, ...]) -> Listed:
    number, person, activity_code, form_code, *rest = row
    seen = view(rest)
    return Listed(Key(seen.received_at, number), seen, person, activity_code, form_code)


@dataclass(frozen=True, slots=True)
class Details:
    """What one view's page tells besides. ``seen_by`` told of it first: "webhook" or "poll".

    ``first_seen_at`` (aware UTC) is when it came into the ledger; ``heatmap_url`` is without a
    token, "" where Wistia gave none.
    """

    listed: Listed
    first_seen_at: datetime
    seen_by: str
    heatmap_url: str
    device: str


def details(customer_id: int, event_key: str) -> Details | None:
    """The view with this event key; None when it is not in the ledger."""
    rows = fetch(
        "SELECT id, first_seen_at, seen_by, heatmap_url, device FROM views "
        "WHERE customer_id = ? AND event_key = ?",
        [customer_id, event_key],
    )
    if not rows:
        return None
    number, first_seen_at, *rest = rows[0]
    (one,) = listed(customer_id, [number])
    return Details(one, from_column(first_seen_at), *rest)


def span(customer_id: int) -> tuple[datetime, datetime] | None:
    """When the oldest and the newest view were received (aware UTC); None without any."""
    ends = [
        fetch(
            "SELECT received_at FROM views WHERE customer_id = ? "
            f"ORDER BY received_at {order} LIMIT 1",
            [customer_id],
        )
        for order in ("ASC", "DESC")
    ]
    if not ends[0]:
        return None
    (((oldest,),), ((newest,),)) = ends
    return from_column(oldest), from_column(newest)


def _condition(wanted: Filter, reading: Reading) -> tuple[str, list[Any]]:
    parts: list[tuple[str, list[Any]]] = [("v.customer_id = ?", [wanted.customer_id])]
    if wanted.since is not None:
        parts.append(("v.received_at >= ?", [to_column(wanted.since)]))
    if wanted.until is not None:
        parts.append(("v.received_at < ?", [to_column(wanted.until)]))
    if wanted.media is not None:
        parts.append(among("v.media_id", wanted.media) if wanted.media else ("1 = 0", []))
    if wanted.domain:
        parts.append(("v.domain = ?", [wanted.domain]))
    if wanted.whose is not None:
        parts.append((f"v.id IN ({wanted.whose[0]})", wanted.whose[1]))
    if wanted.version is not None:
        parts.append(_written_under(wanted.customer_id, wanted.target, wanted.version))
    if wanted.reasons is not None:
        parts.append(_reasoned(wanted, reading, sorted(wanted.reasons)))
    return " AND ".join(text for text, _ in parts), [v for _, values in parts for v in values]


def _written_under(customer_id: int, target: Target, version: int) -> tuple[str, list[Any]]:
    written = (
        "SELECT event_key FROM outbox WHERE customer_id = ? AND target = ? "
        f"AND settings_version = ? AND state IN ({_DONE})"
    )
    return f"v.event_key IN ({written})", [customer_id, target.value, version]


def _reasoned(wanted: Filter, reading: Reading, codes: list[str]) -> tuple[str, list[Any]]:
    if not codes:
        return "1 = 0", []
    parts = []
    for target in Target if wanted.either else (wanted.target,):
        reason, values = _reason(target, reading)
        some, chosen = among(f"({reason})", codes)
        parts.append((some, [*values, *chosen]))
    text = " OR ".join(text for text, _ in parts)
    return f"({text})", [v for _, values in parts for v in values]


def _reason(target: Target, reading: Reading) -> tuple[str, list[Any]]:
    """SQL for the reason code of a view, as ``funnel.report.Place`` has it, or "off"."""
    code, on = f"v.{target.value}_code", target in reading.on
    paused = reading.forms_paused and target is Target.FORM
    unsent = ("parked" if paused else "retry") if on else "off"
    sent = (
        f"(SELECT CASE WHEN o.state IN ({_DONE}) "
        "THEN CASE WHEN o.run_id = ? THEN 'written' ELSE 'registered' END "
        "WHEN o.state = 'failed' THEN 'parked' WHEN o.state = 'left' THEN 'left_by_hand' "
        "WHEN o.state = 'undone' THEN 'undone' "
        "WHEN o.state IN ('uncertain', 'sending') "
        "THEN CASE WHEN o.needs_person THEN 'uncertain_you' ELSE 'uncertain' END "
        f"ELSE '{unsent}' END FROM outbox o WHERE o.customer_id = v.customer_id "
        f"AND o.target = '{target.value}' AND o.event_key = v.event_key "
        f"AND o.state <> '{State.WITHDRAWN}')"
    )
    # A sub-query, not a join: always a look-up in the unique index (see ``tally``).
    nothing, left = ("'retry'", code) if on else ("'off'", "'off'")
    return (
        f"CASE WHEN {code} IN ('{PASS}', '') THEN COALESCE({sent}, {nothing}) ELSE {left} END",
        [reading.run_id],
    )


def _beyond(condition: str, values: list[Any], key: Key, side: str) -> tuple[str, list[Any]]:
    moment = to_column(key.received_at)
    return (
        f"{condition} AND v.received_at {side}= ? AND (v.received_at {side} ? OR v.id {side} ?)",
        [*values, moment, moment, key.id],
    )
