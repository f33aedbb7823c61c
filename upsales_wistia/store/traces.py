"""Everything that is kept of one person: found, counted, and removed from every table.

Removal goes by the names of columns over all tables of a customer, and then looks into every
text that is left; so a table that is added later is clean too, and a test holds it to that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import unquote

from peewee import TextField

from ..funnel.identity import address, spellings
from .fields import JsonField, to_json
from .models import (
    OF_CUSTOMER,
    ConversionRow,
    Credential,
    Customer,
    OutboxRow,
    RunRow,
    ViewRow,
)
from .models_enrichment import ENRICHMENT
from .models_privacy import PRIVACY
from .outbox import OutboxItem, items
from .sql import among, batches, execute, fetch, lowered
from .tables import Table
from .webhook_models import WebhookEventRow

REMOVED = "…"
"""What stands where a text named an erased person."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What names a person in the tables of one customer.

    ``email`` is normalised, ``spelt`` are the spellings that were found; ``views`` are rows of
    the ledger with their event keys. ``visitors`` are the keys of their browsers, ``shared`` those
    of them in which somebody else left an e-mail too. ``names`` are full names.
    """

    customer_id: int
    email: str
    spelt: frozenset[str]
    views: Mapping[int, str]
    visitors: frozenset[str]
    shared: frozenset[str]
    names: frozenset[str]

    @property
    def event_keys(self) -> list[str]:
        """The event keys of their views."""
        return sorted(set(self.views.values()))

    @property
    def keys(self) -> frozenset[str]:
        """The keys that were theirs alone."""
        return frozenset(self.views.values()) | (self.visitors - self.shared)


def find(customer_id: int, email: str) -> Traces:
    """The traces of a normalised e-mail, also of views that it left no e-mail in.

    A view is theirs when their e-mail is in it, or the sieve took it for theirs, or it comes from
    a browser of theirs with nobody's e-mail in it.
    """
    spelt = _spelt(customer_id, email)
    rows = _views(customer_id, "person = ?", [email])
    for column in ("email", "conversion_email"):
        rows += _views_among(customer_id, column, sorted(spelt))
    conversions = fetch(
        "SELECT visitor_key, event_key, first_name, last_name FROM conversions "
        "WHERE customer_id = ? AND email = ?",
        [customer_id, email],
    )
    visitors = {row[2] for row in rows} | {row[0] for row in conversions}
    visitors.discard("")
    beside = _views_among(customer_id, "visitor_key", sorted(visitors))
    rows += [row for row in beside if not row[3] and not row[4] and row[5] in ("", email)]
    views = {row[0]: row[1] for row in rows}
    shared = {row[2] for row in beside if row[0] not in views}
    names = {f"{first} {last}" for *_, first, last in rows} | {
        f"{first} {last}" for *_, first, last in conversions
    }
    return Traces(
        customer_id,
        email,
        frozenset({email, *spelt, *spellings(email)}),
        views,
        frozenset(visitors),
        frozenset(shared),
        frozenset(filter(_is_full_name, names | _contact_names(customer_id, email))),
    )


def _spelt(customer_id: int, email: str) -> set[str]:
    """How this address is spelt in the ledger: with capitals, percent-encoded and the like."""
    local = email.partition("@")[0]
    found = set()
    for column in ("email", "conversion_email"):
        rows = fetch(
            f"SELECT DISTINCT {column} FROM views WHERE customer_id = ? AND {column} <> ''",
            [customer_id],
        )
        for (raw,) in rows:
            # Reading an address for good is slow; most are told apart by what is before the @.
            plain = unquote(unescape(raw)).strip().lower()
            if plain == email or (plain.partition("@")[0] == local and address(raw) == email):
                found.add(raw)
    return found


_VIEW = "id, event_key, visitor_key, email, conversion_email, person, first_name, last_name"


def _views(customer_id: int, condition: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return fetch(
        f"SELECT {_VIEW} FROM views WHERE customer_id = ? AND {condition}", [customer_id, *values]
    )


def _views_among(customer_id: int, column: str, some: Sequence[str]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for batch in batches(some):
        condition, values = among(column, batch)
        found += _views(customer_id, condition, values)
    return found


def _contact_names(customer_id: int, email: str) -> set[str]:
    rows = fetch(
        "SELECT contact_name FROM people WHERE customer_id = ? AND email = ?", [customer_id, email]
    )
    return {name for (name,) in rows}


def _is_full_name(name: str) -> bool:
    """A first name alone is many people's: taking it out of every text would tear them."""
    return len(name.split()) > 1


