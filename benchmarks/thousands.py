"""Thousands of customers, several processes, and trouble in the middle.

    python -m benchmarks.thousands [--customers 2000] [--interval 300] [--lease 30]

Three processes tick, two workers work, PostgreSQL is a cluster of its own. After the first round
one more view of each customer comes in; then one worker is killed (and not replaced) and
PostgreSQL crashes and starts again. Every customer must be polled within the interval plus the
lease, and each view must be in Upsales once. Ends with 1 when that does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import psycopg
from cryptography.fernet import Fernet

from tests.databases import OwnDatabase
from tests.engine.cluster import Cluster, binaries
from upsales_wistia import customers as people_of
from upsales_wistia.clock import SystemClock
from upsales_wistia.config import Config
from upsales_wistia.services import Services
from upsales_wistia.store import customers, database
from upsales_wistia.sync.schedule import next_due

ROOT = Path(__file__).parents[1]
TICKERS, WORKERS = 3, 2
TICK = 10.0
"""Seconds between two ticks of a process: so late a customer may be queued."""

ROUNDS, MORE_AT, KILLED_AT, CRASHED_AT = 3.0, 1.05, 1.4, 1.6
"""Moments, in intervals from the start."""

DOWN = 3.0
"""Seconds for which PostgreSQL is down."""


@dataclass(frozen=True)
class Figures:
    """What was seen; times in seconds. ``late`` is how long after being due a poll began."""

    customers: int
    interval: float
    lease: float
    polls: int
    least_polls: int
    overlapping: int
    median_late: float
    longest_late: float
    longest_gap: float
    views: int
    written_once: int
    written_twice: int
    not_written: int
    interrupted: int

    @property
    def good(self) -> bool:
        """Whether nobody waited longer than allowed, and each view is there once."""
        in_time = self.longest_gap <= self.interval + self.lease + TICK
        once = self.written_once == self.views and not self.written_twice
        return in_time and once and not self.overlapping


class Vendors:
    """The sandbox in a process of its own."""

    def __init__(self, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.thousands_world", str(count)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.overview: dict[str, Any] = json.loads(self._output.readline())

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout is not None  # noqa: S101  (a pipe was asked for)
        return self._process.stdout

    def order(self, word: str) -> dict[str, Any]:
        """Let ``more`` views come in, or ``count`` what is written; what it answers."""
        assert self._process.stdin is not None  # noqa: S101  (a pipe was asked for)
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._output.readline())
        return told

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def measure(count: int, interval: float, lease: float, folder: Path) -> Figures:
    """Let it happen and look."""
    programs = binaries()
    if programs is None:
        raise SystemExit("PostgreSQL's own programs (initdb, pg_ctl) are not installed.")
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(programs))
        url = stack.enter_context(OwnDatabase(cluster.url))
        vendors = Vendors(count)
        stack.callback(vendors.close)
        environ = _environ(url, vendors.overview, interval, lease, folder)
        _add(environ, vendors.overview, interval)
        _say(f"{count} customers added")
        running = stack.enter_context(_processes(environ, folder))
        started = time.monotonic()

        def at(moment: float) -> None:
            time.sleep(max(0.0, started + moment * interval - time.monotonic()))

        at(MORE_AT)
        vendors.order("more")
        _say("one more view each")
        at(KILLED_AT)
        _kill(running[0], url)
        at(CRASHED_AT)
        cluster.stop()
        time.sleep(DOWN)
        cluster.start()
        _say("PostgreSQL crashed and started again")
        at(ROUNDS)
        found = vendors.order("count")
        return _figures(url, count, interval, lease, found)


def _kill(worker: subprocess.Popen[bytes], url: str) -> None:
    """Kill a worker while it is at work on somebody."""
    own = f"%-{worker.pid}-%"
    with psycopg.connect(url, autocommit=True) as connection:
        while True:
            at_work = connection.execute("SELECT 1 FROM leases WHERE owner LIKE %s", [own])
            if at_work.fetchone():
                break
    worker.send_signal(signal.SIGKILL)
    _say("one worker killed, at work")


def _say(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def _environ(
    url: str, overview: dict[str, Any], interval: float, lease: float, folder: Path
) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "ENGINE": "procrastinate",
        "SECRET_KEY": "a secret of the benchmark",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "TOMBSTONES_FILE": str(folder / "tombstones"),
        "WISTIA_API_URL": overview["wistia_url"],
        "UPSALES_API_URL": overview["upsales_url"],
        "UPSALES_EXTERNAL_URL": overview["external_url"],
        "MAVERA_API_URL": overview["mavera_url"],
        "POLL_MINUTES": str(interval / 60),
        "LEASE_SECONDS": str(lease),
        "SETTLE_SECONDS": "10",
    }


def _add(environ: dict[str, str], overview: dict[str, Any], interval: float) -> None:
    """Add every customer of the vendors; they fall due over the interval, each on its grid."""
    config = Config.load(environ)
    database.migrate(config.database_url)
    database.connect(config.database_url)
    services = Services(config)
    with database.session():
        for made in overview["customers"]:
            given = {"apiKey": made["upsales_key"], "config": made["config"]}
            people_of.add(services, made["id"], f"Customer {made['id']}", given)
        now = services.clock.now()
        for made in overview["customers"]:
            customers.set_due(made["id"], customers.POLL, next_due(made["id"], now, interval / 60))
    database.close()


@contextmanager
def _processes(environ: dict[str, str], folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The workers, then the processes that tick; ended with the block."""
    work = "from upsales_wistia.cli import main; main(['worker'])"
    commands = [[sys.executable, "-c", work]] * WORKERS
    commands += [[sys.executable, "-m", "tests.crowd.ticker"]] * TICKERS
    running = []
    for number, command in enumerate(commands):
        with (folder / f"{number}.log").open("wb") as log:
            running.append(
                subprocess.Popen(
                    command,
                    env=environ,
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                )
            )
    try:
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)


