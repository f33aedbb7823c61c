"""The sandbox' Wistia behaves as Wistia is documented and was seen to behave."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests

from upsales_wistia.sandbox import Limits, Sandbox, Tenant, View, big_world, example_world
from upsales_wistia.sandbox.traffic import Throttle

from .conftest import CUSTOMER, TODAY


class Api:
    def __init__(self, sandbox: Sandbox, tenant: Tenant) -> None:
        self.url = sandbox.wistia_url
        self.headers = {"Authorization": f"Bearer {tenant.wistia_token}"}

    def get(self, path: str, **params: Any) -> requests.Response:
        return requests.get(self.url + path, params=params, headers=self.headers, timeout=10)

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows


@pytest.fixture
def api(sandbox: Sandbox, tenant: Tenant) -> Api:
    return Api(sandbox, tenant)


def test_ten_rows_come_unless_more_are_asked_for_and_never_more_than_a_hundred(api: Api) -> None:
    assert len(api.rows("/v1/stats/events")) == 10
    assert len(api.rows("/v1/stats/events.json", per_page=100)) == 100
    assert len(api.rows("/v1/stats/events", per_page=500)) == 100


def test_events_come_newest_first_and_the_last_page_is_short(api: Api, tenant: Tenant) -> None:
    rows: list[dict[str, Any]] = []
    for page in range(1, 9):
        got = api.rows("/v1/stats/events", per_page=100, page=page)
        rows += got
        if len(got) < 100:
            break
    times = Counter(row["event_key"] for row in rows)
    assert len(times) == len(tenant.world.views())
    assert set(times.values()) == {1, 2}
    unique = list(dict.fromkeys((row["received_at"], row["event_key"]) for row in rows))
    assert [at for at, _ in unique] == sorted((at for at, _ in unique), reverse=True)


def test_the_days_of_the_range_are_inclusive(api: Api) -> None:
    rows = api.rows(
        "/v1/stats/events", start_date="2026-11-18", end_date="2026-11-19", per_page=100
    )
    assert {row["received_at"][:10] for row in rows} == {"2026-11-18", "2026-11-19"}
    assert api.get("/v1/stats/events", start_date="yesterday").status_code == 422


def test_a_future_end_is_refused_where_the_switch_says_so(api: Api, tenant: Tenant) -> None:
    assert api.get("/v1/stats/events", end_date="2026-11-21").status_code == 200
    tenant.switches.future_end_refused = True
    assert api.get("/v1/stats/events", end_date="2026-11-21").status_code == 422
    assert api.get("/v1/stats/events", end_date="2026-11-20").status_code == 200


def test_a_visitors_own_events_reach_beyond_the_window(api: Api, tenant: Tenant) -> None:
    view = next(v for v in tenant.world.views() if v.email and v.email.startswith("camille"))
    rows = api.rows("/v1/stats/events", visitor_key=view.visitor_key, per_page=100)
    assert [row["conversion_type"] for row in rows] == ["", "pre-roll-email"]
    visitor = api.get(f"/v1/stats/visitors/{view.visitor_key}").json()
    assert visitor["visitor_identity"]["name"] == "Camille Dubois"


def test_one_event_is_found_by_its_key_and_an_unknown_one_gives_an_empty_404(
    api: Api, tenant: Tenant
) -> None:
    key = "1390862572596e0.8447021404281259"
    assert api.get(f"/v1/stats/events/{key}").json()["event_key"] == key
    for path in ("/v1/stats/events/nothing", "/v1/stats/visitors/nobody.json"):
        missing = api.get(path)
        assert (missing.status_code, missing.content) == (404, b"")


def test_a_projects_id_is_spelt_in_two_ways_and_deleted_videos_are_absent(
    api: Api, tenant: Tenant
) -> None:
    wanted = [media.hashed_id for media in tenant.world.medias]
    rows = api.rows("/v1/medias.json", per_page=100, **{"hashed_ids[]": wanted})
    assert {row["hashed_id"] for row in rows} == set(wanted) - {"m7deleted2"}
    spellings = {name for row in rows for name in row["project"] if name.startswith("hashed")}
    assert spellings == {"hashed_id", "hashedId"}
    assert [p["mediaCount"] for p in api.rows("/v1/projects", per_page=100)] == [4, 3, 2, 1, 1]


def test_one_video_one_project_and_what_is_not_there(api: Api) -> None:
    assert api.get("/v1/medias/m7first0a1.json").json()["duration"] == 402.0
    project = api.get("/v1/projects/p4story0x2").json()
    assert [media["hashed_id"] for media in project["medias"]] == [
        "m7formula4",
        "m7markdown",
        "m7instruct",
    ]
    for path in ("/v1/medias/m7deleted2", "/v1/projects/none"):
        missing = api.get(path)
        assert (missing.status_code, list(missing.json())) == (404, ["error"])


def test_visitors_can_be_searched_and_only_the_list_tells_what_identified_them(api: Api) -> None:
    named = api.rows("/v1/stats/visitors", filter="has_email", per_page=100)
    assert named
    assert all(row["visitor_identity"]["email"] for row in named)
    (maja,) = api.rows("/v1/stats/visitors", search="maja.lund", per_page=100)
    assert maja["visitor_identity"]["name"] == "Maja Lund"
    assert maja["play_count"] == 2
    alone = api.get(f"/v1/stats/visitors/{maja['visitor_key']}").json()
    assert "identifying_event_key" in maja
    assert "identifying_event_key" not in alone


def test_a_new_token_replaces_the_old_one(api: Api, sandbox: Sandbox) -> None:
    sandbox.replace_wistia_token(CUSTOMER, "fresh")
    assert api.get("/v1/account").status_code == 401
    api.headers = {"Authorization": "Bearer fresh"}
    assert api.get("/v1/account").status_code == 200


def test_an_erased_view_moves_the_rows_below_it_up(api: Api, tenant: Tenant) -> None:
    first, second = tenant.world.views()[:2]
    tenant.world.remove(first.event_key)
    assert api.rows("/v1/stats/events")[0]["event_key"] == second.event_key
    with pytest.raises(KeyError):
        tenant.world.change(first.event_key, fraction=0.5)


def test_a_new_view_shifts_the_pages(api: Api, sandbox: Sandbox) -> None:
    first = api.rows("/v1/stats/events", per_page=100)
    sandbox.faults.add("wistia.events", "insert", page=2, times=1)
    second = api.rows("/v1/stats/events", per_page=100, page=2)
    assert second[0]["event_key"] == first[-1]["event_key"]


def test_a_view_grows_and_may_be_listed_late(api: Api, tenant: Tenant) -> None:
    world = tenant.world
    world.add(
        View("late", "v", TODAY - timedelta(hours=7), 0.1, "m7first0a1"),
        listed_at=TODAY - timedelta(hours=1),
    )
    world.change("late", fraction=0.9, email="x@y.example")
    row = api.get("/v1/stats/events/late").json()
    assert (row["percent_viewed"], row["email"]) == (0.9, "x@y.example")
    world.move_to(TODAY - timedelta(minutes=30))
    assert api.get("/v1/stats/events/late").json()["percent_viewed"] == 0.1
    world.move_to(TODAY - timedelta(hours=2))
    assert api.get("/v1/stats/events/late").status_code == 404


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic YXBpOng=", ""])
def test_only_a_good_bearer_token_is_let_in(api: Api, header: str) -> None:
    api.headers = {"Authorization": header}
    answer = api.get("/v1/account.json")
    assert answer.status_code == 401
    assert answer.json() == {"code": "unauthorized_credentials", "error": "Invalid credentials."}


def test_a_missing_permission_is_a_401_and_v1_may_leave_the_code_out(
    api: Api, tenant: Tenant
) -> None:
    tenant.switches.wistia_scopes = ("media:read",)
    assert api.get("/v1/stats/events").json()["code"] == "unauthorized_scope"
    assert api.get("/v1/medias").status_code == 200
    assert api.get("/v1/account").status_code == 200
    tenant.switches.code_in_401 = False
    assert "code" not in api.get("/v1/stats/events").json()


def test_the_tokens_scopes_are_told_by_the_modern_api_alone(api: Api) -> None:
    api.headers["X-Wistia-Api-Version"] = "2026-03"
    assert api.get("/modern/token").json()["scopes"] == ["all:read"]
    api.headers["X-Wistia-Api-Version"] = "2026-01"
    assert api.get("/modern/token").status_code == 404
    assert api.get("/v1/token").headers["Content-Type"].startswith("text/html")


def test_the_heat_map_takes_the_public_token_and_no_other(api: Api, tenant: Tenant) -> None:
    url = api.rows("/v1/stats/events")[0]["iframe_heatmap_url"]
    assert tenant.public_token in url
    assert "<svg" in requests.get(url, timeout=10).text
    assert requests.get(url + "x", timeout=10).status_code == 400


def test_too_many_requests_are_told_in_plain_text(api: Api, sandbox: Sandbox) -> None:
    sandbox.limits = Limits(wistia_per_minute=2)
    assert [api.get("/v1/account").status_code for _ in range(3)] == [200, 200, 429]
    limited = api.get("/v1/account")
    assert limited.text == "Rate limit exceeded"
    assert limited.headers["Content-Type"].startswith("text/plain")
    assert 1 <= int(limited.headers["Retry-After"]) <= 60


def test_a_limit_is_each_tokens_own_and_its_window_ends() -> None:
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    windows = Limits(wistia_per_minute=1).windows("wistia", write=False)
    assert throttle.pass_one("a", windows).allowed
    assert not throttle.pass_one("a", windows).allowed
    assert throttle.pass_one("b", windows).allowed
    now[0] = 60.0
    assert throttle.pass_one("a", windows).allowed


def test_calls_are_counted_by_customer_and_requests_are_kept_without_tokens(
    api: Api, sandbox: Sandbox
) -> None:
    sandbox.add_customer(2, example_world(TODAY))
    api.get("/v1/stats/events", page=1)
    api.get("/v1/account")
    assert sandbox.counters.by_operation(CUSTOMER) == {"wistia.account": 1, "wistia.events": 1}
    assert sandbox.counters.total("wistia", 2) == 0
    assert [(r.path, r.query, r.status) for r in sandbox.requests] == [
        ("/v1/stats/events", (("page", "1"),), 200),
        ("/v1/account", (), 200),
    ]


def test_one_customer_never_sees_the_views_of_another(api: Api, sandbox: Sandbox) -> None:
    other = sandbox.add_customer(2, big_world(TODAY, 30))
    theirs = Api(sandbox, other)
    assert {r["event_key"][:4] for r in theirs.rows("/v1/stats/events", per_page=100)} == {"big-"}
    assert api.get("/v1/stats/events/big-e-3").status_code == 404
    assert theirs.get("/v1/stats/events/big-e-3").status_code == 200


def test_a_big_world_is_cheap_whole_and_moves_on() -> None:
    world = big_world(TODAY, 100_000, people=1000)
    rows = world.listing()
    assert len(rows) == 100_000
    assert rows[0].received_at <= TODAY
    assert rows[0].received_at > rows[1].received_at > rows[99_999].received_at
    day = (TODAY - timedelta(days=1)).date()
    of_day = world.listing(start=day, end=day)
    assert {of_day[0].received_at.date(), of_day[len(of_day) - 1].received_at.date()} == {day}
    someone = next(view for view in rows[:1000] if view.email)
    theirs = world.listing(visitor_key=someone.visitor_key)
    assert someone in list(theirs)
    assert {v.visitor_key for v in theirs} == {someone.visitor_key}
    share = sum(1 for view in rows[:10_000] if view.email) / 10_000
    assert share == pytest.approx(0.25, abs=0.02)
    world.move_to(TODAY + timedelta(hours=1))
    assert len(world.listing()) == pytest.approx(100_000 * 73 / 72, abs=2)
