"""A copy of one customer that may be written to and is thrown away: for a dry run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from peewee import Database

from .database import database, in_memory, session
from .fields import to_column
from .models import OF_CUSTOMER, Customer, InstanceRow
from .models_enrichment import EnrichmentLeaseRow
from .models_work import JobLeaseRow, LeaseRow
from .sql import BATCH, dialect
from .tables import Table


@contextmanager
def scratch(customer_id: int) -> Iterator[None]:
    """Bind the process to a copy of the customer in memory while the block lasts.

    For the command line alone: the copy belongs to this thread, and so it cannot have a
    heartbeat. The lease is not copied, so a run that is going on does not keep a dry run waiting.
    """
    real: Database = database.obj
    with in_memory() as copy:
        with session(), copy.atomic():
            _copy(Customer, copy, "WHERE id = ?", [customer_id])
            _copy(InstanceRow, copy, "", [])
            for table in OF_CUSTOMER:
                if table not in (LeaseRow, JobLeaseRow, EnrichmentLeaseRow):
                    _copy(table, copy, "WHERE customer_id = ?", [customer_id])
        database.initialize(copy)
        try:
            yield
        finally:
            database.initialize(real)


def _copy(table: type[Table], copy: Database, condition: str, parameters: list[Any]) -> None:
    meta = table._meta
    columns = [field.column_name for field in meta.sorted_fields]
    names = ", ".join(f'"{column}"' for column in columns)  # One may be a word of SQL's own.
    rows = database.execute_sql(
        dialect(f"SELECT {names} FROM {meta.table_name} {condition}"), parameters
    )
    insert = f"INSERT INTO {meta.table_name} ({names}) VALUES ({', '.join('?' * len(columns))})"
    while batch := rows.fetchmany(BATCH):
        copy.connection().executemany(insert, [tuple(map(_portable, row)) for row in batch])


def _portable(value: Any) -> Any:
    # PostgreSQL gives naive times, UTC by our writing; SQLite keeps them as text.
    return to_column(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else value
