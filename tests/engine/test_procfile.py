"""The Procfile as a platform runs it: release once, then web and worker."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.databases import OwnDatabase
from tests.engine.processes import ROOT
from tests.engine.workers import bound, eventually, rows
from tests.sync.conftest import sandbox
from tests.sync.house import KEY, small_world, view
from tests.web.test_gunicorn import free_port
from upsales_wistia import customers as people_of
from upsales_wistia.clock import SystemClock
from upsales_wistia.config import Config
from upsales_wistia.sandbox import Sandbox
from upsales_wistia.services import Services

__all__ = ["sandbox"]

BIN = Path(sys.executable).parent
HONCHO = [sys.executable, "-m", "honcho", "--no-colour", "start"]
CUSTOMER = 4711

pytestmark = pytest.mark.skipif(
    not (ROOT / "Procfile").exists(), reason="the package is installed, this is no checkout"
)


def environment(url: str, vendors: Sandbox, port: int, folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "DATABASE_URL": url,
        "ENGINE": "procrastinate",
        "SECRET_KEY": "a secret of the tests",
        "ENCRYPTION_KEYS": KEY,
        "TOMBSTONES_FILE": str(folder / "tombstones"),
        "WISTIA_API_URL": vendors.wistia_url,
        "UPSALES_API_URL": vendors.upsales_url,
        "UPSALES_EXTERNAL_URL": vendors.external_url,
        "MAVERA_API_URL": vendors.mavera_url,
        "PORT": str(port),
        "POLL_MINUTES": "0.05",
    }


def add_customer(url: str, environ: dict[str, str], vendors: Sandbox) -> None:
    world = small_world()
    world.move_to(SystemClock().now())
    world.add(view("e1", "anna@acme.example"))
    tenant = vendors.add_customer(CUSTOMER, world, config={"activitiesEnabled": True})
    with bound(url):
        given = {"apiKey": tenant.upsales_key, "config": tenant.config}
        people_of.add(Services(Config.load(environ)), CUSTOMER, "Acme", given)


@pytest.mark.slow
def test_release_web_and_worker_do_what_they_are_named_for(
    postgresql_server: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "log"
    with OwnDatabase(postgresql_server) as url:
        environ = environment(url, sandbox, port, tmp_path)
        release = subprocess.run(
            [*HONCHO, "release"], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
        )
        assert "0010_procrastinate" in release.stdout
        add_customer(url, environ, sandbox)
        with log.open("wb") as file:
            started = subprocess.Popen(
                [*HONCHO, "web", "worker"], cwd=ROOT, env=environ, stdout=file, stderr=file
            )
        try:
            eventually(lambda: len(rows(url, "SELECT 1 FROM runs WHERE complete")) > 1)
            eventually(lambda: "Booting worker" in log.read_text(encoding="utf-8"))
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
                assert answer.status == 200
        finally:
            before = time.monotonic()
            started.send_signal(signal.SIGTERM)
            started.wait(60)
        # A worker that ends in peace signs off; one that was killed would stay listed.
        eventually(lambda: not rows(url, "SELECT 1 FROM procrastinate_workers"), 30)
        eventually(lambda: "Shutting down: Master" in log.read_text(encoding="utf-8"), 30)
        assert time.monotonic() - before < 30
        assert rows(url, "SELECT 1 FROM leases") == []
    told = log.read_text(encoding="utf-8")
    by = {name for name, _ in re.findall(r"(\w+)\.1 .*\"(run closed)\"", told)}
    assert by == {"worker"}, told[-3000:]
