"""The queues in PostgreSQL, by procrastinate: any process puts in, any worker takes out.

    tick of any process ─▶ one waiting job a customer and kind ─▶ a worker ─▶ its lease ─▶ the work

A job only says "now". Who is due stands in our tables and the lease decides who works, so a job
that is lost, doubled or comes late does no harm. For that reason only the queueing lock is used:
the engine's ``lock`` and its retries would collide with the next job that the tick put in.
https://github.com/procrastinate-org/procrastinate/issues/1446
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job as Waiting
from procrastinate.jobs import Status
from procrastinate.types import JSONDict

from ..errors import DeploymentError
from ..store import database
from ..store.sql import fetch

log = structlog.get_logger(__name__)

GRACE = 25.0
"""Seconds that running work has to end when the worker is told to stop."""

STALLED = 30.0
"""Seconds without a sign of life after which a worker counts as dead."""

_RECONNECT = 2.0
_PATIENCE = 5.0  # seconds to wait for a connection of the engine's own
_CUT_OFF = (ConnectorException, OSError)


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work that workers do: ``run`` returns True when there is more, after the others.

    At most ``threads`` of it run in one worker at a time.
    """

    name: str
    run: Callable[[int], object]
    threads: int


class Engine:
    """The queues of a process, and a worker's way to empty them."""

    def __init__(self, url: str, jobs: Sequence[Job]) -> None:
        self._url = url.replace("postgres://", "postgresql://", 1)
        self._jobs = jobs
        # Never opened: what is put in goes through our own connection, as part of what is stored.
        self._app = self._made(SyncPsycopgConnector(conninfo=self._url))

    def queue(self, name: str) -> EngineQueue:
        """The queue of a kind of work."""
        return EngineQueue(self._app, name)

    def _made(self, connector: BaseConnector) -> App:
        app = App(connector=connector)
        for job in self._jobs:
            app.task(name=job.name, queue=job.name)(self._guarded(job))
        return app

    def _guarded(self, job: Job) -> Callable[[int], None]:
        def run(customer_id: int) -> None:
            try:
                more = job.run(customer_id)
            except Exception:
                # One customer's trouble never stops the others; the tick brings it back when due.
                log.exception("run broke", customer=customer_id)
            else:
                if more is True:
                    self.queue(job.name).put(customer_id)

        return run

    def work(self, stopping: Callable[[], object] = lambda: None) -> None:
        """Do what is queued until the process is told to stop (SIGTERM, Ctrl-C).

        ``stopping`` is called then, so that long work ends for now.
        """
        asyncio.run(self._work(stopping))

    async def _work(self, stopping: Callable[[], object]) -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()

        def stop() -> None:
            stopping()
            told.set()
            _leave_after(GRACE)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        threads = ThreadPoolExecutor(
            sum(job.threads for job in self._jobs), thread_name_prefix="run"
        )
        loop.set_default_executor(threads)
        while not told.is_set():
            try:
                await self._work_until(told)
            except _CUT_OFF as error:
                log.warning("worker cut off", cause=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), _RECONNECT)

    async def _work_until(self, told: asyncio.Event) -> None:
        """Work until told to stop, or until the database went away; running work ends first."""
        connector = PsycopgConnector(
            conninfo=self._url,
            min_size=0,
            max_size=4,
            timeout=_PATIENCE,
            kwargs={"connect_timeout": int(_PATIENCE)},
        )
        app = self._made(connector)
        async with app.open_async():
            waiting = asyncio.create_task(told.wait())
            working = [asyncio.create_task(_take(app, job)) for job in self._jobs]
            working.append(asyncio.create_task(sweep(app)))
            await asyncio.wait([waiting, *working], return_when=asyncio.FIRST_COMPLETED)
            # An engine that is told so takes nothing more, and waits for what it runs.
            for task in (waiting, *working):
                task.cancel()
            for ended in await asyncio.gather(*working, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended


async def _take(app: App, job: Job) -> None:
    await app.run_worker_async(
        queues=[job.name],
        name=job.name,
        concurrency=job.threads,
        install_signal_handlers=False,
        delete_jobs="always",
        stalled_worker_timeout=STALLED,
    )


async def sweep(app: App, seconds: float = STALLED) -> None:
    """Delete again and again the jobs of workers that gave no sign of life for ``seconds``.

    They are not queued again: the tick does that, for who is due. One by one, so that one that
    ended meanwhile does not keep the others; and beside the jobs, so that it waits for none.
    """
    while True:
        manager = app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
            assert job.id is not None  # noqa: S101  (it was read from the table)
            with contextlib.suppress(ConnectorException):
                await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
        await asyncio.sleep(seconds)


def _leave_after(seconds: float) -> None:
    """End the process when its work has not ended by then: others go on from what is stored."""

    def leave() -> None:
        log.warning("work was cut off", after=seconds)
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


class EngineQueue:
    """One kind of work, waiting in PostgreSQL; a customer waits at most once."""

    def __init__(self, app: App, name: str) -> None:
        self._app = app
        self._name = name

    def put(self, customer_id: int) -> bool:
        """Let a worker do this customer's work soon. False when it is waiting already."""
        return self.put_all([customer_id]) == 1

    def put_all(self, customer_ids: Iterable[int]) -> int:
        """Let workers do the customers' work, in this order; returns how many did not wait yet.

        Inside a transaction they are queued when that commits, with what it stores. What cannot
        be queued is logged: it is due, so a tick queues it once the database answers.
        """
        try:
            with database.session():
                return self._put_missing(list(customer_ids))
        except (*database.TROUBLE, DeploymentError, ConnectorException) as error:
            log.warning("not queued", kind=self._name, cause=type(error).__name__)
            return 0

    def _put_missing(self, customer_ids: list[int]) -> int:
        waiting = self._waiting() if len(customer_ids) > 1 else set()
        missing = [one for one in customer_ids if self._lock(one) not in waiting]
        if self._defer(missing):
            return len(missing)
        # Another process was faster with some of them.
        return sum(self._defer([one]) for one in missing) if len(missing) > 1 else 0

    def _waiting(self) -> set[str]:
        rows = fetch(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = ?",
            [self._name],
        )
        return {row[0] for row in rows}

    def _defer(self, customer_ids: Sequence[int]) -> bool:
        """Queue all of them, or none when one of them is waiting."""
        if not customer_ids:
            return True
        jobs = [self._job(one) for one in customer_ids]
        try:
            with database.transaction():
                connection = database.database.connection()
                self._app.job_manager.batch_defer_jobs(jobs, connection)
        except AlreadyEnqueued:
            return False
        return True

    def _job(self, customer_id: int) -> Waiting:
        task = self._app.tasks[self._name]
        given: JSONDict = {"customer_id": customer_id}
        return task.configure(queueing_lock=self._lock(customer_id), task_kwargs=given).job

    def _lock(self, customer_id: int) -> str:
        return f"{self._name}-{customer_id}"

    def join(self) -> None:
        """Workers do it: there is nothing to wait for here."""

    def close(self) -> None:
        """What waits is kept for the workers."""
