"""What is asked of Wistia, and what becomes of each answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from responses import matchers

from tests.raw_server import answer, serving, silence
from upsales_wistia.clients import wistia
from upsales_wistia.clients.http import TimedOut
from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.wistia import WistiaClient
from upsales_wistia.clients.wistia_schema import Account, Project, TokenScopes, Visitor
from upsales_wistia.errors import (
    CredentialRefused,
    NotFound,
    NotSent,
    Rejected,
    Throttled,
    Unclear,
    VendorError,
    WrongAddress,
)

API = "https://api.wistia.com"
EVENTS = f"{API}/v1/stats/events"
DAYS = (date(2026, 11, 17), date(2026, 11, 22))
FAST = Limits().scaled(1000)


def client_of(url: str = API, token: str = "token-0123456789", timeout: float = 5) -> WistiaClient:
    return WistiaClient(url, token, limiters=Limiters(FAST), read_timeout=timeout)


@pytest.fixture
def client() -> Iterator[WistiaClient]:
    with client_of() as opened:
        yield opened


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def views(number: int) -> list[dict[str, Any]]:
    return [{"event_key": str(key)} for key in range(number)]


def asked(api: responses.RequestsMock) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(str(call.request.url)).query) for call in api.calls]


class TestViews:
    def test_are_read_page_by_page_to_the_first_short_one(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(EVENTS, json=views(100))
        api.get(EVENTS, json=views(99))
        pages = list(client.event_pages(*DAYS))
        assert [len(page) for page in pages] == [100, 99]
        first = {"start_date": ["2026-11-17"], "end_date": ["2026-11-22"], "per_page": ["100"]}
        assert asked(api) == [first | {"page": ["1"]}, first | {"page": ["2"]}]
        assert client.requests == 2

    @pytest.mark.parametrize(("rows", "calls", "pages"), [(0, 1, 0), (100, 2, 1), (200, 3, 2)])
    def test_full_pages_cost_one_more_call(
        self, client: WistiaClient, api: responses.RequestsMock, rows: int, calls: int, pages: int
    ) -> None:
        for _ in range(rows // 100):
            api.get(EVENTS, json=views(100))
        api.get(EVENTS, json=[])
        assert len(list(client.event_pages(*DAYS))) == pages
        assert client.requests == calls

    def test_of_a_visitor_or_a_video(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(EVENTS, json=[])
        list(client.event_pages(*DAYS, visitor_key="v&1", media_id="m"))
        list(client.visitor_event_pages("v&1"))
        assert asked(api)[0]["visitor_key"] == ["v&1"]
        assert asked(api)[0]["media_id"] == ["m"]
        assert asked(api)[1] == {"visitor_key": ["v&1"], "per_page": ["100"], "page": ["1"]}

    def test_are_raw_and_what_is_no_row_is_left_out(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(EVENTS, json=[{"event_key": 7, "new": {}}, None, "x", []])
        assert list(client.event_pages(*DAYS)) == [[{"event_key": 7, "new": {}}]]

    def test_go_on_at_the_same_page_after_an_error(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(EVENTS, json=views(100))
        api.get(EVENTS, status=429, body="Rate limit exceeded", headers={"Retry-After": "2"})
        api.get(EVENTS, json=views(3))
        pages = client.event_pages(*DAYS)
        assert len(next(pages)) == 100
        with pytest.raises(Throttled) as caught:
            next(pages)
        assert caught.value.wait == 2
        assert len(next(pages)) == 3
        with pytest.raises(StopIteration):
            next(pages)
        assert [one["page"] for one in asked(api)] == [["1"], ["2"], ["2"]]

    def test_without_an_end_when_it_may_not_lie_ahead(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        dated = matchers.query_param_matcher({"end_date": "2026-11-22"}, strict_match=False)
        api.get(EVENTS, match=[dated], status=422, json={"error": "end_date is in the future"})
        api.get(EVENTS, json=views(100))
        api.get(EVENTS, json=views(1))
        assert [len(page) for page in client.event_pages(*DAYS)] == [100, 1]
        assert ["end_date" in one for one in asked(api)] == [True, False, False]

    def test_a_422_for_another_reason_is_told(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(EVENTS, status=422, json={"error": "no"})
        with pytest.raises(Rejected) as caught:
            next(client.event_pages(*DAYS))
        assert (caught.value.answer, len(api.calls)) == ("no", 2)

    def test_a_422_on_a_later_page_ends_the_walk_as_an_error(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(EVENTS, json=views(100))
        api.get(EVENTS, status=422, json={"error": "too deep"})
        pages = client.event_pages(*DAYS)
        next(pages)
        with pytest.raises(Rejected):
            next(pages)

    def test_come_in_smaller_pages_after_a_time_out(self) -> None:
        empty = answer(200, "[]")
        with (
            serving(silence, silence, silence, empty) as server,
            client_of(server.url, timeout=0.3) as client,
        ):
            pages = client.event_pages(*DAYS)
            for _ in range(3):
                with pytest.raises(TimedOut):
                    next(pages)
            assert list(pages) == []
        sizes = [parse_qs(one.split()[1].decode())["per_page"][0] for one in server.requests]
        assert sizes == ["100", "50", "25", "25"]

    def test_start_again_when_a_later_page_times_out(self) -> None:
        full, short = wistia.PER_PAGE, 7
        first, last = (answer(200, str(views(n)).replace("'", '"')) for n in (full, short))
        with (
            serving(first, silence, last) as server,
            client_of(server.url, timeout=0.5) as client,
        ):
            pages = client.event_pages(*DAYS)
            assert len(next(pages)) == full
            with pytest.raises(TimedOut):
                next(pages)
            assert [len(page) for page in pages] == [short]
        assert b"page=1&per_page=50" in server.requests[2]

    def test_an_endless_list_ends(
        self,
        client: WistiaClient,
        api: responses.RequestsMock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(wistia, "MOST_PAGES", 3)
        api.get(EVENTS, json=views(100))
        with pytest.raises(VendorError, match="does not end"):
            list(client.event_pages(*DAYS))
        assert client.requests == 3

    @pytest.mark.parametrize("body", ["", "Rate limit", "<html>", '{"a": 1}', "null", "[" * 99_999])
    def test_an_answer_that_is_no_list_is_unclear(
        self, client: WistiaClient, api: responses.RequestsMock, body: str
    ) -> None:
        api.get(EVENTS, body=body)
        with pytest.raises(Unclear) as caught:
            list(client.event_pages(*DAYS))
        assert caught.value.code == "wistia_away"
        assert caught.value.__context__ is None


class TestOneThing:
    def test_a_view_whose_key_has_dots_and_slashes(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{EVENTS}/13e0.8%2F%3F", json={"event_key": "13e0.8/?"})
        assert client.event("13e0.8/?") == {"event_key": "13e0.8/?"}

    def test_a_view_and_a_visitor_that_are_gone(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{EVENTS}/gone", status=404)
        api.get(f"{API}/v1/stats/visitors/gone", status=404, json={"error": "not found"})
        assert client.event("gone") is None
        assert client.visitor("gone") is None

    def test_a_page_for_people_means_the_address_is_wrong(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{EVENTS}/gone", status=404, body="<h1>Not here</h1>", content_type="text/html")
        with pytest.raises(WrongAddress, match="WISTIA_API_URL"):
            client.event("gone")

    def test_a_visitor(self, client: WistiaClient, api: responses.RequestsMock) -> None:
        identity = {"name": "Anna", "email": "a@b.example"}
        found = {"visitor_key": "v", "visitor_identity": identity}
        api.get(f"{API}/v1/stats/visitors/v", json=found)
        assert client.visitor("v") == Visitor("v", "a@b.example", "Anna")

    def test_the_account(self, client: WistiaClient, api: responses.RequestsMock) -> None:
        api.get(f"{API}/v1/account", json={"id": 7, "name": "Acme", "url": "https://a.example"})
        assert client.account() == Account(7, "Acme", "https://a.example")

    def test_the_scopes_of_a_pinned_version(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        pinned = matchers.header_matcher({"X-Wistia-Api-Version": "2026-03"})
        found = {"type": "permanent", "scopes": ["stats:read"], "name": "x"}
        api.get(f"{API}/modern/token", match=[pinned], json=found)
        assert client.scopes() == TokenScopes(("stats:read",), "x", "permanent")

    @pytest.mark.parametrize("body", ["[]", "null", '"x"', "{"])
    def test_that_is_none_is_unclear(
        self, client: WistiaClient, api: responses.RequestsMock, body: str
    ) -> None:
        for path in ("/v1/account", "/v1/stats/visitors/v", "/v1/stats/events/e"):
            api.get(API + path, body=body)
        for call in (client.account, lambda: client.visitor("v"), lambda: client.event("e")):
            with pytest.raises(Unclear):
                call()


class TestNames:
    def test_of_videos_100_to_a_request(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/v1/medias", json=[{"hashed_id": "0"}, {"id": 7}, None])
        api.get(f"{API}/v1/medias", json=[{"hashed_id": "149"}])
        found = client.medias([str(number) for number in range(150)])
        assert [one.media_id for one in found] == ["0", "149"]
        assert [len(one["hashed_ids[]"]) for one in asked(api)] == [100, 50]
        assert asked(api)[1]["per_page"] == ["100"]

    def test_of_no_video_cost_nothing(self, client: WistiaClient) -> None:
        assert client.medias([]) == []
        assert client.requests == 0

    def test_of_all_projects(self, client: WistiaClient, api: responses.RequestsMock) -> None:
        rows = [{"hashedId": f"p{n}", "name": f"P{n}", "mediaCount": n} for n in range(103)]
        api.get(f"{API}/v1/projects", json=rows[:100])
        api.get(f"{API}/v1/projects", json=rows[100:])
        found = client.projects()
        assert len(found) == 103
        assert found[102] == Project("p102", "P102", 102)


class TestRefusedTokens:
    @pytest.mark.parametrize(
        ("body", "code", "permission"),
        [
            ('{"code": "unauthorized_scope"}', "unauthorized_scope", wistia.READ_STATS),
            ('{"code": "unauthorized_credentials"}', "unauthorized_credentials", ""),
            ('{"code": "account_inactive"}', "account_inactive", ""),
            ('{"code": "unauthorized_params"}', "unauthorized_credentials", ""),
            ('{"code": ["x"]}', "unauthorized_credentials", ""),
            ('{"error": "Invalid credentials."}', "unauthorized_credentials", ""),
            ("Unauthorized", "unauthorized_credentials", ""),
            ("[]", "unauthorized_credentials", ""),
            ("", "unauthorized_credentials", ""),
        ],
    )
    def test_say_what_is_wrong(
        self,
        client: WistiaClient,
        api: responses.RequestsMock,
        body: str,
        code: str,
        permission: str,
    ) -> None:
        api.get(EVENTS, status=401, body=body, headers={"x-request-id": "r-1"})
        with pytest.raises(CredentialRefused) as caught:
            next(client.event_pages(*DAYS))
        refused = caught.value
        assert (refused.code, refused.permission, refused.exit_status) == (code, permission, 3)
        assert (refused.request_id, refused.status) == ("r-1", 401)
        assert (f'"{permission}"' in refused.sentence) if permission else True

    def test_name_the_permission_that_the_call_needs(
        self, client: WistiaClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/v1/medias", status=401, json={"code": "unauthorized_scope"})
        with pytest.raises(CredentialRefused) as caught:
            client.medias(["m"])
        assert caught.value.permission == wistia.READ_MEDIA

    @pytest.mark.parametrize("token", ["", "  ", "two words", "täcken", "a\r\nX-Evil: 1"])
    def test_that_cannot_be_sent_are_refused_without_a_call(self, token: str) -> None:
        with client_of(token=token) as client, pytest.raises(CredentialRefused) as caught:
            client.account()
        assert caught.value.code == "unauthorized_credentials"
        assert client.requests == 0

    def test_are_cut_of_the_spaces_around_them(self, api: responses.RequestsMock) -> None:
        sent = matchers.header_matcher({"Authorization": "Bearer token-1"})
        api.get(f"{API}/v1/account", match=[sent], json={"id": 7})
        with client_of(token=" token-1\n") as client:
            assert client.account().id == 7


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (400, {}, Rejected),
        (403, {}, Rejected),
        (404, {}, NotFound),
        (302, {"Location": "https://evil.example/"}, VendorError),
        (418, {}, VendorError),
        (429, {}, Throttled),
        (500, {}, Unclear),
        (503, {"Retry-After": "9"}, Throttled),
    ],
)
def test_other_answers_are_told_apart(
    client: WistiaClient,
    api: responses.RequestsMock,
    status: int,
    headers: dict[str, str],
    error: type[VendorError],
) -> None:
    api.get(f"{API}/v1/account", status=status, headers=headers)
    with pytest.raises(error) as caught:
        client.account()
    assert type(caught.value) is error
    assert caught.value.exit_status == 4


def test_a_wistia_that_is_not_there() -> None:
    with client_of("http://nobody.invalid") as client, pytest.raises(NotSent) as caught:
        client.account()
    assert caught.value.code == "wistia_away"


def test_a_slash_at_the_end_of_the_address_is_no_matter(api: responses.RequestsMock) -> None:
    api.get(f"{API}/v1/account", json={"id": 7})
    with client_of(API + "/") as client:
        assert client.account().id == 7
        assert client.base_url == API
