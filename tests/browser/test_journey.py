"""The admin's way: from a link to a view that was missing and now stands in Upsales."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.sync.house import NOW, House, view

from .conftest import Site

SECONDS = 3
LONGER = 8  # than it takes until a page without scripts looks again
"""How long a vendor takes, so that a person sees what a run does."""


@pytest.fixture
def fresh(site: Site) -> Site:
    """A customer that no run has been for: one viewer watched enough, another 40 %."""
    house = site.house
    house.configure(activityMinPercent=50)
    house.world.add(view("enough", "bo@birch.example", received_at=NOW - timedelta(hours=2)))
    house.world.add(view("too-little", "anna@acme.example", fraction=0.4))
    return site


def run_now(site: Site, page: Page, *, slow: str, doing: str, seconds: float = SECONDS) -> None:
    """Press it, see what the run is ``doing`` where it is slow, and stay until it has ended."""
    site.house.sandbox.faults.add(slow, "slow", times=1, seconds=seconds)
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text(doing)).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name="Run now")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is in sync")


def texts_of(house: House) -> list[str]:
    """The log entries in Upsales."""
    return [entry["value"] for entry in house.entries]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_from_a_link_to_a_view_that_was_missing(fresh: Site, scripts: bool) -> None:
    house, seconds = fresh.house, SECONDS if scripts else LONGER
    page = fresh.enter(fresh.visitor(scripts=scripts))
    assert re.fullmatch(rf"{fresh.address}/c/{house.customer}/status", page.url)

    run_now(fresh, page, slow="wistia.events", doing="Reading views, page 1", seconds=seconds)
    assert texts_of(house) == ["Watched 83% of Product tour"]

    # A loss of the funnel leads to the views that were left there, and one of them to its trace.
    page.get_by_role("link", name="1 left out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Views")
    page.get_by_role("link", name="Anna Berg").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Not in Upsales: watched too little")
    expect(page.locator("li.stop")).to_contain_text("Was enough watched?")
    its_page = page.url

    page.get_by_role("button", name="Try it in What if?").click()
    what_if = page.locator("#whatif")
    expect(what_if).to_contain_text("1 activity gained")
    expect(what_if.get_by_role("link", name="anna@acme.example")).to_be_visible()
    # A little less than it takes does not gain it; what it takes does.
    minimum = page.get_by_label("Minimum watched")
    for percent, gained in (("41", False), ("40", True)):
        minimum.fill(percent)
        if not scripts:
            what_if.get_by_role("button", name="Show what would change").click()
        expect(what_if).to_contain_text(f"{percent}%")
        expect(what_if.get_by_role("link", name="anna@acme.example")).to_have_count(int(gained))
    what_if.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Saved as version")).to_be_visible()

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Status").click()
    run_now(fresh, page, slow="upsales.create_event", doing="Writing 1 of 1", seconds=seconds)
    assert texts_of(house) == ["Watched 83% of Product tour", "Watched 40% of Product tour"]

    page.goto(its_page)
    expect(page.get_by_role("heading", level=1)).to_have_text("In Upsales")
    expect(page.locator("main")).to_contain_text("on Anna Berg at Acme AB, score 10.")
