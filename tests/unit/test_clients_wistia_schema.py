"""Rows of Wistia, as the documentation and people's notes show them, and hostile ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_clients_text import JSON
from upsales_wistia.clients.wistia_schema import (
    ACCOUNT,
    MEDIA,
    PROJECT,
    TOKEN,
    VISITOR,
    Account,
    BadRow,
    Event,
    Media,
    Project,
    TokenScopes,
    Visitor,
    fingerprint,
    load_event,
)


def row(**changes: Any) -> dict[str, Any]:
    """A view with a conversion, as /stats/events gives it."""
    whole: dict[str, Any] = {
        "received_at": "2025-10-17T17:24:53.000Z",
        "event_key": "1760721_0a1b2c3d-0000-4000-8000-000000000001",
        "ip": "192.0.2.1",
        "country": "SE",
        "region": "Stockholm",
        "city": "Stockholm",
        "lat": 59.3,
        "lon": 18.1,
        "org": "Telia",
        "email": "anna@acme.example",
        "visitor_key": "1760721_0a1b2c3d-0000-4000-8000-000000000002",
        "percent_viewed": 0.4350761882621468,
        "embed_url": "https://www.acme.example/demo?utm_source=mail&wemail=anna@acme.example",
        "media_id": "abcdefghij",
        "media_name": "My Cool Video",
        "media_url": "https://acme.wistia.com/medias/abcdefghij",
        "iframe_heatmap_url": "https://api.wistia.com/v1/stats/events/1/iframe.html"
        "?public_token=0123456789",
        "thumbnail": {"url": "https://embed-ssl.wistia.com/t.jpg", "width": 200, "height": 120},
        "conversion_type": "pre-roll-email",
        "conversion_data": {
            "email": "anna@acme.example",
            "first_name": "Anna",
            "last_name": "Ek",
            "is_new_lead": True,
        },
        "user_agent_details": {
            "browser": "Chrome",
            "browser_version": "141",
            "platform": "iOS (iPhone)",
            "mobile": True,
        },
    }
    return whole | changes


def test_a_whole_view() -> None:
    assert load_event(row(newer_field={"a": 1})) == Event(
        event_key="1760721_0a1b2c3d-0000-4000-8000-000000000001",
        visitor_key="1760721_0a1b2c3d-0000-4000-8000-000000000002",
        received_at=datetime(2025, 10, 17, 17, 24, 53, tzinfo=UTC),
        fraction=0.4350761882621468,
        email="anna@acme.example",
        conversion_type="pre-roll-email",
        conversion_email="anna@acme.example",
        first_name="Anna",
        last_name="Ek",
        media_id="abcdefghij",
        media_name="My Cool Video",
        page="https://www.acme.example/demo?utm_source=mail",
        heatmap_url="https://api.wistia.com/v1/stats/events/1/iframe.html",
        country="SE",
        device="Chrome 141, iOS (iPhone)",
    )


def test_where_the_viewer_is_on_the_net_and_on_the_map_is_not_kept() -> None:
    kept = repr(load_event(row()))
    for secret in ("192.0.2.1", "59.3", "Stockholm", "Telia", "public_token", "wemail"):
        assert secret not in kept


def test_a_view_of_which_nothing_else_is_known() -> None:
    bare = {
        "event_key": "1390862572596e0.8447021404281259",
        "received_at": "2014-01-27T22:42:52Z",
        "percent_viewed": 0,
    }
    event = load_event(bare)
    assert (event.fraction, event.email, event.conversion_email, event.device) == (0, "", "", "")
    assert load_event(dict.fromkeys(row(), None) | bare) == event


@pytest.mark.parametrize("data", ["", {}, None, [], "x", 7, {"email": None}, {"email": ""}])
def test_no_conversion_in_all_its_spellings(data: object) -> None:
    event = load_event(row(conversion_data=data, conversion_type=""))
    assert (event.conversion_type, event.conversion_email, event.first_name) == ("", "", "")


@pytest.mark.parametrize(
    ("kind", "kept"),
    [(1, "1"), ("3", "3"), ("mid-roll-email", "mid-roll-email"), (None, ""), (0, "0")],
)
def test_a_conversion_type_is_a_number_or_a_name(kind: object, kept: str) -> None:
    assert load_event(row(conversion_type=kind)).conversion_type == kept


@pytest.mark.parametrize(
    ("sent", "fraction"),
    [(0, 0), (1, 1), ("0.5", 0.5), (1.2, 1), (-0.1, 0)],
)
def test_a_fraction_stays_between_none_and_all(sent: object, fraction: float) -> None:
    assert load_event(row(percent_viewed=sent)).fraction == fraction


@pytest.mark.parametrize(
    ("details", "device"),
    [
        ({"browser": "Unknown Browser", "browser_version": "0", "platform": "Windows"}, "Windows"),
        ({"browser": "Safari", "browser_version": "0"}, "Safari"),
        ({"browser": None, "platform": None}, ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_device_is_a_short_text(details: object, device: str) -> None:
    assert load_event(row(user_agent_details=details)).device == device


def test_a_title_is_made_fit_to_store() -> None:
    event = load_event(row(media_name="a\x00b" + "x" * 5000, first_name=None))
    assert event.media_name == ("ab" + "x" * 5000)[:512]


@pytest.mark.parametrize(
    "changes",
    [
        {"event_key": None},
        {"event_key": ""},
        {"event_key": 7},
        {"event_key": "a\x00b"},
        {"event_key": " a"},
        {"event_key": "x" * 201},
        {"received_at": None},
        {"received_at": "2025-10-17"},
        {"received_at": "yesterday"},
        {"received_at": 1760721893},
        {"received_at": "1999-12-31T23:59:59Z"},
        {"received_at": "9999-12-31T23:59:59Z"},
        {"percent_viewed": None},
        {"percent_viewed": "x"},
        {"percent_viewed": True},
        {"percent_viewed": {}},
        {"percent_viewed": float("nan")},
        {"percent_viewed": 10**400},
    ],
    ids=str,
)
def test_a_view_that_cannot_be_known_by_anything(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRow) as caught:
        load_event(row(**changes))
    assert next(iter(changes)) in str(caught.value)
    assert "anna" not in repr(caught.value)


def test_rows_that_lack_their_identity_or_are_none() -> None:
    unwatched = {name: value for name, value in row().items() if name != "percent_viewed"}
    rows: list[Any] = [{}, {"event_key": "a"}, [], "row", None, unwatched]
    for bad in rows:
        with pytest.raises(BadRow):
            load_event(bad)


@given(st.dictionaries(st.sampled_from(sorted(row())), JSON))
def test_no_row_does_worse_than_be_bad(changes: dict[str, Any]) -> None:
    try:
        event = load_event(row(**changes))
    except BadRow:
        return
    assert 0 <= event.fraction <= 1
    assert event.received_at.tzinfo is UTC
    assert "\x00" not in repr(event)


class TestFingerprint:
    @given(st.randoms(use_true_random=False))
    def test_the_order_of_keys_is_no_matter(self, shuffled: random.Random) -> None:
        items = list(row().items())
        shuffled.shuffle(items)
        inner = list(row()["conversion_data"].items())
        shuffled.shuffle(inner)
        assert fingerprint(dict(items) | {"conversion_data": dict(inner)}) == fingerprint(row())

    @pytest.mark.parametrize("name", sorted(row()))
    def test_every_change_is_seen(self, name: str) -> None:
        assert fingerprint(row(**{name: "other"})) != fingerprint(row())

    def test_a_key_that_comes_or_goes_is_a_change(self) -> None:
        assert fingerprint(row(attributes={})) != fingerprint(row())

    @given(st.dictionaries(st.text(), JSON))
    def test_any_row_has_one(self, any_row: dict[str, Any]) -> None:
        assert len(fingerprint(any_row)) == 32

    def test_it_stays_what_it_is_in_every_version(self) -> None:
        assert fingerprint({"b": [1, None], "a": "ä"}) == "77e30097ffedddbd86d09e82ecd69667"


class TestOthers:
    def test_a_media_whose_project_is_spelt_either_way(self) -> None:
        for spelling in ("hashed_id", "hashedId"):
            sent = {
                "id": 1,
                "hashed_id": "abc",
                "name": "Demo",
                "duration": 93.4,
                "project": {"id": 9, "name": "Product", spelling: "p1"},
            }
            assert MEDIA.one(sent) == Media("abc", "Demo", "p1", "Product", 93.4)

    @pytest.mark.parametrize("duration", [None, -1, "x", float("inf"), 1e308, 30 * 86400 + 1])
    def test_a_media_without_project_or_length(self, duration: object) -> None:
        sent = {"hashed_id": "abc", "name": "Demo", "duration": duration, "project": None}
        assert MEDIA.one(sent) == Media("abc", "Demo", None, None, None)

    def test_a_long_video_keeps_its_length(self) -> None:
        media = MEDIA.one({"hashed_id": "abc", "duration": 30 * 86400})
        assert media is not None
        assert media.duration == 30 * 86400

    def test_a_project(self) -> None:
        sent = {"id": 9, "hashedId": "p1", "name": "Product", "mediaCount": 3, "public": False}
        assert PROJECT.several([sent, {"id": 9}, None, "x"]) == [Project("p1", "Product", 3)]

    def test_a_visitor(self) -> None:
        sent = {"visitor_key": "v", "visitor_identity": {"name": "", "email": None, "org": {}}}
        assert VISITOR.one(sent) == Visitor("v", "", "")
        assert VISITOR.one({"visitor_key": "v"}) == Visitor("v", "", "")

    def test_an_account(self) -> None:
        sent = {"id": 7, "name": "Acme", "url": "https://acme.wistia.com", "mediaCount": 3}
        assert ACCOUNT.one(sent) == Account(7, "Acme", "https://acme.wistia.com")

    def test_a_token(self) -> None:
        sent = {"type": "permanent", "scopes": ["all:read", None], "name": None}
        assert TOKEN.one(sent) == TokenScopes(("all:read",), "", "permanent")
        assert TOKEN.one({"scopes": "all"}) == TokenScopes((), "", "")
