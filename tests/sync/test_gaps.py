"""Long outages, lost and restored databases: nothing is lost, nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sync.house import BASE, NOW, House, view
from tests.sync.test_settle import follow, ids, run_times
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.opening import RESTORED_AT
from upsales_wistia.store import customers, database, instance, outbox
from upsales_wistia.sync.adopt import PATIENT_RUNS

BuildHouse = Callable[..., House]


def forget_all(house: House) -> House:
    """The same customer on a new database: the old one is lost."""
    customers.remove(house.customer)
    fresh = House.__new__(House)
    fresh.__dict__.update(house.__dict__)
    fresh.configure()
    return fresh


@pytest.mark.parametrize("days", [4, 30, 300])
def test_after_an_outage_a_run_reads_back_to_the_last_complete_one(house: House, days: int) -> None:
    house.run()
    house.world.add(view("early", "anna@acme.example", received_at=NOW + timedelta(hours=1)))
    house.world.add(
        view("late", "bo@birch.example", received_at=NOW + timedelta(days=days, hours=-1))
    )
    house.later(days=days)
    document = house.run()
    assert document["window"]["from"].startswith("2026-11-20T14:20:00")
    assert (document["funnel"]["views"], document["written"]["activities"]) == (2, 2)
    house.later(minutes=20)
    assert house.run()["window"]["from"] > document["window"]["from"]
    assert len(ids(house)) == 2


def test_a_view_that_converted_during_the_outage_is_found(house: House) -> None:
    received = NOW - timedelta(days=2)
    house.world.add(view("e1", received_at=received))
    house.run()
    email = {"email": "anna@acme.example"}
    house.world.change(
        "e1", at=NOW + timedelta(hours=1), conversion=email, conversion_type=1, **email
    )
    house.later(days=10)
    assert house.run()["written"]["late"]["activities"] == 1


def test_an_outage_longer_than_wistia_keeps_views_reads_two_years(house: House) -> None:
    house.run()
    house.later(days=1000)
    window = house.run()["window"]
    assert window["from"].startswith((house.clock.now() - timedelta(days=730)).date().isoformat())


def test_a_failed_run_does_not_count_as_having_read(house: House) -> None:
    house.run()
    house.sandbox.faults.add("wistia.events", "500", times=None)
    house.world.add(view("e1", "anna@acme.example", received_at=NOW + timedelta(minutes=1)))
    for _ in range(6):
        house.later(days=1)
        assert house.run()["status"] == "failed"
    house.sandbox.faults.clear()
    assert house.run()["written"]["activities"] == 1


@pytest.mark.parametrize("search", ["works", "ignored"])
def test_after_a_lost_database_what_is_there_is_taken_as_registered(
    build_house: BuildHouse, search: str
) -> None:
    house = build_house(config=BASE | {"formsEnabled": True})
    for n in range(5):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    house.run()
    assert (len(house.entries), len(house.submits)) == (5, 5)
    house = forget_all(house)
    house.world.add(view("new", "bo@birch.example"))
    if search == "ignored":
        house.sandbox.faults.add("upsales.events", "ignore_filter", times=None)
    document = house.run()
    assert document["balance"]["activity"]["registered"] == 5
    assert document["written"] == {
        "activities": 1,
        "forms": 1,
        "forms_created": 0,
        "late": {"activities": 0, "forms": 0},
    }
    assert (len(house.entries), len(house.submits)) == (6, 6)
    house.forget_calls()
    house.later(minutes=1)
    house.run()
    assert house.calls("upsales.events") == 0, "adopted once"


def test_adoption_bears_with_an_upsales_that_is_busy(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house = forget_all(house)
    house.sandbox.faults.add("upsales.events", "429", times=2, seconds=1)
    document = house.run()
    assert (document["status"], document["balance"]["activity"]["registered"]) == ("ok", 1)
    assert len(ids(house)) == 1


def test_what_is_in_doubt_is_settled_by_its_look_and_not_adopted(build_house: BuildHouse) -> None:
    house = build_house(environ={"SETTLE_SECONDS": "7200"})
    house.run()
    house.world.add(view("e1", "anna@acme.example"))
    house.sandbox.faults.add("upsales.create_event", "write_then_cut", times=1)
    house.run()
    house.later(hours=1)
    house.world.add(view("e2", "bo@birch.example"))
    document = house.run()
    assert (document["uncertain"], document["written"]["activities"]) == (1, 1)
    house.later(hours=1)
    document = house.run()
    assert (document["uncertain"], document["written"]["activities"]) == (0, 1)
    assert len(ids(house)) == len(set(ids(house))) == 2


def test_what_is_adopted_and_ever_was_in_doubt_is_looked_at_for_a_double(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    for number in range(2):
        house.sandbox.faults.add("upsales.create_event", "write_late", times=1)
        run_times(house, 1)
        follow(house, f"next{number}")
        run_times(house, 1)
    # The third time Upsales is busy for an hour, while the first two arrive.
    house.sandbox.faults.add("upsales.create_event", "429", times=1, seconds=3600)
    assert run_times(house, 1)["retrying"] == 1
    house.tenant.settle()
    assert ids(house).count(external_id("e1")) == 2
    house.later(hours=2)
    assert house.run()["balance"]["activity"]["registered"] == 3
    assert house.run()["healed"] == 1
    assert len(ids(house)) == len(set(ids(house))) == 3


def test_adoption_waits_for_the_first_write(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house = forget_all(house)
    house.configure(activityMinPercent=99)
    house.run()
    assert house.calls("upsales.events") == 1, "that of the first database"
    house.configure(activityMinPercent=10)
    house.world.add(view("e2", "anna@acme.example"))
    assert house.run()["written"]["activities"] == 1
    assert len(ids(house)) == len(set(ids(house))) == 2


def test_where_submits_cannot_be_read_older_views_wait_for_a_person(
    build_house: BuildHouse,
) -> None:
    house = build_house(config={"formsEnabled": True})
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house = forget_all(house)
    house.tenant.switches.may_read_submits = False
    assert house.run()["uncertain"] == 1
    (sent,) = outbox.sent(house.customer, ["e1"]).values()
    assert sent.needs_person
    later = NOW + timedelta(minutes=1)
    house.world.add(view("e2", "bo@birch.example", received_at=later, fraction=1.0))
    house.later(minutes=20)
    assert house.run()["written"]["forms"] == 1
    assert len(house.submits) == 2


def test_a_new_customer_who_cannot_read_submits_is_not_held_back(build_house: BuildHouse) -> None:
    house = build_house(config={"formsEnabled": True})
    house.tenant.switches.may_read_submits = False
    house.world.add(view("e1", "anna@acme.example"))
    assert house.run()["written"]["forms"] == 1


def test_after_a_restored_backup_every_customer_adopts(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    with_entry = outbox.sent(house.customer, ["e1"])
    assert with_entry
    database.database.execute_sql("DELETE FROM outbox")
    house.clock.advance(timedelta(minutes=1))
    instance.write(RESTORED_AT, house.clock.now().isoformat())
    house.configure(activityScore=11)
    house.run()
    assert len(ids(house)) == 1
    house.forget_calls()
    house.world.add(view("e2", "anna@acme.example"))
    house.run()
    assert house.calls("upsales.events") == 0
    assert len(ids(house)) == 2


def test_an_upsales_that_never_lists_stops_a_new_customer_for_a_few_runs_only(
    house: House,
) -> None:
    house.sandbox.faults.add("upsales.events", "500", times=None)
    house.world.add(view("e1", "anna@acme.example"))
    for _ in range(PATIENT_RUNS):
        assert house.run()["code"] == "upsales_away"
    assert house.run()["written"]["activities"] == 1


def test_after_a_loss_nothing_is_written_while_what_is_there_cannot_be_listed(
    house: House,
) -> None:
    for n in range(5):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    house.run()
    house = forget_all(house)
    fault = house.sandbox.faults.add("upsales.events", "500", times=None)
    assert house.run()["status"] == "failed"
    house.sandbox.faults.remove(fault)
    assert house.run()["balance"]["activity"]["registered"] == 5
    assert len(house.entries) == 5
