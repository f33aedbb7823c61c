"""Databases for tests: the same test runs on SQLite and on PostgreSQL.

A test that asks for ``store`` gets an empty, migrated database bound to the process, with a
session open in its thread; one that asks for ``database_url`` gets the address of an empty one.
Without a PostgreSQL the half that needs it skips, and fails where ``CI=true``.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from upsales_wistia.store import database

__all__ = ["database_kind", "database_url", "postgresql_server", "shared_postgresql", "store"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which of the two databases the test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """The address of a PostgreSQL that answers and lets us make databases, without a name."""
    host, port = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGPORT", "5432")
    users = [os.environ["PGUSER"]] if "PGUSER" in os.environ else ["postgres", "root"]
    reason = ""
    for user in users:
        try:
            address = f"postgresql://{user}@{host}:{port}"
            psycopg.connect(f"{address}/postgres", connect_timeout=3).close()
        except psycopg.OperationalError as error:
            reason = str(error).splitlines()[0]
        else:
            return address
    if os.environ.get("CI") == "true":
        pytest.fail(f"no PostgreSQL answers at {host}:{port}: {reason}")
    pytest.skip(f"no PostgreSQL answers at {host}:{port}")


@pytest.fixture(scope="session")
def shared_postgresql(postgresql_server: str) -> Iterator[str]:
    """One migrated PostgreSQL database for the whole session; ``store`` empties it."""
    with OwnDatabase(postgresql_server) as url:
        database.migrate(url)
        yield url


@pytest.fixture
def database_url(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of an empty database, not migrated and not bound; gone after the test."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/test.db"
        return
    with OwnDatabase(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture
def store(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database bound to the process, a session open; its address."""
    if database_kind == "sqlite":
        url = f"sqlite:///{tmp_path}/store.db"
        database.migrate(url)
    else:
        url = request.getfixturevalue("shared_postgresql")
    database.connect(url)
    tombstones_for(url).unlink(missing_ok=True)
    with database.session():
        database.database.execute_sql("DELETE FROM customers")
        database.database.execute_sql("DELETE FROM instance")
        yield url
    database.close()


def tombstones_for(url: str) -> Path:
    """Where a deployment on this database keeps its tombstones: the default with SQLite."""
    if url.startswith("sqlite:///"):
        return Path(f"{url.removeprefix('sqlite:///')}.tombstones")
    return Path(tempfile.gettempdir()) / f"{url.rpartition('/')[2]}.tombstones"


class OwnDatabase:
    """A PostgreSQL database of its own name while the block lasts."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.name = f"upsales_wistia_test_{os.getpid()}_{secrets.token_hex(4)}"

    def __enter__(self) -> str:
        self._run("CREATE DATABASE {}")
        return f"{self.server}/{self.name}"

    def __exit__(self, *_: object) -> None:
        self._run("DROP DATABASE {} WITH (FORCE)")
        tombstones_for(f"{self.server}/{self.name}").unlink(missing_ok=True)

    def _run(self, statement: LiteralString) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
