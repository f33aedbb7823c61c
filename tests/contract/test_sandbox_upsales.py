"""The sandbox' Upsales behaves as Upsales is documented and was seen to behave."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from upsales_wistia.sandbox import Limits, Sandbox, Tenant

from .conftest import CUSTOMER


class Api:
    def __init__(self, sandbox: Sandbox, tenant: Tenant) -> None:
        self.url = sandbox.upsales_url
        self.external = sandbox.external_url
        self.key = tenant.upsales_key

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> requests.Response:
        cookies = {"token": self.key}
        url = self.url + path
        return requests.request(method, url, params=params, json=body, cookies=cookies, timeout=10)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, **params)

    def ids(self, path: str, **params: Any) -> list[int]:
        answer = self.get(path, **params)
        assert answer.status_code == 200, answer.text
        assert answer.json()["error"] is None
        return [row["id"] for row in answer.json()["data"]]

    def make_event(self, **fields: Any) -> requests.Response:
        event = {"entityType": "MarketingCustom", "subType": "Wistia", "client": 302, "score": 5}
        return self.call("POST", "/events", {**event, **fields})

    def make_form(self) -> dict[str, Any]:
        names = "name internalName title description landingPage buttonText thankYouTitle"
        body = {**dict.fromkeys(names.split(), "x"), "thankYouText": "", "score": 3}
        row: dict[str, Any] = self.call("POST", "/forms", body).json()["data"]
        return row

    def submit(self, uuid: str, email: str, **fields: str) -> requests.Response:
        body = {"formCid": uuid.partition("u")[0], "formId": uuid, "isAjax": "true"}
        url = f"{self.external}/formSubmit"
        return requests.post(url, data={**body, "Contact.email": email, **fields}, timeout=10)


@pytest.fixture
def api(sandbox: Sandbox, tenant: Tenant) -> Api:
    return Api(sandbox, tenant)


def where(*filters: tuple[str, str, Any]) -> list[str]:
    return [json.dumps({"a": a, "c": c, "v": v}) for a, c, v in filters]


def test_self_speaks_of_errors_and_tells_the_ids_of_the_account(api: Api) -> None:
    answer = api.get("/self").json()
    assert answer["errors"] is None
    assert "error" not in answer
    assert answer["data"]["client"] == {"id": CUSTOMER, "name": "Sandbox 4711", "userId": 2}
    assert answer["data"]["id"] != CUSTOMER
    assert set(api.get("/todoTypes").json()) == {"TODO", "PHONE_CALL"}


def test_cookie_and_query_are_both_accepted_unless_switched(api: Api, tenant: Tenant) -> None:
    url = f"{api.url}/self"
    by_query = requests.get(url, params={"token": api.key}, timeout=10)
    assert (by_query.status_code, api.get("/self").status_code) == (200, 200)
    tenant.switches.upsales_auth = "query"
    assert requests.get(url, params={"token": api.key}, timeout=10).status_code == 200
    refused = api.get("/self")
    assert (refused.status_code, refused.text) == (401, "Unauthorized")
    assert refused.headers["Content-Type"].startswith("text/plain")


def test_a_wrong_key_gets_plain_text_and_an_unknown_path_html(api: Api) -> None:
    nowhere = api.get("/nothing<b>")
    assert nowhere.status_code == 404
    assert nowhere.headers["Content-Type"].startswith("text/html")
    assert "Cannot GET /api/v2/nothing&lt;b&gt;" in nowhere.text
    api.key = "wrong"
    assert api.get("/contacts").text == "Unauthorized"


def test_rate_headers_may_be_negative_and_are_missing_on_events(api: Api) -> None:
    resets = {api.get("/users").headers["X-RateLimit-Reset"] for _ in range(6)}
    assert "-2" in resets
    assert "X-RateLimit-Reset" not in api.make_event().headers


def test_too_many_requests_get_an_envelope(api: Api, sandbox: Sandbox) -> None:
    sandbox.limits = Limits(upsales_per_10s=1)
    api.get("/users")
    limited = api.get("/users")
    assert limited.status_code == 429
    assert limited.json()["error"]["key"] == "ThrottleLimit"
    assert "Retry-After" not in limited.headers


def test_contacts_are_found_by_several_e_mails_whatever_their_case(api: Api) -> None:
    wanted = "eq:ERIK.DAHL@havsbris.example,sara@blomqvist.example,nobody@x.example"
    assert api.ids("/contacts", email=wanted, active=1) == [5004, 5006, 5007, 5008]
    plus = "eq:linnea.strom+wistia@havsbris.example"
    assert api.ids("/contacts", email=plus) == [5009]
    assert api.ids("/contacts", email="eq:freja@nordvik.example", active=1) == []


@pytest.mark.parametrize(
    ("switch", "found"), [("works", 2), ("ignored", 24), ("nothing", 0)], ids=str
)
def test_contains_search_does_what_the_switch_says(
    api: Api, tenant: Tenant, switch: Any, found: int
) -> None:
    tenant.switches.contains_search = switch
    assert len(api.ids("/contacts", email="src:@tallbacken.example", active=1)) == found


def test_a_refused_contains_search_and_an_unknown_attribute_are_400(
    api: Api, tenant: Tenant
) -> None:
    tenant.switches.contains_search = "refused"
    assert api.get("/contacts", email="src:@tallbacken.example").status_code == 400
    error = api.get("/contacts", nonsense="1").json()["error"]
    assert (error["key"], error["msg"]) == ("FailedValidation", "No such attribute: nonsense")


def test_a_crawl_by_id_sees_every_contact_once(api: Api) -> None:
    seen: list[int] = []
    while got := api.ids("/contacts", sort="id", limit=10, id=f"gt:{seen[-1] if seen else 0}"):
        seen += got
    assert seen == list(range(5001, 5026))


def test_lists_tell_their_total_and_cut_what_is_too_long(api: Api) -> None:
    assert api.get("/contacts", limit=0).json()["metadata"] == {
        "total": 25,
        "limit": 0,
        "offset": 0,
    }
    assert api.get("/contacts", limit=9999).json()["metadata"]["limit"] == 2000
    assert api.get("/contacts").json()["metadata"]["limit"] == 1000
    assert len(api.ids("/contacts", limit=20, offset=20)) == 5
    rows = api.get("/accounts", id="eq:302,308", **{"f[]": ["id", "name"]}).json()["data"]
    assert rows == [
        {"id": 302, "name": "Nordvik Energi AS"},
        {"id": 308, "name": "Tallbacken Skog AB"},
    ]
    users = api.get("/users").json()["data"]
    assert any(user["email"].endswith("@api.upsales.com") for user in users)


def test_an_event_comes_back_with_contacts_in_the_plural_and_trimmed(api: Api) -> None:
    made = api.make_event(
        contact=5002, value="  Watched 83%  ", date="2026-11-19 10:00:00", externalId="a" * 36
    )
    row = made.json()["data"]
    assert made.status_code == 200
    assert row["contacts"] == [{"id": 5002, "name": "Maja Lund"}]
    assert "contact" not in row
    assert (row["value"], row["date"]) == ("Watched 83%", "2026-11-19T10:00:00.000Z")
    assert row["entityType"] == "marketingCustom"
    assert api.make_event(client={"id": 302}).json()["data"]["contacts"] is None


def test_the_echoed_date_tells_the_zone(api: Api, tenant: Tenant) -> None:
    tenant.switches.event_zone = "Europe/Stockholm"
    assert (
        api.make_event(date="2026-07-01 12:00:00").json()["data"]["date"].endswith("T10:00:00.000Z")
    )
    assert (
        api.make_event(date="2026-11-19 12:00:00").json()["data"]["date"].endswith("T11:00:00.000Z")
    )
    assert api.make_event(date="2026-11-18").json()["data"]["date"] == "2026-11-18T14:20:00.000Z"


@pytest.mark.parametrize(
    "fields",
    [
        {"externalId": "a" * 37},
        {"value": "x" * 513},
        {"entityType": "marketingcustom"},
        {"subType": " "},
        {"score": None},
        {"client": 999},
        {"contact": 999},
        {"contact": 5022},
        {"date": "2026-11-19T10:00:00Z"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_body_that_breaks_a_rule_is_refused(
    api: Api, tenant: Tenant, fields: dict[str, Any]
) -> None:
    refused = api.make_event(**fields)
    assert refused.status_code == 400
    assert refused.json()["error"]["key"] == "FailedValidation"
    assert tenant.crm.events == {}


def test_events_are_listed_only_with_a_usable_filter(api: Api) -> None:
    made = [
        api.make_event(externalId="one", integrationId=300, date="2026-11-19 10:00:00"),
        api.make_event(externalId="two", client=303, date="2026-11-18 10:00:00"),
    ]
    first, second = (answer.json()["data"]["id"] for answer in made)
    for useless in ([], ["{"], where(("value", "eq", "x"))):
        assert api.get("/events", q=useless).status_code == 500
    assert api.get("/events", externalId="one").status_code == 500
    assert api.ids("/events", q=where(("subType", "eq", "Wistia"))) == [first, second]
    assert api.ids("/events", q=where(("externalId", "eq", "one"))) == [first]
    assert api.ids("/events", q=where(("integrationId", "eq", 300))) == [first]
    around = where(("client.id", "eq", 303), ("date", "gte", "2026-11-18 09:00:00"))
    assert api.ids("/events", q=around) == [second]
    assert api.ids("/events", q=where(("externalId", "eq", "none"))) == []


def test_an_event_is_deleted_and_never_changed(api: Api, tenant: Tenant) -> None:
    number = api.make_event().json()["data"]["id"]
    assert api.call("PUT", f"/events/{number}", {}).status_code == 404
    assert api.call("DELETE", f"/events/{number}").json() == {"error": None}
    assert api.call("DELETE", f"/events/{number}").status_code == 404
    assert tenant.crm.events == {}


def test_a_form_is_made_listed_with_its_large_page_and_changed(api: Api) -> None:
    form = api.make_form()
    assert form["uuid"].startswith("4711u")
    assert len(form["uuid"]) == 4 + 1 + 32
    assert len(api.get("/forms").json()["data"][0]["html"]) > 20_000
    narrow = api.get("/forms", **{"f[]": ["id", "internalName"]}).json()["data"]
    assert narrow == [{"id": form["id"], "internalName": "x"}]
    api.call("PUT", f"/forms/{form['id']}", {"score": 9})
    assert api.get(f"/forms/{form['id']}").json()["data"]["score"] == 9
    assert api.call("POST", "/forms", {"name": "x"}).status_code == 400
    assert api.make_form()["id"] != form["id"]


def test_a_submit_is_answered_by_a_token_and_makes_nobody(api: Api, tenant: Tenant) -> None:
    form = api.make_form()
    before = len(tenant.crm.contacts)
    answer = api.submit(form["uuid"], "new@granby.example", **{"Extra.1": "view-1"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.isalnum()
    (row,) = api.get("/formSubmits", formId=form["id"]).json()["data"]
    assert {"name": "Extra.1", "value": "view-1"} in row["fieldValues"]
    assert row["contact"] is None
    assert len(tenant.crm.contacts) == before


def test_a_submit_connects_the_contact_or_makes_one_where_switched(
    api: Api, tenant: Tenant
) -> None:
    uuid = api.make_form()["uuid"]
    tenant.switches.creates_contacts = True
    for email in ("erik.dahl@havsbris.example", "new@tallbacken.example", "x@gmail.com"):
        api.submit(uuid, email)
    companies = [row["client"]["id"] for row in tenant.crm.submits.values()]
    # The furthest journey step; the company of the domain; a new one for free-mail.
    assert companies[:2] == [310, 308]
    assert companies[2] not in {301, 312}
    assert len(api.ids("/contacts", email="eq:new@tallbacken.example")) == 1


def test_submits_wait_until_they_are_processed(api: Api, tenant: Tenant) -> None:
    form = api.make_form()
    tenant.switches.submit_delay = None
    api.submit(form["uuid"], "new@granby.example")
    assert api.ids("/formSubmits") == []
    tenant.settle()
    assert len(api.ids("/formSubmits", formId=form["id"])) == 1
    tenant.switches.may_read_submits = False
    assert api.get("/formSubmits").status_code == 403


@pytest.mark.parametrize(
    "change",
    [{"formId": "4711u0"}, {"validation": "bot"}, {"Contact.email": "nobody"}],
    ids=["unknown form", "honeypot", "no e-mail"],
)
def test_a_bad_submit_is_a_plain_400(api: Api, tenant: Tenant, change: dict[str, str]) -> None:
    form = api.make_form()
    body = {"formCid": "4711", "formId": form["uuid"], "Contact.email": "a@b.example", **change}
    answer = requests.post(f"{api.external}/formSubmit", data=body, timeout=10)
    assert (answer.status_code, answer.text) == (400, "Bad Request")
    assert tenant.crm.submits == {}
