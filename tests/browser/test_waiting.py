"""The Waiting room and the domains, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sync.house import view

from .conftest import Site, faults_of
from .test_rooms import on


def let_wait(site: Site) -> None:
    """Three people wait, one of them at a domain that is mistyped."""
    house = site.house
    people = ("new@nobody.example", "some@gmail.com", "anna@amce.example", "x@acme.example")
    for n, email in enumerate(people):
        house.world.add(view(f"w{n}", email, media_id="media00002"))
    house.run()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_waiting_room_is_for_everybody(site: Site, width: int) -> None:
    let_wait(site)
    page = on(site.enter(site.visitor(width=width)), site, "waiting")
    assert faults_of(page) == ""
    page.get_by_role("button", name="Ignore: some@gmail.com").click()
    expect(page.locator("#ignored")).to_be_visible()
    assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_after_ignoring_the_focus_is_on_undo(site: Site) -> None:
    let_wait(site)
    page = on(site.enter(site.visitor()), site, "waiting")
    page.get_by_role("button", name="Ignore: some@gmail.com").press("Enter")
    expect(page.locator(":focus")).to_have_text("Undo")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 views by 2 people wait")
    page.locator(":focus").press("Enter")
    expect(page.locator(":focus")).to_contain_text("some@gmail.com is not ignored any more.")
    expect(page.get_by_role("heading", level=1)).to_have_text("3 views by 3 people wait")


def test_who_is_written_turns_green_where_it_stood(site: Site) -> None:
    let_wait(site)
    house = site.house
    visitor = site.visitor()
    visitor.clock.install()
    page = on(site.enter(visitor), site, "waiting")
    page.get_by_role("button", name="Ignore: anna@amce.example").focus()
    house.tenant.crm.add_contact(email="new@nobody.example", company_id=1, name="Nora New")
    house.later(hours=2)
    house.run(asked=True)
    visitor.clock.fast_forward(61_000)
    expect(page.locator(".came")).to_contain_text("new@nobody.example")
    expect(page.locator(".came")).to_contain_text("Written on Nora New at Acme AB")
    expect(page.locator("#told")).to_contain_text("Nora New: written to Upsales.")
    name = page.locator(":focus").get_attribute("aria-label")
    assert name == "Ignore: anna@amce.example"
    assert faults_of(page) == ""


def test_the_waiting_room_without_scripts(site: Site) -> None:
    let_wait(site)
    house = site.house
    page = on(site.enter(site.visitor(scripts=False)), site, "waiting")
    house.tenant.crm.add_contact(email="new@nobody.example", company_id=1, name="Nora New")
    house.later(hours=2)
    house.run(asked=True)
    page.get_by_role("button", name="Look again").click()
    assert "new@nobody.example" in page.inner_text(".came")
    page.get_by_role("button", name="Ignore: some@gmail.com").click()
    assert page.inner_text(":focus") == "Undo"
    page.get_by_role("button", name="Undo").click()
    assert "some@gmail.com is not ignored any more." in page.inner_text("main")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_domains_are_for_everybody(site: Site, width: int) -> None:
    let_wait(site)
    page = on(site.enter(site.visitor(width=width)), site, "domains")
    assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scripts", [True, False])
def test_a_choice_opens_what_if(site: Site, scripts: bool) -> None:
    site.house.sandbox.faults.add("upsales.create_event", "400", times=None)
    let_wait(site)
    page = on(site.enter(site.visitor(scripts=scripts)), site, "domains")
    choice = page.get_by_role("combobox", name="acme.example: what it is to you")
    choice.select_option("Ignore")
    page.get_by_role("button", name="What if? acme.example").click()
    expect(page.locator("#whatif")).to_contain_text("acme.example")
    expect(page.locator("#whatif")).to_contain_text("Lost")
