"""``worker``: it needs an engine, says what it is, and works until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.sync.house import KEY
from upsales_wistia.store import database
from upsales_wistia.sync import engine as engine_module

WORK = [sys.executable, "-m", "upsales_wistia", "worker", "--json"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_without_an_engine_it_is_told_what_to_do(upsales_wistia: Run) -> None:
    for given in (["worker"], ["worker", "--json"]):
        ended = upsales_wistia(*given)
        assert ended.status == 2
        told = ended.document["error"] if "--json" in given else ended.err
        assert "A worker needs ENGINE=procrastinate." in told
        assert "upsales-wistia serve" in told


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_it_is_and_ends_when_it_is_told(
    database_url: str, tmp_path: Path, told: signal.Signals
) -> None:
    database.migrate(database_url)
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "ENGINE": "procrastinate",
        "SECRET_KEY": "a secret of the tests",
        "ENCRYPTION_KEYS": KEY,
        "TOMBSTONES_FILE": str(tmp_path / "tombstones"),
    }
    pipe = subprocess.PIPE
    with subprocess.Popen(WORK, env=environ, stdout=pipe, stderr=pipe, text=True) as worker:
        assert worker.stdout
        lines = [worker.stdout.readline() for _ in range(3)]
        assert json.loads("".join(lines)) == {"engine": "procrastinate"}
        database.connect(database_url)
        listed = threading.Event()
        while not listed.wait(0.05):
            with database.session():
                found = database.database.execute_sql("SELECT 1 FROM procrastinate_workers")
                if len(found.fetchall()) > 5:
                    listed.set()
        database.close()
        worker.send_signal(told)
        assert worker.wait(30) == 0
        assert worker.stderr
        assert "Traceback" not in worker.stderr.read()


def test_the_library_of_the_engine_is_an_extra(
    monkeypatch: pytest.MonkeyPatch, upsales_wistia: Run, database_kind: str
) -> None:
    if database_kind == "sqlite":
        monkeypatch.setenv("ENGINE", "procrastinate")
        assert "ENGINE=procrastinate needs PostgreSQL" in upsales_wistia("worker").err
        return
    monkeypatch.setenv("ENGINE", "procrastinate")
    assert upsales_wistia("migrate").status == 0
    monkeypatch.setitem(sys.modules, "upsales_wistia.sync.engine", None)
    ended = upsales_wistia("worker")
    assert ended.status == 2
    assert "pip install 'upsales-wistia[scale]'" in ended.err
    assert engine_module.GRACE < 30
