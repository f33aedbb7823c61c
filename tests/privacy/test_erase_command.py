"""``erase``, ``unforget``, ``migrate``: as an operator types them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Run, added, tenant, upsales_wistia
from tests.databases import tombstones_for
from tests.sync.house import view
from upsales_wistia.sandbox import Tenant
from upsales_wistia.store import database
from upsales_wistia.store.sql import execute, fetch

__all__ = ["added", "tenant", "upsales_wistia"]

CUSTOMER = ("--customer", "4711")
ANNA = "anna@acme.example"


def stored(statement: str) -> list[tuple[object, ...]]:
    with database.session():
        found = fetch(statement)
    database.close()
    return found


def changed(*statements: str) -> None:
    with database.session():
        for statement in statements:
            execute(statement)
    database.close()


def test_erase_prints_a_certificate(upsales_wistia: Run, added: Tenant) -> None:
    upsales_wistia("sync", *CUSTOMER)
    ended = upsales_wistia("erase", *CUSTOMER, "Anna@ACME.example", "--activities")
    assert ended.status == 0, ended
    told = ended.out
    assert "anna@acme.example is erased, and stays forgotten." in told
    assert "We found: 1 view, 1 activity in Upsales." in told
    assert "Activities in Upsales: 1 of 1" in told
    assert "Wistia keeps its own record of the viewer" in told
    (left,) = added.crm.events.values()
    assert left["contacts"] == [{"id": 102, "name": "Bo Dahl"}]


def test_erase_as_json(upsales_wistia: Run, added: Tenant) -> None:
    upsales_wistia("sync", *CUSTOMER)
    document = upsales_wistia("erase", *CUSTOMER, ANNA, "--json").document
    assert document["known"]
    assert document["done"]
    assert document["found"] == {"views": 1, "activities": 1, "forms": 0, "drafts": 0}
    assert document["removed"]["views"] == 1
    assert document["upsales"] == {
        "asked": False,
        "deleted": 0,
        "absent": 0,
        "refused": 0,
        "left": 0,
    }
    assert any("1 activity in Upsales: not deleted" in line for line in document["remains"])
    assert upsales_wistia("sync", *CUSTOMER, "--json").document["funnel"]["views"] == 2
    again = upsales_wistia("erase", *CUSTOMER, ANNA).out
    assert again.strip() == (
        f"We keep nothing about {ANNA}. It is now on the list of people who stay forgotten."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("erase", *CUSTOMER, "anna"), "This is not an e-mail address."),
        (("erase", "--customer", "9", ANNA), "No customer has the number 9."),
        (("unforget", "--customer", "9", ANNA), "No customer has the number 9."),
        (("unforget", *CUSTOMER, "@"), "This is not an e-mail address."),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    upsales_wistia: Run, added: Tenant, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = upsales_wistia(*arguments, "--json")
    assert ended.status == 2
    assert ended.document["error"].startswith(sentence)
    assert stored("SELECT id FROM tombstones") == []


def test_unforget(upsales_wistia: Run, added: Tenant) -> None:
    upsales_wistia("erase", *CUSTOMER, ANNA)
    assert "is no longer on the list" in upsales_wistia("unforget", *CUSTOMER, ANNA).out
    assert "is not on the list" in upsales_wistia("unforget", *CUSTOMER, ANNA).out
    assert upsales_wistia("sync", *CUSTOMER, "--json").document["funnel"]["views"] == 3


def test_without_a_key_the_tables_are_clean_and_the_customer_must_act(
    upsales_wistia: Run, added: Tenant
) -> None:
    upsales_wistia("sync", *CUSTOMER)
    changed("DELETE FROM credentials WHERE name = 'apiKey'")
    ended = upsales_wistia("erase", *CUSTOMER, ANNA, "--activities", "--json")
    assert ended.status == 3
    assert ended.document["upsales"]["left"] == 1
    assert ended.document["code"] == "no_upsales_key"
    assert stored("SELECT id FROM views WHERE person = 'anna@acme.example'") == []


def test_the_file_of_tombstones_names_nobody_and_is_for_its_owner(
    upsales_wistia: Run, added: Tenant, database_url: str
) -> None:
    upsales_wistia("sync", *CUSTOMER)
    upsales_wistia("erase", *CUSTOMER, ANNA)
    file = tombstones_for(database_url)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_text()
    assert len(content.splitlines()) == 1
    assert not any(word in content for word in ("anna", "acme", "visitor-e1", '"e1"'))


def test_a_file_that_cannot_be_written_stops_the_erasure_with_nothing_changed(
    upsales_wistia: Run, added: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upsales_wistia("sync", *CUSTOMER)
    monkeypatch.setenv("TOMBSTONES_FILE", str(tmp_path / "nowhere" / "tombstones"))
    ended = upsales_wistia("erase", *CUSTOMER, ANNA)
    assert ended.status == 2
    assert "cannot be written: No such file or directory. Nothing was changed." in ended.err
    assert stored("SELECT event_key FROM views WHERE event_key = 'e1'") == [("e1",)]
    assert stored("SELECT id FROM tombstones") == []


class Backup:
    """A copy of the database that is put back later."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.file = url, folder / "backup"
        if url.startswith("sqlite"):
            with sqlite3.connect(self._path) as source, sqlite3.connect(self.file) as copy:
                source.backup(copy)
            return
        with psycopg.connect(url) as connection:
            self.rows = {
                table: connection.execute(f"SELECT * FROM {table}").fetchall()
                for table in self._tables
            }

    _tables = ("views", "conversions", "people", "outbox", "visitors")

    @property
    def _path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def is_put_back(self) -> None:
        """Everything is as it was; nobody of those erased since is known to be."""
        database.close()
        if self.url.startswith("sqlite"):
            for end in ("-wal", "-shm"):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
            shutil.copy(self.file, self._path)
            return
        with psycopg.connect(self.url) as connection:
            connection.execute("DELETE FROM tombstones")
            connection.execute("DELETE FROM tombstone_keys")
            connection.execute("DELETE FROM erasures")
            for table, rows in self.rows.items():
                connection.execute(f"DELETE FROM {table}")
                for row in rows:
                    marks = ", ".join(["%s"] * len(row))
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)


