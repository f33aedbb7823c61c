"""What every benchmark stands on: the vendors in a process of their own, an app on a new database.

A side of a comparison runs in a process of its own too (``measured``), so that neither's memory,
imports or threads are counted as the other's.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet

from upsales_wistia import customers, logs
from upsales_wistia.clients.limits import Limits
from upsales_wistia.clock import StandingClock
from upsales_wistia.config import Config
from upsales_wistia.services import Services
from upsales_wistia.store import database

CUSTOMER = 4711
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""When the worlds stand. A moment of its own, so that every run reads the same rows."""

FASTER = 1000.0
"""How fast our own limits let time pass where they are not what is measured."""

CONFIG = {"activitiesEnabled": True, "activityScore": 10}


class Vendors:
    """The sandbox in a process of its own, driven through its ``/_control`` addresses."""

    def __init__(self, overview: Mapping[str, Any]) -> None:
        self.overview = overview
        self._session = requests.Session()

    def control(self, method: str, name: str, wanted: Any = None) -> Any:
        """One control request; what it answers."""
        answer = self._session.request(
            method,
            f"{self.overview['wistia_url']}/_control/{name}",
            json=wanted,
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def add(self, customer: int = CUSTOMER, **shape: Any) -> dict[str, Any]:
        """A customer with a world of this ``Shape``; its tokens as plain data."""
        wanted = {"id": customer, "now": NOW.isoformat(), "world": shape}
        made: dict[str, Any] = self.control("POST", "customers", wanted)
        return made

    def calls(self) -> dict[str, int]:
        """Calls by operation since they were last reset."""
        counted: dict[str, int] = self.control("GET", "counters")["operations"]
        return counted


@contextmanager
def vendors(limits: str = "off") -> Iterator[Vendors]:
    """The vendors for as long as the block lasts."""
    command = [sys.executable, "-m", "upsales_wistia.sandbox", "--world", "empty"]
    process = subprocess.Popen(
        [*command, "--limits", limits, "--customer", "1"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
        yield Vendors(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Ground:
    """Where one app of a benchmark lives. It travels to the measured process as JSON."""

    wistia_url: str
    upsales_url: str
    external_url: str
    database_url: str
    key: str

    @classmethod
    def beside(cls, there: Vendors, database_url: str) -> Ground:
        """A deployment that talks to these vendors, with a key of its own."""
        told = there.overview
        urls = (told["wistia_url"], told["upsales_url"], told["external_url"])
        return cls(*urls, database_url, Fernet.generate_key().decode())

    def config(self, **more: str) -> Config:
        """The app's environment."""
        return Config.load(
            {
                "DATABASE_URL": self.database_url,
                "SECRET_KEY": "a secret of the benchmark",
                "ENCRYPTION_KEYS": self.key,
                "TOMBSTONES_FILE": os.devnull,  # nobody is erased here
                "WISTIA_API_URL": self.wistia_url,
                "UPSALES_API_URL": self.upsales_url,
                "UPSALES_EXTERNAL_URL": self.external_url,
                **more,
            }
        )

    def services(
        self, now: datetime = NOW, *, limits: Limits | None = None, **more: str
    ) -> Services:
        """The app at a moment that stands still, on its database."""
        logs.configure(level=logging.ERROR)
        database.migrate(self.database_url)
        database.connect(self.database_url)
        limits = limits or Limits().scaled(FASTER)
        return Services(self.config(**more), clock=StandingClock(now), limits=limits)


def add_customer(services: Services, made: Mapping[str, Any], *, keyed: bool = True) -> None:
    """Tell the app of a customer of the vendors, with its Upsales key or without."""
    config = {**CONFIG, "wistiaApiPassword": made["wistia_token"]}
    key = {"apiKey": made["upsales_key"]} if keyed else {}
    given = {**key, "config": config}
    with database.session():
        customers.add(services, int(made["id"]), f"Customer {made['id']}", given)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that goes with the block."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextmanager
def workers(ground: Ground, many: int) -> Iterator[None]:
    """So many worker processes of four threads, ready when the block begins."""
    wanted = json.dumps({"ground": asdict(ground), "threads": 4})
    command = [sys.executable, "-m", "benchmarks.sides", "worker", wanted]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(many)]
    try:
        for process in running:
            assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
            process.stdout.readline()
        time.sleep(1)  # until they listen
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def measured(side: str, **arguments: Any) -> dict[str, float]:
    """Run one side of ``benchmarks.sides`` in a process of its own.

    Returns what it measured: ``wall`` and ``cpu`` in seconds, ``peak`` in MB, and its own figures.
    """
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.sides", side, json.dumps(arguments)],
        capture_output=True,
        check=False,
        text=True,
    )
    if made.returncode:
        raise SystemExit(f"{side} ended with {made.returncode}:\n{made.stderr[-3000:]}")
    found: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return found
