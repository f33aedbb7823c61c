"""The settings and What if, in a browser: while typing, by keyboard, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.sync.house import view
from upsales_wistia.sandbox import Project

from .conftest import Site, faults_of


def settings(site: Site, *, width: int = 1280, scripts: bool = True, query: str = "") -> Page:
    """The page of a customer with a minimum of 50 % and views of 40 % and 83 %."""
    house = site.house
    house.configure(activityMinPercent=50)
    house.world.add(view("low", "anna@acme.example", fraction=0.4))
    house.world.add(view("high", "bo@birch.example"))
    house.run()
    page = site.enter(site.visitor(width=width, scripts=scripts))
    page.goto(f"{site.address}/c/{house.customer}/settings{query}")
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_the_settings_are_for_everybody(site: Site, width: int) -> None:
    page = settings(site, width=width, query="?set.activityMinPercent=40&set.identity=any")
    expect(page.locator("#check-wistiaApiPassword")).to_contain_text("Works")
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_if_answers_while_typing_and_the_focus_stays(site: Site) -> None:
    page = settings(site)
    field = page.get_by_label("Minimum watched")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("40")
    expect(page.locator("#told")).to_have_text("1 activity gained, none lost.")
    expect(page.locator("#whatif")).to_contain_text("anna@acme.example")
    expect(page.locator("#note-activityMinPercent")).to_have_text("Saved: 50%. Not saved yet.")
    expect(field).to_be_focused()
    expect(field).to_have_value("40")
    page.get_by_role("button", name="Save settings").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Saved as version")
    assert site.house.run()["written"]["activities"] == 1


def test_a_switch_is_asked_about_before_it_is_saved(site: Site) -> None:
    page = settings(site)
    page.get_by_role("switch", name="Forms").press("Space")
    page.get_by_role("switch", name="Activity log").press("Space")
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator(":focus")).to_contain_text("Save and switch the activity log off?")
    page.get_by_role("button", name="Save and switch it off").click()
    expect(page.locator(":focus")).to_contain_text("Saved as version")


def test_a_token_is_checked_while_it_is_typed_and_kept_nowhere(site: Site) -> None:
    page = settings(site)
    page.locator("summary", has_text="Replace").first.press("Enter")
    field = page.get_by_label("New API token")
    field.fill("nonsense")
    check = page.locator("#check-wistiaApiPassword")
    expect(check).to_contain_text("Wistia does not know this API token")
    field.fill(site.house.tenant.wistia_token)
    expect(check).to_contain_text("Works: may read views and videos, and nothing more")
    expect(field).to_be_focused()
    expect(page.locator("#whatif")).to_contain_text("API token new")
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator(":focus")).to_contain_text("Saved as version")


def test_on_a_phone_the_answer_stays_at_the_bottom(site: Site) -> None:
    page = settings(site, width=390)
    page.get_by_label("Minimum watched").fill("40")
    dock = page.locator("#dock")
    expect(dock).to_contain_text("+1 activity, +0 forms, 0 lost")
    assert dock.bounding_box() is not None
    dock.get_by_role("button", name="Save").click()
    expect(page.locator(":focus")).to_contain_text("Saved as version")


def test_projects_are_narrowed_by_their_name(site: Site) -> None:
    site.house.world.projects.extend(Project(n, f"p{n}", f"Project {n}") for n in range(10, 20))
    page = settings(site)
    page.get_by_label("Find a project").fill("stor")
    shown = page.locator("#projects label:visible")
    expect(shown).to_have_count(1)
    shown.click()
    page.get_by_label("Find a project").fill("")
    expect(page.locator("#projects label:visible")).to_have_count(12)
    expect(page.locator("#whatif")).to_contain_text("Stories")


def test_a_session_that_ends_half_way_is_told(site: Site) -> None:
    page = settings(site)
    page.wait_for_load_state("networkidle")  # The tokens were tried while it was signed in.
    page.context.clear_cookies()
    page.get_by_label("Minimum watched").fill("40")
    expect(page.locator("h1")).to_have_text("This page was open too long")


def test_all_of_it_without_scripts(site: Site) -> None:
    page = settings(site, scripts=False)
    page.get_by_label("Minimum watched").fill("40")
    page.locator("#whatif").get_by_role("button", name="Show what would change").click()
    assert "anna@acme.example" in page.inner_text("#whatif")
    assert "Saved: 50%. Not saved yet." in page.inner_text("main")
    page.locator("#whatif").get_by_role("button", name="Save settings").click()
    assert "Saved as version" in page.inner_text("main")
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_label("Minimum watched").input_value() == "50"
    page.get_by_label("Minimum watched").fill("12")
    page.get_by_label("Minimum watched").press("Enter")
    assert "Minimum watched 50% 12%" in page.inner_text("#whatif")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_history_is_for_everybody(site: Site, width: int) -> None:
    page = settings(site, width=width)
    for path in ("history", "history/1"):
        page.goto(f"{site.address}/c/{site.house.customer}/{path}")
        assert faults_of(page) == ""
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Go back to this").click()
    expect(page.locator("#whatif")).to_contain_text("Minimum watched 50% 0%")
