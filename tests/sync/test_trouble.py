"""Vendors that fail, in every way they are known to: nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sync.house import NOW, House, view
from upsales_wistia.store import customers
from upsales_wistia.sync.report import exit_status

BuildHouse = Callable[..., House]


def written(house: House) -> list[str]:
    return sorted(row["externalId"] for row in house.entries)


@pytest.fixture
def ready(house: House) -> House:
    """Three views that are to be written, and one of a company's stranger."""
    for n, email in enumerate(["anna@acme.example", "bo@birch.example", "new@acme.example"]):
        house.world.add(view(f"e{n}", email))
    return house


@pytest.mark.parametrize(
    ("operation", "kind", "code", "status"),
    [
        ("wistia.events", "revoked", "unauthorized_credentials", 3),
        ("wistia.events", "unauthorized_scope", "unauthorized_scope", 3),
        ("wistia.events", "account_inactive", "account_inactive", 3),
        ("wistia.medias", "unauthorized_scope", "unauthorized_scope", 3),
        ("wistia.events", "500", "wistia_away", 4),
        ("wistia.events", "html_404", "wistia_away", 4),
        ("wistia.events", "not_json", "wistia_away", 4),
        ("wistia.events", "redirect", "wistia_away", 4),
        ("wistia.events", "reset", "wistia_away", 4),
        ("wistia.events", "429_bare", "wistia_away", 4),
        ("upsales.self", "403", "upsales_away", 4),
        ("upsales.contacts", "revoked", "upsales_key_refused", 3),
        ("upsales.contacts", "500", "upsales_away", 4),
        ("upsales.contacts", "html_404", "upsales_away", 4),
        ("upsales.contacts", "429_negative", "upsales_away", 4),
        ("upsales.create_event", "revoked", "upsales_key_refused", 3),
        ("upsales.create_event", "html_404", "upsales_away", 4),
        ("upsales.create_event", "429", "upsales_away", 4),
    ],
)
def test_a_refusal_ends_the_run_with_its_cause_and_the_next_good_run_writes_all(
    ready: House, operation: str, kind: str, code: str, status: int
) -> None:
    fault = ready.sandbox.faults.add(operation, kind, times=None, seconds=3600)
    document = ready.run()
    assert (document["status"], document["code"]) == ("failed", code)
    assert exit_status(document) == status
    assert document["reason"]
    assert ready.entries == []
    ready.sandbox.faults.remove(fault)
    ready.later(minutes=61)
    assert ready.run()["status"] == "ok"
    assert len(written(ready)) == len(set(written(ready))) == 3


def test_a_missing_permission_is_named(ready: House) -> None:
    ready.sandbox.faults.add("wistia.events", "unauthorized_scope", times=None)
    assert "Read detailed stats" in ready.run()["reason"]


@pytest.mark.parametrize("kind", ["429", "429_bare", "429_negative", "500", "reset"])
@pytest.mark.parametrize("operation", ["wistia.events", "upsales.contacts"])
def test_a_short_trouble_while_reading_is_borne(ready: House, operation: str, kind: str) -> None:
    ready.sandbox.faults.add(operation, kind, times=1, seconds=2)
    assert ready.run()["status"] == "ok"
    assert len(written(ready)) == 3


def test_a_500_on_page_3_is_read_again_without_losing_a_page(house: House) -> None:
    for n in range(320):
        house.world.add(view(f"e{n}", received_at=NOW - timedelta(hours=1, seconds=n)))
    house.sandbox.faults.add("wistia.events", "500", page=3, times=4)
    assert house.run()["funnel"]["views"] == 320


def test_a_long_wait_is_not_slept_but_moves_the_next_run(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "429", times=None, seconds=3600)
    document = ready.run()
    assert document["code"] == "upsales_away"
    assert ready.pauses == []
    assert ready.calls("upsales.create_event") == 1
    assert customers.due_at(ready.customer, "poll") == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "kind", ["write_then_cut", "500_after_writing", "odd_answer", "500", "reset"]
)
def test_an_unclear_answer_leaves_the_entry_uncertain_and_sends_nothing_again(
    ready: House, kind: str
) -> None:
    ready.sandbox.faults.add("upsales.create_event", kind, times=1)
    document = ready.run()
    assert (document["status"], exit_status(document)) == ("partial", 1)
    assert document["uncertain"] == 1
    assert document["written"]["activities"] == 2
    ready.later(minutes=4)
    again = ready.run(asked=True)
    assert again["uncertain"] == 1
    assert ready.calls("upsales.create_event") == 3


def test_three_failures_in_a_row_end_the_run(house: House) -> None:
    for n in range(6):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    house.sandbox.faults.add("upsales.create_event", "500", times=None)
    document = house.run()
    assert (document["status"], document["code"]) == ("failed", "upsales_away")
    assert house.calls("upsales.create_event") == 3
    assert (document["uncertain"], document["retrying"]) == (3, 3)


def test_a_refusal_is_an_answer_and_ends_a_row_of_failures(house: House) -> None:
    for n in range(6):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    for n, kind in enumerate(["500", "400", "500", "400", "500"]):
        house.sandbox.faults.add("upsales.create_event", kind, times=1, after=n)
    document = house.run()
    assert (document["status"], document["written"]["activities"]) == ("partial", 1)
    assert (document["uncertain"], document["retrying"]) == (3, 2)


