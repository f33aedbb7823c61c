"""SQL by hand, for what runs once a view: building a query object would cost more than the query.

Statements are written with ``?`` and hold no other question mark and no percent sign.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from .database import database, is_postgresql

T = TypeVar("T")

BATCH = 500
"""Rows read or written with one statement: keeps memory flat and parameters under any limit."""


def dialect(statement: str) -> str:
    """The statement with the parameter marks of the process's database."""
    return statement.replace("?", "%s") if is_postgresql() else statement


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query, as tuples."""
    return list(database.execute_sql(dialect(statement), tuple(parameters)).fetchall())


def execute(statement: str, parameters: Sequence[Any] = ()) -> int:
    """Run one statement; returns how many rows it touched."""
    return int(database.execute_sql(dialect(statement), tuple(parameters)).rowcount)


def execute_each(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one prepared statement for each row of parameters, in a batch."""
    if rows:
        with database.atomic():
            database.cursor().executemany(dialect(statement), rows)


def among(column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that ``column`` is one of ``values`` (not empty), and its parameters."""
    if is_postgresql():
        return f"{column} = ANY(?)", [list(values)]
    return f"{column} IN ({', '.join('?' * len(values))})", list(values)


def among_keys(column: str, keys: Collection[str] | None) -> tuple[str, list[Any]]:
    """As ``among``, to follow other conditions; None leaves all in, no key leaves none in."""
    if keys is None:
        return "", []
    condition, values = among(column, sorted(keys)) if keys else ("1 = 0", [])
    return f"AND {condition}", values


def starting(expression: str, prefix: str) -> tuple[str, list[Any]]:
    """The condition that ``expression`` begins with ``prefix`` (not empty), and its parameters.

    SQLite finds a range in an index; a server's order of letters may be another than ours.
    """
    if is_postgresql():
        pattern = re.sub(r"([\\%_])", r"\\\1", prefix)
        return f"{expression} LIKE ?", [f"{pattern}%"]
    return f"({expression} >= ? AND {expression} < ?)", [prefix, f"{prefix}{chr(sys.maxunicode)}"]


def lowered(text: str) -> str:
    """``text`` as the database's own ``lower`` gives it: SQLite's knows ASCII alone."""
    if is_postgresql():
        return text.lower()
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def upsert(table: str, columns: Sequence[str], key: Sequence[str], kept: Sequence[str] = ()) -> str:
    """The statement that inserts a row, or writes all but ``key`` and ``kept`` over the old one."""
    changing = [column for column in columns if column not in {*key, *kept}]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET "
        + ", ".join(f"{column} = excluded.{column}" for column in changing)
    )


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The items in lists of at most ``size``."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
