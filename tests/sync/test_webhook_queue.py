"""Webhooks in a process that ticks, and customers whose key is not stored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.sync.house import House, view
from tests.sync.test_hooks import Asked
from tests.sync.told import ToldHouse, told_house
from upsales_wistia.asking import ANSWERED_GAP, ASK_GAP, KEY
from upsales_wistia.store import customers, runs, webhooks
from upsales_wistia.store.leases import hold
from upsales_wistia.sync.keyed import KeyedRun
from upsales_wistia.sync.scheduler import tick_webhooks

BuildHouse = Callable[..., House]
READ = {"read": True}


class Collected:
    """A queue that keeps what it is given."""

    def __init__(self) -> None:
        self.put_in: list[int] = []

    def put(self, customer_id: int) -> bool:
        self.put_in.append(customer_id)
        return True

    def put_all(self, customer_ids: Iterable[int]) -> int:
        return sum(self.put(customer_id) for customer_id in customer_ids)


@pytest.fixture
def told(build_house: BuildHouse) -> ToldHouse:
    return told_house(build_house)


@pytest.fixture
def ticking(told: ToldHouse) -> Iterator[ToldHouse]:
    """Its process runs what is put into its queues."""
    told.house.services.start_tick()
    yield told
    told.house.services.stop()


def written(house: House) -> int:
    house.services.queues.join("webhook")
    return len(house.entries)


def test_a_process_that_ticks_works_at_once(ticking: ToldHouse) -> None:
    ticking.happens(ticking.house.world.add(view("e1", "anna@acme.example")))
    assert written(ticking.house) == 1


def test_what_is_told_while_another_run_goes_on_is_done_after_it(ticking: ToldHouse) -> None:
    house = ticking.house
    with hold(house.customer, 60, wait=False):
        ticking.happens(house.world.add(view("e1", "anna@acme.example")))
        assert written(house) == 0
    house.later(minutes=20)
    customers.set_due(house.customer, "poll", house.clock.now())
    house.services._run_due(house.customer)
    assert written(house) == 1
    assert not webhooks.due_customers(house.clock.now())


def test_the_tick_finds_what_was_told_to_another_process(told: ToldHouse) -> None:
    house, queue = told.house, Collected()
    assert tick_webhooks(queue, house.clock) == 0
    told.happens(house.world.add(view("e1", "anna@acme.example")))
    assert tick_webhooks(queue, house.clock) == 1
    assert queue.put_in == [house.customer]
    told.works_off()
    assert tick_webhooks(queue, house.clock) == 0
    customers.set_state(house.customer, "paused")
    told.happens(house.world.add(view("e2", "anna@acme.example")))
    assert tick_webhooks(queue, house.clock) == 0


def test_a_customer_that_was_removed_meanwhile_is_no_matter(told: ToldHouse) -> None:
    told.happens(told.house.world.add(view("e1", "anna@acme.example")))
    customers.remove(told.house.customer)
    told.works_off()
    assert told.house.entries == []


def test_two_processes_at_once_write_each_view_once(told: ToldHouse) -> None:
    house = told.house
    for n in range(12):
        told.happens(house.world.add(view(f"e{n}", "anna@acme.example")))
    threads = [threading.Thread(target=told.works_off) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.works_off()
    assert len(house.entries) == 12


def test_a_fault_of_ours_does_not_come_back_at_once(
    told: ToldHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = told.house

    def breaks(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    told.happens(house.world.add(view("e1", "anna@acme.example")))
    with monkeypatch.context() as broken:
        broken.setattr("upsales_wistia.sync.webhook.read_visitors", breaks)
        with pytest.raises(ZeroDivisionError):
            told.works_off()
    assert not webhooks.due_customers(house.clock.now())
    house.later(seconds=10)
    told.works_off()
    assert len(house.entries) == 1
    assert runs.last(house.customer)


@pytest.fixture
def keyless(build_house: BuildHouse, sandbox: Any) -> Iterator[ToldHouse]:
    """A customer whose key is not stored; Upsales is asked for it."""
    platform = sandbox.platform
    environ = {"UPSALES_APP_ID": str(platform.app_id), "UPSALES_APP_KEY": platform.app_key}
    made = told_house(build_house, key=False, environ=environ)
    yield made
    made.house.services.hooks.close()


def test_without_a_stored_key_upsales_is_asked_once_for_many_webhooks(keyless: ToldHouse) -> None:
    house = keyless.house
    hooks = house.sandbox.platform.hooks
    for n in range(5):
        keyless.comes(view(f"e{n}", "anna@acme.example"))
        house.later(seconds=20)
    assert hooks == [house.customer], "it has not answered yet"
    house.later(seconds=ASK_GAP.total_seconds())
    assert due(house) == [house.customer], "nobody needs to watch for it to be asked again"
    for _ in range(2):  # two processes that tick
        house.services._ask_due(house.customer)
    assert hooks == [house.customer] * 2
    assert house.entries == []


def due(house: House) -> list[int]:
    return customers.due(house.clock.now(), kind=KEY)


def answers(house: House) -> None:
    """Upsales calls as it was asked to."""
    tenant = house.tenant
    house.services.hooks.external(
        Asked(config=tenant.config, api_key=tenant.upsales_key, data={"action": "sync", **READ})
    )
    house.services.hooks.join()


def test_once_upsales_has_answered_the_next_webhook_need_not_wait(keyless: ToldHouse) -> None:
    house = keyless.house
    hooks = house.sandbox.platform.hooks
    answers(house)  # the customer's own words are taken over
    keyless.comes(view("e1", "anna@acme.example"))
    assert hooks == [house.customer]
    house.forget_calls()
    answers(house)
    assert len(house.entries) == 1
    assert house.calls("wistia.events") == 0, "the view was read by itself"
    keyless.comes(view("e2", "anna@acme.example"))
    assert hooks == [house.customer], "two in a breath go together"
    house.later(seconds=ANSWERED_GAP.total_seconds())
    assert due(house) == [house.customer]
    keyless.comes(view("e3", "anna@acme.example"))
    assert hooks == [house.customer] * 2
    answers(house)
    assert len(house.entries) == 3
    house.services._ask_due(house.customer)
    assert hooks == [house.customer] * 2, "nothing is left to do"


def test_what_is_told_during_a_run_with_a_sent_key_is_done_after_it(keyless: ToldHouse) -> None:
    house = keyless.house
    house.services.start_tick()
    with hold(house.customer, 60, wait=False):
        keyless.happens(house.world.add(view("e1", "anna@acme.example")))
        house.services.queues.join("webhook")
    assert house.calls("wistia.event") == 0
    answers(house)
    house.services.queues.join("webhook")
    assert house.calls("wistia.event") == 1
    house.services.stop()


def test_nothing_is_asked_for_a_view_that_needs_no_key(keyless: ToldHouse) -> None:
    keyless.comes(view("e1", "not an address"))
    assert keyless.house.calls("wistia.event") == 1
    assert keyless.house.sandbox.platform.hooks == []


def test_the_key_that_then_comes_writes_it(keyless: ToldHouse) -> None:
    house = keyless.house
    keyless.comes(view("e1", "anna@acme.example"))
    wanted = KeyedRun(house.customer, house.tenant.upsales_key, reads=False)
    assert house.services._run_with_key(wanted)
    assert len(house.entries) == 1


def test_webhook_runs_are_no_account_of_the_window(told: ToldHouse) -> None:
    house = told.house
    before = runs.listing(house.customer)
    house.later(minutes=1)
    told.comes(view("e1", "anna@acme.example"))
    assert runs.listing(house.customer) == before
