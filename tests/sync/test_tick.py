"""The tick: every due customer once per interval, in any number of processes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest

from tests.sync.house import NOW, House
from upsales_wistia.store import customers
from upsales_wistia.sync.queue import LocalQueue
from upsales_wistia.sync.schedule import next_due
from upsales_wistia.sync.scheduler import start_ticking, tick


class Collected:
    """A queue that keeps what it is given."""

    def __init__(self) -> None:
        self.put_in: list[int] = []

    def put(self, customer_id: int) -> bool:
        self.put_in.append(customer_id)
        return True

    def put_all(self, customer_ids: Iterable[int]) -> int:
        return sum(self.put(customer_id) for customer_id in customer_ids)


def test_due_customers_are_queued_and_paused_ones_are_not(house: House) -> None:
    for number in (1, 2, 3):
        customers.add(number, "x", "cli", NOW)
        customers.set_due(number, "poll", NOW - timedelta(minutes=number))
    customers.set_state(2, "paused")
    house.run()
    queue = Collected()
    assert tick(queue, house.clock) == 2
    assert queue.put_in == [3, 1], "the latest first"


def test_two_ticking_processes_run_each_customer_once_an_interval(house: House) -> None:
    numbers = range(100, 112)
    for number in numbers:
        other = House(house.sandbox, house.database_url, customer=number)
        other.world.move_to(NOW)
    customers.set_state(house.customer, "paused")
    for _ in range(2):
        queues = [LocalQueue(house.services._run_due, threads=4) for _ in range(2)]
        threads = [threading.Thread(target=tick, args=(queue, house.clock)) for queue in queues]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for queue in queues:
            queue.join()
            queue.close()
        house.clock.advance(timedelta(minutes=20))
    polls = Counter(r.customer for r in house.sandbox.requests if r.operation == "wistia.events")
    assert polls == dict.fromkeys(numbers, 2)


def test_a_customer_that_breaks_does_not_stop_the_others() -> None:
    done: list[int] = []

    def run(number: int) -> None:
        if number == 1:
            raise ZeroDivisionError
        done.append(number)

    queue = LocalQueue(run, threads=1)
    assert [queue.put(n) for n in (1, 2)] == [True, True]
    queue.join()
    queue.close()
    assert done == [2]


def test_a_customer_is_in_the_queue_once() -> None:
    running, go_on = threading.Event(), threading.Event()

    def run(number: int) -> None:
        running.set()
        go_on.wait(10)

    queue = LocalQueue(run, threads=1)
    assert queue.put(7)
    running.wait(10)
    assert not queue.put(7)
    go_on.set()
    queue.close()


def test_a_queue_that_repeats_runs_once_more_what_is_put_in_meanwhile() -> None:
    started, go_on, done = threading.Event(), threading.Event(), []

    def run(number: int) -> None:
        started.set()
        go_on.wait(10)
        done.append(number)

    queue = LocalQueue(run, threads=1, repeats=True)
    assert queue.put(7)
    started.wait(10)
    assert [queue.put(7) for _ in range(3)] == [False] * 3
    go_on.set()
    queue.join()
    queue.close()
    assert done == [7, 7]


@pytest.mark.parametrize("minutes", [20.0, 0.05])
def test_customers_spread_over_the_interval(minutes: float) -> None:
    dues = [next_due(number, NOW, minutes) for number in range(1000)]
    interval = timedelta(minutes=minutes)
    assert all(NOW < due <= NOW + interval for due in dues)
    quarters = Counter(int(4 * ((due - NOW) / interval) - 1e-9) for due in dues)
    assert min(quarters[q] for q in range(4)) > 150


def test_the_tick_beats_until_it_is_stopped() -> None:
    beaten = threading.Event()
    scheduler = start_ticking(beaten.set, poll_minutes=0.001)
    try:
        assert beaten.wait(10)
    finally:
        scheduler.shutdown(wait=True)


def test_services_tick_run_what_is_due_and_stop(house: House) -> None:
    house.services.start_tick()
    house.services.queues.put("poll", house.customer)
    house.services.queues.join("poll")
    house.services.stop()
    assert house.calls("wistia.events") == 1
