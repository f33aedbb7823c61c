"""``failed``: what needs a person is shown with its reason, and settled by a person."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.sync.house import view
from upsales_wistia.sandbox import Sandbox, Tenant

CUSTOMER = ("--customer", "4711")


@pytest.fixture
def parked(upsales_wistia: Run, added: Tenant, sandbox: Sandbox) -> Tenant:
    """One of two entries was refused eight times."""
    upsales_wistia("sync", *CUSTOMER)
    sandbox.faults.add("upsales.create_event", "400", times=None)
    added.world.add(view("e9", "anna@acme.example"))
    for _ in range(8):
        upsales_wistia("sync", *CUSTOMER)
    return added


@pytest.fixture
def unclear(upsales_wistia: Run, added: Tenant, sandbox: Sandbox) -> Tenant:
    """One entry of two is uncertain."""
    sandbox.faults.add("upsales.create_event", "500", times=1)
    assert upsales_wistia("sync", *CUSTOMER).status == 1
    return added


def items(run: Run) -> list[dict[str, object]]:
    found = run("failed", "list", *CUSTOMER, "--json").document["items"]
    assert isinstance(found, list)
    return found


def test_a_failed_item_is_listed_with_reason_and_payload(
    upsales_wistia: Run, parked: Tenant
) -> None:
    (item,) = items(upsales_wistia)
    assert (item["event_key"], item["state"], item["code"]) == ("e9", "failed", "parked")
    assert (item["tries"], item["needs_person"]) == (8, True)
    assert str(item["reason"]).startswith("Upsales refused it 8 times")
    assert item["payload"]["text"] == "Watched 83% of Product tour"  # type: ignore[index]
    told = upsales_wistia("failed", "list", *CUSTOMER).out
    assert "Upsales refused it 8 times" in told
    assert "What we sent" in told


def test_a_failed_item_is_tried_again_at_once(
    upsales_wistia: Run, parked: Tenant, sandbox: Sandbox
) -> None:
    sandbox.faults.clear()
    ended = upsales_wistia("failed", "retry", *CUSTOMER, "e9", "--json")
    assert (ended.status, ended.document["changed"]) == (0, 1)
    assert ended.document["run"]["written"]["activities"] == 1
    assert items(upsales_wistia) == []
    assert len(parked.crm.events) == 3


def test_a_failed_item_that_fails_again_is_not_parked_at_once(
    upsales_wistia: Run, parked: Tenant
) -> None:
    ended = upsales_wistia("failed", "retry", *CUSTOMER)
    assert "1 sent again." in ended.out
    assert items(upsales_wistia) == []
    found = upsales_wistia("explain", *CUSTOMER, "e9", "--json").document
    assert found["views"][0]["targets"]["activity"]["verdict"] == "retrying"


def test_an_uncertain_item_is_sent_again_when_a_person_says_so(
    upsales_wistia: Run, unclear: Tenant
) -> None:
    (item,) = items(upsales_wistia)
    assert (item["state"], item["needs_person"]) == ("uncertain", False)
    ended = upsales_wistia("failed", "resend", *CUSTOMER, "--target", "activity", "--json")
    assert ended.document["changed"] == 1
    assert len(unclear.crm.events) == 2


def test_an_uncertain_item_is_registered_when_a_person_says_so(
    upsales_wistia: Run, unclear: Tenant
) -> None:
    (item,) = items(upsales_wistia)
    ended = upsales_wistia("failed", "there", *CUSTOMER, str(item["event_key"]))
    assert ended.out == "1 taken as registered.\n"
    document = upsales_wistia("sync", *CUSTOMER, "--json").document
    assert document["balance"]["activity"]["registered"] == 2
    assert len(unclear.crm.events) == 1


def test_retry_leaves_uncertain_items_alone(upsales_wistia: Run, unclear: Tenant) -> None:
    ended = upsales_wistia("failed", "retry", *CUSTOMER, "--json")
    assert ended.document == {"customer": 4711, "changed": 0, "run": None}


def test_nothing_failed_is_said(upsales_wistia: Run, added: Tenant) -> None:
    ended = upsales_wistia("failed", "list", *CUSTOMER)
    assert ended.out == "Nothing failed, and nothing is being checked.\n"


@pytest.mark.parametrize("verb", ["list", "retry", "there", "resend"])
def test_an_unknown_key_or_customer_is_one_sentence(
    upsales_wistia: Run, added: Tenant, verb: str
) -> None:
    ended = upsales_wistia("failed", verb, *CUSTOMER, "nothing")
    assert ended.status == 2
    assert ended.err.startswith("Nothing failed or uncertain has the key nothing.")
    ended = upsales_wistia("failed", verb, "--customer", "12")
    assert (ended.status, ended.err.startswith("No customer has the number 12.")) == (2, True)