def test_one_bad_item_never_stops_the_others_and_is_parked_at_the_eighth_refusal(
    ready: House,
) -> None:
    ready.sandbox.faults.add("upsales.create_event", "400", times=1)
    document = ready.run()
    assert (document["written"]["activities"], document["retrying"]) == (2, 1)
    ready.sandbox.faults.add("upsales.create_event", "400", times=None)
    for _ in range(6):
        assert ready.run(asked=True)["failed"] == 0
    document = ready.run(asked=True)
    assert (document["failed"], document["status"]) == (1, "partial")
    ready.forget_calls()
    ready.run(asked=True)
    assert ready.calls("upsales.create_event") == 0


def test_a_refused_item_is_not_tried_before_its_time_unless_a_person_asks(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "400", times=1)
    ready.run()
    ready.later(minutes=5)
    ready.forget_calls()
    ready.run()
    assert ready.calls("upsales.create_event") == 0
    assert ready.run(asked=True)["written"]["activities"] == 1


@pytest.mark.parametrize("kind", ["refused_contact", "refused_client"])
def test_a_contact_that_is_gone_is_looked_up_once_more(ready: House, kind: str) -> None:
    ready.sandbox.faults.add("upsales.create_event", kind, times=1)
    document = ready.run()
    assert (document["status"], document["written"]["activities"]) == ("ok", 3)
    assert ready.calls("upsales.contacts") >= 2
    assert len(written(ready)) == 3


def test_a_contact_deleted_meanwhile_leaves_its_view_waiting(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.tenant.crm.remove_contact(101)
    assert house.run()["waiting"] == 1


def test_without_a_key_the_run_says_so_only_when_it_needs_one(build_house: BuildHouse) -> None:
    house = build_house(key=False)
    house.world.add(view("nobody"))
    assert house.run()["status"] == "ok"
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    assert (document["code"], exit_status(document)) == ("no_upsales_key", 3)
    assert document["waiting"] == 1
    house.key = True
    house.configure()
    assert house.run()["written"]["activities"] == 1


def test_another_accounts_key_writes_nothing(build_house: BuildHouse) -> None:
    house = build_house()
    other = House(house.sandbox, house.database_url, customer=99)
    other.world.add(view("e1", "anna@acme.example"))
    other.tenant.upsales_key, key = house.tenant.upsales_key, other.tenant.upsales_key
    other.configure()
    document = other.run()
    assert (document["code"], document["written"]["activities"]) == ("upsales_key_refused", 0)
    assert "belongs to account 4711" in document["reason"]
    assert house.entries == []
    assert other.entries == []
    other.tenant.upsales_key = key
    other.configure()
    assert other.run()["written"]["activities"] == 1


def test_a_customer_who_is_not_connected_must_act(build_house: BuildHouse) -> None:
    house = build_house()
    customers.save_secret(house.services.keyring, 4711, "wistiaApiPassword", "", NOW)
    document = house.run()
    assert (document["code"], exit_status(document)) == ("not_configured", 3)
    assert house.sandbox.counters.total("wistia") == 0


def test_a_setting_that_cannot_be_read_keeps_its_last_good_value(house: House) -> None:
    house.configure(activityMinPercent=90)
    house.world.add(view("e1", "anna@acme.example"))
    assert house.configure(activityMinPercent="lots") == ["activityMinPercent"]
    house.run()
    assert house.entries == [], "83 % is still below the last good minimum"


def test_a_first_setting_that_cannot_be_read_writes_nothing(build_house: BuildHouse) -> None:
    house = build_house(config={"activitiesEnabled": True, "activityMinPercent": "lots"})
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    assert document["code"] == "not_configured"
    assert "activityMinPercent" in document["reason"]
    assert house.entries == []


def test_what_breaks_us_is_put_off_and_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.services.pause = _break
    house.sandbox.faults.add("wistia.events", "429", times=None, seconds=1)
    with pytest.raises(ZeroDivisionError):
        house.services.run(house.customer)
    due = customers.due_at(house.customer, "poll")
    assert due is not None
    assert due > NOW
    house.sandbox.faults.clear()
    assert house.run()["written"]["activities"] == 1


def _break(seconds: float) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("search", ["ignored", "refused", "nothing"])
def test_a_search_that_cannot_be_trusted_is_replaced_by_our_own_directory(
    ready: House, search: str
) -> None:
    ready.tenant.switches.contains_search = search  # type: ignore[assignment]
    assert ready.run()["written"]["activities"] == 3
    assert any(not row["contacts"] and row["client"]["id"] == 1 for row in ready.entries)
    assert customers.setup(ready.customer)["search"] == "crawl"


def test_times_are_right_from_the_second_entry_on_where_upsales_reads_local_time(
    ready: House,
) -> None:
    ready.tenant.switches.event_zone = "Europe/Stockholm"
    ready.run()
    dates = [row["date"][:16] for row in ready.entries]
    assert dates == ["2026-11-20T12:20", "2026-11-20T13:20", "2026-11-20T13:20"]


@pytest.mark.parametrize("auth", ["query", "cookie"])
def test_the_way_to_send_the_key_is_found_and_remembered(ready: House, auth: str) -> None:
    ready.tenant.switches.upsales_auth = auth  # type: ignore[assignment]
    assert ready.run()["written"]["activities"] == 3
    assert customers.setup(ready.customer)["auth"] == auth
    ready.world.add(view("later", "anna@acme.example"))
    ready.later(hours=2)
    ready.forget_calls()
    assert ready.run()["written"]["activities"] == 1
    assert ready.calls("upsales.self") == 0
