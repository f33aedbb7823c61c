"""The one database of the process: opened by its address, used from any thread, migrated once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from peewee import (
    Database,
    DatabaseError,
    DatabaseProxy,
    InterfaceError,
    PeeweeException,
    PostgresqlDatabase,
    SqliteDatabase,
)
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

from ..clock import epoch
from ..config import sqlite_file
from ..errors import DeploymentError

database = DatabaseProxy()
TROUBLE = (DatabaseError, InterfaceError)
"""What the driver raises when the database is away, locked or damaged."""

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x75775F6D6967  # "uw_mig": any number that nobody else locks

# A plan made while a table was still empty must not be kept for the first large read. A process
# that freezes inside a transaction keeps its locks until the server ends it: no transaction of
# ours waits for anybody, so ten seconds harm none, and the customer can be taken over.
_OPTIONS = (
    "-c plan_cache_mode=force_custom_plan -c idle_in_transaction_session_timeout=10000 "
    "-c lock_timeout=15000"
)

_LOOKS, _BETWEEN_LOOKS = 20, 0.05
"""How often, and how many seconds apart, the log is tried to be emptied while others read."""

_PATIENCE = 5
"""Seconds to wait for a connection to a server: a page that asks must answer."""

SQLITE_PRAGMAS: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": "normal",
    # What is deleted (an erased person, a replaced token) must not stay readable in the file.
    "secure_delete": 1,
    # 8 MB of pages kept and 16 MB of log before it is worked in: with the defaults a first poll of
    # 10,000 views waits for the disk about as long as it works.
    "cache_size": -8000,
    "wal_autocheckpoint": 4000,
}


def connect(url: str) -> Database:
    """Open the database at ``url`` and make it the process's own.

    Takes ``sqlite:///file.db`` (``sqlite:////abs/file.db``) and ``postgresql://…``. Nothing is
    sent to a server before the first ``session``. Raises DeploymentError for any other address.
    """
    opened = _open(url)
    database.initialize(opened)
    return opened


def close() -> None:
    """Close this thread's connection and, on PostgreSQL, all that wait in the pool."""
    if database.obj is None:
        return
    if not database.is_closed():
        database.close()
    if isinstance(database.obj, PooledPostgresqlDatabase):
        database.obj.close_all()


@contextmanager
def session() -> Iterator[None]:
    """A connection for this thread while the block lasts; inside another session, that one.

    Raises DeploymentError, in a sentence, when the database does not answer.
    """
    context = database.connection_context()
    try:
        context.__enter__()
    except TROUBLE as error:
        raise _away(database.obj, error) from None
    try:
        yield
    finally:
        context.__exit__(None, None, None)


@contextmanager
def transaction() -> Iterator[None]:
    """All that is stored inside is stored, or nothing of it."""
    with database.atomic():
        yield


def is_postgresql() -> bool:
    """Whether the process's database is PostgreSQL (else it is SQLite)."""
    return isinstance(database.obj, PostgresqlDatabase)


def migrate(url: str) -> list[str]:
    """Bring the database at ``url`` up to this version; returns the names of what was applied.

    Safe from any number of processes at once: the first one works, the others wait and find
    nothing to do. All or nothing. Raises DeploymentError, touching nothing, for a database that
    a newer version wrote.
    """
    opened = _open(url, for_migration=True)
    try:
        opened.connect()
        with opened.atomic():
            runner = Runner(opened, str(MIGRATIONS))
            if isinstance(opened, PostgresqlDatabase):
                runner.database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
            _refuse_newer(runner)
            return list(runner.up())
    except TROUBLE as error:
        raise _away(opened, error) from None
    finally:
        opened.close()


@contextmanager
def in_memory() -> Iterator[Database]:
    """An empty database of this version in memory, for this thread while the block lasts."""
    opened = _open_sqlite("sqlite://", for_migration=False)
    with opened.connection_context():
        Runner(opened, str(MIGRATIONS)).up()
        yield opened


@contextmanager
def answering() -> Iterator[None]:
    """A session for a page: DeploymentError also when the database goes away in its course."""
    with session():
        try:
            yield
        except TROUBLE as error:
            raise _away(database.obj, error) from None


def forget_deleted() -> None:
    """Let nothing that was deleted stay readable in SQLite's files; nothing else needs it.

    The file itself is overwritten at once (``secure_delete``); the log beside it is emptied here,
    as soon as nobody reads in it. To be called outside any transaction.
    """
    if is_postgresql():
        return
    for _ in range(_LOOKS):
        busy = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            return
        time.sleep(_BETWEEN_LOOKS)