def writes(traces: Traces) -> list[OutboxItem]:
    """What was written, or was to be, of the person's views."""
    found: list[OutboxItem] = []
    for batch in batches(traces.event_keys):
        condition, values = among("event_key", batch)
        found += items(f"customer_id = ? AND {condition}", [traces.customer_id, *values])
    return found


def drafts(traces: Traces) -> list[tuple[bool]]:
    """The person's drafts; of each whether it became a to-do in Upsales."""
    return fetch(
        "SELECT todo_id IS NOT NULL FROM drafts WHERE customer_id = ? AND person = ?",
        [traces.customer_id, traces.email],
    )


def is_known(traces: Traces) -> bool:
    """Whether anything at all is kept of the person."""
    if traces.views or traces.visitors:
        return True
    rows = (
        fetch(
            f"SELECT 1 FROM {table} WHERE customer_id = ? AND {column} = ? LIMIT 1",
            [traces.customer_id, traces.email],
        )
        for table, column in (("people", "email"), ("ignored", "email"), ("drafts", "person"))
    )
    return any(rows)


@dataclass(frozen=True, slots=True)
class Stain:
    """A text that names the person among other things: what it is, and what is to stand there."""

    table: type[Table]
    row: Any
    column: str
    now: str
    clean: str


def remove(
    traces: Traces, digests: Sequence[str], stains: Sequence[Stain] | None = None
) -> dict[str, int]:
    """Remove the person from every table; returns how many rows of each were deleted or cleaned.

    ``digests`` are keyed digests of the e-mail; ``stains`` were looked for before, so that the
    transaction in which this is called is short. To be called under the customer's leases.
    """
    removed: dict[str, int] = {}

    def count(table: str, rows: int) -> None:
        if rows:
            removed[table] = removed.get(table, 0) + rows

    count("views", _delete(traces.customer_id, "views", "id", list(traces.views)))
    for table in tables():
        name = table._meta.table_name
        for column, values in whole_rows(table, traces, digests).items():
            count(name, _delete(traces.customer_id, name, column, values))
    for stain in look_for_stains(traces) if stains is None else stains:
        count(stain.table._meta.table_name, _wipe(stain))
    return removed


def _wipe(stain: Stain) -> int:
    table, key = stain.table._meta.table_name, _key_of(stain.table)
    # On the condition that it is as it was: somebody may have written it meanwhile.
    return execute(
        f"UPDATE {table} SET {stain.column} = ? WHERE {key} = ? AND {stain.column} = ?",
        [stain.clean, stain.row, stain.now],
    )


def tables() -> list[type[Table]]:
    """The tables that may name a viewer. What is sealed or hashed names nobody."""
    apart = {Credential, *PRIVACY}
    return [table for table in OF_CUSTOMER if table not in apart]


def whole_rows(
    table: type[Table], traces: Traces, digests: Sequence[str]
) -> dict[str, Sequence[Any]]:
    """By which values of which columns a row is the person's as a whole; not of the views."""
    if table is ViewRow:
        return {}  # By their ids: a browser may have been somebody else's too.
    email = [traces.email] if traces.email else []
    theirs: dict[str, Sequence[Any]] = {
        "email": email,
        "person": email,
        "event_key": traces.event_keys,
        "email_digest": digests,
    }
    if table is not ConversionRow:
        theirs["visitor_key"] = sorted(traces.visitors)
    return {column: some for column, some in theirs.items() if column in table._meta.fields}


def _delete(customer_id: int, table: str, column: str, values: Sequence[Any]) -> int:
    gone = 0
    for batch in batches(values):
        condition, parameters = among(column, batch)
        gone += execute(
            f"DELETE FROM {table} WHERE customer_id = ? AND {condition}", [customer_id, *parameters]
        )
    return gone


