"""Faults are switched on by name, hit what they name, and are used up."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from upsales_wistia.sandbox import Sandbox, Tenant
from upsales_wistia.sandbox.faults import AROUND, INSIDE, INSTEAD, KINDS

EVENT = {"entityType": "MarketingCustom", "subType": "Wistia", "client": 302, "score": 5}


class Calls:
    def __init__(self, sandbox: Sandbox, tenant: Tenant) -> None:
        self.sandbox = sandbox
        self.bearer = {"Authorization": f"Bearer {tenant.wistia_token}"}
        self.token = {"token": tenant.upsales_key}

    def events(self, **params: Any) -> requests.Response:
        url = f"{self.sandbox.wistia_url}/v1/stats/events"
        return requests.get(url, params=params, headers=self.bearer, timeout=5)

    def write(self, *, timeout: float = 5) -> requests.Response:
        url = f"{self.sandbox.upsales_url}/events"
        return requests.post(url, params=self.token, json=EVENT, timeout=timeout)

    def find(self) -> list[int]:
        url = f"{self.sandbox.upsales_url}/events"
        query = '{"a":"subType","c":"eq","v":"Wistia"}'
        answer = requests.get(url, params={**self.token, "q": query}, timeout=5)
        return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def calls(sandbox: Sandbox, tenant: Tenant) -> Calls:
    return Calls(sandbox, tenant)


def test_a_fault_hits_its_page_as_often_as_told(calls: Calls, sandbox: Sandbox) -> None:
    sandbox.faults.add("wistia.events", "500", page=3, times=1)
    statuses = [calls.events(page=page).status_code for page in (1, 3, 3)]
    assert statuses == [200, 500, 200]
    assert sandbox.faults.listing() == []


def test_a_fault_may_let_some_calls_pass_first(calls: Calls, sandbox: Sandbox) -> None:
    fault = sandbox.faults.add("wistia.*", "revoked", after=2)
    assert [calls.events().status_code for _ in range(4)] == [200, 200, 401, 401]
    sandbox.faults.remove(fault)
    assert calls.events().status_code == 200


def test_a_fault_may_be_one_customers(calls: Calls, sandbox: Sandbox, tenant: Tenant) -> None:
    sandbox.faults.add("*", "503", customer=tenant.id + 1)
    assert calls.events().status_code == 200
    sandbox.faults.add("*", "503", customer=tenant.id)
    assert calls.events().status_code == 503
    sandbox.faults.clear()
    assert calls.events().status_code == 200


def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        sandbox.faults.add("wistia.events", "gremlins")
    assert sum(map(len, (INSTEAD, AROUND, INSIDE))) == len(KINDS)


@pytest.mark.parametrize(
    ("kind", "status", "headers"),
    [
        ("429", 429, {"Retry-After": "7"}),
        ("429_bare", 429, {}),
        ("429_negative", 429, {"X-RateLimit-Reset": "-2"}),
        ("unauthorized_scope", 401, {}),
        ("html", 200, {}),
        ("html_404", 404, {}),
        ("not_json", 200, {}),
        ("redirect", 302, {"Location": "http://127.0.0.1:9/elsewhere"}),
        ("422", 422, {}),
        ("502", 502, {}),
    ],
)
def test_answers_instead(
    calls: Calls, sandbox: Sandbox, kind: str, status: int, headers: dict[str, str]
) -> None:
    sandbox.faults.add("wistia.events", kind, seconds=7)
    url = f"{sandbox.wistia_url}/v1/stats/events"
    answer = requests.get(url, headers=calls.bearer, allow_redirects=False, timeout=5)
    assert answer.status_code == status
    told = ("Retry-After", "X-RateLimit-Reset", "Location")
    assert {name: answer.headers[name] for name in told if name in answer.headers} == headers
    if status != 422 and kind != "unauthorized_scope" and status != 401:
        with pytest.raises(ValueError):  # noqa: PT011 (whatever the JSON reader says)
            answer.json()


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("reset", 0),
        ("write_then_cut", 1),
        ("cut", 1),
        ("write_late", 0),
    ],
)
def test_a_broken_connection_does_not_tell_whether_it_was_written(
    calls: Calls, sandbox: Sandbox, tenant: Tenant, kind: str, written: int
) -> None:
    sandbox.faults.add("upsales.create_event", kind, times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        calls.write()
    assert len(tenant.crm.events) == written
    tenant.settle()
    assert len(tenant.crm.events) == (0 if kind == "reset" else 1)


@pytest.mark.parametrize(("kind", "status"), [("500_after_writing", 500), ("odd_answer", 200)])
def test_written_and_answered_wrongly(
    calls: Calls, sandbox: Sandbox, tenant: Tenant, kind: str, status: int
) -> None:
    sandbox.faults.add("upsales.create_event", kind, times=1)
    assert calls.write().status_code == status
    assert len(tenant.crm.events) == 1


@pytest.mark.parametrize(("kind", "written"), [("timeout", 0), ("timeout_after_writing", 1)])
def test_no_answer_in_time(
    calls: Calls, sandbox: Sandbox, tenant: Tenant, kind: str, written: int
) -> None:
    sandbox.faults.add("upsales.create_event", kind, seconds=30)
    with pytest.raises(requests.ReadTimeout):
        calls.write(timeout=0.2)
    assert len(tenant.crm.events) == written


def test_a_refusal_names_the_party(calls: Calls, sandbox: Sandbox) -> None:
    sandbox.faults.add("upsales.create_event", "refused_contact", times=1)
    assert calls.write().json()["error"]["msg"] == "No such contact"


def test_a_search_may_lag_ignore_its_filter_or_find_nothing(
    calls: Calls, sandbox: Sandbox, tenant: Tenant
) -> None:
    number = calls.write().json()["data"]["id"]
    for kind, found in (("lagging_search", []), ("finds_nothing", []), ("ignore_filter", [number])):
        fault = sandbox.faults.add("upsales.events", kind)
        assert calls.find() == found, kind
        sandbox.faults.remove(fault)
    sandbox.faults.add("upsales.events", "lagging_search")
    tenant.settle()
    assert calls.find() == [number]


def test_rows_may_come_twice(calls: Calls, sandbox: Sandbox) -> None:
    sandbox.faults.add("wistia.events", "duplicate")
    keys = [row["event_key"] for row in calls.events().json()]
    assert keys[0] == keys[1]
    assert len(keys) == 10


def test_latency_and_a_slow_answer_take_their_time(calls: Calls, sandbox: Sandbox) -> None:
    sandbox.latency["wistia"] = 0.05
    sandbox.faults.add("wistia.events", "slow", seconds=0.05, times=1)
    started = time.monotonic()
    assert calls.events().status_code == 200
    assert time.monotonic() - started >= 0.1


def test_stopping_lets_go_of_what_hangs() -> None:
    from upsales_wistia.sandbox import World

    from .conftest import TODAY

    with Sandbox() as sandbox:
        tenant = sandbox.add_customer(1, World(TODAY))
        sandbox.faults.add("upsales.create_event", "timeout", seconds=600)
        with pytest.raises(requests.ReadTimeout):
            Calls(sandbox, tenant).write(timeout=0.1)
        started = time.monotonic()
    assert time.monotonic() - started < 5
