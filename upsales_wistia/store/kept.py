"""All that is kept of one person, row by row, as it stands in the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Field

from .fields import UtcField
from .models import ViewRow
from .sql import among, batches, fetch
from .tables import Table
from .traces import Traces, look_for_stains, tables, whole_rows

_OURS = frozenset({"customer_id", "fingerprint"})
"""Columns that tell nothing of anybody."""

Rows = dict[Any, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """The person's ``rows`` by table, and ``mentions`` of the person in rows about other things."""

    rows: dict[str, list[dict[str, Any]]]
    mentions: list[dict[str, str]]


def kept(traces: Traces, digests: Sequence[str]) -> Kept:
    """All that is kept of a person; ``digests`` are keyed digests of the e-mail. Times are ISO."""
    number = traces.customer_id
    rows: dict[str, Rows] = {}
    for table in tables():
        by = whole_rows(table, traces, digests)
        if table is ViewRow:
            by = {"id": sorted(traces.views)}
        found: Rows = {}
        for column, values in by.items():
            found |= _rows(table, number, column, values)
        rows[table._meta.table_name] = found
    mentions = [
        {"table": table, "column": stain.column, "text": stain.now}
        for stain in look_for_stains(traces)
        if stain.row not in rows.get(table := stain.table._meta.table_name, {})
    ]
    return Kept(
        {name: [found[key] for key in sorted(found)] for name, found in rows.items() if found},
        mentions,
    )


def _rows(table: type[Table], customer_id: int, column: str, values: Sequence[Any]) -> Rows:
    fields = [field for field in table._meta.sorted_fields if field.name not in _OURS]
    names = [field.column_name for field in fields]
    found: Rows = {}
    for batch in batches(values):
        condition, chosen = among(column, batch)
        for row in fetch(
            f"SELECT {', '.join(names)} FROM {table._meta.table_name} "
            f"WHERE customer_id = ? AND {condition}",
            [customer_id, *chosen],
        ):
            plain = dict(zip(names, map(_plain, fields, row), strict=True))
            found[plain.pop(_key_of(fields), row)] = plain
    return found


def _key_of(fields: Sequence[Field[Any]]) -> str:
    return next((field.column_name for field in fields if field.primary_key), "")


def _plain(field: Field[Any], value: Any) -> Any:
    """A column's value, fit for JSON."""
    read = field.python_value(value)
    return read.isoformat().replace("+00:00", "Z") if isinstance(field, UtcField) and read else read
