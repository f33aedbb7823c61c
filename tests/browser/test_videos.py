"""Videos in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.sync.house import NOW, view
from upsales_wistia.sandbox import Media

from .conftest import Site, faults_of

STORY = "media00002"


@pytest.fixture
def watched(site: Site) -> Site:
    """A video with drops, captions, replays and calls to action, and one that hardly has plays."""
    house = site.house
    house.world.add(view("e1", "anna@acme.example"))
    house.world.add(view("e2", "bo@birch.example", media_id=STORY))
    house.run()
    videos = house.world.videos
    for at, share in ((46.0, 0.2), (60.0, 0.2), (302.0, 0.3)):
        videos.drop(STORY, at, share, viewers=1284)
    videos.replay(STORY, 185.0, 212.0, 0.16, viewers=1284)
    videos.say(STORY, 45.0, "Before we go on, tell us who you are.")
    videos.publish(STORY, NOW - timedelta(days=30))
    videos.offer(STORY, "Tell us who you are", 1001, 412, kind="Turnstile", at="46")
    videos.offer(STORY, "Book a demo", 263, 37)
    return site


@pytest.mark.parametrize("width", [1280, 800, 390])
@pytest.mark.parametrize("scripts", [True, False])
def test_both_pages_are_for_everybody(watched: Site, width: int, scripts: bool) -> None:
    page = watched.enter(watched.visitor(width=width, scripts=scripts))
    page.get_by_role("link", name="Videos", exact=True).click()
    expect(page.get_by_role("heading", name="Videos")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if scripts:
        assert faults_of(page) == ""
    page.get_by_role("link", name="A story").click()
    expect(page.get_by_role("heading", name="A story")).to_be_visible()
    page.get_by_text("The same as a table, every 30 seconds").click()
    expect(page.get_by_role("rowheader", name="0:30–1:00")).to_be_visible()
    pictures = [one for one in page.get_by_role("img").all() if one.is_visible()]
    assert len(pictures) == 1
    assert "Viewers leave in a rush at 0:46" in (pictures[0].get_attribute("aria-label") or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if scripts:
        assert faults_of(page) == ""


def test_reading_again_tells_what_it_found(watched: Site) -> None:
    page = watched.enter(watched.visitor())
    page.goto(f"{watched.address}/c/{watched.house.customer}/videos/{STORY}")
    watched.house.world.videos.clear(STORY)
    watched.house.world.videos.drop(STORY, 120.0, 0.5)
    page.get_by_role("button", name="Read again").press("Enter")
    expect(page.locator(":focus")).to_have_text("Read from Wistia just now.")
    expect(page.locator(".drops")).to_contain_text("2:00")


def test_reading_again_without_scripts(watched: Site) -> None:
    page = watched.enter(watched.visitor(scripts=False))
    page.goto(f"{watched.address}/c/{watched.house.customer}/videos/{STORY}")
    watched.house.world.videos.clear(STORY)
    watched.house.world.videos.drop(STORY, 120.0, 0.5)
    page.get_by_role("button", name="Read again").click()
    expect(page.locator(".drops")).to_contain_text("2:00")


def test_a_list_that_is_not_whole_fills_itself(watched: Site) -> None:
    watched.house.sandbox.faults.add("wistia.media_stats", "slow", times=None, seconds=4.0)
    page = watched.enter(watched.visitor())
    page.goto(f"{watched.address}/c/{watched.house.customer}/videos")
    expect(page.get_by_text("Reading 2 videos more from Wistia.")).to_be_visible()
    watched.house.sandbox.faults.clear()
    expect(page.get_by_text("1,284")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Reading 2 videos")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_words_without_an_end_stay_in_their_place(watched: Site, width: int) -> None:
    videos = watched.house.world.videos
    videos.say(STORY, 46.0, "unbroken" * 40)
    videos.offer(STORY, "unbroken" * 40, 100, 0, kind="Annotation", at="3605")
    videos.offer(STORY, "never", 0, 0, kind="unbroken" * 20)
    page = watched.enter(watched.visitor(width=width))
    page.goto(f"{watched.address}/c/{watched.house.customer}/videos/{STORY}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults_of(page) == ""


def test_a_long_list_is_read_in_several_goes(watched: Site) -> None:
    house = watched.house
    for n in range(30):
        house.world.medias.append(Media(100 + n, f"media1{n:04}", f"Film {n}", "proj1", 60.0))
        house.world.add(view(f"film{n}", media_id=f"media1{n:04}"))
    house.run()
    page = watched.enter(watched.visitor())
    page.goto(f"{watched.address}/c/{house.customer}/videos")
    expect(page.get_by_text("Reading 20 videos more from Wistia.")).to_be_visible()
    expect(page.get_by_text("not read yet")).to_have_count(0, timeout=15_000)
    expect(page.get_by_text("from Wistia.")).to_have_count(0)
    expect(page.get_by_text("1 to 32 of 32")).to_be_visible()
