"""Two witnesses: who told of a view first, whether they agree, and when one falls silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.sync.house import House, view
from tests.sync.told import ToldHouse, told_house
from upsales_wistia.funnel.lateness import Witnesses
from upsales_wistia.lateness import lateness
from upsales_wistia.sandbox import View
from upsales_wistia.store.database import database

BuildHouse = Callable[..., House]
HOUR = timedelta(hours=1)


@pytest.fixture
def told(build_house: BuildHouse) -> ToldHouse:
    """A house that has polled for an hour, and whose webhook was heard."""
    made = told_house(build_house)
    polls(made, 3)
    made.webhook.tell_of_media("media.updated", "media00001")
    made.webhook.post()
    polls(made, 3)
    return made


def polls(told: ToldHouse, times: int) -> None:
    for _ in range(times):
        told.house.later(minutes=20)
        told.house.run()


def now_view(told: ToldHouse, key: str, typed: str = "", **fields: Any) -> View:
    return view(key, typed, received_at=told.house.clock.now(), **fields)


def witnesses(told: ToldHouse) -> Witnesses | None:
    return lateness(told.house.customer, told.house.clock.now(), 3).witnesses


def seen_by() -> dict[str, str]:
    return dict(database.execute_sql("SELECT event_key, seen_by FROM views").fetchall())


def test_who_told_first_is_kept_of_each_view(told: ToldHouse) -> None:
    house = told.house
    told.comes(now_view(told, "told and looked at", "anna@acme.example"))
    told.happens(house.world.add(now_view(told, "told of nobody", fraction=0.5)))
    house.world.add(now_view(told, "found by the poll", fraction=0.5))
    house.world.add(now_view(told, "hardly watched", fraction=0.1))
    polls(told, 1)
    told.happens(house.world.change("found by the poll", fraction=0.5))
    assert seen_by() == {
        "told and looked at": "webhook",
        "told of nobody": "webhook",
        "found by the poll": "poll",
        "hardly watched": "poll",
    }
    assert witnesses(told) == Witnesses(webhook=2, poll=1, disagreeing=0)


def test_without_a_webhook_there_is_one_witness(build_house: BuildHouse) -> None:
    house = build_house()
    house.run()
    house.world.add(view("e1", received_at=house.clock.now(), fraction=0.5))
    house.later(minutes=20)
    house.run()
    assert lateness(house.customer, house.clock.now(), 3).witnesses is None


def test_what_the_list_shows_an_hour_later_agrees(told: ToldHouse) -> None:
    told.comes(now_view(told, "e1", "Anna@Acme.Example", fraction=1.0))
    polls(told, 5)
    assert witnesses(told) == Witnesses(webhook=1, poll=0, disagreeing=0)


@pytest.mark.parametrize(
    "shown",
    [
        None,
        {"fraction": 0.7},
        {"conversion": {"email": "eve@acme.example"}},
        {"conversion": "", "conversion_type": "", "email": None},
    ],
    ids=["not there", "less watched", "another e-mail", "no e-mail"],
)
def test_what_the_list_shows_otherwise_is_counted_once(
    told: ToldHouse, shown: dict[str, Any] | None
) -> None:
    whole = now_view(told, "e1", "anna@acme.example", fraction=0.8)
    if shown is not None:
        told.house.world.add(whole)
        told.house.world.change("e1", **shown)
    told.happens(whole)
    polls(told, 2)
    found = witnesses(told)
    assert found
    assert found.disagreeing == 0, "it may still come"
    polls(told, 5)
    found = witnesses(told)
    assert found
    assert found.disagreeing == 1


def test_a_share_just_below_its_mark_is_no_disagreement(told: ToldHouse) -> None:
    whole = now_view(told, "e1", "anna@acme.example", fraction=0.75)
    told.house.world.add(whole)
    told.house.world.change("e1", fraction=0.7449)
    told.happens(whole)
    polls(told, 5)
    found = witnesses(told)
    assert found
    assert found.disagreeing == 0


def test_a_webhook_that_falls_silent_while_views_come_is_told(told: ToldHouse) -> None:
    house = told.house
    told.comes(now_view(told, "e1", "anna@acme.example"))
    last = house.clock.now()
    polls(told, 4)
    for n in range(3):
        house.world.add(now_view(told, f"untold {n}", fraction=0.6))
        assert lateness(house.customer, house.clock.now(), 3).silent_since is None
        polls(told, 1)
    assert lateness(house.customer, house.clock.now(), 3).silent_since == last
    page = house.services.status_page(house.customer)
    assert page
    assert page.lateness
    assert page.lateness.silent_since == last
    told.comes(now_view(told, "e2", "anna@acme.example"))
    assert lateness(house.customer, house.clock.now(), 3).silent_since is None


def test_without_views_a_quiet_webhook_is_not_silent(told: ToldHouse) -> None:
    polls(told, 9)
    assert lateness(told.house.customer, told.house.clock.now(), 3).silent_since is None
