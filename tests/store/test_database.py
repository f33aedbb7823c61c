"""Opening and migrating, on both databases."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from peewee import OperationalError
from playhouse.schema_diff import diff_models

from upsales_wistia import clock
from upsales_wistia.errors import DeploymentError
from upsales_wistia.store import instance
from upsales_wistia.store.database import (
    MIGRATIONS,
    cause,
    check_version,
    close,
    connect,
    database,
    migrate,
    session,
)
from upsales_wistia.store.models import TABLES

ALL = sorted(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))


def test_the_first_migration_makes_everything_and_the_second_finds_nothing_to_do(
    database_url: str,
) -> None:
    assert migrate(database_url) == ALL
    assert migrate(database_url) == []


def test_the_migrated_tables_are_those_of_the_models(store: str) -> None:
    assert not diff_models(database.obj, list(TABLES))


def test_of_three_threads_at_once_one_migrates_and_all_succeed(database_url: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        applied = list(threads.map(migrate, [database_url] * 3))
    assert sorted(applied) == [[], [], ALL]


def test_of_three_processes_at_once_one_migrates_and_all_succeed(database_url: str) -> None:
    code = f"from upsales_wistia.store.database import migrate; print(migrate({database_url!r}))"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = sorted(process.communicate()[0].strip() for process in running)
    assert said == sorted(["[]", "[]", str(ALL)])
    assert [process.returncode for process in running] == [0, 0, 0]


def test_a_database_of_a_newer_version_is_refused_and_not_touched(store: str) -> None:
    database.execute_sql(
        "INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')"
    )
    try:
        before = sorted(database.get_tables())
        for refuse in (lambda: migrate(store), check_version):
            with pytest.raises(DeploymentError, match=r"newer version of upsales-wistia\. Install"):
                refuse()
        assert sorted(database.get_tables()) == before
    finally:
        database.execute_sql("DELETE FROM schema_migration WHERE name = '9999_future'")


def test_a_database_that_was_not_migrated_is_refused(database_url: str) -> None:
    connect(database_url)
    with pytest.raises(DeploymentError, match="Run upsales-wistia migrate first"):
        check_version()
    close()
    migrate(database_url)
    connect(database_url)
    check_version()
    close()


def test_sessions_nest_and_leave_no_connection_behind(store: str) -> None:
    def inner_sessions() -> bool:
        with session():
            with session():
                instance.write("colour", "blue")
            assert instance.read("colour") == "blue"
        return bool(database.is_closed())

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(inner_sessions).result()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "upsales.db", ""])
def test_an_address_of_another_kind_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(DeploymentError, match="DATABASE_URL must begin with"):
        connect(url)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = "postgresql://app:hush@127.0.0.1:1/app"
    connect(url)
    for attempt in (lambda: migrate(url), check_version):
        with pytest.raises(DeploymentError, match=r"127\.0\.0\.1/app does not answer") as raised:
            attempt()
        assert "hush" not in str(raised.value)


def test_a_server_that_is_not_named_is_told_so() -> None:
    connect("postgresql:///no_such_database?host=/nowhere")
    with pytest.raises(DeploymentError) as raised, session():
        pass
    assert "None" not in str(raised.value)
    assert "no_such_database (DATABASE_URL names no host" in str(raised.value)


@pytest.mark.slow
def test_a_server_that_never_answers_is_not_waited_for_long() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://app@127.0.0.1:{silent.getsockname()[1]}/app"
        connect(url)
        started = clock.monotonic()
        with pytest.raises(DeploymentError, match="does not answer"), session():
            pass
        assert clock.monotonic() - started < 15


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("attempt to write a readonly database", "Give this user the right to write the file"),
        ("database or disk is full", "Make room on its disk."),
        ("database is locked", "try again in a moment."),
        ("file is not a database", "put the backup in its place."),
    ],
)
def test_a_database_in_trouble_has_a_next_step(tmp_path: Path, said: str, step: str) -> None:
    connect(f"sqlite:///{tmp_path}/app.db")
    sentence = cause(OperationalError(said))
    assert f"app.db cannot be used: {said}. " in sentence
    assert sentence.endswith(".")
    assert step in sentence


def test_a_file_in_a_folder_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="cannot be opened"):
        connect(f"sqlite:///{tmp_path}/nowhere/app.db")


def test_the_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/app.db")
    assert stat.S_IMODE((tmp_path / "app.db").stat().st_mode) == 0o600


def test_sqlite_is_set_up_for_many_writers_and_for_forgetting(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/app.db")
    with session():
        pragmas = ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete", "synchronous")
        assert [database.pragma(name) for name in pragmas] == ["wal", 1, 5000, 1, 1]


def test_a_sqlite_transaction_that_reads_first_still_gets_to_write(tmp_path: Path) -> None:
    """Deferred transactions fail here at once: "database is locked"."""
    url = f"sqlite:///{tmp_path}/app.db"
    migrate(url)
    connect(url)
    with session():
        instance.write("count", "0")

    def count(_: int) -> None:
        with session():
            for _turn in range(10):
                with database.atomic():
                    instance.write("count", str(int(instance.read("count") or 0) + 1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    with session():
        assert instance.read("count") == "40"
