"""The two sides of each comparison, each run in a process of its own.

    python -m benchmarks.sides SIDE '{"…": …}'

Prints one JSON document: wall and CPU time of the measured part in seconds (imports and set-up
are outside it), the process's peak memory in MB, and the side's own figures.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import requests

from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.wistia import WistiaClient
from upsales_wistia.store import database

from . import many
from .ground import CUSTOMER, NOW, Ground, add_customer
from .warm import remember_everybody

Figures = dict[str, Any]

WINDOW = {
    "start_date": (NOW - timedelta(days=4)).date().isoformat(),
    "end_date": (NOW + timedelta(days=1)).date().isoformat(),
}
LATER = NOW + timedelta(minutes=30)
"""When what was held at NOW is over, and what was found then is still remembered."""


def timed(work: Callable[[], Figures | None]) -> Figures:
    """Do ``work`` and say what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    own = work() or {}
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return {**took, **own, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def download(ground: Figures, token: str) -> Figures:
    """Only download and parse the pages of the window with requests."""
    url = f"{ground['wistia_url']}/v1/stats/events.json"

    def work() -> Figures:
        rows, page = 0, 1
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            while True:
                wanted = {**WINDOW, "per_page": "100", "page": str(page)}
                found = session.get(url, params=wanted, timeout=30).json()
                rows, page = rows + len(found), page + 1
                if len(found) < 100:
                    return {"rows": rows}

    work()
    return timed(work)


def poll(ground: Figures) -> Figures:
    """One run of a customer whose views are all known and decided, in a process that has run."""
    services = Ground(**ground).services(LATER)
    with database.session():
        services.run(CUSTOMER, asked=True)
        return timed(lambda: _told(services.run(CUSTOMER, asked=True)))


def first(ground: Figures, made: Figures, people: int) -> Figures:
    """A customer's first poll through to committed verdicts, everybody's e-mail known.

    No key is at hand, as on our own tick: the run ends where the writing would begin.
    """
    services = Ground(**ground).services()
    add_customer(services, made, keyed=False)
    with database.session():
        remember_everybody(int(made["id"]), people)
        return timed(lambda: _told(services.run(int(made["id"]), asked=True)))


def whole(ground: Figures, made: Figures) -> Figures:
    """A customer's first run, everything it looks up and writes included."""
    services = Ground(**ground).services()
    add_customer(services, made)
    with database.session():
        return timed(lambda: _told(services.run(int(made["id"]), asked=True)))


def idle(ground: Figures, ids: list[int], threads: int) -> Figures:
    """Poll customers without news: ``threads`` at a time in one pool, or with 0 one by one."""
    services = Ground(**ground).services(LATER)

    def work() -> Figures:
        if threads:
            many.poll_in_pool(services, ids, threads)
        for customer_id in () if threads else ids:
            many.poll(services, customer_id)
        return {}

    return timed(work)


def worker(ground: Figures, threads: int) -> Figures:
    """Be one worker process until told to stop."""
    many.work(Ground(**ground), LATER, threads)
    return {}


def read(ground: Figures, token: str, speed: float) -> Figures:
    """Read every page of the window with our client, under our limiter."""
    limiters = Limiters(Limits().scaled(speed))
    first, last = (date.fromisoformat(day) for day in WINDOW.values())

    def work() -> Figures:
        with WistiaClient(ground["wistia_url"], token, limiters=limiters) as client:
            rows = sum(len(page) for page in client.event_pages(first, last))
            return {"rows": rows, "calls": client.requests}

    return timed(work)


def turns(calls: int, speed: float) -> Figures:
    """How long the limiter alone takes to let so many calls to Wistia through."""
    limiter = Limiters(Limits().scaled(speed)).wistia("a token")

    def work() -> Figures:
        for _ in range(calls):
            limiter.acquire()
        return {}

    return timed(work)


def dlt(ground: Figures, token: str, folder: str) -> Figures:
    """The same events loaded into SQLite by dlt's REST source, merged on ``event_key``."""
    from .dlt_side import load  # the library is slow to import, and only this side needs it

    shutil.rmtree(folder, ignore_errors=True)
    return timed(lambda: load(f"{ground['wistia_url']}/v1/", token, WINDOW, folder))


def _told(document: Any) -> Figures:
    return {
        "views": document["funnel"]["views"],
        "requests": document["requests"],
        "code": document["code"],
        "balance": document["balance"],
    }


def main() -> None:
    """Run the side that is asked for."""
    sides = {
        side.__name__: side
        for side in (download, poll, first, whole, read, idle, worker, turns, dlt)
    }
    found = sides[sys.argv[1]](**json.loads(sys.argv[2]))
    sys.stdout.write(json.dumps(found) + "\n")


def plain(ground: Ground) -> Figures:
    """A ground as the sides take it."""
    return asdict(ground)


if __name__ == "__main__":
    main()