def look_for_stains(traces: Traces) -> list[Stain]:
    """The texts of all tables that name the person among other things."""
    everywhere: list[type[Table]] = [*tables(), Customer]
    return [stain for table in everywhere for stain in _stains(table, traces)]


def _stains(table: type[Table], traces: Traces) -> Iterator[Stain]:
    words = _words(table, traces)
    pattern = _pattern(words)
    columns = {
        field.column_name: isinstance(field, JsonField)
        for field in table._meta.sorted_fields
        if isinstance(field, TextField) and not field.primary_key
    }
    for row, *values in _holding(table, list(columns), traces.customer_id, words):
        for (column, is_json), value in zip(columns.items(), values, strict=True):
            clean = _without(value, pattern, is_json=is_json) if value else value
            if clean != value:
                yield Stain(table, row, column, value, clean)


def _words(table: type[Table], traces: Traces) -> list[str]:
    """What to look for. The large tables hold a view's key in its own row alone, which goes.

    Only where a text was made of what viewers are called a name in it is surely a viewer's:
    elsewhere it also is that of a user, or of a video.
    """
    large = table in (ViewRow, OutboxRow, ConversionRow, WebhookEventRow)
    keys = traces.visitors - traces.shared if large else traces.keys
    named = table in ENRICHMENT or table is RunRow
    return sorted({*traces.spelt, *keys, *(traces.names if named else ())} - {""})


def _holding(
    table: type[Table], columns: Sequence[str], customer_id: int, words: Iterable[str]
) -> list[tuple[Any, ...]]:
    """Key and texts of the rows that may hold one of the words, whatever its capitals."""
    if not columns:
        return []
    meta = table._meta
    owner = "id" if table is Customer else "customer_id"
    whole = " || ' ' || ".join(f"COALESCE({column}, '')" for column in columns)
    found: dict[Any, tuple[Any, ...]] = {}
    for batch in batches(_forms(words), 100):
        any_of = " OR ".join(["lower(x.whole) LIKE ? ESCAPE '!'"] * len(batch))
        rows = fetch(
            f"SELECT x.{', x.'.join(['k', *columns])} FROM (SELECT {_key_of(table)} "
            f"AS k, {', '.join(columns)}, {whole} AS whole FROM {meta.table_name} "
            f"WHERE {owner} = ?) x WHERE {any_of}",
            [customer_id, *(f"%{_escaped(form)}%" for form in batch)],
        )
        found |= {row[0]: row for row in rows}
    return list(found.values())


def _key_of(table: type[Table]) -> str:
    (key,) = [field.column_name for field in table._meta.sorted_fields if field.primary_key]
    return str(key)


def _forms(words: Iterable[str]) -> list[str]:
    """The words as ``lower`` may leave them: SQLite folds ASCII alone, JSON escapes the rest."""
    forms = {form for word in words for form in (word, json.dumps(word)[1:-1])}
    return sorted({form.lower() for form in forms} | {lowered(form) for form in forms})


def _escaped(form: str) -> str:
    return re.sub(r"([!%_])", r"!\1", form)


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Finds the words as wholes: ``e1`` is not part of ``e12``, nor an address of a longer one."""
    longest_first = sorted(words, key=len, reverse=True)
    inner = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<![\w.+@-])(?:{inner})(?![\w@-]|\.\w)", re.IGNORECASE)


def _without(value: str, pattern: re.Pattern[str], *, is_json: bool) -> str:
    if not is_json:
        return pattern.sub(REMOVED, value)
    return to_json(_cleaned(json.loads(value), pattern))


def _cleaned(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(REMOVED, value)
    if isinstance(value, list):
        return [_cleaned(one, pattern) for one in value if not _is_about(one, pattern)]
    if isinstance(value, dict):
        return {
            pattern.sub(REMOVED, name): _cleaned(one, pattern)
            for name, one in value.items()
            if not _is_about(one, pattern)
        }
    return value


def _is_about(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether an object as a whole is about one of their views: it goes as a whole."""
    key = value.get("event_key") if isinstance(value, dict) else None
    return isinstance(key, str) and pattern.fullmatch(key) is not None
