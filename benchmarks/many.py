"""Many customers at once: what each side of lines c and d does in its process."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psycopg

from upsales_wistia.services import Services
from upsales_wistia.store import database
from upsales_wistia.sync.queue import LocalQueue

from .ground import Ground, add_customer

POLL = "poll"


def set_up(ground: Ground, customers: Sequence[Any]) -> None:
    """Tell the app of the customers and let each run once, so that the next poll finds no news."""
    services = ground.services()
    for made in customers:
        add_customer(services, made)
    poll_in_pool(services, [int(made["id"]) for made in customers], 4)
    database.close()


def poll_in_pool(services: Services, ids: Sequence[int], threads: int) -> None:
    """Poll each of these customers once, ``threads`` at a time, as one process does."""
    queue = LocalQueue(lambda customer_id: poll(services, customer_id), threads)
    queue.put_all(ids)
    queue.join()
    queue.close()


def poll(services: Services, customer_id: int) -> None:
    """Poll one customer."""
    with database.session():
        services.run(customer_id)


def work(ground: Ground, now: Any, threads: int) -> None:
    """Be a worker of ``threads`` until told to stop; a line on stdout says that it begins."""
    from upsales_wistia.sync.engine import Engine, Job

    services = ground.services(now)
    job = Job(POLL, lambda customer_id: poll(services, customer_id), threads)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    Engine(ground.database_url, [job]).work()


def seconds_for_all(ground: Ground, ids: Sequence[int]) -> float:
    """Queue a poll for each customer and wait until the workers have done them all."""
    from upsales_wistia.sync.engine import Engine, Job

    queue = Engine(ground.database_url, [Job(POLL, ids.index, 1)]).queue(POLL)
    started = time.perf_counter()
    with database.session():
        queue.put_all(ids)
    with psycopg.connect(ground.database_url, autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() != (0,):
            time.sleep(0.02)
    return time.perf_counter() - started


class Scratch:
    """A PostgreSQL database of its own for as long as the block lasts."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"bench_{uuid4().hex[:12]}"

    def __enter__(self) -> str:
        """Make it; returns its address."""
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self._name}".encode())
        return f"{self._server.rpartition('/')[0]}/{self._name}"

    def __exit__(self, *_: object) -> None:
        """Drop it, whoever is still connected."""
        with suppress(psycopg.Error), psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self._name} WITH (FORCE)".encode())
