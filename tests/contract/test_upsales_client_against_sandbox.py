"""The real Upsales client, over HTTP, against the sandbox: every operation and the main faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.upsales import UpsalesClient
from upsales_wistia.clients.upsales_schema import (
    FIELD_EMAIL,
    FIELD_VIEW_ID,
    EventDraft,
    FormDraft,
    FormRow,
)
from upsales_wistia.errors import (
    CredentialRefused,
    NotSent,
    Rejected,
    Throttled,
    Unclear,
    WrongAddress,
)
from upsales_wistia.sandbox import Limits as VendorLimits
from upsales_wistia.sandbox import Sandbox, Tenant

from .conftest import CUSTOMER

FAST = Limits().scaled(1000)
WHEN = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)


@pytest.fixture
def upsales(sandbox: Sandbox, tenant: Tenant) -> Iterator[UpsalesClient]:
    with UpsalesClient(
        sandbox.upsales_url,
        sandbox.external_url,
        tenant.upsales_key,
        auth="auto",
        limiters=Limiters(FAST),
        read_timeout=1.0,
    ) as client:
        client.self_()
        yield client


def draft(**fields: object) -> EventDraft:
    base = {"client_id": 302, "score": 10, "value": "Watched 83%", "date": WHEN}
    return EventDraft(**{**base, "external_id": "e" * 36, **fields})  # type: ignore[arg-type]


def write(client: UpsalesClient, **fields: object) -> int:
    return client.create_event(draft(**fields), client.write_permit()).id


def make_form(client: UpsalesClient) -> FormRow:
    return client.create_form(FormDraft("Wistia: Demos", "wistia:project:p4demos0x1", 5))


def test_auto_finds_the_cookie_and_falls_back_to_the_query(
    upsales: UpsalesClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    assert upsales.auth == "cookie"
    tenant.switches.upsales_auth = "query"
    with UpsalesClient(
        sandbox.upsales_url, None, tenant.upsales_key, auth="auto", limiters=Limiters(FAST)
    ) as other:
        self_ = other.self_()
        assert (self_.client_id, self_.user_id, self_.forms) == (CUSTOMER, 2, True)
        assert other.auth == "query"
        assert len(other.users()) == 5


def test_contacts_are_found_by_e_mail_forty_to_a_request(
    upsales: UpsalesClient, sandbox: Sandbox
) -> None:
    emails = [f"nobody{n}@granby.example" for n in range(60)]
    emails += ["erik.dahl@havsbris.example", "linnea.strom+wistia@havsbris.example"]
    emails += ["jonas.blomqvist@blomqvist.example", "freja@nordvik.example", "a,b@x.example"]
    found = {contact.id for contact in upsales.contacts_by_email(emails)}
    assert found == {5005, 5006, 5007, 5008, 5009}
    assert sandbox.counters.count("upsales.contacts") == 2


def test_contacts_by_domain_are_given_as_the_server_gave_them(
    upsales: UpsalesClient, tenant: Tenant
) -> None:
    assert {c.id for c in upsales.contacts_by_domain("tallbacken.example")} == {5014, 5015}
    tenant.switches.contains_search = "ignored"
    assert len(upsales.contacts_by_domain("tallbacken.example")) > 20
    tenant.switches.contains_search = "refused"
    with pytest.raises(Rejected):
        upsales.contacts_by_domain("tallbacken.example")


def test_the_crawl_the_accounts_and_the_users(upsales: UpsalesClient, tenant: Tenant) -> None:
    first = upsales.contacts_after(0, limit=10)
    rest = upsales.contacts_after(max(c.id for c in first))
    active = {number for number, row in tenant.crm.contacts.items() if row["active"]}
    assert {c.id for c in [*first, *rest]} == active
    accounts = {a.id: a for a in upsales.accounts([302, 308])}
    assert accounts[302].planned
    assert accounts[308].journey_step == "customer"
    users = upsales.users()
    assert [u.id for u in users if u.api] == [2]
    assert [u.id for u in users if not u.active] == [4]


def test_an_event_is_written_found_and_deleted(upsales: UpsalesClient, tenant: Tenant) -> None:
    permit = upsales.write_permit()
    row = upsales.create_event(draft(contact_id=5002, integration_id=300), permit)
    assert (row.contact_ids, row.date, row.client_id) == ((5002,), WHEN, 302)
    stored = tenant.crm.events[row.id]
    assert (stored["externalId"], stored["notify"]) == ("e" * 36, False)
    assert [e.id for e in upsales.events(("externalId", "eq", "e" * 36))] == [row.id]
    assert upsales.events(("client.id", "eq", 302), ("externalId", "eq", "other")) == []
    upsales.delete_event(row.id)
    assert tenant.crm.events == {}


def test_the_echoed_date_tells_upsales_zone(upsales: UpsalesClient, tenant: Tenant) -> None:
    tenant.switches.event_zone = "Europe/Stockholm"
    shifted = upsales.create_event(draft(), upsales.write_permit())
    right = upsales.create_event(draft(zone="Europe/Stockholm"), upsales.write_permit())
    assert shifted.date == WHEN - timedelta(hours=1)
    assert right.date == WHEN


def test_a_form_is_made_found_changed_and_submitted(
    upsales: UpsalesClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    form = make_form(upsales)
    assert [f.internal_name for f in upsales.forms()] == ["wistia:project:p4demos0x1"]
    assert upsales.update_form(form.id, score=7).score == 7
    fields = {FIELD_EMAIL: "maja.lund@nordvik.example", FIELD_VIEW_ID: "view-1"}
    assert upsales.submit_form(form.uuid, fields, upsales.submit_permit())
    (submit,) = upsales.form_submits(form.id)
    assert (submit.contact_id, submit.fields[FIELD_VIEW_ID]) == (5002, "view-1")
    (request,) = [r for r in sandbox.requests if r.operation == "upsales.form_submit"]
    assert request.customer == CUSTOMER
    assert tenant.upsales_key not in repr(request)


@pytest.mark.parametrize(
    ("kind", "error", "written"),
    [
        ("429", Throttled, 0),
        ("429_negative", Throttled, 0),
        ("revoked", CredentialRefused, 0),
        ("html_404", WrongAddress, 0),
        ("400", Rejected, 0),
        ("403", Rejected, 0),
        ("422", Rejected, 0),
        ("redirect", Rejected, 0),
        ("500", Unclear, 0),
        ("not_json", Unclear, 0),
        ("html", Unclear, 0),
        ("reset", Unclear, 0),
        ("timeout", Unclear, 0),
        ("write_then_cut", Unclear, 1),
        ("500_after_writing", Unclear, 1),
        ("timeout_after_writing", Unclear, 1),
        ("odd_answer", Unclear, 1),
        ("cut", Unclear, 1),
        ("write_late", Unclear, 0),
    ],
)
def test_a_write_is_sent_once_and_its_outcome_is_told(
    upsales: UpsalesClient,
    sandbox: Sandbox,
    tenant: Tenant,
    kind: str,
    error: type[Exception],
    written: int,
) -> None:
    sandbox.faults.add("upsales.create_event", kind, seconds=2)
    with pytest.raises(error) as raised:
        write(upsales)
    assert sandbox.counters.count("upsales.create_event") == 1
    assert len(tenant.crm.events) == written
    assert tenant.upsales_key not in f"{raised.value!r} {raised.value}"


@pytest.mark.parametrize("party", ["contact", "client"])
def test_a_refusal_that_names_the_party_says_so(
    upsales: UpsalesClient, sandbox: Sandbox, party: str
) -> None:
    sandbox.faults.add("upsales.create_event", f"refused_{party}", times=1)
    with pytest.raises(Rejected) as refused:
        write(upsales)
    assert refused.value.names_party


def test_a_contact_that_is_gone_is_named_in_the_refusal(
    upsales: UpsalesClient, tenant: Tenant
) -> None:
    tenant.crm.remove_contact(5002)
    with pytest.raises(Rejected) as refused:
        write(upsales, contact_id=5002)
    assert refused.value.names_party


@pytest.mark.parametrize(
    ("kind", "error"),
    [("odd_answer", Unclear), ("html", Unclear), ("400", Rejected), ("reset", Unclear)],
)
def test_a_submit_without_its_token_is_not_taken_for_done(
    upsales: UpsalesClient, sandbox: Sandbox, kind: str, error: type[Exception]
) -> None:
    form = make_form(upsales)
    sandbox.faults.add("upsales.form_submit", kind)
    with pytest.raises(error):
        upsales.submit_form(form.uuid, {FIELD_EMAIL: "a@b.example"}, upsales.submit_permit())
    assert sandbox.counters.count("upsales.form_submit") == 1


def test_a_refused_key_and_a_read_that_heals(
    upsales: UpsalesClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    sandbox.faults.add("upsales.users", "503", times=1)
    assert len(upsales.users()) == 5
    tenant.switches.key_refused = True
    with pytest.raises(CredentialRefused) as refused:
        upsales.users()
    assert refused.value.code == "upsales_key_refused"


def test_nobody_at_the_address_means_nothing_was_sent() -> None:
    with Sandbox() as gone:
        url = gone.upsales_url
    with (
        UpsalesClient(url, None, "k", auth="cookie", limiters=Limiters(FAST)) as client,
        pytest.raises(NotSent),
    ):
        write(client)


def test_upsales_own_throttling_is_understood(upsales: UpsalesClient, sandbox: Sandbox) -> None:
    sandbox.limits = VendorLimits(upsales_per_10s=2)  # one is used up by /self
    upsales.users()
    with pytest.raises(Throttled) as throttled:
        upsales.users()
    assert 0 < throttled.value.wait <= 10
