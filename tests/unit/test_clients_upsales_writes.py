"""What is written into Upsales, and what becomes of each answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
import responses

from tests.raw_server import answer, reset, serving
from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.upsales import Auth, UpsalesClient
from upsales_wistia.clients.upsales_schema import (
    FIELD_EMAIL,
    FIELD_VIDEO,
    FIELD_VIEW_ID,
    FORM_FIELDS,
    EventDraft,
    FormDraft,
    FormRow,
)
from upsales_wistia.errors import (
    CredentialRefused,
    Rejected,
    Throttled,
    Unclear,
    WrongAddress,
)

API = "https://integration.upsales.com/api/v2"
SUBMIT = "https://power.upsales.com/api/external/formSubmit"
KEY = "key-0123456789"
HTML = "<!DOCTYPE html><pre>Cannot GET /api/v2/nothing</pre>"
DRAFT = EventDraft(
    client_id=7,
    score=10,
    value="Watched 83% of My Cool Video",
    date=datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC),
    external_id="0198c0de-0000-5000-8000-000000000001",
    contact_id=9,
)


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


class TestWrittenEntries:
    def test_are_what_the_documentation_asks_for(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.post(f"{API}/events", json={"error": None, "data": {"id": 22428, "contacts": None}})
        row = client.create_event(DRAFT, client.write_permit())
        assert (row.id, row.contact_ids) == (22428, ())
        assert json.loads(api.calls[0].request.body or "") == {
            "entityType": "MarketingCustom",
            "subType": "Wistia",
            "client": 7,
            "contact": 9,
            "score": 10,
            "value": "Watched 83% of My Cool Video",
            "date": "2026-07-01 22:30:05",
            "externalId": "0198c0de-0000-5000-8000-000000000001",
            "notify": False,
        }
        assert api.calls[0].request.headers["Content-Type"] == "application/json"

    def test_name_no_contact_on_a_company_alone_and_the_app_when_it_has_an_id(self) -> None:
        draft = EventDraft(7, 1, "x", DRAFT.date, "e", integration_id=300)
        assert "contact" not in draft.document()
        assert draft.document()["integrationId"] == 300

    @pytest.mark.parametrize(
        ("zone", "moment", "written"),
        [
            ("UTC", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2026-07-01 22:30:00"),
            ("Europe/Stockholm", datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2026-07-02 00:30:00"),
            ("Europe/Stockholm", datetime(2026, 12, 31, 23, tzinfo=UTC), "2027-01-01 00:00:00"),
            ("Europe/Stockholm", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 02:30:00"),
            ("Europe/Stockholm", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30:00"),
        ],
    )
    def test_have_the_clock_of_a_zone(self, zone: str, moment: datetime, written: str) -> None:
        draft = EventDraft(7, 1, "x", moment, "e", zone=zone)
        assert draft.document()["date"] == written

    def test_can_be_removed(self, client: UpsalesClient, api: responses.RequestsMock) -> None:
        api.delete(f"{API}/events/5", json={"error": None})
        client.delete_event(5)
        assert client.requests == 1


class TestWrittenForms:
    def test_have_our_fields(self, client: UpsalesClient, api: responses.RequestsMock) -> None:
        made = {"id": 3, "uuid": "4711uab", "name": "F", "internalName": "w", "score": 4}
        api.post(f"{API}/forms", json={"error": None, "data": made})
        row = client.create_form(FormDraft("F" * 300, "w", 4))
        assert row == FormRow(3, "4711uab", "F", "w", 4, False)
        sent = json.loads(api.calls[0].request.body or "")
        assert [field["name"] for field in sent["fields"]] == list(FORM_FIELDS)
        assert [field["name"] for field in sent["fields"] if field["required"]] == [FIELD_EMAIL]
        assert (sent["name"], sent["internalName"], sent["score"]) == ("F" * 100, "w", 4)
        needed = "title description landingPage buttonText thankYouTitle thankYouText"
        assert all(isinstance(sent[name], str) for name in needed.split())

    def test_change_their_score(self, client: UpsalesClient, api: responses.RequestsMock) -> None:
        api.put(f"{API}/forms/3", json={"error": None, "data": {"id": 3, "score": 9}})
        assert client.update_form(3, score=9).score == 9
        assert json.loads(api.calls[0].request.body or "") == {"score": 9}


Write = Callable[[UpsalesClient], object]
WRITES: dict[str, Write] = {
    "create_event": lambda client: client.create_event(DRAFT, client.write_permit()),
    "delete_event": lambda client: client.delete_event(5),
    "create_form": lambda client: client.create_form(FormDraft("F", "w", 4)),
    "update_form": lambda client: client.update_form(3, score=4),
    "submit_form": lambda client: client.submit_form("4711uab", {}, client.submit_permit()),
}
ANSWERS = [
    (answer(302, Location="https://evil.example/"), Rejected),
    (answer(400, '{"error": {"msg": "No such contact"}}'), Rejected),
    (answer(403, "Forbidden"), Rejected),
    (answer(404, '{"error": {"key": "NotFound"}}'), Rejected),
    (answer(404, HTML, Content_Type="text/html"), WrongAddress),
    (answer(409), Rejected),
    (answer(422, "{}"), Rejected),
    (answer(429, '{"error": {"key": "ThrottleLimit"}}', X_RateLimit_Reset="-2"), Throttled),
    (answer(429, "Too many", Content_Type="text/plain"), Throttled),
    (answer(500, '{"error": {"key": "ServerError"}}'), Unclear),
    (answer(503, Retry_After="3"), Unclear),
    (answer(200, HTML, Content_Type="text/html"), Unclear),
    (answer(200, ""), Unclear),
    (answer(200, '{"error": {"key": "FailedValidation"}, "data": {"id": 1}}'), Unclear),
    (answer(200, '{"error": "EVENT_FULL"}'), Unclear),
    (reset, Unclear),
]


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_is_sent_once_and_its_answer_told(write: Write) -> None:
    for reply, error in ANSWERS:
        with serving(reply) as server:
            with client_of(url=server.url) as client, pytest.raises(error) as caught:
                write(client)
            assert type(caught.value) is error
            assert (len(server.requests), client.requests) == (1, 1)


@pytest.mark.parametrize("write", [WRITES["create_event"], WRITES["create_form"]])
@pytest.mark.parametrize("body", ['{"error": null}', '{"error": null, "data": {}}', "[]", '"ok"'])
def test_something_made_without_an_id_is_unclear(
    client: UpsalesClient, api: responses.RequestsMock, write: Write, body: str
) -> None:
    api.post(f"{API}/events", body=body)
    api.post(f"{API}/forms", body=body)
    api.assert_all_requests_are_fired = False
    with pytest.raises(Unclear):
        write(client)


@pytest.mark.parametrize("name", [name for name in WRITES if name != "submit_form"])
def test_a_write_with_a_refused_key(name: str) -> None:
    with (
        serving(answer(401, "Unauthorized", Content_Type="text/plain")) as server,
        client_of(url=server.url) as client,
        pytest.raises(CredentialRefused),
    ):
        WRITES[name](client)


class TestSubmits:
    def test_are_sent_as_a_page_would(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.post(SUBMIT, body="tok.EN_1-2", content_type="text/html")
        fields = {FIELD_EMAIL: "a+b@c.example", FIELD_VIDEO: "å" * 600, FIELD_VIEW_ID: "e"}
        uuid = "4711u0123456789abcdef0123456789abcdef"
        assert client.submit_form(uuid, fields, client.submit_permit()) == "tok.EN_1-2"
        request = api.calls[0].request
        assert dict(parse_qsl(str(request.body), keep_blank_values=True)) == {
            FIELD_EMAIL: "a+b@c.example",
            FIELD_VIDEO: "å" * 512,
            FIELD_VIEW_ID: "e",
            "formCid": "4711",
            "formId": uuid,
            "isFrame": "false",
            "validation": "",
            "isAjax": "true",
        }
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"

    def test_carry_no_key(self, api: responses.RequestsMock) -> None:
        api.post(SUBMIT, body="token1")
        for way in ("cookie", "query"):
            with client_of(way) as client:
                client.submit_form("4711uab", {}, client.submit_permit())
        for call in api.calls:
            assert KEY not in f"{call.request.url}{call.request.headers}{call.request.body!r}"

    def test_go_to_the_configured_address(self) -> None:
        with serving(answer(200, '"token1"')) as server, client_of(url=server.url) as client:
            assert client.submit_form("4711uab", {}, client.submit_permit()) == "token1"
        assert server.requests[0].startswith(b"POST /formSubmit ")

    def test_a_401_refuses_the_item_for_there_is_no_key(
        self, client: UpsalesClient, api: responses.RequestsMock
    ) -> None:
        api.post(SUBMIT, status=401, body="Unauthorized")
        with pytest.raises(Rejected):
            WRITES["submit_form"](client)

    @pytest.mark.parametrize("body", ["", "null", "false", "two words", "{}", "<p>", "x" * 501])
    def test_what_is_no_token_is_unclear(
        self, client: UpsalesClient, api: responses.RequestsMock, body: str
    ) -> None:
        api.post(SUBMIT, body=body)
        with pytest.raises(Unclear):
            WRITES["submit_form"](client)


def test_the_hours_writes_used_up_are_told_before_anything_is_sent(
    api: responses.RequestsMock,
) -> None:
    limits = Limits(upsales_writes_per_second=1, upsales_writes_per_hour=2)
    with UpsalesClient(API, None, KEY, auth="cookie", limiters=Limiters(limits)) as client:
        client.write_permit()
        client.write_permit()
        with pytest.raises(Throttled) as caught:
            client.write_permit()
    assert caught.value.wait > 3000
    assert len(api.calls) == 0
