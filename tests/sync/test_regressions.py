"""Cases that once went wrong: each names what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.sync.house import BASE, NOW, House, small_world, view
from upsales_wistia import customers as people_of
from upsales_wistia.sandbox import Contact
from upsales_wistia.store import customers, runs, versions

BuildHouse = Callable[..., House]


def many(domain: str, count: int, company: int = 2) -> list[Contact]:
    return [Contact(1000 + n, f"C {n}", f"c{n}@{domain}", company) for n in range(count)]


@pytest.mark.parametrize("search", ["works", "ignored"])
def test_a_domain_with_thousands_of_contacts_stops_nobody(
    build_house: BuildHouse, search: str
) -> None:
    anna = Contact(9000, "Anna", "anna@acme.example", 1)
    house = build_house(world=small_world(contacts=[*many("boxing.example", 2001), anna]))
    house.tenant.switches.contains_search = search  # type: ignore[assignment]
    for n, email in enumerate(["anna@acme.example", "x@boxing.example", "y@xing.example"]):
        house.world.add(view(f"e{n}", email))
    document = house.run()
    assert (document["status"], document["written"]["activities"]) == ("ok", 2)
    assert document["waiting"] == 1, "boxing is not xing"


def test_forms_alone_are_never_written_into_another_account(build_house: BuildHouse) -> None:
    house = build_house(config={"formsEnabled": True})
    other = house.sandbox.add_customer(9999, small_world(), config={})
    people_of.add(house.services, 4711, "Acme", {"apiKey": other.upsales_key})
    house.world.add(view("e1", "new@nobody.example"))
    assert house.run()["code"] == "upsales_key_refused"
    assert (other.crm.forms, other.crm.submits) == ({}, {})


def test_a_replaced_key_is_checked_before_it_writes(house: House) -> None:
    other = house.sandbox.add_customer(9999, small_world(), config={})
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    people_of.add(house.services, 4711, "Acme", {"apiKey": other.upsales_key})
    house.world.add(view("e2", "anna@acme.example"))
    house.later(minutes=20)
    assert house.run()["code"] == "upsales_key_refused"
    assert other.crm.events == {}


def test_a_new_key_alone_keeps_the_rules(house: House) -> None:
    house.configure(activityMinPercent=50, activityProjects=["proj1"])
    people_of.add(house.services, 4711, "Acme", {"apiKey": "another"})
    version = versions.current(4711)
    assert version is not None
    assert version.config["activityMinPercent"] == 50
    assert version.config["activityProjects"] == ["proj1"]


def test_a_refused_look_up_of_one_stranger_does_not_block_the_known(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house.world.add(view("e2", "stranger@odd.example"))
    house.world.add(view("e3", "anna@acme.example"))
    house.sandbox.faults.add("upsales.contacts", "400", times=None)
    document = house.run()
    assert (document["status"], document["written"]["activities"]) == ("ok", 1)
    assert document["waiting"] == 1


def test_a_refused_history_does_not_block_the_others(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.world.add(view("e2", visitor_key="odd", email="x@acme.example"))
    house.sandbox.faults.add("wistia.events", "403", times=1, after=1)
    assert house.run()["written"]["activities"] == 1


def test_a_later_conversion_does_not_hide_an_earlier_one(house: House) -> None:
    anna = "anna@acme.example"
    for key, typed, ago in [
        ("old", anna, timedelta(days=100)),
        ("seen", "", timedelta(hours=5)),
        ("new", anna, timedelta(hours=2)),
    ]:
        house.world.add(view(key, typed, email=anna, visitor_key="v", received_at=NOW - ago))
    assert house.run()["written"]["activities"] == 2


def test_the_directory_follows_contacts_that_move(house: House) -> None:
    house.tenant.switches.contains_search = "ignored"
    house.world.add(view("e1", "x@acme.example"))
    house.run()
    house.tenant.crm.contacts[101]["client"] = {"id": 2, "name": "Birch AS", "users": []}
    house.later(days=2)
    at = house.clock.now() - timedelta(hours=1)
    house.world.add(view("e2", "y@acme.example", received_at=at))
    house.run()
    assert [row["client"]["id"] for row in house.entries] == [1, 2]


def test_the_search_is_tried_with_a_contact_that_has_an_address(build_house: BuildHouse) -> None:
    nameless = [Contact(n, f"C {n}", "", 1) for n in range(1, 151)]
    anna = Contact(9000, "Anna", "anna@acme.example", 1)
    house = build_house(world=small_world(contacts=[*nameless, anna]))
    house.tenant.switches.contains_search = "nothing"
    house.world.add(view("e1", "bob@acme.example"))
    assert house.run()["written"]["activities"] == 1


def test_an_international_domain_is_found_however_it_is_spelt(build_house: BuildHouse) -> None:
    contacts = [Contact(101, "Åsa", "asa@blåbär.example", 2)]
    house = build_house(world=small_world(contacts=contacts))
    house.world.add(view("e1", "bo@blåbär.example"))
    assert house.run()["written"]["activities"] == 1


def test_a_view_of_the_next_window_waits_for_its_run(house: House) -> None:
    later = NOW + timedelta(seconds=30)
    house.world.add(view("e1", "anna@acme.example", received_at=later, fraction=1.0))
    house.world.move_to(later)
    assert house.run()["written"]["activities"] == 0
    assert house.entries == []
    house.later(minutes=1)
    assert house.run()["written"]["activities"] == 1


def test_a_video_that_moves_into_a_chosen_project_brings_its_views(house: House) -> None:
    house.configure(activityProjects=["proj2"])
    house.world.add(view("e1", "anna@acme.example"))
    assert house.run()["balance"]["activity"]["dropped"] == {"other_project": 1}
    house.world.medias = [replace(m, project="proj2") for m in house.world.medias]
    house.later(hours=25)
    assert house.run()["written"]["activities"] == 1


def test_a_key_with_a_nul_does_not_break_the_run(house: House) -> None:
    house.world.add(view("e\x00vil"))
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    assert (document["status"], document["written"]["activities"]) == ("ok", 1)
    assert customers.setup(4711)["unreadable"] == 1


def test_paused_forms_need_a_person_and_say_so(build_house: BuildHouse) -> None:
    house = build_house(config=BASE | {"formsEnabled": True})
    house.world.add(view("e1", "anna@acme.example"))
    house.world.add(view("e2", "bo@birch.example"))
    house.sandbox.faults.add("upsales.form_submit", "400", times=None)
    document = house.run()
    assert (document["status"], document["failed"], document["retrying"]) == ("partial", 2, 0)
    status = house.services.status_page(4711)
    assert status is not None
    assert status.forms_paused


def test_refused_submits_are_counted_over_runs(build_house: BuildHouse) -> None:
    house = build_house(config={"formsEnabled": True})
    house.sandbox.faults.add("upsales.form_submit", "400", times=None)
    for n in range(2):
        house.world.add(view(f"e{n}", "a@acme.example"))
        house.run()
        house.later(minutes=5)
    assert customers.load(4711).forms_paused


@pytest.mark.parametrize("auth", ["query", "cookie"])
def test_the_operators_choice_of_the_keys_way_wins(build_house: BuildHouse, auth: str) -> None:
    house = build_house(environ={"UPSALES_AUTH": auth})
    customers.update_setup(4711, auth="cookie" if auth == "query" else "query")
    house.tenant.switches.upsales_auth = auth  # type: ignore[assignment]
    house.world.add(view("e1", "anna@acme.example"))
    assert house.run()["written"]["activities"] == 1


def test_a_run_that_broke_is_closed(house: House) -> None:
    house.services.pause = _break
    house.sandbox.faults.add("wistia.events", "429", times=1, seconds=1)
    with pytest.raises(ZeroDivisionError):
        house.services.run(house.customer)
    last = runs.last(4711)
    assert last is not None
    assert (last.status, last.ended_at) == ("failed", NOW)
    assert str(last.reason).startswith("Something broke on our side.")


def _break(seconds: float) -> None:
    raise ZeroDivisionError
