"""A viewer is ignored, or not any more: before a run, and in the middle of one."""

from __future__ import annotations

from datetime import timedelta

from tests.sync.house import House, check_balance, view
from upsales_wistia.inquiry import simulate_change
from upsales_wistia.store import ignored, search
from upsales_wistia.sync import ignoring
from upsales_wistia.viewlist import scene

ANNA = "anna@acme.example"


def ignore(house: House, email: str) -> bool:
    now = house.clock.now()
    return ignoring.ignore(house.customer, email, "Eva", now, since=now - timedelta(days=3))


def code(house: House, key: str) -> str:
    details = search.details(house.customer, key)
    assert details
    return details.listed.activity_code


def test_before_the_first_view(house: House) -> None:
    assert ignore(house, ANNA)
    house.world.add(view("e1", ANNA))
    document = house.run()
    assert document["balance"]["activity"]["dropped"] == {"ignored_viewer": 1}
    assert document["funnel"]["turnstile"] == 1
    assert document["funnel"]["activity"]["matched"] == 0
    assert house.entries == []


def test_taken_back_it_is_written_by_the_next_run(house: House) -> None:
    ignore(house, ANNA)
    house.world.add(view("e1", ANNA))
    house.run()
    settings = scene(house.customer).settings
    assert ignoring.take_back(house.customer, ANNA, settings, house.clock.now())
    assert not ignoring.take_back(house.customer, ANNA, settings, house.clock.now())
    house.later(minutes=20)
    assert house.run()["written"]["activities"] == 1
    (entry,) = house.entries
    assert [contact["id"] for contact in entry["contacts"]] == [101]


def test_long_after_it_is_written_with_its_own_time_or_left_out_for_good(house: House) -> None:
    house.world.add(view("e1", "new@nobody.example"))
    house.run()
    ignore(house, "new@nobody.example")
    house.later(days=40)
    house.run()
    assert code(house, "e1") == "ignored_viewer"
    settings = scene(house.customer).settings
    ignoring.take_back(house.customer, "new@nobody.example", settings, house.clock.now())
    assert code(house, "e1") == "unknown"
    house.tenant.crm.add_contact(email="new@nobody.example", company_id=1, name="Nora")
    house.later(hours=25)
    assert house.run(asked=True)["written"]["late"]["activities"] == 1

    house.world.add(view("e2", "late@none.example", received_at=house.clock.now()))
    house.later(hours=1)
    house.run()
    ignore(house, "late@none.example")
    house.later(days=100)
    ignoring.take_back(house.customer, "late@none.example", settings, house.clock.now())
    assert code(house, "e2") == "waited_out"


def test_in_the_middle_of_a_run(house: House) -> None:
    """Whatever the run does just then, nothing of theirs is written after it."""
    seen: list[str] = []

    def meanwhile(doing: str) -> None:
        seen.append(doing)
        if doing.startswith("Writing"):
            ignore(house, ANNA)

    for n in range(3):
        house.world.add(view(f"e{n}", ANNA))
    document = house.services.run_now(house.customer, progress=meanwhile)
    assert any(doing.startswith("Writing") for doing in seen), seen
    check_balance(document)
    assert house.entries == []
    house.later(minutes=20)
    assert house.run()["balance"]["activity"]["dropped"] == {"ignored_viewer": 3}
    assert house.entries == []


def test_what_a_run_decided_while_somebody_chose_otherwise_is_decided_again(house: House) -> None:
    house.world.add(view("e1", "new@nobody.example"))
    house.run()
    now = house.clock.now()
    assert ignored.add(house.customer, "new@nobody.example", "Eva", now)
    house.later(minutes=20)
    assert house.run()["balance"]["activity"]["dropped"] == {"ignored_viewer": 1}
    assert ignored.remove(house.customer, "new@nobody.example")
    house.later(minutes=20)
    assert house.run()["balance"]["activity"]["waiting"] == 1


def test_the_form_goes_all_the_same(house: House) -> None:
    house.configure(formsEnabled=True)
    ignore(house, ANNA)
    house.world.add(view("e1", ANNA))
    document = house.run()
    assert document["balance"]["activity"]["dropped"] == {"ignored_viewer": 1}
    assert len(house.submits) == 1
    assert house.entries == []


def test_what_if_and_a_dry_run_know_it(house: House) -> None:
    house.configure(activityMinPercent=90)
    for key, email in (("e1", ANNA), ("e2", "bo@birch.example")):
        house.world.add(view(key, email))
    house.run()
    ignore(house, ANNA)
    said = simulate_change(house.services, house.customer, {"activityMinPercent": 50})
    assert said["activity"] == {"gained": ["e2"], "lost": [], "unknown": []}
    house.configure(activityMinPercent=50)
    rehearsed = house.services.rehearse(house.customer)
    assert rehearsed["balance"]["activity"]["dropped"] == {"ignored_viewer": 1}
    assert rehearsed["written"]["activities"] == 1
    assert house.run()["balance"] == rehearsed["balance"]
    assert len(house.entries) == 1
