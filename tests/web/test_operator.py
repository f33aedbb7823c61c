"""The operator's page and figures, on the real object graph and over HTTP."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.sync.house import House, view
from upsales_wistia import customers
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store import customers as stored
from upsales_wistia.web import create_app

HERE = "http://127.0.0.1:8000"
TOKEN = "the operator's token"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store)


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(house.services).test_client()


def text(answer: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def opened(client: FlaskClient, path: str = "/operator") -> TestResponse:
    answer = client.get(path, base_url=HERE)
    assert answer.status_code == 200, answer.text
    return answer


def press(client: FlaskClient, house: House, action: str) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', opened(client).text)
    assert token
    return client.post(
        f"/operator/{house.customer}/{action}", base_url=HERE, data={"csrf_token": token[1]}
    )


def others(house: House, *numbers: int) -> None:
    """More customers, of whom nothing ran yet."""
    for number in numbers:
        tenant = house.sandbox.add_customer(number, house.world)
        given = {"apiKey": tenant.upsales_key, "config": tenant.config}
        customers.add(house.services, number, f"Customer {number}", given)


def test_nobody_yet(house: House, client: FlaskClient) -> None:
    stored.remove(house.customer)
    assert "No customers yet" in text(opened(client))


def test_all_is_well(house: House, client: FlaskClient) -> None:
    house.world.add(view("view-of-anna", "anna@acme.example"))
    made = house.run()
    shown = opened(client)
    assert "1 customer: 1 in sync." in text(shown)
    sent = made["requests"]
    assert f"Calls today {sent['wistia']} + {sent['upsales']}" in text(shown)
    for hidden in ("anna@", "acme.example", "view-of-anna", "Berg"):
        assert hidden not in shown.text


def test_the_worst_comes_first_and_each_says_why(house: House, client: FlaskClient) -> None:
    others(house, 5001, 5002, 5003)
    stored.set_state(5001, "suspended")
    stored.set_state(5002, "paused")
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=None)
    house.run()
    shown = text(opened(client))
    assert (
        "4 customers: 1 need something from their admin, 1 suspended, 1 paused, "
        "1 before their first run." in shown
    )
    order = [shown.index(words) for words in ("Acme", "Customer 5001", "Customer 5002")]
    assert order == sorted(order)
    assert "Read detailed stats" in shown
    only = text(opened(client, "/operator?state=suspended"))
    assert "Customer 5001" in only
    assert "Customer 5002" not in only


def test_a_poll_that_nobody_does_is_ours(house: House, client: FlaskClient) -> None:
    house.run()
    house.later(hours=3)
    shown = text(opened(client))
    assert "1 need us" in shown
    assert re.search(
        r"Its run has been due for 1\d\d minutes|Its run has been due for 3 hours", shown
    )
    metrics = client.get("/metrics", base_url=HERE).text
    assert 'upsales_wistia_customers_by_case{case="ours"} 1.0' in metrics
    late = re.search(r"polls_late_seconds ([0-9.]+)", metrics)
    assert late
    assert 9000 < float(late[1]) <= 10800


def test_a_vendor_that_is_away_is_nobodys_fault(house: House, client: FlaskClient) -> None:
    house.sandbox.faults.add("wistia.events", "500", times=None)
    house.run()
    shown = text(opened(client))
    assert "1 wait for a vendor" in shown
    metrics = client.get("/metrics", base_url=HERE).text
    failed = re.search(r'calls_failed_today\{vendor="wistia"\} ([0-9.]+)', metrics)
    assert failed
    assert float(failed[1]) >= 1


def test_pause_and_resume(house: House, client: FlaskClient) -> None:
    assert "Acme is paused" in text(press(client, house, "pause"))
    assert stored.load(house.customer).state == "paused"
    assert "Acme is resumed" in text(press(client, house, "resume"))
    assert stored.load(house.customer).state == "active"
    assert stored.due_at(house.customer, "poll") == house.clock.now()


def test_a_link_opens_the_pages(house: House, client: FlaskClient) -> None:
    said = press(client, house, "link")
    address = re.search(r"<code>([^<]+)</code>", said.text)
    assert address
    assert client.get(unescape(address[1])).status_code == 303


def test_upsales_can_be_asked_only_where_the_app_is_in_its_directory(
    house: House, client: FlaskClient
) -> None:
    assert "UPSALES_APP_ID" in text(press(client, house, "ask"))


def test_a_customers_runs_with_their_causes(house: House, client: FlaskClient) -> None:
    path = f"/operator/{house.customer}"
    assert "No run yet" in text(opened(client, path))
    house.sandbox.faults.add("wistia.events", "revoked", times=None)
    made = house.run()
    shown = text(opened(client, path))
    assert made["run"] in shown
    assert "unauthorized_credentials" in shown
    assert client.get("/operator/99", base_url=HERE).status_code == 404


def test_writes_by_state_and_queues_are_told(house: House, client: FlaskClient) -> None:
    house.sandbox.faults.add("upsales.create_event", "400", times=None)
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    metrics = client.get("/metrics", base_url=HERE).text
    assert 'upsales_wistia_open_writes{state="retry"} 1.0' in metrics
    assert 'upsales_wistia_polls_last_hour{status="ok"} 1.0' in metrics
    house.later(hours=1)
    later = client.get("/metrics", base_url=HERE).text
    assert 'upsales_wistia_due_customers{kind="poll"} 1.0' in later
    assert 'upsales_wistia_due_oldest_seconds{kind="poll"}' in later


def basic(password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'me:{password}'.encode()).decode()}"}


def test_from_elsewhere_the_token_is_asked_for(store: str) -> None:
    with Sandbox(limits=Limits.off()) as sandbox:
        house = House(sandbox, store, environ={"OPERATOR_TOKEN": TOKEN})
        client = create_app(house.services).test_client()
        away = "http://app.example"
        refused = client.get("/operator", base_url=away)
        assert refused.status_code == 401
        assert "Basic" in refused.headers["WWW-Authenticate"]
        for wrong in ({}, basic("guess"), {"Authorization": "Bearer guess"}):
            assert client.get("/operator", base_url=away, headers=wrong).status_code == 401
        for right in (basic(TOKEN), {"Authorization": f"Bearer {TOKEN}"}):
            assert client.get("/operator", base_url=away, headers=right).status_code == 200
            assert client.get("/metrics", base_url=away, headers=right).status_code == 200


def test_without_a_token_nobody_comes_in_from_elsewhere(client: FlaskClient) -> None:
    for path in ("/operator", "/operator/4711"):
        assert client.get(path, base_url="http://app.example").status_code == 403
    assert client.post("/operator/4711/pause", base_url=HERE).status_code == 400


@pytest.mark.parametrize("odd", ["-1", "1000000000", "x", ""])
def test_an_odd_place_to_begin_is_borne(client: FlaskClient, odd: str) -> None:
    opened(client, f"/operator?from={odd}&state=nonsense")
