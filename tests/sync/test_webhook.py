"""What a webhook sets going: one view, at once, on the way of all views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sync.house import NOW, House, PassingClock, view
from tests.sync.told import ToldHouse, told_house
from upsales_wistia.sandbox import Media
from upsales_wistia.store import customers, media, runs, webhooks
from upsales_wistia.sync.webhook import WAITS

BuildHouse = Callable[..., House]


@pytest.fixture
def told(build_house: BuildHouse) -> ToldHouse:
    return told_house(build_house)


def test_a_conversion_of_a_viewing_that_is_over_is_written_without_a_poll(told: ToldHouse) -> None:
    house = told.house
    house.forget_calls()
    told.comes(view("e1", "anna@acme.example"))
    assert [entry["value"] for entry in house.entries] == ["Watched 83% of Product tour"]
    assert house.calls("wistia.event") == 1
    assert house.calls("wistia.events") == 0
    house.run()
    assert len(house.entries) == 1


def test_while_time_passes_a_video_of_unknown_length_is_looked_up_all_the_same(
    build_house: BuildHouse,
) -> None:
    told = told_house(build_house, clock_class=PassingClock)
    told.house.later(minutes=1)
    told.comes(view("e1", "anna@acme.example"))
    assert len(told.house.entries) == 1


def test_all_of_it_watched_by_somebody_known_is_written_at_once(told: ToldHouse) -> None:
    told.comes(view("e1", "anna@acme.example", received_at=NOW, fraction=0.1))
    assert told.house.entries == []
    told.grows("e1", fraction=1.0)
    assert [entry["value"] for entry in told.house.entries] == ["Watched 100% of Product tour"]


def test_a_viewing_that_goes_on_is_held_and_written_when_it_is_over(told: ToldHouse) -> None:
    house = told.house
    told.comes(view("e1", "anna@acme.example", received_at=NOW, fraction=0.3))
    assert house.entries == []
    house.world.change("e1", fraction=0.8)  # which nobody tells: below the last mark but one
    house.later(minutes=5, seconds=59)
    told.works_off()
    assert house.entries == []
    house.later(seconds=1)
    told.works_off()
    assert [entry["value"] for entry in house.entries] == ["Watched 80% of Product tour"]


def test_the_poll_is_left_alone(told: ToldHouse) -> None:
    house = told.house
    before = customers.load(house.customer)
    due = customers.due_at(house.customer, "poll")
    house.later(minutes=5)
    told.comes(view("e1", "anna@acme.example"))
    assert len(house.entries) == 1
    assert customers.due_at(house.customer, "poll") == due
    assert customers.load(house.customer).last_complete_read == before.last_complete_read
    last = runs.last(house.customer)
    assert last
    assert last.kind == "poll"
    assert house.run()["balance"]["activity"]["registered"] == 1


def test_a_view_of_nobody_costs_no_call(told: ToldHouse) -> None:
    told.house.forget_calls()
    told.comes(view("e1", fraction=1.0))
    assert told.house.calls("wistia.event") == 0


def test_a_mark_of_somebody_who_converted_in_another_view_is_looked_at(told: ToldHouse) -> None:
    told.comes(view("e1", "anna@acme.example", visitor_key="anna's browser"))
    told.comes(view("e2", visitor_key="anna's browser", fraction=1.0))
    assert len(told.house.entries) == 2


def test_a_view_that_wistia_does_not_know_yet_is_asked_for_again(told: ToldHouse) -> None:
    house = told.house
    late = view("e1", "anna@acme.example")
    house.world.add(late, listed_at=NOW + timedelta(minutes=1))
    told.happens(late)
    told.works_off()
    assert house.entries == []
    house.later(seconds=9)
    house.forget_calls()
    told.works_off()
    assert house.calls("wistia.event") == 0, "not before its time"
    house.later(seconds=1)
    told.works_off()
    assert house.calls("wistia.event") == 1
    house.later(minutes=1)
    told.works_off()
    assert len(house.entries) == 1


def test_what_wistia_never_knows_is_left_to_the_poll(told: ToldHouse) -> None:
    house = told.house
    house.forget_calls()
    told.happens(view("never", "anna@acme.example"))
    for _ in range(40):
        told.works_off()
        house.later(minutes=1)
    assert house.calls("wistia.event") == 1 + len(WAITS)
    assert not webhooks.due_customers(house.clock.now() + timedelta(days=300))


def test_an_answer_that_lags_behind_the_webhook_is_asked_for_again(told: ToldHouse) -> None:
    house = told.house
    house.world.add(view("e1", "anna@acme.example", received_at=NOW, fraction=0.6))
    told.happens(house.world.change("e1", at=NOW + timedelta(seconds=30), fraction=1.0))
    told.works_off()
    assert house.entries == []
    house.later(seconds=30)
    told.works_off()
    assert len(house.entries) == 1


def test_what_the_poll_found_meanwhile_is_not_asked_for(told: ToldHouse) -> None:
    house = told.house
    told.happens(house.world.add(view("e1", "anna@acme.example")))
    house.run()
    assert len(house.entries) == 1
    house.forget_calls()
    told.works_off()
    assert house.calls("wistia.event") == 0


def test_views_that_nobody_told_of_are_not_decided_by_the_way(told: ToldHouse) -> None:
    """They were not read just now: their percentage may have grown."""
    house = told.house
    house.world.add(view("e1", "bo@birch.example", received_at=NOW, fraction=0.2))
    house.run()
    house.world.change("e1", fraction=0.9)
    house.later(minutes=10)
    told.comes(view("e2", "anna@acme.example"))
    assert [entry["value"] for entry in house.entries] == ["Watched 83% of Product tour"]
    house.run()
    assert [entry["value"] for entry in house.entries][1] == "Watched 90% of Product tour"


def test_a_form_goes_out_too(build_house: BuildHouse) -> None:
    told = told_house(build_house, config={"formsEnabled": True, "activitiesEnabled": True})
    told.comes(view("e1", "anna@acme.example"))
    assert len(told.house.submits) == 1
    assert len(told.house.entries) == 1


def test_changes_of_known_videos_are_read_and_of_others_not(told: ToldHouse) -> None:
    house = told.house
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house.world.medias[0] = Media(11, "media00001", "Product tour", "proj2", 90.0)
    house.forget_calls()
    told.webhook.tell_of_media("media.updated", "media00001")
    told.webhook.tell_of_media("media.created", "another's")
    told.webhook.post()
    told.works_off()
    assert house.calls("wistia.medias") == 1
    assert media.known(house.customer, ["media00001", "another's"]) == {"media00001"}
    changed = house.services.run(house.customer, asked=True)
    assert changed
    assert house.calls("wistia.medias") == 1


def test_without_a_complete_read_nothing_is_written_before_the_poll(
    build_house: BuildHouse,
) -> None:
    """A new database does not know what is in Upsales already."""
    told = ToldHouse(build_house())
    customers.set_due(told.house.customer, "poll", NOW + timedelta(minutes=9))
    told.comes(view("e1", "anna@acme.example"))
    assert told.house.entries == []
    told.house.run()
    assert len(told.house.entries) == 1


def test_wistia_away_is_tried_again_and_then_left(told: ToldHouse) -> None:
    house = told.house
    fault = house.sandbox.faults.add("wistia.event", "500")
    told.comes(view("e1", "anna@acme.example"))
    assert house.entries == []
    house.sandbox.faults.remove(fault)
    house.later(seconds=10)
    told.works_off()
    assert len(house.entries) == 1


def test_a_revoked_token_is_not_asked_with_again(told: ToldHouse) -> None:
    house = told.house
    house.tenant.switches.revoked = True
    told.comes(view("e1", "anna@acme.example"))
    assert not webhooks.due_customers(house.clock.now() + timedelta(days=1))
    house.tenant.switches.revoked = False
    house.run()
    assert len(house.entries) == 1


@pytest.mark.parametrize(("operation", "kind"), [("contacts", "503"), ("create_event", "400")])
def test_what_upsales_does_not_take_is_left_to_the_poll(
    told: ToldHouse, operation: str, kind: str
) -> None:
    house = told.house
    fault = house.sandbox.faults.add(f"upsales.{operation}", kind)
    told.comes(view("e1", "anna@acme.example"))
    assert house.entries == []
    house.sandbox.faults.remove(fault)
    house.later(minutes=20)
    house.run()
    assert len(house.entries) == 1


def test_a_paused_customer_waits(told: ToldHouse) -> None:
    house = told.house
    customers.set_state(house.customer, "paused")
    told.comes(view("e1", "anna@acme.example"))
    assert house.entries == []
    customers.set_state(house.customer, "active")
    told.works_off()
    assert len(house.entries) == 1


def test_a_poll_that_is_about_to_start_goes_first(told: ToldHouse) -> None:
    house = told.house
    customers.set_due(house.customer, "poll", house.clock.now())
    told.comes(view("e1", "anna@acme.example"))
    assert house.entries == []
    house.later(minutes=2)
    told.works_off()
    assert len(house.entries) == 1, "it does not start at all"


def test_what_was_told_of_a_view_is_its_history_until_it_is_erased(told: ToldHouse) -> None:
    told.comes(view("e1", "anna@acme.example", received_at=NOW, fraction=0.3))
    told.house.later(minutes=1)
    told.grows("e1", fraction=0.6)
    told_of = [(word.kind, word.fraction) for word in webhooks.of_view(4711, "e1")]
    assert told_of == [
        ("viewing_session.play", None),
        ("viewing_session.turnstile.converted", None),
        ("viewing_session.percent_watched", 0.25),
        ("viewing_session.percent_watched", 0.5),
    ]
    assert webhooks.erase(4711, ["e1", "e2"]) == 4
    assert webhooks.of_view(4711, "e1") == []
