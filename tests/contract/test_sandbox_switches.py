"""What the vendors' documents leave open, the sandbox can answer in more than one way."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from upsales_wistia.sandbox import Sandbox, Tenant, View

from .conftest import TODAY

MIDNIGHT = TODAY.replace(hour=0, minute=0)


def views(sandbox: Sandbox, tenant: Tenant, **params: Any) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{sandbox.wistia_url}/v1/stats/events",
        params=params,
        headers={"Authorization": f"Bearer {tenant.wistia_token}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def upsales(sandbox: Sandbox, tenant: Tenant, path: str, **params: Any) -> requests.Response:
    return requests.get(
        sandbox.upsales_url + path,
        params=params,
        cookies={"token": tenant.upsales_key},
        timeout=10,
    )


def test_the_size_of_a_page_can_be_another(sandbox: Sandbox, tenant: Tenant) -> None:
    assert len(views(sandbox, tenant)) == 10
    assert len(views(sandbox, tenant, per_page=500)) == 100
    tenant.switches.default_page = 25
    tenant.switches.largest_page = 50
    assert len(views(sandbox, tenant)) == 25
    assert len(views(sandbox, tenant, per_page=100)) == 50


@pytest.mark.parametrize(
    ("switch", "ending", "hours"), [("utc", "Z", 0), ("offset", "+01:00", 0), ("bare", "000", 1)]
)
def test_times_can_be_told_otherwise(
    sandbox: Sandbox, tenant: Tenant, switch: Any, ending: str, hours: int
) -> None:
    real = tenant.world.views()[0].received_at.replace(microsecond=0)
    tenant.switches.wistia_times = switch
    told = views(sandbox, tenant)[0]["received_at"]
    assert told.endswith(ending)
    read = datetime.fromisoformat(told)
    if read.tzinfo is None:
        read = read.replace(tzinfo=real.tzinfo)
    assert read.replace(microsecond=0) - real == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "listed"),
    [
        ("UTC", {"early"}),
        ("Europe/Stockholm", {"late", "early"}),
        ("America/New_York", {"next"}),
    ],
)
def test_days_can_be_those_of_another_zone(
    sandbox: Sandbox, tenant: Tenant, zone: str, listed: set[str]
) -> None:
    near = {"late": -1, "early": 1, "next": 24 * 60 + 60}
    for key, minutes in near.items():
        at = MIDNIGHT + timedelta(minutes=minutes)
        tenant.world.add(View(key, f"visitor-{key}", at, 0.5, "m"), listed_at=TODAY)
    tenant.switches.day_zone = zone
    day = f"{MIDNIGHT:%Y-%m-%d}"
    rows = views(sandbox, tenant, start_date=day, end_date=day, media_id="m", per_page=100)
    assert {row["event_key"] for row in rows} == listed


@pytest.mark.parametrize("switch", ["own", "other", "bare"])
def test_heat_maps_can_carry_another_token_or_none(
    sandbox: Sandbox, tenant: Tenant, switch: Any
) -> None:
    tenant.switches.heat_maps = switch
    address = views(sandbox, tenant)[0]["iframe_heatmap_url"]
    assert (f"public_token={tenant.public_token}" in address) == (switch == "own")
    assert ("public_token" in address) == (switch != "bare")


@pytest.mark.parametrize(
    ("switch", "status", "found"),
    [("works", 200, 3), ("ignored", 200, 24), ("refused", 400, 0), ("literal", 200, 0)],
)
def test_several_e_mails_can_be_searched_for_otherwise(
    sandbox: Sandbox, tenant: Tenant, switch: Any, status: int, found: int
) -> None:
    both = "erik.dahl@havsbris.example,sara@blomqvist.example"
    tenant.switches.several_emails = switch
    answer = upsales(sandbox, tenant, "/contacts", email=f"eq:{both}", active=1)
    assert answer.status_code == status
    rows = answer.json().get("data") or []
    assert (len(rows) > 10, len(rows) > 0) == (found > 10, found > 0)
    alone = upsales(sandbox, tenant, "/contacts", email="eq:sara@blomqvist.example", active=1)
    assert len(alone.json()["data"]) > 0


@pytest.mark.parametrize(
    ("switch", "status", "found"),
    [(None, 200, 1), ("ignored", 200, 2), ("nothing", 200, 0), ("refused", 500, 0)],
)
def test_each_filter_of_entries_can_fail_alone(
    sandbox: Sandbox, tenant: Tenant, switch: Any, status: int, found: int
) -> None:
    entry = {"entityType": "MarketingCustom", "subType": "Wistia", "client": 302, "score": 5}
    for number in "12":
        requests.post(
            f"{sandbox.upsales_url}/events",
            json=entry | {"externalId": number},
            cookies={"token": tenant.upsales_key},
            timeout=10,
        )
    if switch:
        tenant.switches.event_filters = {"externalId": switch}
    company = json.dumps({"a": "client.id", "c": "eq", "v": 302})
    one = json.dumps({"a": "externalId", "c": "eq", "v": "1"})
    answer = upsales(sandbox, tenant, "/events", q=[company, one])
    assert answer.status_code == status
    assert len(answer.json().get("data") or []) == found
    assert len(upsales(sandbox, tenant, "/events", q=company).json()["data"]) == 2


def test_switches_are_set_from_outside_too(sandbox: Sandbox, tenant: Tenant) -> None:
    wanted = {"customer": tenant.id, "event_filters": {"date": "nothing"}, "default_page": 100}
    answer = requests.post(f"{sandbox.wistia_url}/_control/switches", json=wanted, timeout=10)
    assert answer.json()[str(tenant.id)]["event_filters"] == {"date": "nothing"}
    assert tenant.switches.default_page == 100