def test_a_restored_backup_brings_nobody_back(
    upsales_wistia: Run, added: Tenant, database_url: str, tmp_path: Path
) -> None:
    added.world.add(view("nameless", "", visitor_key="visitor-e1"))
    upsales_wistia("sync", *CUSTOMER)
    backup = Backup(database_url, tmp_path)
    upsales_wistia("erase", *CUSTOMER, ANNA)
    upsales_wistia("erase", *CUSTOMER, "bo@birch.example")
    upsales_wistia("unforget", *CUSTOMER, "bo@birch.example")
    backup.is_put_back()
    ended = upsales_wistia("migrate", "--restored", "--json")
    assert ended.document["erased_again"] == 1
    left = stored("SELECT event_key FROM views ORDER BY event_key")
    assert left == [("e2",), ("e3",)]
    for table in ("views", "conversions", "people", "outbox"):
        assert "anna" not in str(stored(f"SELECT * FROM {table}"))
    assert "erased_again" not in upsales_wistia("migrate", "--json").document
    assert upsales_wistia("sync", *CUSTOMER, "--json").document["funnel"]["views"] == 2


def test_a_torn_line_of_the_file_costs_that_line_alone(
    upsales_wistia: Run, added: Tenant, database_url: str
) -> None:
    upsales_wistia("erase", *CUSTOMER, "cy@mail.birch.example")
    file = tombstones_for(database_url)
    with file.open("a") as end:
        end.write('{"customer":4711,"key":"0')
    upsales_wistia("erase", *CUSTOMER, ANNA)
    changed("DELETE FROM tombstones")
    assert upsales_wistia("migrate", "--json").document["erased_again"] == 2


def keys_in(url: str) -> set[str]:
    """The keys of the tombstones in the file."""
    lines = tombstones_for(url).read_text().splitlines()
    return {str(json.loads(line)["key"]) for line in lines}


def test_a_customer_who_comes_back_goes_on_with_the_key(
    upsales_wistia: Run, added: Tenant, database_url: str
) -> None:
    upsales_wistia("erase", *CUSTOMER, ANNA)
    (key,) = keys_in(database_url)
    changed("DELETE FROM tombstones", "DELETE FROM tombstone_keys")
    upsales_wistia("erase", *CUSTOMER, "bo@birch.example")
    assert keys_in(database_url) == {key}


def test_the_key_outlives_a_rotation_of_the_encryption_keys(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    upsales_wistia("erase", *CUSTOMER, ANNA)
    old = stored("SELECT sealed FROM tombstone_keys")
    fresh = upsales_wistia("keys", "new", "--json").document["key"]

    monkeypatch.setenv("ENCRYPTION_KEYS", f"{fresh},{os.environ['ENCRYPTION_KEYS']}")
    assert upsales_wistia("keys", "rotate").status == 0
    monkeypatch.setenv("ENCRYPTION_KEYS", fresh)
    assert stored("SELECT sealed FROM tombstone_keys") != old
    assert upsales_wistia("sync", *CUSTOMER, "--json").document["funnel"]["views"] == 2


def test_the_doctor_looks_at_the_file_of_tombstones(
    upsales_wistia: Run, added: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> dict[str, object]:
        checks = upsales_wistia("doctor", "--json").document["checks"]
        (check,) = [check for check in checks if check["name"] == "tombstones"]
        return dict(check)

    upsales_wistia("erase", *CUSTOMER, ANNA)
    assert told()["ok"]
    assert "can be written; erasures in it: 1." in str(told()["sentence"])
    monkeypatch.setenv("TOMBSTONES_FILE", str(tmp_path / "nowhere" / "tombstones"))
    assert not told()["ok"]
    assert "cannot be written, so nobody can be erased" in str(told()["sentence"])
