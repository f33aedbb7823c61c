"""The environment: read once, every mistake told at once, no key to make with SQLite."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from upsales_wistia.config import Config
from upsales_wistia.errors import DeploymentError, UsageError
from upsales_wistia.store import database

KEY = Fernet.generate_key().decode()
OTHER_KEY = Fernet.generate_key().decode()
POSTGRES = "postgresql://app:hunter2@db.example/app"


def sqlite(folder: Path, **environ: str) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{folder}/app.db", **environ}


def test_defaults(tmp_path: Path) -> None:
    config = Config.load(sqlite(tmp_path))
    assert (config.engine, config.upsales_auth, config.upsales_event_tz) == (
        "local",
        "auto",
        "auto",
    )
    assert config.upsales_api_url == "https://integration.upsales.com/api/v2"
    assert config.wistia_api_url == "https://api.wistia.com"
    assert config.mavera_api_url == "https://app.mavera.io/api/v1"
    assert config.mavera_dialect == {}
    assert (config.upsales_external_url, config.upsales_app_id) == (None, None)
    assert (config.port, config.public_url) == (8000, "http://127.0.0.1:8000")
    assert (config.poll_minutes, config.window_days) == (20, 3)
    assert (config.lease_seconds, config.settle_seconds) == (120, 300)
    assert config.retain_api_key is False


def test_values_are_read(tmp_path: Path) -> None:
    config = Config.load(
        sqlite(
            tmp_path,
            PORT="9000",
            POLL_MINUTES="0.05",
            UPSALES_EXTERNAL_URL="http://127.0.0.1:7/api/external/",
            UPSALES_EVENT_TZ="Europe/Stockholm",
            UPSALES_APP_ID="300",
            RETAIN_API_KEY="true",
            MAVERA_DIALECT='{"generations": "/generate"}',
        )
    )
    assert config.mavera_dialect == {"generations": "/generate"}
    assert config.public_url == "http://127.0.0.1:9000"
    assert config.poll_minutes == 0.05
    assert config.upsales_external_url == "http://127.0.0.1:7/api/external"
    assert config.upsales_event_tz == "Europe/Stockholm"
    assert (config.upsales_app_id, config.retain_api_key) == (300, True)


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path) -> None:
    config = Config.load(sqlite(tmp_path, PORT="", UPSALES_APP_ID=" ", SECRET_KEY=""))
    assert (config.port, config.upsales_app_id) == (8000, None)
    assert config.secret_key


def test_every_mistake_is_told_at_once() -> None:
    wrong = {
        "DATABASE_URL": "mysql://app:hunter2@db/app",
        "ENCRYPTION_KEYS": "too-short-to-be-a-key",
        "ENGINE": "celery",
        "LEASE_SECONDS": "-1",
        "MAVERA_DIALECT": "[1]",
        "POLL_MINUTES": "nan",
        "PORT": "eighty",
        "PUBLIC_URL": "ftp://example.com",
        "RETAIN_API_KEY": "perhaps",
        "SECRET_KEY_FILE": "/nowhere/secret",
        "SETTLE_SECONDS": "-1",
        "UPSALES_API_URL": "https://me:hunter2@example.com",
        "UPSALES_APP_ID": "three",
        "UPSALES_AUTH": "header",
        "UPSALES_EVENT_PATHS": "/events, <event>",
        "UPSALES_JOB_PATHS": "job",
        "OPERATOR_TOKEN_FILE": "/nowhere/token",
        "UPSALES_EVENT_TZ": "Mars/Olympus",
        "WINDOW_DAYS": "0",
        "WISTIA_API_URL": "http://[::1",
    }
    with pytest.raises(UsageError) as caught:
        Config.load(wrong)
    lines = caught.value.sentence.splitlines()
    assert sorted(line.split()[0].rstrip(":") for line in lines) == sorted(wrong)
    assert all(line.endswith(".") for line in lines)
    assert 'PORT is "eighty"' in caught.value.sentence
    assert "hunter2" not in caught.value.sentence
    assert "too-short-to-be-a-key" not in caught.value.sentence


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("POLL_MINUTES", ["0", "10081", "inf", "1e308"]),
        ("LEASE_SECONDS", ["0", "0.1", "3601", "nan"]),
        ("SETTLE_SECONDS", ["-1", "1e308", "nan"]),
        ("UPSALES_APP_ID", ["0", "-7", str(2**63)]),
        ("WISTIA_API_URL", ["https://a b.example", "https://a.example\\.b", "https://a.exa\tmple"]),
        ("MAVERA_DIALECT", ["{", "7", "null", "'text'"]),
        ("PUBLIC_URL", ["https://:hunter2@a.example", "https://a.example\u202e"]),
        ("DATABASE_URL", ["sqlite:///a%00b.db", "postgresql://[::1/app"]),
    ],
)
def test_a_value_out_of_its_range_is_refused(tmp_path: Path, name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(UsageError, match=name) as caught:
            Config.load(sqlite(tmp_path) | {name: value})
        assert len(caught.value.sentence.splitlines()) == 1
        assert "hunter2" not in caught.value.sentence


def test_the_ends_of_the_ranges_are_within(tmp_path: Path) -> None:
    ends = {
        "POLL_MINUTES": "10080", "LEASE_SECONDS": "3600", "UPSALES_APP_ID": str(2**63 - 1)
    }  # fmt: skip
    assert Config.load(sqlite(tmp_path, **ends)).upsales_app_id == 2**63 - 1


def test_the_other_engine_needs_postgresql(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ENGINE=procrastinate needs PostgreSQL") as caught:
        Config.load(sqlite(tmp_path, ENGINE="procrastinate"))
    assert caught.value.exit_status == 2
    keys = {"SECRET_KEY": "a secret", "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    file = {"TOMBSTONES_FILE": str(tmp_path / "tombstones")}
    given = {"DATABASE_URL": "postgresql://host/app", "ENGINE": "procrastinate", **keys, **file}
    assert Config.load(given).engine == "procrastinate"


@pytest.mark.parametrize(
    "url", ["sqlite://app.db", "sqlite:///", "postgresql://host", "app.db", "sqlite://host/app.db"]
)
def test_an_address_without_a_database_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="DATABASE_URL"):
        Config.load({"DATABASE_URL": url})


def test_postgresql_needs_both_secrets_and_a_file_of_tombstones() -> None:
    with pytest.raises(UsageError) as caught:
        Config.load({"DATABASE_URL": POSTGRES})
    first, second, third = caught.value.sentence.splitlines()
    assert first.startswith("SECRET_KEY (or SECRET_KEY_FILE) is required with PostgreSQL")
    assert second.startswith("ENCRYPTION_KEYS (or ENCRYPTION_KEYS_FILE) is required")
    assert third.startswith("TOMBSTONES_FILE is required with PostgreSQL")
    given = {
        "DATABASE_URL": POSTGRES,
        "SECRET_KEY": "s",
        "ENCRYPTION_KEYS": f"{KEY},{OTHER_KEY}",
        "TOMBSTONES_FILE": "/var/lib/tombstones",
    }
    config = Config.load(given)
    assert config.encryption_keys == (KEY, OTHER_KEY)
    assert config.tombstones_file == Path("/var/lib/tombstones")


def test_tombstones_lie_beside_the_secrets(tmp_path: Path) -> None:
    assert Config.load(sqlite(tmp_path)).tombstones_file == tmp_path / "app.db.tombstones"
    assert Config.load({"DATABASE_URL": "sqlite:///:memory:"}).tombstones_file is None


def test_secrets_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret\n")
    (tmp_path / "keys").write_text(f"{KEY}\n{OTHER_KEY}\n")
    config = Config.load(
        {
            "DATABASE_URL": POSTGRES,
            "TOMBSTONES_FILE": "tombstones",
            "SECRET_KEY_FILE": str(tmp_path / "secret"),
            "ENCRYPTION_KEYS_FILE": str(tmp_path / "keys"),
        }
    )
    assert config.secret_key == "a secret"
    assert config.encryption_keys == (KEY, OTHER_KEY)


def test_the_secrets_of_the_app_may_be_absent_or_come_from_files(tmp_path: Path) -> None:
    bare = Config.load(sqlite(tmp_path))
    assert (bare.upsales_app_key, bare.upsales_app_key_previous, bare.operator_token) == (None,) * 3
    (tmp_path / "key").write_text("the key\n")
    (tmp_path / "token").write_text("the token\n")
    config = Config.load(
        sqlite(
            tmp_path,
            UPSALES_APP_KEY_FILE=str(tmp_path / "key"),
            UPSALES_APP_KEY_PREVIOUS="the old key",
            OPERATOR_TOKEN_FILE=str(tmp_path / "token"),
        )
    )
    assert config.upsales_app_key == "the key"
    assert config.upsales_app_key_previous == "the old key"
    assert config.operator_token == "the token"


def test_unknown_paths_of_upsales_can_be_named(tmp_path: Path) -> None:
    config = Config.load(sqlite(tmp_path))
    assert config.upsales_job_paths == ("/job", "/cron", "/schedule")
    assert config.upsales_event_paths == ("/events", "/event")
    config = Config.load(sqlite(tmp_path, UPSALES_JOB_PATHS="/tick, /hook/job-2"))
    assert config.upsales_job_paths == ("/tick", "/hook/job-2")


@pytest.mark.parametrize(
    "url",
    [
        "https://integration.upsales.com/api/external/callback/x",
        "https://power.upsales.com/x?y=z",
        "https://power.upsales.com:443/x",
        "http://127.0.0.1:7001/callback/1",
    ],
)
def test_addresses_of_vendors_are_trusted(tmp_path: Path, url: str) -> None:
    config = Config.load(sqlite(tmp_path, UPSALES_EXTERNAL_URL="http://127.0.0.1:7001/api"))
    assert config.trusts(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/callback",
        "https://",
        "https://upsales.com.evil.example/",
        "https://evilupsales.com/",
        "https://.upsales.com/",
        "https://evil.example\\.upsales.com/",
        "https://evil.example/.upsales.com",
        "https://evil.example#.upsales.com",
        "https://me:secret@power.upsales.com/",
        "https://power.upsales.com@evil.example/",
        "https://power.upsales.com:8443/",
        "https://power.upsales.com:99999/",
        "https://power.upsales.com:443:443/",
        "https://power.upsales.com./",
        "https://evil-upsales.com/",
        "https://2130706433/",
        "https://[::ffff:7f00:1]/",
        "https://power。upsales。com/",
        "https://power.upsales.com /",
        "https://power.upsales.com\n.evil.example/",
        "https://pöwer.upsales.com/",
        "http://power.upsales.com/",
        "ftp://power.upsales.com/",
        "http://127.0.0.1:7002/callback/1",
        "https://127.0.0.1:7001/callback/1",
        "http://169.254.169.254/latest/",
        "http://[::1/",
    ],
)
def test_no_other_address_is_trusted(tmp_path: Path, url: str) -> None:
    config = Config.load(sqlite(tmp_path, UPSALES_EXTERNAL_URL="http://127.0.0.1:7001/api"))
    assert not config.trusts(url)


def test_no_secret_is_shown() -> None:
    secrets = {
        "SECRET_KEY": "s3cr3t",
        "ENCRYPTION_KEYS": KEY,
        "UPSALES_APP_KEY": "app-k3y",
        "UPSALES_APP_KEY_PREVIOUS": "old-k3y",
        "OPERATOR_TOKEN": "t0ken",
    }
    config = Config.load({"DATABASE_URL": POSTGRES, "TOMBSTONES_FILE": "t", **secrets})
    assert not any(secret in repr(config) for secret in ("hunter2", *secrets.values()))


def test_the_secrets_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = Config.load(sqlite(tmp_path))
    path = tmp_path / "app.db.secrets"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["app.db.secrets"]
    assert Config.load(sqlite(tmp_path)) == first


def test_a_secret_that_is_given_wins_over_the_file(tmp_path: Path) -> None:
    kept = Config.load(sqlite(tmp_path))
    config = Config.load(sqlite(tmp_path, SECRET_KEY="given"))
    assert config.secret_key == "given"
    assert config.encryption_keys == kept.encryption_keys


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    found: list[Config] = []
    start = threading.Barrier(8)

    def load() -> None:
        start.wait()
        found.append(Config.load(sqlite(tmp_path)))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({config.secret_key for config in found}) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["app.db.secrets"]


def test_keys_are_not_made_anew_for_a_database_that_has_some(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"SQLite format 3\0")
    with pytest.raises(DeploymentError, match="its keys are gone"):
        Config.load(sqlite(tmp_path))
    assert not (tmp_path / "app.db.secrets").exists()


def test_a_secrets_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "app.db.secrets").mkdir()
    with pytest.raises(DeploymentError, match=r"cannot be opened: Is a directory\. Give this user"):
        Config.load(sqlite(tmp_path))


def test_the_database_and_its_secrets_lie_beside_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a%20b.db"
    first = Config.load({"DATABASE_URL": url})
    database.migrate(url)
    assert {file.name for file in tmp_path.iterdir()} >= {"a b.db", "a b.db.secrets"}
    assert not list(tmp_path.glob("*%*"))
    assert Config.load({"DATABASE_URL": url}) == first


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"SECRET_KEY": "s", "ENCRYPTION_KEYS": "x"}'])
def test_a_damaged_secrets_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "app.db.secrets").write_text(content)
    with pytest.raises(DeploymentError, match="cannot be read"):
        Config.load(sqlite(tmp_path))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="cannot be made: No such file"):
        Config.load({"DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/app.db"})
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_memory_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Config.load({"DATABASE_URL": "sqlite:///:memory:"}).secret_key
    assert list(tmp_path.iterdir()) == []
