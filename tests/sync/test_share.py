"""What is large is done in parts: nobody waits long for it, and nothing comes out otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.sync.house import BASE, NOW, House, small_world, view
from upsales_wistia.store import customers, runs
from upsales_wistia.store.leases import free, hold
from upsales_wistia.sync import share
from upsales_wistia.sync.queue import LocalQueue
from upsales_wistia.sync.run import Document
from upsales_wistia.sync.scheduler import tick
from upsales_wistia.sync.share import Reached
from upsales_wistia.sync.webhook import _is_its_turn

BuildHouse = Callable[..., House]
OTHER = 99


def full(build_house: BuildHouse, pages: int, **parts: Any) -> House:
    """A house with so many full pages of anonymous views and 7 more, one of them Anna's."""
    world = small_world()
    house = build_house(world=world, **parts)
    for n in range(pages * 100 + 6):
        world.add(view(f"n{n}", received_at=NOW - timedelta(minutes=5, seconds=n)))
    world.add(view("anna", "anna@acme.example"))
    return house


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """A share is over after two calls."""
    monkeypatch.setattr(share.Share.__init__, "__defaults__", (lambda: False, 2))


@pytest.fixture
def large(build_house: BuildHouse, small_shares: None) -> House:
    """A customer with six pages, due."""
    house = full(build_house, 5)
    customers.set_due(house.customer, "poll", house.clock.now() - timedelta(minutes=5))
    return house


def let_wait(house: House) -> None:
    """Another customer's poll is due, and nobody is at it."""
    customers.add(OTHER, "Other", "cli", NOW)
    customers.set_due(OTHER, "poll", NOW)


def part(house: House) -> bool:
    """One turn of its work; whether there is more."""
    return house.services._run_due(house.customer)


def finish(house: House) -> int:
    """All the parts that are left; how many there were."""
    parts = 1
    while part(house):
        parts += 1
        assert parts < 50, "it gets nowhere"
    return parts


def report(house: House) -> Document:
    last = runs.last(house.customer)
    assert last
    assert last.report
    return last.report


def test_nobody_waits_so_it_is_done_at_once(large: House) -> None:
    assert not part(large)
    assert large.calls("wistia.events") == 6
    assert report(large)["funnel"]["views"] == 507


def test_while_others_wait_it_is_done_in_parts_of_one_run(large: House) -> None:
    let_wait(large)
    parts = 1
    while part(large):
        parts += 1
        assert parts < 50
        assert not large.entries or large.calls("wistia.events") > 6, "all is read before"
    assert parts > 4
    (run,) = runs.listing(large.customer)
    assert (run.status, run.complete) == ("ok", True)
    assert run.report
    assert run.report["funnel"]["views"] == 507
    assert run.report["written"]["activities"] == len(large.entries) == 1
    calls = large.sandbox.counters
    assert run.report["requests"]["wistia"] == calls.total("wistia", large.customer)
    assert run.report["requests"]["upsales"] == calls.total("upsales", large.customer)
    assert customers.load(large.customer).last_complete_read == NOW


def test_it_goes_to_the_back_of_the_line(large: House) -> None:
    let_wait(large)
    assert customers.due(NOW) == [large.customer, OTHER]
    assert part(large)
    assert customers.due_at(large.customer, "poll") == NOW
    customers.set_due(OTHER, "poll", NOW - timedelta(seconds=1))
    assert customers.due(NOW) == [OTHER, large.customer]


def test_small_ones_have_their_turn_before_a_large_one_is_done(large: House) -> None:
    small = [97, 98, 99]
    for number in small:
        customers.add(number, "Small", "cli", NOW)
        customers.set_due(number, "poll", NOW - timedelta(minutes=1))
    order: list[int] = []

    def run(customer_id: int) -> bool:
        order.append(customer_id)
        return large.services._run_due(customer_id)

    queue = LocalQueue(run, threads=1)
    assert tick(queue, large.clock) == 4
    queue.join()
    queue.close()
    assert order == [large.customer, *small, large.customer], "then nobody waits any more"
    assert report(large)["funnel"]["views"] == 507


def test_what_comes_in_on_top_pushes_nothing_out_of_sight(large: House) -> None:
    let_wait(large)
    assert part(large)
    for n in range(150):
        large.world.add(view(f"new{n}", received_at=NOW - timedelta(seconds=n)))
    finish(large)
    assert {f"n{n}" for n in range(506)} <= keys(large)
    assert len(large.entries) == 1


def test_when_rows_are_gone_from_above_all_is_read_anew(large: House) -> None:
    let_wait(large)
    assert part(large)
    for n in range(190):
        large.world.remove(f"n{n}")
    finish(large)
    assert {f"n{n}" for n in range(506)} <= keys(large)
    assert report(large)["status"] == "ok"


