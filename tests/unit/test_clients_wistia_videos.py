"""What Wistia tells of a video as a whole, and what becomes of odd values in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from hypothesis import given

from tests.unit.test_clients_text import JSON
from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.wistia import WistiaClient
from upsales_wistia.clients.wistia_videos import (
    AT_THE_END,
    CAPTIONS,
    ENGAGEMENT,
    STATS,
    CallToAction,
    Captions,
    Chapter,
    Engagement,
    MediaStats,
    Offer,
    customizations,
)
from upsales_wistia.errors import CredentialRefused, Unclear

API = "https://api.wistia.com/v1"


@pytest.fixture
def client() -> Iterator[WistiaClient]:
    limiters = Limiters(Limits().scaled(1000))
    with WistiaClient("https://api.wistia.com", "token", limiters=limiters) as opened:
        yield opened


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def test_the_curve_of_a_video(client: WistiaClient, api: responses.RequestsMock) -> None:
    sent = {"engagement": 0.61, "engagement_data": [9, 8, 8.0], "rewatch_data": [0, 1, 0]}
    api.get(f"{API}/stats/medias/m%2F1/engagement", json=sent)
    assert client.engagement("m/1") == Engagement(0.61, (9, 8, 8), (0, 1, 0))


def test_a_count_is_never_more_than_a_database_takes(
    client: WistiaClient, api: responses.RequestsMock
) -> None:
    api.get(f"{API}/stats/medias/m1", json={"play_count": 10**40, "visitors": -3})
    stats = client.media_stats("m1")
    assert stats is not None
    assert (stats.plays, stats.visitors) == (2**31 - 1, 0)


def test_the_totals_of_a_video(client: WistiaClient, api: responses.RequestsMock) -> None:
    action = {"type": "Call to Action", "action_count": 12, "impression_count": 48, "rate": 0.2}
    sent = {"load_count": 90, "play_count": 60, "play_rate": 0.5, "hours_watched": 3.5}
    sent |= {"engagement": 1.7, "visitors": 55}
    api.get(
        f"{API}/stats/medias/m1",
        json=sent | {"actions": [action | {"text": "Book", "url": "https://a.example/b?email=x"}]},
    )
    book = CallToAction("Call to Action", 48, 12, 0.25, "Book", "https://a.example/b")
    assert client.media_stats("m1") == MediaStats(90, 60, 55, 0.5, 3.5, 1.0, (book,))


def test_captions_with_text(client: WistiaClient, api: responses.RequestsMock) -> None:
    said = {"id": "t1", "language": "eng", "text": "1\n00:00:01,000 --> 00:00:02,000\nHi\n"}
    silent = {"id": "t2", "language": "swe", "text": None, "is_draft": False}
    api.get(f"{API}/medias/m1/captions", json=[said | {"is_draft": True}, silent])
    (found,) = client.captions("m1") or []
    assert found == Captions("t1", "eng", said["text"], is_draft=True)


def test_whether_a_video_has_a_password(client: WistiaClient, api: responses.RequestsMock) -> None:
    api.get(
        f"{API}/medias/m1/customizations",
        json={"private": {"password_protect_on": "true"}, "encrypted": {}},
    )
    assert client.is_protected("m1") is True
    api.replace("GET", f"{API}/medias/m1/customizations", json=[])
    with pytest.raises(Unclear):
        client.is_protected("m1")


@pytest.mark.parametrize(
    ("sent", "protected"),
    [
        ({}, False),
        ({"private": {"password_protect_on": "false"}}, False),
        ({"private": []}, False),
        ({"plugin": {"passwordProtectedVideo": {"on": "true"}}}, True),
        ({"encrypted": {"password_protect_password": "hunter2"}}, True),
    ],
)
def test_a_password_shows_in_three_places(sent: dict[str, Any], protected: bool) -> None:
    assert customizations(sent).is_protected is protected


@pytest.mark.parametrize(
    ("plugin", "offers"),
    [
        ({}, ()),
        ({"postRoll-v1": {"on": "false", "text": "Book"}}, ()),
        ({"postRoll-v1": {"on": "true", "ctaType": "image"}}, ()),
        (
            {"postRoll-v1": {"on": "true", "text": "Book", "link": "https://a.example/b?x=1"}},
            (Offer("Call to Action", "Book", "https://a.example/b"),),
        ),
        (
            {"midrollLink-v1": {"on": "true", "links": [{"text": "Read", "url": "x"}, 7, {}]}},
            (Offer("Annotation", "Read", ""),),
        ),
        (
            {"requireEmail-v1": {"topText": "Who are you?", "time": "before"}},
            (Offer("Turnstile", "Who are you?", "", 0.0),),
        ),
        (
            {"postRoll-v1": {"text": "Book", "time": "end"}},
            (Offer("Call to Action", "Book", "", AT_THE_END),),
        ),
        (
            {
                "midrollLink-v1": {
                    "links": [{"text": "Read", "time": "7.5"}, {"text": "Read", "time": "-1"}]
                }
            },
            (
                Offer("Annotation", "Read", "", 7.5),
                Offer("Annotation", "Read", "", None),
            ),
        ),
        ({"midrollLink-v1": {"links": {}}, "postRoll-v1": []}, ()),
    ],
)
def test_the_words_of_calls_to_action(plugin: Any, offers: tuple[Offer, ...]) -> None:
    assert customizations({"plugin": plugin}).offers == offers


@pytest.mark.parametrize(
    ("chapters", "found"),
    [
        ({"chapterList": [{"title": "Price", "time": "12"}]}, (Chapter(12.0, "Price"),)),
        ({"chapterList": [{"title": "Price", "time": "12", "deleted": "true"}]}, ()),
        ({"on": "false", "chapterList": [{"title": "Price", "time": "12"}]}, ()),
        ({"chapterList": [{"title": "Price", "time": "end"}, {"time": "3"}, 7, None]}, ()),
        ({"chapterList": {"title": "Price"}}, ()),
    ],
)
def test_the_chapters_of_a_video(chapters: Any, found: tuple[Chapter, ...]) -> None:
    assert customizations({"plugin": {"chapters": chapters}}).chapters == found


def test_a_video_that_is_gone_is_none(client: WistiaClient, api: responses.RequestsMock) -> None:
    for path in ("stats/medias/m", "stats/medias/m/engagement"):
        api.get(f"{API}/{path}", status=404)
    for path in ("medias/m/captions", "medias/m/customizations"):
        api.get(f"{API}/{path}", status=404, json={"error": "Not found"})
    asked = (client.media_stats, client.engagement, client.captions, client.is_protected)
    assert [ask("m") for ask in asked] == [None] * 4


def test_a_missing_permission_is_named(client: WistiaClient, api: responses.RequestsMock) -> None:
    api.get(f"{API}/medias/m/captions", status=401, json={"code": "unauthorized_scope"})
    with pytest.raises(CredentialRefused, match="Read all folder and media data"):
        client.captions("m")


def test_all_videos_of_a_project(client: WistiaClient, api: responses.RequestsMock) -> None:
    row = {"hashed_id": "m1", "created": "2026-01-12T13:30:00+01:00", "status": "processing"}
    api.get(f"{API}/medias", json=[row | {"archived": True}, {"name": "no id"}])
    (found,) = client.medias_of("p 1")
    assert found.created_at == datetime(2026, 1, 12, 12, 30, tzinfo=UTC)
    assert (found.status, found.archived) == ("processing", True)
    assert "project_id=p+1" in str(api.calls[0].request.url)


@given(JSON)
def test_odd_values_are_no_reason_to_fail(value: Any) -> None:
    engagement = ENGAGEMENT.one({"engagement_data": value, "rewatch_data": [value]})
    assert engagement is not None
    assert all(cell >= 0 for cell in engagement.views)
    stats = STATS.one({"actions": [value, {"type": value}], "play_rate": value, "visitors": value})
    assert stats is not None
    assert all(action.rate is None for action in stats.calls_to_action if not action.impressions)
    caption = CAPTIONS.one({"language": "eng", "text": value, "is_draft": value})
    assert caption is None or "\x00" not in caption.text
