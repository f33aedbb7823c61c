"""Workers as processes of their own, what waits for them, and how it is put there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg

from tests.engine.processes import PATIENCE, Child
from tests.engine.stage import Stage
from upsales_wistia.store import customers, database
from upsales_wistia.sync.engine import Engine, Job

POLL = "poll"
WORKS = {"ENGINE": "procrastinate"}
"""What the environment of a stage must hold so that its processes can be workers."""


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What ``what`` returns once that is true; fails when it does not become so."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)
    return found


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query, on a connection of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


@contextmanager
def bound(url: str) -> Iterator[None]:
    """This process's database is the one at ``url`` while the block lasts."""
    database.connect(url)
    try:
        with database.session():
            yield
    finally:
        database.close()


def tick(stages: Iterable[Stage]) -> None:
    """What a tick of any process does: queue the stages' customers, all due by now."""
    for stage in stages:
        with bound(stage.database_url):
            customers.set_due(stage.customer, POLL, stage.now)
            Engine(stage.database_url, [Job(POLL, id, 1)]).queue(POLL).put(stage.customer)


def beside(doing: Coroutine[Any, Any, None]) -> None:
    """Do it in a loop of a thread's own: a browser of another test may run one in this thread."""
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, doing).result()


def works(stage: Stage, **order: Any) -> Child:
    """A worker, as a process."""
    return stage.start(work=True, moments=[], **order)


def ended_runs(stage: Stage) -> int:
    """How many of the stage's customer's runs have read all and ended."""
    said = f"SELECT count(*) FROM runs WHERE customer_id = {stage.customer} AND complete"
    return int(rows(stage.database_url, said)[0][0])


def at(moment: datetime) -> str:
    """A moment as PostgreSQL reads it."""
    return f"timestamptz '{moment.isoformat()}'"