def keys(house: House) -> set[str]:
    from upsales_wistia.store.sql import fetch

    found = fetch("SELECT event_key FROM views WHERE customer_id = ?", [house.customer])
    return {key for (key,) in found}


def test_changed_rules_begin_anew(large: House) -> None:
    let_wait(large)
    assert part(large)
    first = runs.last(large.customer)
    large.configure(activityMinPercent=90)
    finish(large)
    newest, oldest = runs.listing(large.customer)
    assert first
    assert (oldest.id, oldest.status) == (first.id, "failed")
    assert oldest.reason == "Another run took the place of this one."
    assert newest.report
    assert newest.report["balance"]["activity"]["dropped"]["below_minimum"] == 1


def test_a_person_need_not_wait_for_the_parts(large: House) -> None:
    let_wait(large)
    assert part(large)
    assert large.run(asked=True)["status"] == "ok"
    assert not part(large), "it is not due any more"
    assert [run.status for run in runs.listing(large.customer)] == ["ok", "failed"]


def test_what_was_left_for_long_begins_anew(large: House) -> None:
    let_wait(large)
    assert part(large)
    large.later(hours=3)
    finish(large)
    assert report(large)["window"]["to"] == "2026-11-20T17:20:00.000Z"


def test_a_process_that_stops_ends_its_part_and_the_next_goes_on(large: House) -> None:
    large.services._stopping.set()
    assert not part(large), "this process takes it up no more"
    before = large.calls("wistia.events")
    assert before < 6
    assert customers.due(NOW) == [large.customer]
    large.services._stopping.clear()
    assert not part(large)
    # A page is read twice at the seam, and one may have been asked for ahead.
    assert large.calls("wistia.events") in (7, 8)
    assert report(large)["funnel"]["views"] == 507


def test_writing_and_asking_are_done_in_parts_too(
    build_house: BuildHouse, small_shares: None
) -> None:
    house = build_house(config=BASE | {"formsEnabled": True})
    for n in range(9):
        house.world.add(view(f"e{n}", f"p{n}@d{n}.example"))
        house.tenant.crm.add_contact(email=f"p{n}@d{n}.example", company_id=2, name=f"P {n}")
    customers.set_due(house.customer, "poll", NOW)
    let_wait(house)
    assert finish(house) > 8
    assert (len(house.entries), len(house.submits)) == (9, 9)
    written = report(house)["written"]
    assert (written["activities"], written["forms"]) == (9, 9)
    assert house.calls("wistia.events") == 1


def test_a_webhook_between_two_parts_does_not_end_the_run(large: House) -> None:
    let_wait(large)
    assert part(large)
    large.services.work_off(large.customer)
    runs.close_dead(large.customer, NOW, "It died.")
    finish(large)
    assert [run.status for run in runs.listing(large.customer)] == ["ok"]


def test_other_work_stands_back_for_a_poll_that_is_due(house: House) -> None:
    customers.set_due(house.customer, "poll", NOW)
    assert not _is_its_turn(house.customer, NOW)
    assert _is_its_turn(house.customer, NOW + timedelta(minutes=2))
    assert _is_its_turn(house.customer, NOW - timedelta(seconds=1))


def test_whoever_is_worked_on_is_not_queued(house: House) -> None:
    let_wait(house)
    with hold(OTHER, 60, wait=False):
        assert free([1, OTHER, 2]) == [1, 2]
        assert free([1, OTHER, 2], "enrichment_leases") == [1, OTHER, 2]
        customers.set_due(OTHER, "backfill", NOW)
        assert free([OTHER]) == [OTHER], "a backfill gives the lease to whoever waits"
    assert free([OTHER]) == [OTHER]


@pytest.mark.parametrize(
    ("reached", "first", "joins"),
    [
        (Reached(), "2026-11-20T10:00:00Z", True),
        (Reached(900, "2026-11-20T10:00:00+00:00"), "2026-11-20T10:00:00Z", True),
        (Reached(900, "2026-11-20T10:00:00+00:00"), "2026-11-20T09:59:59", False),
        (Reached(900, "2026-11-20T10:00:00+00:00"), "2026-11-20T10:00:01", True),
        (Reached(900, ""), "2026-11-20T10:00:01Z", False),
        (Reached(900, "2026-11-20T10:00:00+00:00"), None, False),
        (Reached(900, "2026-11-20T10:00:00+00:00"), "yesterday", False),
    ],
)
def test_a_page_joins_what_was_read_when_it_begins_no_further_down(
    reached: Reached, first: str | None, joins: bool
) -> None:
    assert reached.joins([{"received_at": first}, {"received_at": "2020-01-01T00:00:00Z"}]) is joins
    assert Reached(900, "2026-11-20T10:00:00+00:00").page == 9
