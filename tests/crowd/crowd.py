"""Many customers, a few processes that tick: how often is each polled, and does any overlap?

python -m tests.crowd.crowd --customers 500 --processes 3 --seconds 40 --database postgresql
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO

import psycopg

from tests.databases import tombstones_for
from tests.sync.house import KEY, small_world, view
from upsales_wistia import customers as people_of
from upsales_wistia.clock import SystemClock
from upsales_wistia.config import Config
from upsales_wistia.sandbox import Limits, Sandbox, Tenant
from upsales_wistia.services import Services
from upsales_wistia.store import database
from upsales_wistia.store.sql import fetch
from upsales_wistia.sync.schedule import next_due

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Figures:
    """What was seen. ``polls`` is the least and the most of any customer.

    ``twice`` counts the polls that were a customer's second in one and the same interval.
    ``lasted`` and ``gap`` are in seconds: from the first poll to the last, between two of one.
    ``written`` is the least and the most of any customer's entries, ``locked`` how often a log
    speaks of a lock.
    """

    customers: int
    polls: tuple[int, int]
    twice: int
    overlapping: int
    lasted: float
    shortest_gap: float
    longest_gap: float
    written: tuple[int, int] = (0, 0)
    locked: int = 0


def measure(
    url: str, *, customers: int, processes: int, interval: float, seconds: float, polls: int = 0
) -> Figures:
    """Let ``processes`` tick over ``customers`` every ``interval`` seconds, for ``seconds``.

    It ends earlier once each was polled ``polls`` times, 0 for never.
    """
    database.migrate(url)
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(limits=Limits.off()))
        environ = _environ(url, sandbox, interval)
        tenants = _add(environ, sandbox, customers)
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        running = [_start(environ, log) for _ in range(processes)]
        _wait(url, seconds, customers, polls)
        for process in running:
            process.communicate("", timeout=60)
        assert all(process.returncode == 0 for process in running)
        log.seek(0)
        locked = sum("locked" in line for line in log)
        entries = [len(tenant.crm.events) for tenant in tenants]
        written = (min(entries), max(entries))
        return replace(_figures(url, interval), written=written, locked=locked)


def _wait(url: str, seconds: float, customers: int, polls: int) -> None:
    end = time.monotonic() + seconds
    database.connect(url)
    while time.monotonic() < end:
        time.sleep(min(1.0, seconds))
        with database.session():
            counts = fetch("SELECT count(*) FROM runs GROUP BY customer_id")
        if polls and len(counts) == customers and min(counts)[0] >= polls:
            break
    database.close()


def _environ(url: str, sandbox: Sandbox, interval: float) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "a secret of the tests",
        "ENCRYPTION_KEYS": KEY,
        "TOMBSTONES_FILE": str(tombstones_for(url)),
        "WISTIA_API_URL": sandbox.wistia_url,
        "UPSALES_API_URL": sandbox.upsales_url,
        "UPSALES_EXTERNAL_URL": sandbox.external_url,
        "MAVERA_API_URL": sandbox.mavera_url,
        "POLL_MINUTES": str(interval / 60),
    }


def _add(environ: dict[str, str], sandbox: Sandbox, customers: int) -> list[Tenant]:
    """Customers with one view each, which is to be written."""
    config = Config.load(environ)
    database.connect(url := config.database_url)
    services = Services(config)
    tenants = []
    an_hour_ago = SystemClock().now() - timedelta(hours=1)
    with database.session():
        for number in range(1, customers + 1):
            world = small_world()
            world.add(view(f"view-{number}", "anna@acme.example", received_at=an_hour_ago))
            world.move_to(SystemClock().now() + timedelta(days=1))
            tenant = sandbox.add_customer(number, world, config={"activitiesEnabled": True})
            tenants.append(tenant)
            given = {"apiKey": tenant.upsales_key, "config": tenant.config}
            people_of.add(services, number, f"Customer {number}", given)
    database.close()
    assert url
    return tenants


def _start(environ: dict[str, str], log: IO[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crowd.ticker"],
        env=environ,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ticking\n"
    return process


def _figures(url: str, interval: float) -> Figures:
    database.connect(url)
    with database.session():
        rows = fetch("SELECT customer_id, started_at, ended_at FROM runs ORDER BY started_at", [])
        (total,) = fetch("SELECT count(*) FROM customers", [])
    database.close()
    by_customer: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for customer_id, started, ended in rows:
        by_customer[customer_id].append((_moment(started), _moment(ended)))
    gaps, overlapping, twice = [], 0, 0
    for customer_id, runs in by_customer.items():
        for (before, ended), (after, _) in pairwise(runs):
            overlapping += after < ended
            one, other = (next_due(customer_id, at, interval / 60) for at in (before, after))
            twice += one == other
            gaps.append((after - before).total_seconds())
    moments = [started for runs in by_customer.values() for started, _ in runs]
    lasted = (max(moments) - min(moments)).total_seconds()
    counts = [len(runs) for runs in by_customer.values()]
    least = min(counts) if len(counts) == total[0] else 0
    polls = least, max(counts)
    return Figures(total[0], polls, twice, overlapping, lasted, min(gaps), max(gaps))


def _moment(value: str | datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure once and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=500)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--interval", type=float, default=15.0)
    parser.add_argument("--seconds", type=float, default=50.0)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/crowd.db"
        if given.database == "postgresql":
            with psycopg.connect("postgresql://postgres@127.0.0.1/postgres", autocommit=True) as db:
                db.execute("DROP DATABASE IF EXISTS upsales_wistia_crowd")
                db.execute("CREATE DATABASE upsales_wistia_crowd")
            url = "postgresql://postgres@127.0.0.1/upsales_wistia_crowd"
        figures = measure(
            url,
            customers=given.customers,
            processes=given.processes,
            interval=given.interval,
            seconds=given.seconds,
        )
    sys.stdout.write(f"{figures}\n")


if __name__ == "__main__":
    main()
