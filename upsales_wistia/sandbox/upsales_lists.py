"""Upsales' list parameters: filters, ``q`` objects, sorting, paging, chosen columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .crm import Row, columns
from .server import Call

DEFAULT_LIMIT = 1000
LARGEST_LIMIT = 2000
RESERVED = frozenset(
    [
        "token",
        "limit",
        "offset",
        "sort",
        "f[]",
        "q",
        "q[]",
        "usingFirstnameLastname",
        "includePhonecall",
    ]
)
COMPARATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "src")


class NoSuchAttributeError(ValueError):
    """A filter on something the rows do not have."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: any of ``values`` for ``eq`` and ``src``, none of them for ``ne``."""

    attribute: str
    comparator: str
    values: tuple[str, ...]


def plain_filters(call: Call) -> list[Filter]:
    """The ``attr=cmp:value`` parameters. No prefix means ``eq``; a comma separates values."""
    found = []
    for name, text in call.query:
        if name in RESERVED:
            continue
        prefix, colon, rest = text.partition(":")
        comparator, value = (prefix, rest) if colon and prefix in COMPARATORS else ("eq", text)
        found.append(Filter(name, comparator, tuple(value.split(","))))
    return found


def query_filters(call: Call) -> list[Filter]:
    """The ``q={"a": …, "c": …, "v": …}`` parameters; those that cannot be read are left out."""
    found = []
    for text in [*call.every("q"), *call.every("q[]")]:
        try:
            query = json.loads(text)
            value = query["v"]
            values = value if isinstance(value, list) else [value]
            found.append(Filter(query["a"], query.get("c", "eq"), tuple(map(str, values))))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def matching(rows: Iterable[Row], filters: Iterable[Filter]) -> list[Row]:
    """The rows that meet every filter. Raises NoSuchAttributeError."""
    kept = list(rows)
    for condition in filters:
        kept = [row for row in kept if meets(row, condition)]
    return kept


def meets(row: Row, condition: Filter) -> bool:
    """Whether one row meets one condition. Raises NoSuchAttributeError."""
    held = _value(row, condition.attribute)
    tests: dict[str, Callable[[Any, str], bool]] = {
        "eq": lambda a, b: _text(a) == b.casefold(),
        "src": lambda a, b: b.casefold() in _text(a),
        "gt": lambda a, b: _pair(a, b)[0] > _pair(a, b)[1],
        "gte": lambda a, b: _pair(a, b)[0] >= _pair(a, b)[1],
        "lt": lambda a, b: _pair(a, b)[0] < _pair(a, b)[1],
        "lte": lambda a, b: _pair(a, b)[0] <= _pair(a, b)[1],
    }
    if condition.comparator == "ne":
        return all(_text(held) != value.casefold() for value in condition.values)
    test = tests.get(condition.comparator)
    return test is not None and any(test(held, value) for value in condition.values)


def listed(rows: list[Row], call: Call) -> dict[str, Any]:
    """The envelope of a list: sorted, cut to ``limit`` and ``offset``, with chosen columns."""
    limit = min(_number(call.first("limit"), DEFAULT_LIMIT), LARGEST_LIMIT)
    offset = _number(call.first("offset"), 0)
    ordered = _sorted(rows, call.first("sort"))[offset : offset + limit]
    if names := call.every("f[]"):
        ordered = [columns(row, names) for row in ordered]
    metadata = {"total": len(rows), "limit": limit, "offset": offset}
    return {"error": None, "metadata": metadata, "data": ordered}


def _sorted(rows: list[Row], wish: str) -> list[Row]:
    key = wish.removeprefix("-")
    if not key or not rows or key not in rows[0]:
        return rows
    return sorted(rows, key=lambda row: row[key], reverse=wish.startswith("-"))


def _value(row: Row, attribute: str) -> Any:
    held: Any = row
    for part in attribute.split("."):
        if held is None:
            return None
        if not isinstance(held, dict) or part not in held:
            raise NoSuchAttributeError(f"No such attribute: {attribute}")
        held = held[part]
    return held


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value).casefold()


def _pair(held: Any, wanted: str) -> tuple[Any, Any]:
    if isinstance(held, int | float):
        try:
            return held, float(wanted)
        except ValueError:
            return 0, 0
    return _moment(str(held)), _moment(wanted)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default
