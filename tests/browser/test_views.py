"""The list of views and one view, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.sync.house import NOW, view

from .conftest import Site, faults_of


@pytest.fixture
def synced(site: Site) -> Site:
    """A few views in different states."""
    house = site.house
    house.configure(activityMinPercent=25, formsEnabled=True)
    for one in (
        view("session-anna", "anna@acme.example"),
        view("session-wait", "zoe@nowhere.example", received_at=NOW - timedelta(hours=2)),
        view("session-less", "anna@acme.example", fraction=0.1, media_id="media00002"),
        view("session-none", received_at=NOW - timedelta(hours=3)),
        view("session-now", "anna@acme.example", received_at=NOW - timedelta(minutes=1)),
    ):
        house.world.add(one)
    house.run()
    return site


def is_for_everybody(page: Page, width: int) -> None:
    """Nothing that axe-core finds wrong, and nothing that scrolls sideways."""
    assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_both_pages_are_for_everybody(synced: Site, width: int) -> None:
    page = synced.enter(synced.visitor(width=width))
    page.goto(f"/c/{synced.house.customer}/views")
    assert page.locator("tbody tr").count() == 5
    is_for_everybody(page, width)
    for key in ("anna", "wait", "less", "none", "now"):
        page.goto(f"/c/{synced.house.customer}/views/session-{key}")
        is_for_everybody(page, width)


def test_what_is_typed_is_found_at_once_and_the_focus_stays(synced: Site) -> None:
    page = synced.enter(synced.visitor())
    page.goto(f"/c/{synced.house.customer}/views")
    field = page.get_by_label("E-mail, name, video or session")
    field.press_sequentially("anna@acme.example")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert field.evaluate("field => field === document.activeElement")
    expect(page.get_by_role("status")).to_have_text("1 to 3 of 3, newest first")
    expect(page.locator("#chips")).to_contain_text("All 3")
    csv = page.get_by_role("link", name="Download as CSV").get_attribute("href") or ""
    assert "viewer=" in csv
    assert "@" not in page.url + csv
    page.get_by_role("link", name="Still watching").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_without_scripts_a_search_leads_from_the_list_to_a_trace(synced: Site) -> None:
    page = synced.enter(synced.visitor(scripts=False))
    page.goto(f"/c/{synced.house.customer}/views")
    page.get_by_label("E-mail, name, video or session").fill("anna@acme.example")
    page.get_by_role("button", name="Find").click()
    assert "@" not in page.url
    page.get_by_role("link", name="Left out").click()
    page.get_by_role("link", name="Anna Berg").click()
    assert page.inner_text("h1") == "Not in Upsales: watched too little"
    assert "Lower the minimum from 25% to 10%" in page.inner_text("main")
    page.get_by_role("navigation", name="breadcrumb").get_by_role("link").click()
    assert page.inner_text("h1") == "Views"


def test_a_view_that_is_open_shows_what_the_next_run_made_of_it(synced: Site) -> None:
    page = synced.enter(synced.visitor())
    page.clock.install()
    page.goto(f"/c/{synced.house.customer}/views/session-now")
    expect(page.get_by_role("heading", level=1)).to_have_text("Still watching")
    synced.house.later(hours=2)
    synced.house.run()
    page.clock.run_for(61_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("In Upsales")
