"""A session that ends while a page is open: the page says so, and nothing is lost from sight."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sync.house import view
from upsales_wistia.store.database import database

from .conftest import Site


@pytest.fixture
def open_view(site: Site) -> Site:
    """A view that waits, so that its page looks again by itself."""
    site.house.world.add(view("e1", "zoe@nowhere.example"))
    site.house.run()
    return site


@pytest.mark.parametrize("path", ["status", "views/e1"])
def test_a_page_that_looks_again_by_itself(open_view: Site, path: str) -> None:
    page = open_view.enter(open_view.visitor())
    page.clock.install()
    page.goto(f"/c/{open_view.house.customer}/{path}")
    page.context.clear_cookies()
    page.clock.run_for(61_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


def test_while_something_is_typed_into_the_search(open_view: Site) -> None:
    page = open_view.enter(open_view.visitor())
    page.goto(f"/c/{open_view.house.customer}/views")
    page.context.clear_cookies()
    page.get_by_label("E-mail, name, video or session").press_sequentially("zoe")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was open too long")


def test_while_the_database_is_away_the_page_looks_again(open_view: Site) -> None:
    page = open_view.enter(open_view.visitor())
    page.clock.install()
    page.goto(f"/c/{open_view.house.customer}/status")
    database.execute_sql("ALTER TABLE customers RENAME TO away")
    page.clock.run_for(61_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("We are restarting")
    database.execute_sql("ALTER TABLE away RENAME TO customers")
    page.clock.run_for(31_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is in sync")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
