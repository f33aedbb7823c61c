"""The app as processes: each order read from the standard input becomes one, by a fork.

The parent imports the package once and holds no connection; so a process costs milliseconds and
a test can kill many. It prints a JSON line for every thing that happens to a child: ``started``,
``holding`` (it has the lease), ``writing`` (it is about to), ``trapped``, ``stopped``,
``continued``, ``ended`` with a status.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg  # noqa: F401  (loaded once, before the forks)

from tests.engine.steps import Marks, Trap, watch
from upsales_wistia import customers, logs
from upsales_wistia.clients.limits import Limits
from upsales_wistia.clock import StandingClock
from upsales_wistia.config import Config
from upsales_wistia.services import Services
from upsales_wistia.store import database
from upsales_wistia.sync.period import Wanted

Order = dict[str, Any]


def main() -> None:
    """Fork a process for each order until the standard input ends."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    alive: set[int] = set()
    unread = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _reap(alive)
        if 0 in ready:
            chunk = os.read(0, 1 << 16)
            if not chunk:
                break
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                alive.add(_fork(json.loads(line)))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def _tell(pid: int, event: str, **more: Any) -> None:
    os.write(1, json.dumps({"pid": pid, "event": event, **more}).encode() + b"\n")


def _reap(alive: set[int]) -> None:
    while alive:
        flags = os.WNOHANG | os.WUNTRACED | os.WCONTINUED
        pid, status = os.waitpid(-1, flags)
        if pid == 0:
            return
        if os.WIFSTOPPED(status):
            _tell(pid, "stopped")
        elif os.WIFCONTINUED(status):
            _tell(pid, "continued")
        else:
            alive.discard(pid)
            _tell(pid, "ended", status=os.waitstatus_to_exitcode(status))


def _fork(order: Order) -> int:
    pid = os.fork()
    if pid:
        _tell(pid, "started", order=order["id"])
        return pid
    status = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _live(order)
        status = 0
    finally:
        os._exit(status)


def _live(order: Order) -> None:
    """Do the order; leave what came of it in its ``result`` file."""
    log = os.open(order["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    events = os.dup(1)
    os.dup2(log, 1)
    os.dup2(log, 2)
    result: Order = {"documents": [], "pauses": [], "errors": []}
    started = time.monotonic()
    try:
        logs.configure()
        _do(order, result, events)
    except Exception as error:  # noqa: BLE001  (a test asks what it was that ended it)
        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
        result["errors"].append(type(error).__name__)
    result["seconds"] = time.monotonic() - started
    draft = Path(f"{order['result']}.draft")
    draft.write_text(json.dumps(result), encoding="utf-8")
    draft.rename(order["result"])


def _do(order: Order, result: Order, events: int) -> None:
    def pause(seconds: float) -> None:
        result["pauses"].append(seconds)
        time.sleep(seconds * order["pace"])

    config = Config.load(order["environ"])
    if order["prepare"]:
        database.migrate(config.database_url)
    database.connect(config.database_url)
    clock = StandingClock(datetime.fromisoformat(order["now"]))
    services = Services(config, clock=clock, limits=Limits().scaled(2000), pause=pause)
    _watch(order, events)
    if order["prepare"]:
        with database.session():
            customers.add(services, order["customer"], "Acme", order["prepare"])
    if order.get("backfill"):
        with database.session():
            since, until = map(date.fromisoformat, order["backfill"]["days"])
            wanted = Wanted(since, until, commit=order["backfill"]["commit"])
            made = services.fetching.run(order["customer"], wanted, "test", lambda text: None)
            result["documents"].append(made)
        return
    if order["work"]:
        services.work()
    for moment in order["moments"]:
        clock.move_to(datetime.fromisoformat(moment))
        _run(order, services, result)


def _run(order: Order, services: Services, result: Order) -> None:
    """One run, as a thread of the server would do it; what breaks it is not the end of others."""
    try:
        with database.session():
            result["documents"].append(services.run(order["customer"], asked=order["asked"]))
    except Exception as error:
        if not order["go_on"]:
            raise
        traceback.print_exc(file=sys.stderr)
        result["errors"].append(type(error).__name__)
        if order["wait_for"]:
            _wait_for(Path(order["wait_for"]))


def _wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.02)


def _watch(order: Order, events: int) -> None:
    def tell(event: str) -> None:
        line = json.dumps({"pid": os.getpid(), "event": event}).encode() + b"\n"
        os.write(events, line)

    if order["trap"]:
        watch(Trap(**order["trap"], tell=lambda: tell("trapped")))
    elif order["marks"]:
        watch(Marks(order["marks"], tell))


if __name__ == "__main__":
    main()
