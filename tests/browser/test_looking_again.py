"""A page that looks again by itself takes nothing away from whoever is at work on it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.sync.house import view

from .conftest import Site
from .test_rooms import refuse_once


def at(site: Site, path: str) -> Page:
    """A page whose minutes pass when the test says so."""
    page = site.enter(site.visitor())
    page.clock.install()
    page.goto(f"{site.address}/c/{site.house.customer}/{path}")
    return page


def test_what_is_typed_stays_and_the_focus_too(site: Site) -> None:
    site.house.world.add(view("e1", "anna@acme.example"))
    site.house.run()
    page = at(site, "status")
    field = page.get_by_label("Why is it not here?")
    field.press_sequentially("zoe@nowh")
    site.house.later(minutes=20)
    site.house.run()
    page.clock.run_for(61_000)
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(field).to_have_value("zoe@nowh")
    expect(field).to_be_focused()


def test_what_was_unfolded_stays_so(site: Site) -> None:
    refuse_once(site)
    page = at(site, "views/e2")
    ask = page.locator("summary", has_text="Send again")
    ask.click()
    page.get_by_text("What we sent").click()
    with page.expect_response(lambda answer: answer.url.endswith("/views/e2")):
        page.clock.run_for(61_000)
    expect(page.locator("details[open]")).to_have_count(2)
    expect(page.get_by_text("it will be there twice")).to_be_visible()
