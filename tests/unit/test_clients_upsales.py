"""What is asked of Upsales, and what becomes of each answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from responses import matchers

from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.upsales import Auth, UpsalesClient
from upsales_wistia.clients.upsales_schema import (
    AccountRow,
    ContactRow,
    EventRow,
    FormRow,
    FormSubmitRow,
    Self_,
    UserRow,
)
from upsales_wistia.errors import (
    CredentialRefused,
    NotFound,
    Rejected,
    Throttled,
    Unclear,
    VendorError,
    WrongAddress,
)

API = "https://integration.upsales.com/api/v2"
SUBMIT = "https://power.upsales.com/api/external/formSubmit"
KEY = "key-0123456789"
HTML = "<!DOCTYPE html><pre>Cannot GET /api/v2/nothing</pre>"
SELF = {
    "errors": None,
    "data": {
        "id": 70896,
        "name": "Wistia",
        "client": {"id": 4711, "name": "Test AB", "userId": 2},
        "features": {"forms": True},
    },
}


def client_of(auth: Auth = "cookie", url: str = API, key: str = KEY) -> UpsalesClient:
    limiters = Limiters(Limits().scaled(1000))
    external = None if url == API else url
    return UpsalesClient(url, external, key, auth=auth, limiters=limiters, read_timeout=5)


@pytest.fixture
def client() -> Iterator[UpsalesClient]:
    with client_of() as opened:
        yield opened


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def listed(*rows: object) -> dict[str, Any]:
    return {"error": None, "metadata": {"total": len(rows)}, "data": list(rows)}


def contact(number: int, email: str = "anna@acme.example", **changes: Any) -> dict[str, Any]:
    client = {"id": 7, "name": "Acme", "users": []}
    return {"id": number, "name": "Anna", "email": email, "client": client} | changes


def asked(api: responses.RequestsMock) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(str(call.request.url)).query) for call in api.calls]


class TestHowTheKeyIsSent:
    def test_by_cookie_when_that_works(self, api: responses.RequestsMock) -> None:
        sent = matchers.header_matcher({"Cookie": f"token={KEY}"})
        api.get(f"{API}/self", match=[sent], json=SELF)
        with client_of("auto") as client:
            assert client.self_() == Self_(4711, "Test AB", 2, True)
            assert (client.auth, client.requests) == ("cookie", 1)

    def test_by_query_when_the_cookie_is_refused(self, api: responses.RequestsMock) -> None:
        query = matchers.query_param_matcher({"token": KEY})
        api.get(f"{API}/self", status=401, body="Unauthorized", content_type="text/plain")
        api.get(f"{API}/self", match=[query], json=SELF)
        with client_of("auto") as client:
            assert client.self_().client_id == 4711
            assert (client.auth, client.requests) == ("query", 2)
        assert "Cookie" not in api.calls[1].request.headers

    def test_is_settled_before_any_other_call(self, api: responses.RequestsMock) -> None:
        api.get(f"{API}/self", json=SELF)
        api.get(f"{API}/users", json=listed())
        with client_of("auto") as client:
            client.users()
            client.users()
        assert [urlsplit(str(call.request.url)).path for call in api.calls] == [
            "/api/v2/self",
            "/api/v2/users",
            "/api/v2/users",
        ]

    def test_is_settled_before_a_write_is_permitted(self, api: responses.RequestsMock) -> None:
        api.get(f"{API}/self", json=SELF)
        with client_of("auto") as client:
            client.write_permit()
            assert client.auth == "cookie"

    def test_a_key_refused_in_both_ways(self, api: responses.RequestsMock) -> None:
        api.get(f"{API}/self", status=401, body="Unauthorized", content_type="text/plain")
        with client_of("auto") as client, pytest.raises(CredentialRefused) as caught:
            client.self_()
        assert len(api.calls) == 2
        assert caught.value.code == "upsales_key_refused"
        assert caught.value.exit_status == 3
        assert "save its settings once" in caught.value.sentence
        assert "upsales-wistia customers add" in caught.value.sentence

    def test_an_upsales_that_is_away_settles_nothing(self, api: responses.RequestsMock) -> None:
        api.get(f"{API}/self", status=429, headers={"X-RateLimit-Reset": "-2"})
        with client_of("auto") as client, pytest.raises(Throttled) as caught:
            client.self_()
        assert (client.auth, caught.value.wait) == ("auto", 0)

    @pytest.mark.parametrize("key", ["", "two words", "nyckel-å", "a;b", "a\r\nb"])
    def test_a_key_that_cannot_be_sent_is_refused_without_a_call(self, key: str) -> None:
        with client_of(key=key) as client, pytest.raises(CredentialRefused):
            client.users()
        assert client.requests == 0


class TestSelf:
    @pytest.mark.parametrize(
        ("features", "forms"), [({}, None), (None, None), ({"forms": False}, False)]
    )
    def test_forms_that_are_not_named_are_unknown(
        self,
        client: UpsalesClient,
        api: responses.RequestsMock,
        features: object,
        forms: bool | None,
    ) -> None:
        api.get(f"{API}/self", json=SELF | {"data": SELF["data"] | {"features": features}})  # type: ignore[operator]
        assert client.self_().forms is forms

    @pytest.mark.parametrize(
        "body",
        [
            {"errors": None, "data": {"id": 70896}},
            {"errors": ["no"], "data": SELF["data"]},
            {"error": {"key": "ServerError"}, "data": SELF["data"]},
            {"data": SELF["data"]},
            [],
        ],
    )
    def test_an_answer_that_does_not_say_whose_key_it_is(
        self, client: UpsalesClient, api: responses.RequestsMock, body: object
    ) -> None:
        api.get(f"{API}/self", json=body)
        with pytest.raises(Unclear):
            client.self_()


class TestContacts:
    def test_by_e_mail(self, client: UpsalesClient, api: responses.RequestsMock) -> None:
        row = contact(
            1, "Anna+A@Acme.example", journeyStep="mql", hasActivity="2026-01-01", active=1
        )
        api.get(f"{API}/contacts", json=listed(row, contact(2, "other@acme.example")))
        found = client.contacts_by_email(["anna+a@acme.example", "b@b.example"])
        assert found == [ContactRow(1, "Anna", "Anna+A@Acme.example", 7, "Acme", "mql", True, True)]
        assert "email=eq%3Aanna%2Ba%40acme.example%2Cb%40b.example" in str(api.calls[0].request.url)
        assert asked(api)[0]["active"] == ["1"]

    def test_40_e_mails_to_a_request(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/contacts", json=listed())
        client.contacts_by_email([f"{number}@a.example" for number in range(81)])
        sizes = [len(one["email"][0].removeprefix("eq:").split(",")) for one in asked(api)]
        assert sizes == [40, 40, 1]

    def test_what_cannot_be_asked_is_not(self, client: UpsalesClient) -> None:
        assert client.contacts_by_email(['"a,b"@a.example']) == []
        assert client.contacts_by_email([]) == []
        assert client.requests == 0

    def test_the_same_e_mail_is_asked_once(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/contacts", json=listed())
        client.contacts_by_email(["A@a.example", " a@a.example "])
        assert asked(api)[0]["email"] == ["eq:a@a.example"]

    def test_all_pages_are_read(self, client: UpsalesClient, api: responses.RequestsMock) -> None:
        api.get(f"{API}/contacts", json=listed(*[contact(n) for n in range(1, 1001)]))
        api.get(f"{API}/contacts", json=listed(contact(1001)))
        assert len(client.contacts_by_email(["anna@acme.example"])) == 1001
        assert [one["offset"] for one in asked(api)] == [["0"], ["1000"]]

    def test_a_filter_that_is_ignored_is_not_taken_for_an_answer(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        everyone = [contact(n, f"{n}@b.example") for n in range(1, 1001)]
        api.get(f"{API}/contacts", json=listed(*everyone))
        with pytest.raises(VendorError, match="does not end"):
            client.contacts_by_email(["anna@acme.example"])
        assert client.requests == 2

    def test_by_domain_as_upsales_finds_them(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/contacts", json=listed(contact(1), contact(2, "x@other.example")))
        found = client.contacts_by_domain("acme.example")
        assert [row.id for row in found] == [1, 2]
        assert asked(api)[0]["email"] == ["src:acme.example"]

    def test_one_without_a_company_is_left_out(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        rows = [contact(1, client=None), contact(2, client={}), {"name": "x"}, None, contact(3)]
        api.get(f"{API}/contacts", json=listed(*rows))
        assert [row.id for row in client.contacts_by_domain("acme.example")] == [3]

    @pytest.mark.parametrize(
        ("sent", "planned"),
        [
            ({}, False),
            ({"hasActivity": None, "hasAppointment": False}, False),
            ({"hasActivity": 0, "hasAppointment": ""}, False),
            ({"hasAppointment": "2026-12-01T00:00:00Z"}, True),
            ({"hasActivity": 1}, True),
        ],
    )
    def test_whether_something_is_planned(
        self,
        client: UpsalesClient,
        api: responses.RequestsMock,
        sent: dict[str, Any],
        planned: bool,
    ) -> None:
        api.get(f"{API}/contacts", json=listed(contact(1, **sent)))
        assert client.contacts_by_domain("acme.example")[0].planned is planned


class TestCrawl:
    @pytest.mark.parametrize("number", [0, -1, 2**63, 1e300, "9" * 400, True])
    def test_a_number_that_no_column_holds_is_no_id(
        self, client: UpsalesClient, api: responses.RequestsMock, number: object
    ) -> None:
        huge_company = contact(10, client={"id": number, "name": "Acme"})
        api.get(f"{API}/contacts", json=listed(contact(8), contact(9, id=number), huge_company))
        assert [row.id for row in client.contacts_after(7)] == [8]

    def test_goes_by_id(self, client: UpsalesClient, api: responses.RequestsMock) -> None:
        api.get(f"{API}/contacts", json=listed(contact(8), contact(9)))
        assert [row.id for row in client.contacts_after(7)] == [8, 9]
        wanted = {"sort": ["id"], "limit": ["1000"], "id": ["gt:7"], "active": ["1"]}
        assert asked(api) == [wanted]

    def test_reads_on_when_some_of_a_page_have_no_company(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/contacts", json=listed(contact(8), contact(9, client=None)))
        api.get(f"{API}/contacts", json=listed(contact(10), contact(11)))
        assert [row.id for row in client.contacts_after(7, limit=2)] == [8, 10, 11]
        assert [one["id"] for one in asked(api)] == [["gt:7"], ["gt:9"]]

    def test_that_comes_back_to_what_was_read_is_an_error(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.get(f"{API}/contacts", json=listed(contact(7), contact(8)))
        with pytest.raises(VendorError, match="does not search"):
            client.contacts_after(7)


class TestOtherLists:
    def test_accounts_100_to_a_request(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        row = {"id": 7, "name": "Acme", "journeyStep": "customer", "hasAppointment": True}
        api.get(f"{API}/accounts", json=listed(row))
        api.get(f"{API}/accounts", json=listed())
        found = client.accounts(list(range(1, 102)))
        assert found == [AccountRow(7, "Acme", "customer", True)]
        assert asked(api)[1]["id"] == ["eq:101"]

    def test_users_and_which_are_keys(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        people = [
            {"id": 1, "name": "Bo", "email": "bo@own.example"},
            {"id": 2, "name": "Key", "email": "x@API.upsales.com", "active": 0},
        ]
        api.get(f"{API}/users", json=listed(*people))
        assert client.users() == [
            UserRow(1, "Bo", "bo@own.example", True, False),
            UserRow(2, "Key", "x@API.upsales.com", False, True),
        ]

    def test_log_entries_by_filters(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        row = {
            "id": 5,
            "externalId": "e",
            "subType": "Wistia",
            "client": {"id": 7},
            "contacts": [{"id": 9}],
            "date": "2025-12-02T15:07:25.000Z",
            "value": "Watched",
            "score": 10,
        }
        api.get(f"{API}/events", json=listed(row))
        found = client.events(("client.id", "eq", 7), ("externalId", "eq", "e"))
        when = datetime(2025, 12, 2, 15, 7, 25, tzinfo=UTC)
        assert found == [EventRow(5, "e", "Wistia", 7, (9,), when, "Watched", 10)]
        assert asked(api)[0]["q"] == [
            '{"a":"client.id","c":"eq","v":7}',
            '{"a":"externalId","c":"eq","v":"e"}',
        ]

    def test_log_entries_without_a_filter_are_not_asked_for(self, client: UpsalesClient) -> None:
        with pytest.raises(ValueError, match="filter"):
            client.events()
        assert client.requests == 0

    def test_forms_without_their_pages(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        row = {"id": 3, "uuid": "4711uab", "name": "F", "internalName": "w", "score": 4}
        api.get(f"{API}/forms", json=listed(row | {"html": "x" * 9999, "isArchived": 1}))
        assert client.forms() == [FormRow(3, "4711uab", "F", "w", 4, True)]
        assert "html" not in asked(api)[0]["f[]"]
        assert "internalName" in asked(api)[0]["f[]"]

    @pytest.mark.parametrize(
        "values",
        [
            [{"name": "Extra.1", "value": "e"}, {"name": "Extra.2", "value": None}, None],
            {"Extra.1": "e", "Extra.2": None},
        ],
    )
    def test_submits(
        self, client: UpsalesClient, api: responses.RequestsMock, values: object
    ) -> None:
        row = {"id": 1, "formId": 3, "contact": {"id": 9}, "client": 7, "fieldValues": values}
        api.get(f"{API}/formSubmits", json=listed(row | {"regDate": "2026-11-20T14:20:00.000Z"}))
        at = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
        expected = FormSubmitRow(1, 3, 9, 7, at, {"Extra.1": "e", "Extra.2": ""})
        assert client.form_submits(3) == [expected]

    @pytest.mark.parametrize(
        "body",
        [
            "null",
            "[]",
            '{"data": []}',
            '{"error": null, "data": {}}',
            '{"error": {"key": "ServerError", "msg": "no"}, "data": []}',
            '{"error": false, "data": []}',
            "Unauthorized",
            HTML,
            "",
        ],
    )
    def test_an_envelope_that_does_not_fit_is_unclear(
        self, client: UpsalesClient, api: responses.RequestsMock, body: str
    ) -> None:
        api.get(f"{API}/users", body=body)
        with pytest.raises(Unclear) as caught:
            client.users()
        assert caught.value.code == "upsales_away"
        assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, "Unauthorized", CredentialRefused),
        (403, '{"error": {"msg": "no"}}', Rejected),
        (404, HTML, WrongAddress),
        (404, "{}", NotFound),
        (302, "", VendorError),
        (500, '{"error": {"msg": "no"}}', Unclear),
    ],
)
def test_answers_to_reads_are_told_apart(
    client: UpsalesClient,
    api: responses.RequestsMock,
    status: int,
    body: str,
    error: type[VendorError],
) -> None:
    api.get(f"{API}/formSubmits", status=status, body=body)
    with pytest.raises(error) as caught:
        client.form_submits(3)
    assert type(caught.value) is error