def ping() -> None:
    """Raises DeploymentError, in a sentence, when the database does not answer."""
    with answering():
        database.execute_sql("SELECT 1")


def clock_drift() -> float:
    """By how many seconds the database's clock is ahead of ours; 0 for SQLite, which has none."""
    if not is_postgresql():
        return 0.0
    with session():
        cursor = database.execute_sql("SELECT extract(epoch FROM clock_timestamp())")
        return float(cursor.fetchone()[0]) - epoch()


def check_version() -> None:
    """Raises DeploymentError when the bound database is newer than this code, or not migrated."""
    with session():
        runner = Runner(database.obj, str(MIGRATIONS))
        _refuse_newer(runner)
        if any(row.applied is None for row in runner.status()):
            raise DeploymentError(
                "The database is older than this version. Run upsales-wistia migrate first."
            )


def _refuse_newer(runner: Runner) -> None:
    if any(row.path is None for row in runner.status()):
        raise DeploymentError(
            "This database was written by a newer version of upsales-wistia. Install that "
            "version, or restore the backup from before."
        )


def _open(url: str, *, for_migration: bool = False) -> Database:
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return _open_sqlite(url, for_migration)
    if scheme in ("postgresql", "postgres"):
        return _open_postgresql(url, for_migration)
    raise DeploymentError(
        "DATABASE_URL must begin with sqlite:/// or postgresql://, for example "
        "sqlite:///upsales_wistia.db."
    )


def _open_sqlite(url: str, for_migration: bool) -> SqliteDatabase:
    file = sqlite_file(url)
    # A second migration waits for the first; a table rebuilt by one must not cascade.
    patience = 120 if for_migration else 5
    pragmas = SQLITE_PRAGMAS | {
        "busy_timeout": patience * 1000,
        "foreign_keys": int(not for_migration),
    }
    if file:
        _create_private(file)
    # Without IMMEDIATE a transaction that reads before it writes fails with "database is locked"
    # as soon as another one writes in between, whatever the time-out.
    return SqliteDatabase(
        str(file or ":memory:"),
        pragmas=pragmas,
        timeout=patience,
        lock_type="IMMEDIATE",
        autoconnect=False,
    )


def _create_private(file: Path) -> None:
    """Make the file for its owner's eyes only: it holds names and e-mail addresses."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DeploymentError(
            f"The database file {file} cannot be opened ({error.strerror}). Check DATABASE_URL, "
            "and that this user may write the file and its folder."
        ) from None


def _open_postgresql(url: str, for_migration: bool) -> PostgresqlDatabase:
    try:
        import psycopg  # noqa: F401, PLC0415 - an optional extra
    except ImportError:
        raise DeploymentError(
            "PostgreSQL needs its driver: pip install 'upsales-wistia[scale]'."
        ) from None
    url = url.replace("postgres://", "postgresql://", 1)  # the only spelling the driver takes
    if for_migration:
        return PostgresqlDatabase(
            url, prefer_psycopg3=True, autoconnect=False, connect_timeout=_PATIENCE
        )
    pooled: PostgresqlDatabase = PooledPostgresqlDatabase(
        url,
        max_connections=32,
        stale_timeout=300,
        timeout=30,
        prefer_psycopg3=True,
        autoconnect=False,
        connect_timeout=_PATIENCE,
        options=_OPTIONS,
    )
    return pooled


def cause(error: PeeweeException) -> str:
    """What an error of ``TROUBLE`` means for the bound database: a sentence with the next step."""
    return _away(database.obj, error).sentence


def _away(opened: Database, error: PeeweeException) -> DeploymentError:
    if isinstance(opened, SqliteDatabase):
        said = str(error)
        step = next((step for words, step in _NEXT_STEPS.items() if words in said), _ANY_STEP)
        return DeploymentError(
            f"The database file {opened.database} cannot be used: {said}. {step}"
        )
    # The driver's own text may repeat the address with its password: only its host and name.
    parts = urlsplit(str(opened.database))
    where = f"at {parts.hostname}{parts.path}"
    if not parts.hostname:
        where = f"{parts.path.strip('/')} (DATABASE_URL names no host, so on this machine)"
    return DeploymentError(
        f"The database {where} does not answer. Start it, or check DATABASE_URL."
    )


_NEXT_STEPS = {
    "readonly": "Give this user the right to write the file and its folder.",
    "disk is full": "Make room on its disk.",
    "locked": "Another process writes just now; try again in a moment.",
}
_ANY_STEP = "Check DATABASE_URL, or put the backup in its place."
