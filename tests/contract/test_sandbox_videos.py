"""Each video as a whole: what is planted in the sandbox, and what the real client reads of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.wistia import WistiaClient
from upsales_wistia.errors import CredentialRefused, Unclear
from upsales_wistia.sandbox import Media, Sandbox, Tenant, World

from .openapi import answer_problems, beside

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
TOUR, LONG = "media00001", "media00002"


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    medias = [Media(11, TOUR, "Product tour", None, 240.0), Media(12, LONG, "Long", None, 4000.0)]
    return sandbox.add_customer(4711, World(NOW, medias=medias))


@pytest.fixture
def wistia(sandbox: Sandbox, tenant: Tenant) -> Iterator[WistiaClient]:
    limiters = Limiters(Limits().scaled(1000))
    with WistiaClient(sandbox.wistia_url, tenant.wistia_token, limiters=limiters) as client:
        yield client


def plant(sandbox: Sandbox, verb: str, media: str, **how: Any) -> requests.Response:
    body = {"customer": 4711, "verb": verb, "media": media, **how}
    return requests.post(f"{sandbox.wistia_url}/_control/videos", json=body, timeout=5)


def test_a_drop_shows_in_the_curve_and_moves_with_it(
    wistia: WistiaClient, sandbox: Sandbox
) -> None:
    plant(sandbox, "drop", TOUR, at=100.0, share=0.2)
    curve = wistia.engagement(TOUR)
    assert curve is not None
    assert curve.views == (200,) * 100 + (160,) * 140
    plant(sandbox, "clear", TOUR)
    plant(sandbox, "drop", TOUR, at=60.0, share=0.5, viewers=100)
    plant(sandbox, "replay", TOUR, start=10, end=12, share=0.25, viewers=100)
    curve = wistia.engagement(TOUR)
    assert curve is not None
    assert curve.views[58:62] == (100, 100, 50, 50)
    assert curve.views[9:13] == (100, 125, 125, 100)
    assert curve.rewatches[9:13] == (0, 25, 25, 0)


def test_a_long_video_is_scaled_to_a_thousand_cells(wistia: WistiaClient, sandbox: Sandbox) -> None:
    plant(sandbox, "drop", LONG, at=2000.0, share=0.5)
    curve = wistia.engagement(LONG)
    assert curve is not None
    assert len(curve.views) == 1000
    assert curve.views[499:501] == (200, 100)


def test_an_unplanted_curve_is_that_of_the_views(wistia: WistiaClient, tenant: Tenant) -> None:
    curve = wistia.engagement(TOUR)
    assert curve is not None
    assert set(curve.views) == {0}
    tenant.world.insert_one()
    curve, stats = wistia.engagement(TOUR), wistia.media_stats(TOUR)
    assert curve is not None
    assert stats is not None
    assert curve.views == (1,) * 24 + (0,) * 216
    assert (stats.plays, stats.visitors, stats.engagement) == (1, 1, 0.1)


def test_words_are_said_and_repeated(wistia: WistiaClient, sandbox: Sandbox) -> None:
    plant(sandbox, "say", TOUR, start=100.0, text="Now to the price.")
    plant(sandbox, "repeat", TOUR, phrase="warm by nature", times=2)
    plant(sandbox, "say", TOUR, start=1, text="Utkast", language="swe", draft=True)
    english, swedish = wistia.captions(TOUR) or []
    assert (english.language, english.is_draft, swedish.is_draft) == ("eng", False, True)
    assert english.text.count("warm by nature") == 2
    assert "00:01:40,000 --> 00:01:44,000\nNow to the price.\n" in english.text
    assert wistia.captions(LONG) == []
    assert wistia.captions("nothing") is None


def test_calls_to_action_are_counted(
    wistia: WistiaClient, sandbox: Sandbox, tenant: Tenant
) -> None:
    plant(sandbox, "offer", TOUR, text="Book a demo", impressions=200, clicks=40)
    plant(sandbox, "offer", TOUR, text="Read more", impressions=200, clicks=20)
    stats = wistia.media_stats(TOUR)
    assert stats is not None
    told = [(one.text, one.rate) for one in stats.calls_to_action]
    assert told == [("Book a demo", 0.2), ("Read more", 0.1)]
    plant(sandbox, "offer", TOUR, text="Read more", impressions=200, clicks=80)
    tenant.switches.action_texts = False
    stats = wistia.media_stats(str(11))
    assert stats is not None
    assert [(one.text, one.rate) for one in stats.calls_to_action] == [("", 0.2), ("", 0.4)]


def test_the_words_of_calls_to_action_are_set_on_the_video(
    wistia: WistiaClient, sandbox: Sandbox
) -> None:
    plant(sandbox, "offer", TOUR, text="Book a demo", impressions=200, clicks=40)
    plant(sandbox, "offer", TOUR, text="More", impressions=9, clicks=1, kind="Annotation", at="30")
    found, nothing = wistia.customizations(TOUR), wistia.customizations(LONG)
    assert found is not None
    assert nothing is not None
    assert [(one.kind, one.text) for one in found.offers] == [
        ("Call to Action", "Book a demo"),
        ("Annotation", "More"),
    ]
    assert (nothing.offers, nothing.is_protected) == ((), False)


def test_a_video_is_published_protected_and_put_away(
    wistia: WistiaClient, sandbox: Sandbox
) -> None:
    assert wistia.is_protected(TOUR) is False
    plant(sandbox, "protect", TOUR)
    assert wistia.is_protected(TOUR) is True
    assert wistia.is_protected("nothing") is None
    plant(sandbox, "publish", TOUR, created="2026-11-19T10:00:00+00:00", status="processing")
    plant(sandbox, "publish", LONG, created="2026-11-19T10:00:00+00:00", archived=True)
    tour, long = wistia.medias([TOUR, LONG])
    assert tour.created_at == datetime(2026, 11, 19, 10, tzinfo=UTC)
    assert (tour.status, long.archived) == ("processing", True)


def test_what_cannot_be_planted_is_told(sandbox: Sandbox, tenant: Tenant) -> None:
    refused = plant(sandbox, "weed", TOUR)
    assert refused.status_code == 400
    assert "weed" in refused.json()["error"]


@pytest.mark.parametrize("name", ["media_stats", "engagement", "captions", "customizations"])
def test_the_faults_reach_them(
    wistia: WistiaClient, sandbox: Sandbox, tenant: Tenant, name: str
) -> None:
    ask = {"customizations": wistia.is_protected}.get(name) or getattr(wistia, name)
    sandbox.faults.add(f"wistia.{name}", "not_json", times=1)
    with pytest.raises(Unclear):
        ask(TOUR)
    tenant.switches.wistia_scopes = ("media:upload",)
    with pytest.raises(CredentialRefused) as refused:
        ask(TOUR)
    assert refused.value.permission in str(refused.value)


@beside
def test_they_are_as_wistia_describes_them(sandbox: Sandbox, tenant: Tenant) -> None:
    videos = tenant.world.videos
    videos.drop(TOUR, 100.0, 0.2)
    videos.say(TOUR, 100.0, "Now to the price.")
    videos.offer(TOUR, "Book a demo", 200, 40)
    videos.protect(TOUR)
    for path in (
        f"/v1/stats/medias/{TOUR}",
        f"/v1/stats/medias/{TOUR}/engagement",
        f"/v1/medias/{TOUR}/captions",
        f"/v1/medias/{TOUR}/customizations",
    ):
        headers = {"Authorization": f"Bearer {tenant.wistia_token}"}
        answer = requests.get(sandbox.wistia_url + path, headers=headers, timeout=5)
        assert answer.json()
        assert answer_problems(answer.json(), path) == []
