"""The command line as a process would have it, without the cost of starting one each time."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.databases import tombstones_for
from tests.sync.house import KEY, small_world, view
from upsales_wistia import cli, logs
from upsales_wistia.sandbox import Limits, Sandbox, Tenant
from upsales_wistia.store import database


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its one JSON document."""
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors, without limits of their own."""
    with Sandbox(limits=Limits.off()) as running:
        yield running


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    """A customer of both vendors, with two views of a contact and one of nobody, as of now."""
    world = small_world()
    world.add(view("e1", "anna@acme.example", fraction=0.405))
    world.add(view("e2", "bo@birch.example"))
    world.add(view("e3"))
    return sandbox.add_customer(4711, world, config={"activitiesEnabled": True})


@pytest.fixture
def upsales_wistia(
    sandbox: Sandbox,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Runs a command; its environment is that of an operator who set the addresses."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "a secret of the tests",
        "ENCRYPTION_KEYS": KEY,
        "TOMBSTONES_FILE": str(tombstones_for(database_url)),
        "WISTIA_API_URL": sandbox.wistia_url,
        "UPSALES_API_URL": sandbox.upsales_url,
        "UPSALES_EXTERNAL_URL": sandbox.external_url,
        "MAVERA_API_URL": sandbox.mavera_url,
        "WINDOW_DAYS": "700",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    database.migrate(database_url)
    yield run
    database.close()
    logs.configure()


@pytest.fixture
def added(upsales_wistia: Run, tenant: Tenant) -> Tenant:
    """The customer, added as an operator adds one."""
    given = {"apiKey": tenant.upsales_key, "config": tenant.config}
    ended = upsales_wistia(
        "customers", "add", "4711", "--name", "Acme", "--config", "-", stdin=json.dumps(given)
    )
    assert ended.status == 0, ended
    return tenant