def _figures(url: str, count: int, interval: float, lease: float, found: dict[str, Any]) -> Figures:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT customer_id, started_at, ended_at, complete FROM runs "
            "WHERE kind = 'poll' ORDER BY started_at"
        ).fetchall()
    polls: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for customer_id, started, ended, complete in rows:
        if complete:
            # Stored in UTC, without saying so.
            polls[customer_id].append((started.replace(tzinfo=UTC), ended.replace(tzinfo=UTC)))
    late = sorted(
        (started - next_due(customer_id, started, interval / 60)).total_seconds() % interval
        for customer_id, runs in polls.items()
        for started, _ in runs
    )
    gaps = [gap for runs in polls.values() for gap in _gaps(runs, SystemClock().now())]
    return Figures(
        customers=count,
        interval=interval,
        lease=lease,
        polls=len(late),
        least_polls=min((len(runs) for runs in polls.values()), default=0)
        if len(polls) == count
        else 0,
        overlapping=sum(
            after[0] < before[1] for runs in polls.values() for before, after in pairwise(runs)
        ),
        median_late=round(late[len(late) // 2], 1),
        longest_late=round(late[-1], 1),
        longest_gap=round(max(gaps), 1),
        views=found["views"],
        written_once=found["once"],
        written_twice=found["twice"],
        not_written=found["views"] - found["once"] - found["twice"],
        interrupted=sum(not complete for *_, complete in rows),
    )


def _gaps(runs: Sequence[tuple[datetime, datetime]], now: datetime) -> Iterator[float]:
    """From each poll to the next, and from the last to now."""
    starts = [started for started, _ in runs]
    for before, after in pairwise([*starts, now]):
        yield (after - before).total_seconds()


def main() -> int:
    """Measure once and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.thousands", description=__doc__)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--interval", type=float, default=300.0)
    parser.add_argument("--lease", type=float, default=30.0)
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.logs or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(given.customers, given.interval, given.lease, folder)
    sys.stdout.write(json.dumps(asdict(figures), indent=2) + "\n")
    return 0 if figures.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
