"""One run after another, as a customer lives through them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import ceil

import pytest

from tests.sync.house import NOW, House, small_world, view
from upsales_wistia.sandbox import Contact, Media
from upsales_wistia.store import customers, outbox, runs
from upsales_wistia.store.leases import claim

BuildHouse = Callable[..., House]


def codes(document: dict[str, object], target: str = "activity") -> dict[str, int]:
    balance = document["balance"][target]  # type: ignore[index]
    return {
        **{f"dropped {c}": n for c, n in balance["dropped"].items()},
        **{c: n for c, n in balance.items() if isinstance(n, int) and n and c != "views"},
    }


def test_a_contact_gets_the_entry_with_its_text_score_time_and_id(house: House) -> None:
    house.world.add(view("e1", " Anna@ACME.example "))
    assert codes(house.run()) == {"written": 1}
    (entry,) = house.entries
    assert entry["value"] == "Watched 83% of Product tour"
    assert entry["score"] == 10
    assert entry["subType"] == "Wistia"
    assert entry["entityType"].lower() == "marketingcustom"
    assert entry["client"]["id"] == 1
    assert [c["id"] for c in entry["contacts"]] == [101]
    assert entry["date"].startswith("2026-11-20T13:20:00")


def test_a_domain_goes_to_the_company_that_the_tie_break_picks(house: House) -> None:
    house.world.add(view("e1", "who@mail.birch.example"))
    assert codes(house.run()) == {"written": 1}
    (entry,) = house.entries
    assert entry["client"]["id"] == 3, "Birch Two is a customer already"
    assert not entry["contacts"]
    assert entry["value"] == "Someone watched 83% of Product tour"


@pytest.mark.parametrize(
    "email", ["x@gmail.com", "x@telia.com", "x@own.example", "x@nobody.example"]
)
def test_who_is_nobody_waits_and_is_written_once_the_contact_is_there(
    house: House, email: str
) -> None:
    house.world.add(view("e1", email))
    assert codes(house.run()) == {"waiting": 1}
    house.later(days=5)
    house.tenant.crm.add_contact(email=email, company_id=2, name="Late Comer")
    document = house.run()
    assert document["written"]["late"] == {"activities": 1, "forms": 0}
    assert document["funnel"]["views"] == 0, "the view is older than the window"
    (entry,) = house.entries
    assert entry["date"].startswith("2026-11-20T13:20:00"), "its original time"
    house.later(days=1)
    assert house.run()["written"]["late"]["activities"] == 0
    assert len(house.entries) == 1


def test_nobody_is_waited_for_longer_than_the_waiting_days(house: House) -> None:
    house.configure(waitingDays=2)
    house.world.add(view("e1", "x@nobody.example"))
    house.run()
    house.later(days=2)
    house.tenant.crm.add_contact(email="x@nobody.example", company_id=2, name="Late Comer")
    assert codes(house.run()) == {"dropped waited_out": 1}
    assert house.entries == []


def test_a_lowered_minimum_brings_the_view_in_the_next_run(house: House) -> None:
    house.configure(activityMinPercent=90)
    house.world.add(view("e1", "anna@acme.example"))
    assert codes(house.run()) == {"dropped below_minimum": 1}
    house.configure(activityMinPercent=83)
    assert codes(house.run()) == {"written": 1}
    house.configure(activityMinPercent=99)
    assert codes(house.run()) == {"registered": 1}, "what is written stays written"


def test_a_view_is_held_until_it_is_over(house: House) -> None:
    received = NOW - timedelta(minutes=2)
    house.world.add(view("e1", "anna@acme.example", received_at=received, fraction=0.1))
    assert codes(house.run()) == {"settling": 1}
    house.world.change("e1", fraction=0.9)
    assert codes(house.run()) == {"settling": 1}
    house.later(minutes=5)
    assert codes(house.run()) == {"written": 1}
    assert [row["value"] for row in house.entries] == ["Watched 90% of Product tour"]


def test_of_unknown_length_two_reads_must_agree(build_house: BuildHouse) -> None:
    world = small_world(medias=[Media(11, "media00001", "Live", "proj1", None)])
    house = build_house(world=world)
    house.world.add(view("e1", "anna@acme.example"))
    assert codes(house.run()) == {"settling": 1}
    house.later(minutes=1)
    house.world.change("e1", fraction=0.9)
    assert codes(house.run()) == {"settling": 1}
    house.later(minutes=1)
    assert codes(house.run()) == {"written": 1}


def test_a_late_conversion_of_the_visitor_counts_for_later_views_alone(house: House) -> None:
    when = NOW - timedelta(hours=2)
    house.world.add(view("before", visitor_key="v", received_at=when - timedelta(hours=1)))
    house.world.add(view("after", visitor_key="v", received_at=when + timedelta(hours=1)))
    assert codes(house.run()) == {"dropped no_email": 2}
    house.world.add(view("gate", "anna@acme.example", visitor_key="v", received_at=when))
    assert codes(house.run()) == {"written": 2, "dropped no_email": 1}


def test_an_old_conversion_is_read_once_from_the_visitors_history(house: House) -> None:
    old = NOW - timedelta(days=200)
    house.world.add(view("old", "anna@acme.example", visitor_key="v", received_at=old))
    house.world.add(view("now", visitor_key="v", email="anna@acme.example"))
    assert codes(house.run()) == {"written": 1}
    house.world.change("now", fraction=0.9)
    house.forget_calls()
    assert codes(house.run()) == {"registered": 1}
    assert house.calls("wistia.events") == 1


def test_before_the_start_date_nothing_is_written(house: House) -> None:
    house.configure(startDate="2026-11-21")
    house.world.add(view("e1", "anna@acme.example"))
    assert codes(house.run()) == {"dropped before_start": 1}
    assert house.entries == []


def test_calls_are_those_of_the_lower_bound(house: House) -> None:
    house.world.add(view("warm", "anna@acme.example"))
    house.world.add(view("warm2", "x@nobody.example"))
    house.run()
    house.later(minutes=5)
    emails = [f"p{n}@dom{n % 3}.example" for n in range(50)]
    for n, email in enumerate(emails):
        house.world.add(view(f"e{n}", email, received_at=NOW - timedelta(minutes=30, seconds=n)))
    house.world.add(view("k1", "bo@birch.example"))
    house.forget_calls()
    document = house.run()
    assert codes(document) == {"written": 1, "registered": 1, "waiting": 51}
    assert house.sandbox.counters.total("upsales") <= ceil(51 / 40) + 3 + 1
    assert house.sandbox.counters.total("wistia") <= ceil(53 / 100) + 1


def test_the_last_page_being_full_costs_one_request_more(house: House) -> None:
    for n in range(200):
        house.world.add(view(f"e{n}", received_at=NOW - timedelta(hours=1, seconds=n)))
    assert house.run()["funnel"]["views"] == 200
    house.forget_calls()
    house.run()
    assert house.calls("wistia.events") == 3


def test_rows_that_repeat_and_pages_that_shift_change_nothing(house: House) -> None:
    for n in range(250):
        house.world.add(view(f"e{n}", received_at=NOW - timedelta(hours=1, seconds=n)))
    house.world.add(view("k", "anna@acme.example", received_at=NOW - timedelta(hours=9)))
    house.sandbox.faults.add("wistia.events", "duplicate", times=None)
    house.sandbox.faults.add("wistia.events", "insert", times=3)
    assert house.run()["written"]["activities"] == 1
    assert house.run()["funnel"]["views"] == 254
    assert len(house.entries) == 1


def test_settings_that_are_off_write_nothing_and_are_null(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    assert document["funnel"]["form"] is None
    assert document["balance"]["form"] is None
    assert house.submits == []
    house.configure(activitiesEnabled=False)
    document = house.run()
    assert (document["status"], document["code"]) == ("failed", "not_configured")


def test_a_dry_run_tells_the_same_and_writes_nothing(house: House) -> None:
    house.configure(formsEnabled=True)
    house.world.add(view("e1", "anna@acme.example"))
    house.world.add(view("e2", "new@birch.example"))
    rehearsed = house.services.rehearse(house.customer)
    assert house.entries == []
    assert house.submits == []
    assert house.tenant.crm.forms == {}
    assert runs.listing(house.customer) == []
    assert outbox.sent(house.customer, ["e1", "e2"]) == {}
    real = house.run()
    for part in ("status", "funnel", "balance", "written", "waiting", "window"):
        assert rehearsed[part] == real[part], part


def test_a_run_that_is_going_on_is_left_alone(house: House) -> None:
    other = claim(house.customer, 60)
    assert other is not None
    assert house.services.run(house.customer) is None
    other.release()
    assert house.run()["status"] == "ok"


def test_two_contacts_of_one_e_mail_get_one_entry(build_house: BuildHouse) -> None:
    contacts = [
        Contact(101, "Old", "anna@acme.example", 1),
        Contact(102, "Far", "anna@acme.example", 2, journey_step="pipeline"),
    ]
    house = build_house(world=small_world(contacts=contacts))
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    assert [c["id"] for row in house.entries for c in row["contacts"]] == [102]


def test_the_next_poll_is_due_on_the_customers_own_grid(house: House) -> None:
    house.run()
    due = customers.due_at(house.customer, "poll")
    assert due is not None
    assert NOW < due <= NOW + timedelta(minutes=20)
    house.later(minutes=3)
    house.run()
    again = customers.due_at(house.customer, "poll")
    assert again is not None
    assert (again - due) % timedelta(minutes=20) == timedelta(0)
