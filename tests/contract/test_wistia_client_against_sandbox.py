"""The real Wistia client, over HTTP, against the sandbox: every operation and the main faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from upsales_wistia.clients.http import TimedOut
from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.wistia import WistiaClient
from upsales_wistia.clients.wistia_schema import fingerprint, load_event
from upsales_wistia.errors import (
    CredentialRefused,
    Throttled,
    Unclear,
    VendorError,
    WrongAddress,
)
from upsales_wistia.sandbox import Sandbox, Tenant

from .openapi import beside, operation, query_names

START, END = date(2026, 11, 16), date(2026, 11, 21)
FAST = Limits().scaled(1000)


@pytest.fixture
def wistia(sandbox: Sandbox, tenant: Tenant) -> Iterator[WistiaClient]:
    limiters = Limiters(FAST)
    url, token = sandbox.wistia_url, tenant.wistia_token
    with WistiaClient(url, token, limiters=limiters, read_timeout=1.0) as client:
        yield client


def test_a_walk_over_the_events_reads_every_view_of_the_range(
    wistia: WistiaClient, tenant: Tenant
) -> None:
    pages = list(wistia.event_pages(START, END))
    events = [load_event(row, origin=wistia.base_url) for page in pages for row in page]
    shown = [v for v in tenant.world.views() if v.received_at.date() >= START]
    assert {event.event_key for event in events} == {view.event_key for view in shown}
    assert [len(page) for page in pages[:-1]] == [100] * (len(pages) - 1)
    assert wistia.requests == len(pages)
    by_key = {event.event_key: event for event in events}
    for view in shown:
        event = by_key[view.event_key]
        assert event.fraction == view.fraction
        assert event.received_at == view.received_at
        assert event.email == (view.email or "").strip()
        assert "email=" not in event.page
        assert tenant.public_token not in event.heatmap_url


def test_an_unchanged_row_has_the_same_fingerprint_and_a_grown_one_another(
    wistia: WistiaClient, tenant: Tenant
) -> None:
    key = tenant.world.views()[0].event_key
    first, again = wistia.event(key), wistia.event(key)
    tenant.world.change(key, fraction=0.123)
    grown = wistia.event(key)
    assert first is not None
    assert again is not None
    assert grown is not None
    assert fingerprint(first) == fingerprint(again) != fingerprint(grown)


def test_pages_that_shift_and_rows_that_come_twice_lose_nothing(
    wistia: WistiaClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    before = {v.event_key for v in tenant.world.views() if v.received_at.date() >= START}
    sandbox.faults.add("wistia.events", "insert", page=2, times=1)
    rows = [row["event_key"] for page in wistia.event_pages(START, END) for row in page]
    assert before <= set(rows)
    assert len(rows) > len(set(rows))


def test_a_refused_future_end_is_asked_again_without(wistia: WistiaClient, tenant: Tenant) -> None:
    tenant.switches.future_end_refused = True
    rows = [row for page in wistia.event_pages(START, END) for row in page]
    assert len({row["event_key"] for row in rows}) > 193


def test_a_visitors_events_and_one_visitor(wistia: WistiaClient, tenant: Tenant) -> None:
    view = next(v for v in tenant.world.views() if v.email and v.email.startswith("camille"))
    rows = [row for page in wistia.visitor_event_pages(view.visitor_key) for row in page]
    assert len(rows) == 2
    visitor = wistia.visitor(view.visitor_key)
    assert visitor is not None
    assert visitor.email == "camille.dubois@duboisfreres.example"
    assert wistia.visitor("nobody") is None
    assert wistia.event("nothing/with a slash") is None


def test_medias_projects_account_and_scopes(wistia: WistiaClient, tenant: Tenant) -> None:
    wanted = [media.hashed_id for media in tenant.world.medias]
    found = {media.media_id: media for media in wistia.medias(wanted)}
    assert set(found) == set(wanted) - {"m7deleted2"}
    for media in tenant.world.medias:
        if not media.deleted:
            read = found[media.hashed_id]
            assert (read.project_id, read.duration) == (media.project, media.duration)
    projects = {project.project_id: project.name for project in wistia.projects()}
    assert projects == {p.hashed_id: p.name for p in tenant.world.projects}
    assert wistia.account().name == "Sandbox 4711"
    assert wistia.scopes().scopes == ("all:read",)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("revoked", "unauthorized_credentials"),
        ("unauthorized_scope", "unauthorized_scope"),
        ("account_inactive", "account_inactive"),
    ],
)
def test_a_refused_token_names_its_cause(
    wistia: WistiaClient, sandbox: Sandbox, tenant: Tenant, kind: str, code: str
) -> None:
    sandbox.faults.add("wistia.events", kind)
    with pytest.raises(CredentialRefused) as refused:
        list(wistia.event_pages(START, END))
    assert refused.value.code == code
    assert tenant.wistia_token not in repr(refused.value)


def test_a_401_without_a_code_is_a_refused_token(wistia: WistiaClient, tenant: Tenant) -> None:
    tenant.switches.code_in_401 = False
    tenant.switches.revoked = True
    with pytest.raises(CredentialRefused) as refused:
        wistia.account()
    assert refused.value.code == "unauthorized_credentials"


@pytest.mark.parametrize(("kind", "wait"), [("429", 7.0), ("429_bare", 0.0), ("429_negative", 0.0)])
def test_wistia_may_throttle(
    wistia: WistiaClient, sandbox: Sandbox, kind: str, wait: float
) -> None:
    sandbox.faults.add("wistia.events", kind, seconds=7)
    with pytest.raises(Throttled) as throttled:
        list(wistia.event_pages(START, END))
    assert throttled.value.wait == wait


def test_a_500_on_page_three_is_read_again(wistia: WistiaClient, sandbox: Sandbox) -> None:
    sandbox.faults.add("wistia.events", "500", page=3, times=1)
    pages = list(wistia.event_pages(START, END))
    assert len(pages) == 3
    assert wistia.requests == 4


@pytest.mark.parametrize("kind", ["500", "not_json", "html", "reset", "cut"])
def test_no_usable_answer_from_wistia_is_unclear(
    wistia: WistiaClient, sandbox: Sandbox, kind: str
) -> None:
    sandbox.faults.add("wistia.*", kind)
    with pytest.raises(Unclear):
        wistia.account()


@pytest.mark.parametrize("kind", ["html_404", "redirect"])
def test_another_answer_of_wistia_is_a_vendor_error(
    wistia: WistiaClient, sandbox: Sandbox, kind: str
) -> None:
    sandbox.faults.add("wistia.account", kind)
    with pytest.raises(WrongAddress if kind == "html_404" else VendorError):
        wistia.account()
    assert wistia.requests == 1


def test_a_walk_that_times_out_goes_on_with_smaller_pages_when_asked_again(
    wistia: WistiaClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    sandbox.faults.add("wistia.events", "timeout", page=2, times=1, seconds=30)
    walk = wistia.event_pages(START, END)
    assert len(next(walk)) == 100
    with pytest.raises(TimedOut):
        next(walk)
    rows = {row["event_key"] for page in walk for row in page}
    assert rows >= {v.event_key for v in tenant.world.views() if v.received_at.date() >= START}
    sizes = {dict(r.query)["per_page"] for r in sandbox.requests if r.status == 200}
    assert sizes == {"100", "50"}


@beside
def test_what_the_client_asks_wistia_is_in_wistias_description(
    wistia: WistiaClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    key = tenant.world.views()[0]
    list(wistia.event_pages(START, END, visitor_key=key.visitor_key, media_id=key.media_id))
    wistia.event(key.event_key)
    wistia.visitor(key.visitor_key)
    wistia.medias([key.media_id])
    wistia.projects()
    wistia.account()
    asked = [r for r in sandbox.requests if r.path.startswith("/v1/")]
    assert len(asked) >= 6
    for request in asked:
        assert operation(request.path) is not None, request.path
        assert {name for name, _ in request.query} <= query_names(request.path), request
