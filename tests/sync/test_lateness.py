"""How late views reach us, as a run notes it; and a window that widens before one is missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sync.house import NOW, House, view
from upsales_wistia.funnel.lateness import Lateness
from upsales_wistia.lateness import lateness

HOUR = timedelta(hours=1)


def late(house: House) -> Lateness:
    return lateness(house.customer, house.clock.now(), 3)


def counted(house: House) -> list[int]:
    """How many views there are in each of the seven classes."""
    return [c.count for c in late(house).classes]


def polled_for(house: House, hours: float) -> None:
    for _ in range(round(hours * 3)):
        house.later(minutes=20)
        house.run()


def test_a_view_is_counted_once_by_how_late_the_first_poll_found_it(house: House) -> None:
    house.run()
    house.world.add(view("e1", received_at=NOW + timedelta(minutes=10)))
    house.world.add(view("e2", received_at=NOW), listed_at=NOW + timedelta(minutes=100))
    polled_for(house, 3)
    assert counted(house) == [0, 1, 0, 0, 1, 0, 0], "after 10 and after 100 minutes"
    house.world.change("e1", fraction=0.9)
    polled_for(house, 1)
    assert late(house).views == 2


def test_what_the_first_run_finds_is_not_late(house: House) -> None:
    house.world.add(view("e1", received_at=NOW - 50 * HOUR))
    house.run()
    assert late(house).views == 0
    assert not late(house).widened


def test_what_an_outage_of_ours_delayed_is_not_late(house: House) -> None:
    house.run()
    house.world.add(view("e1", received_at=NOW + HOUR))
    house.later(hours=30)
    house.run()
    assert late(house).views == 0
    house.world.add(view("e2", received_at=house.clock.now()))
    polled_for(house, 0.4)
    assert late(house).views == 1


def test_a_view_as_late_as_half_the_window_widens_it_and_the_next_later_one_is_found(
    house: House,
) -> None:
    house.run()
    house.world.add(view("e1", "anna@acme.example"), listed_at=NOW + 40 * HOUR)
    house.world.add(view("e2", "bo@birch.example"), listed_at=NOW + 80 * HOUR)
    polled_for(house, 39)
    assert late(house).look_back == timedelta(days=3)
    polled_for(house, 2)
    found = late(house)
    assert found.slowest // HOUR == 41
    assert (found.look_back, found.widened) == (timedelta(days=4), True)
    polled_for(house, 40)
    assert len(house.entries) == 2, "the second came after 81 hours, more than the window of 3 days"
    assert late(house).look_back == timedelta(days=7)


def test_a_window_that_widened_does_not_take_what_it_finds_there_for_late(house: House) -> None:
    old = NOW - timedelta(days=3, hours=12)
    house.world.add(view("never looked for", received_at=old))
    house.run()
    house.world.add(view("e1"), listed_at=NOW + 47 * HOUR)
    polled_for(house, 48)
    assert late(house).widened
    assert late(house).slowest // HOUR == 48
    assert late(house).views == 1


@pytest.mark.parametrize("days", [1, 5])
def test_the_window_that_was_set_is_the_least(build_house: Callable[..., House], days: int) -> None:
    house = build_house(environ={"WINDOW_DAYS": str(days)})
    page = house.services.status_page(house.customer)
    assert page
    assert page.lateness
    assert page.lateness.look_back == timedelta(days=days)
