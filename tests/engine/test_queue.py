"""The queues in PostgreSQL: who waits in them, who takes out, and what is swept away."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from procrastinate import PsycopgConnector

from tests.engine.workers import beside
from upsales_wistia.store import database
from upsales_wistia.store.line import next_turn
from upsales_wistia.store.sql import execute, fetch
from upsales_wistia.sync import engine as engine_module
from upsales_wistia.sync.engine import Engine, EngineQueue, Job, sweep

POLL = "poll"


class Taken:
    """Work that remembers whose it was; ``more`` says of whom there is more to do, how often."""

    def __init__(self) -> None:
        self.of: list[int] = []
        self.more: dict[int, int] = {}

    def __call__(self, customer_id: int) -> bool:
        with database.session():
            assert fetch("SELECT 1") == [(1,)]
        self.of.append(customer_id)
        if customer_id == 666:
            raise ZeroDivisionError
        self.more[customer_id] = self.more.get(customer_id, 0) - 1
        return self.more[customer_id] >= 0


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def engine(shared_postgresql: str, taken: Taken) -> Iterator[Engine]:
    """An engine with one kind of work, on empty tables; a session is open in this thread."""
    database.connect(shared_postgresql)
    with database.session():
        execute("DELETE FROM procrastinate_jobs")
        execute("DELETE FROM procrastinate_workers")
        yield Engine(shared_postgresql, [Job(POLL, taken, threads=1)])
    database.close()


@pytest.fixture
def queue(engine: Engine) -> EngineQueue:
    return engine.queue(POLL)


def work(engine: Engine) -> None:
    """Do what is queued, as a worker does, and end."""

    async def once() -> None:
        app = engine._made(PsycopgConnector(conninfo=engine._url, min_size=0, max_size=4))
        async with app.open_async():
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, delete_jobs="always"
            )

    beside(once())


def waiting() -> list[int]:
    found = fetch("SELECT args ->> 'customer_id' FROM procrastinate_jobs ORDER BY id")
    return [int(number) for (number,) in found]


def test_a_customer_waits_once_and_who_was_due_first_is_first(
    queue: EngineQueue, engine: Engine, taken: Taken
) -> None:
    assert queue.put(3)
    assert queue.put_all([5, 3, 1]) == 2
    assert queue.put_all([]) == 0
    assert not queue.put(5)
    work(engine)
    assert taken.of == [3, 5, 1]
    assert waiting() == []
    assert queue.put(3), "it waits no more"


def test_four_processes_that_tick_at_once_queue_each_customer_once(engine: Engine) -> None:
    customers = list(range(50))
    queued: list[int] = []
    together = threading.Barrier(4)

    def tick() -> None:
        with database.session():
            together.wait()
            queued.append(engine.queue(POLL).put_all(customers))

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(queued) == 50
    assert sorted(waiting()) == customers


def test_what_is_queued_in_a_transaction_is_queued_with_it_or_not_at_all(
    queue: EngineQueue,
) -> None:
    with contextlib.suppress(ZeroDivisionError), database.transaction():
        assert queue.put(1)
        raise ZeroDivisionError
    assert waiting() == []
    with database.transaction():
        assert queue.put(2)
        assert not queue.put(2)
        assert queue.put(3), "the transaction lives on"
    assert waiting() == [2, 3]


def test_who_breaks_or_has_more_to_do_does_not_keep_the_others(
    queue: EngineQueue, engine: Engine, taken: Taken
) -> None:
    taken.more = {1: 2}
    queue.put_all([1, 666, 2])
    work(engine)
    assert taken.of == [1, 666, 2, 1, 1]
    assert waiting() == []


def test_without_a_database_nothing_is_queued_and_nothing_breaks(taken: Taken) -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    database.connect(away)
    assert Engine(away, [Job(POLL, taken, 1)]).queue(POLL).put_all([1, 2]) == 0
    database.close()


def _dead_worker(queue: EngineQueue, customers: list[int]) -> None:
    """A worker took them and was not heard of for a minute; a tick has queued them anew."""
    queue.put_all(customers)
    execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
    )
    execute(
        "UPDATE procrastinate_jobs SET status = 'doing', "
        "worker_id = (SELECT max(id) FROM procrastinate_workers)"
    )


def test_the_sweep_deletes_what_a_dead_worker_left_and_keeps_the_newer_job(
    queue: EngineQueue, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _dead_worker(queue, [1, 2, 3])
    assert queue.put_all([1, 3]) == 2
    stubborn = fetch("SELECT min(id) FROM procrastinate_jobs WHERE status = 'doing'")[0][0]
    ended: list[int] = []

    async def sweep_once() -> None:
        app = engine._made(PsycopgConnector(conninfo=engine._url, min_size=0, max_size=4))
        manager: Any = app.job_manager
        finish = manager.finish_job_by_id_async

        async def finish_or_not(job_id: int, *rest: Any, **more: Any) -> None:
            if job_id == stubborn and not ended:
                await finish(job_id, *rest, **more)  # Another worker's sweep was faster.
            ended.append(job_id)
            await finish(job_id, *rest, **more)

        manager.finish_job_by_id_async = finish_or_not
        async with app.open_async():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sweep(app, seconds=30), 1)

    beside(sweep_once())
    assert len(ended) == 3
    assert fetch("SELECT status FROM procrastinate_jobs ORDER BY id") == [("todo",), ("todo",)]
    assert waiting() == [1, 3]


def test_only_the_queueing_lock_is_used(queue: EngineQueue) -> None:
    queue.put(7)
    found = fetch("SELECT lock, queueing_lock, queue_name, priority FROM procrastinate_jobs")
    assert found == [(None, "poll-7", "poll", 0)]
    assert engine_module.GRACE < 30


def test_all_processes_stand_in_one_line_for_their_turns(engine: Engine) -> None:
    execute("DELETE FROM instance")
    taken: list[float | None] = []

    def take() -> None:
        with database.session():
            taken.extend(next_turn("submits", 10.0, 60.0) for _ in range(2))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits = sorted(one for one in taken if one is not None)
    assert len(taken) - len(waits) == 1, "the last one would have waited for 70 seconds"
    assert [round(one, -1) for one in waits] == [0, 10, 20, 30, 40, 50, 60]
