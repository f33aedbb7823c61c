"""``keys``: a fresh one, and a rotation that may die at any moment and loses nothing."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.cli.conftest import Run
from tests.sync.house import KEY
from upsales_wistia.sandbox import Tenant
from upsales_wistia.store import database

NEW = Fernet.generate_key().decode()

of_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
"""Only beside SQLite there is a secrets file of our own."""


def sql(statement: str) -> list[tuple[Any, ...]]:
    with database.session():
        cursor = database.database.execute_sql(statement)
        rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
    database.close()
    return rows


def credentials() -> list[tuple[Any, ...]]:
    return sorted(sql("SELECT customer_id, name, sealed FROM credentials"))


def add(run: Run, customer: int, key: str = "an Upsales key") -> None:
    given = json.dumps({"apiKey": key, "config": {"wistiaApiPassword": "a token"}})
    ended = run(
        "customers", "add", str(customer), "--name", "X", "--config", "-", stdin=given
    )  # fmt: skip
    assert ended.status == 0, ended


@pytest.fixture
def secrets(upsales_wistia: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The secrets file beside an SQLite database of its own, with two customers' credentials."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/own.db")
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS"):
        monkeypatch.delenv(name)
    add(upsales_wistia, 1)
    add(upsales_wistia, 2)
    return tmp_path / "own.db.secrets"


def keys_in(file: Path) -> list[str]:
    keys: str = json.loads(file.read_text())["ENCRYPTION_KEYS"]
    return keys.split()


def write_keys(file: Path, *keys: str) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | {"ENCRYPTION_KEYS": " ".join(keys)}))


def is_readable(run: Run, customer: int) -> bool:
    return run("customers", "show", str(customer)).status == 0


def test_a_new_key_stands_alone_on_stdout(upsales_wistia: Run) -> None:
    first, second = upsales_wistia("keys", "new"), upsales_wistia("keys", "new")
    Fernet(first.out.strip())
    assert first.out != second.out
    assert "ENCRYPTION_KEYS" in first.err
    document = upsales_wistia("keys", "new", "--json").document
    Fernet(document["key"])
    assert "keys rotate" in document["next"]


def test_a_rotation_lets_the_old_key_be_dropped(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{NEW} {KEY}")
    ended = upsales_wistia("keys", "rotate", "--json")
    count = len(credentials())
    assert count == 3
    assert (ended.status, ended.document["resealed"], ended.document["customers"]) == (0, 3, 1)
    assert ended.document["unreadable"] == []
    assert upsales_wistia("keys", "rotate", "--json").document["resealed"] == 0
    monkeypatch.setenv("ENCRYPTION_KEYS", NEW)
    assert upsales_wistia("sync", "--customer", "4711").status == 0
    assert len(added.crm.events) == 2
    monkeypatch.setenv("ENCRYPTION_KEYS", KEY)
    assert upsales_wistia("sync", "--customer", "4711").status == 2


def test_people_are_told_what_to_do_next(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "upsales-wistia keys new" in upsales_wistia("keys", "rotate").out
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{NEW},{KEY}")
    told = upsales_wistia("keys", "rotate").out
    assert "Credentials sealed anew: 3, of customers: 1." in told
    assert "can be dropped from ENCRYPTION_KEYS" in told
    assert "Restart every process" in told


def test_a_row_that_no_key_opens_is_named_and_everything_else_goes_on(
    upsales_wistia: Run, added: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    add(upsales_wistia, 12)
    lost = [row for row in credentials() if row[0] == 12]
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{NEW} {KEY}")
    ended = upsales_wistia("keys", "rotate", "--json")
    assert (ended.status, ended.document["resealed"]) == (1, 3)
    assert ended.document["unreadable"] == [12]
    assert [row for row in credentials() if row[0] == 12] == lost
    assert "customer 12 cannot be read" in upsales_wistia("keys", "rotate").out
    monkeypatch.setenv("ENCRYPTION_KEYS", NEW)
    assert is_readable(upsales_wistia, 4711)
    assert not is_readable(upsales_wistia, 12)
    add(upsales_wistia, 12)
    assert upsales_wistia("keys", "rotate").status == 0


@pytest.mark.parametrize(
    "keys", ["too-short", f"{KEY} not-a-key"], ids=["one that is none", "a second that is none"]
)
def test_a_key_that_is_none_is_one_sentence_with_2(
    upsales_wistia: Run, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", keys)
    ended = upsales_wistia("keys", "rotate", "--json")
    assert ended.status == 2
    assert ended.document["error"].startswith("ENCRYPTION_KEYS: each must be 32 bytes")
    assert keys not in ended.document["error"]


@of_sqlite
def test_our_own_secrets_file_gets_a_new_key_and_loses_the_old(
    upsales_wistia: Run, secrets: Path
) -> None:
    (old,) = keys_in(secrets)
    rest = json.loads(secrets.read_text())["SECRET_KEY"]
    ended = upsales_wistia("keys", "rotate", "--json")
    assert (ended.status, ended.document["resealed"], ended.document["keys"]) == (0, 4, 1)
    (new,) = keys_in(secrets)
    assert new != old
    assert json.loads(secrets.read_text())["SECRET_KEY"] == rest
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert not [
        file for file in secrets.parent.iterdir() if file.name.startswith("own.db.secrets.")
    ]
    assert is_readable(upsales_wistia, 1)
    assert is_readable(upsales_wistia, 2)
    assert upsales_wistia("keys", "rotate", "--json").document["resealed"] == 4
    assert keys_in(secrets) != [new]


@of_sqlite
def test_a_rotation_that_dies_half_way_loses_nothing_and_is_gone_on_with(
    upsales_wistia: Run, secrets: Path
) -> None:
    (old,) = keys_in(secrets)
    sql(
        "CREATE TRIGGER dies BEFORE UPDATE ON credentials WHEN old.customer_id = 2 "
        "BEGIN SELECT RAISE(ABORT, 'the machine dies here'); END"
    )
    assert upsales_wistia("keys", "rotate").status != 0
    new, still = keys_in(secrets)
    assert still == old
    assert is_readable(upsales_wistia, 1)
    assert is_readable(upsales_wistia, 2)
    sql("DROP TRIGGER dies")
    ended = upsales_wistia("keys", "rotate", "--json")
    assert (ended.status, ended.document["resealed"], ended.document["customers"]) == (0, 2, 1)
    assert keys_in(secrets) == [new]
    assert is_readable(upsales_wistia, 1)
    assert is_readable(upsales_wistia, 2)


@of_sqlite
def test_a_rotation_that_died_before_or_after_sealing_is_gone_on_with(
    upsales_wistia: Run, secrets: Path
) -> None:
    (old,) = keys_in(secrets)
    write_keys(secrets, NEW, old)
    assert upsales_wistia("keys", "rotate", "--json").document["resealed"] == 4
    assert keys_in(secrets) == [NEW]
    write_keys(secrets, NEW, old)
    assert upsales_wistia("keys", "rotate", "--json").document["resealed"] == 0
    assert keys_in(secrets) == [NEW]
    assert is_readable(upsales_wistia, 1)


@of_sqlite
def test_no_key_is_dropped_while_a_secret_needs_it(upsales_wistia: Run, secrets: Path) -> None:
    (old,) = keys_in(secrets)
    sql("UPDATE credentials SET sealed = 'x' WHERE customer_id = 2")
    ended = upsales_wistia("keys", "rotate", "--json")
    assert (ended.status, ended.document["unreadable"], ended.document["keys"]) == (1, [2], 2)
    assert keys_in(secrets)[1] == old


@of_sqlite
def test_two_rotations_of_one_file_do_not_mix(upsales_wistia: Run, secrets: Path) -> None:
    before = secrets.read_text()
    folder = os.open(secrets.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        ended = upsales_wistia("keys", "rotate", "--json")
    finally:
        os.close(folder)
    assert ended.status == 2
    assert ended.document == {"error": "The keys are being rotated already. Wait until it is done."}
    assert secrets.read_text() == before


@of_sqlite
def test_keys_that_the_operator_gave_are_left_alone_beside_a_secrets_file(
    upsales_wistia: Run, secrets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (old,) = keys_in(secrets)
    given = tmp_path / "keys"
    given.write_text(f"{NEW}\n{old}\n")
    monkeypatch.setenv("ENCRYPTION_KEYS_FILE", str(given))
    ended = upsales_wistia("keys", "rotate", "--json")
    assert (ended.status, ended.document["resealed"], ended.document["own_file"]) == (0, 4, False)
    assert keys_in(secrets) == [old]
    given.write_text(NEW)
    assert is_readable(upsales_wistia, 1)
