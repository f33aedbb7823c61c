"""What waits, what failed and where it belongs, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sync.house import view
from upsales_wistia.store.database import database

from .conftest import Site, faults_of


def refuse_once(site: Site) -> None:
    """One entry needs a person, a second one is uncertain and needs one too."""
    house = site.house
    for key in ("e1", "e2"):
        house.world.add(view(key, "anna@acme.example", media_id="media00002"))
    house.run()
    database.execute_sql("UPDATE outbox SET state = 'failed', refusals = 8, done_at = NULL")
    database.execute_sql(
        "UPDATE outbox SET state = 'uncertain', needs_person = 1 WHERE event_key = 'e2'"
    )


def on(page: Page, site: Site, path: str) -> Page:
    page.goto(f"{site.address}/c/{site.house.customer}/{path}")
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_failed_is_for_everybody(site: Site, width: int) -> None:
    refuse_once(site)
    page = on(site.enter(site.visitor(width=width)), site, "failed")
    page.get_by_text("What we sent").first.click()
    page.locator("summary", has_text="Send again").click()
    assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_after_an_action_the_focus_is_on_its_result(site: Site) -> None:
    refuse_once(site)
    page = on(site.enter(site.visitor()), site, "failed")
    page.get_by_role("button", name="Leave it out").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Left out: 1.")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Back on the list: 1.")
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Tried again: 1 written.", timeout=10_000)


def test_failed_without_scripts(site: Site) -> None:
    refuse_once(site)
    page = on(site.enter(site.visitor(scripts=False)), site, "failed")
    page.get_by_role("button", name="It is there").click()
    assert "Taken as there: 1." in page.inner_text("#result")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_view_that_needs_a_person_is_for_everybody(site: Site, width: int) -> None:
    refuse_once(site)
    page = site.enter(site.visitor(width=width))
    for key in ("e1", "e2"):
        on(page, site, f"views/{key}")
        page.get_by_text("What we sent").click()
        assert faults_of(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("summary", has_text="Send again").click()
    assert faults_of(page) == ""


def test_on_a_views_page_the_focus_is_on_the_result(site: Site) -> None:
    refuse_once(site)
    page = on(site.enter(site.visitor()), site, "views/e1")
    page.get_by_role("button", name="Leave it out").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Left out: 1.")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Back on the list: 1.")
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Tried again: 1 written.", timeout=10_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("In Upsales")


def test_on_a_views_page_without_scripts(site: Site) -> None:
    refuse_once(site)
    page = on(site.enter(site.visitor(scripts=False)), site, "views/e2")
    page.locator("summary", has_text="Send again").click()
    page.get_by_role("button", name="It is there").click()
    assert "Taken as there: 1." in page.inner_text(":focus")
    assert page.inner_text("h1") == "In Upsales"
