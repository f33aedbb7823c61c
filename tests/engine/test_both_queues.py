"""What a customer lives through is the same over either queue and either database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from procrastinate import PsycopgConnector

from tests.engine.workers import beside
from tests.sync.conftest import house, sandbox
from tests.sync.house import House, check_balance, view
from tests.sync.test_example import (
    example,
    test_a_second_sync_writes_nothing_and_does_not_call_upsales,
    test_everything_is_written_once_under_its_own_id,
    test_today_prints_the_funnel,
)
from tests.sync.test_run import (
    test_a_contact_gets_the_entry_with_its_text_score_time_and_id,
    test_a_lowered_minimum_brings_the_view_in_the_next_run,
    test_a_view_is_held_until_it_is_over,
    test_calls_are_those_of_the_lower_bound,
    test_rows_that_repeat_and_pages_that_shift_change_nothing,
    test_the_next_poll_is_due_on_the_customers_own_grid,
    test_who_is_nobody_waits_and_is_written_once_the_contact_is_there,
)
from upsales_wistia.sandbox import Sandbox
from upsales_wistia.services import Services
from upsales_wistia.store import customers, database, runs
from upsales_wistia.store.sql import execute
from upsales_wistia.sync.engine import Engine
from upsales_wistia.sync.queue import LocalQueue
from upsales_wistia.sync.run import Document

__all__ = [
    "example",
    "house",
    "sandbox",
    "test_a_contact_gets_the_entry_with_its_text_score_time_and_id",
    "test_a_lowered_minimum_brings_the_view_in_the_next_run",
    "test_a_second_sync_writes_nothing_and_does_not_call_upsales",
    "test_a_view_is_held_until_it_is_over",
    "test_calls_are_those_of_the_lower_bound",
    "test_everything_is_written_once_under_its_own_id",
    "test_rows_that_repeat_and_pages_that_shift_change_nothing",
    "test_the_next_poll_is_due_on_the_customers_own_grid",
    "test_today_prints_the_funnel",
    "test_who_is_nobody_waits_and_is_written_once_the_contact_is_there",
]

WAYS = [("local", "sqlite"), ("local", "postgresql"), ("procrastinate", "postgresql")]


class QueuedHouse(House):
    """A house whose runs come out of a queue."""

    def run(self, *, asked: bool = False) -> Document:
        """One run that a tick, or a person, puts into the queue; what it told."""
        if asked:
            self.services.run_soon(self.customer)
            self.services.hooks.join()
        else:
            customers.set_due(self.customer, customers.POLL, self.clock.now())
        if self.services.engine:
            if not asked:
                self.services.queues.put(customers.POLL, self.customer)
            work(self.services.engine)
        elif not asked:
            queue = LocalQueue(self.services._run_due, threads=1)
            queue.put(self.customer)
            queue.join()
            queue.close()
        made = runs.last(self.customer)
        assert made
        assert made.report
        told = in_order(made.report)
        check_balance(told)
        return told


def in_order(report: Document) -> Document:
    """A stored report with its funnel's steps in their order, which storing does not keep."""
    steps = ("matched", "watched", "project", "new")
    funnel = {
        name: {step: told[step] for step in steps if step in told}
        if isinstance(told, dict)
        else told
        for name, told in report["funnel"].items()
    }
    return {**report, "funnel": funnel}


def work(engine: Engine) -> None:
    """Be a worker until nothing is queued."""

    async def once() -> None:
        app = engine._made(PsycopgConnector(conninfo=engine._url, min_size=0, max_size=4))
        async with app.open_async():
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, delete_jobs="always"
            )

    beside(once())


@pytest.fixture(params=WAYS, ids="-".join)
def way(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The engine and the database."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def database_kind(way: tuple[str, str]) -> str:
    return way[1]


@pytest.fixture
def build_house(sandbox: Sandbox, store: str, way: tuple[str, str]) -> Callable[..., House]:
    """Makes a house on an empty database, with empty queues."""
    if way[1] == "postgresql":
        execute("DELETE FROM procrastinate_jobs")

    def build(**parts: Any) -> House:
        environ = {"ENGINE": way[0], **parts.pop("environ", {})}
        return QueuedHouse(sandbox, store, environ=environ, **parts)

    return build


def test_the_limits_go_with_the_lease_from_process_to_process(
    sandbox: Sandbox, shared_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upsales_wistia.opening._MANY_CALLS", 2)
    database.connect(shared_postgresql)
    with database.session():
        execute("DELETE FROM customers")
        first = QueuedHouse(sandbox, shared_postgresql, environ={"ENGINE": "procrastinate"})
        first.world.add(view("e1", "anna@acme.example"))
        first.services.run(first.customer)
        token, key = first.tenant.wistia_token, first.tenant.upsales_key
        spent = first.services.limiters.used(token, key)
        assert min(spent.values()) > 0
        other = Services(first.services.config, clock=first.clock, limits=first.services.limits)
        assert set(other.limiters.used(token, key).values()) == {0}
        other.run(first.customer)
        used = other.limiters.used(token, key)
        assert used["writes"] == spent["writes"]
        assert used["wistia"] > spent["wistia"]
    database.close()
