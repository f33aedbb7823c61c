"""Every page there is, in every state that a person may meet it: for everybody, on every screen.

The pages are those that the application knows: a new one cannot be forgotten, it needs at most an
example of what its address names.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.enrichment.house import MaveraHouse, watcher
from tests.sync.house import NOW, House, view
from upsales_wistia.links import sign_link
from upsales_wistia.sandbox import Limits, Media, Sandbox
from upsales_wistia.store import drafts, enrichment, runs
from upsales_wistia.store.database import database
from upsales_wistia.web import create_app
from upsales_wistia.web.pages import PAGES

from .conftest import Site, faults_of

WIDTHS = (1280, 390)
WAYS_IN = {"ways_in.enter"}
"""Addresses that show no page of their own."""

LONG_TITLE = '<script>alert(1)</script>\n=HYPERLINK("https://evil.example") ' + "unbroken" * 30


@pytest.fixture
def house(store: str) -> Iterator[MaveraHouse]:
    """A customer with a Mavera; its links lead to a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Sandbox(limits=Limits.off()) as sandbox:
        built = MaveraHouse(sandbox, store, environ={"PUBLIC_URL": address})
        yield built
        built.services.join_jobs()


def fill(house: MaveraHouse) -> None:
    """Views in every state, hostile words, a job's answers, drafts, and some versions."""
    house.configure(activityMinPercent=25, formsEnabled=True, wistiaPublicToken="public0token")
    house.world.medias.append(Media(77, "media00077", LONG_TITLE, "proj1", 600.0))
    hour = timedelta(hours=1)
    house.watch(
        view("written", "anna@acme.example"),
        view("waits", "zoe@nowhere.example", received_at=NOW - 2 * hour),
        view("free", "a.very.long.address.that.goes.on.and.on@gmail.com"),
        view("less", "anna@acme.example", fraction=0.1, media_id="media00077"),
        view("nobody", received_at=NOW - 3 * hour),
        view("open", "anna@acme.example", received_at=NOW - hour / 60),
        view("failed", "bo@birch.example", media_id="media00077"),
        view("uncertain", "cy@mail.birch.example"),
        *(watcher("north", n, 0.9) for n in range(6)),
    )
    house.enrich("personas")
    house.enrich("followup")
    house.later(days=1)
    house.run()
    house.services.erasing.ask_soon(house.customer, "north5@north.example", entries=True, by="Eva")
    house.services.join_jobs()
    state = "UPDATE outbox SET done_at = NULL, refusals = 8, state = "
    database.execute_sql(f"{state} 'failed', answer = '<b>no</b>' WHERE event_key = 'failed'")
    database.execute_sql(
        f"{state} 'uncertain', needs_person = 1, doubts = 1 WHERE event_key = 'uncertain'"
    )


def examples(house: House) -> Mapping[str, list[str]]:
    """What the addresses of pages name, by the page."""
    customer = house.customer
    keys = ("written", "waits", "free", "less", "nobody", "open", "failed", "uncertain")
    (personas,) = [run for run in enrichment.runs(customer) if run.job == "personas"]
    return {
        "view.page": list(keys),
        "runs.one": [run.id for run in runs.listing(customer, 1)],
        "history.one": ["1"],
        "erase.certificate": ["1"],
        "erase.text": ["1"],
        "videos.one": ["media00001", "media00077"],
        "enriched.found": [personas.id],
        "enriched.body": [str(enrichment.left_for_mavera(customer)[0].id)],
        "enriched.group": [f"{personas.id}/groups/1"],
        "enriched.draft": [str(drafts.listing(customer)[0].id)],
        "enrichment.leaves": ["personas", "followup"],
    }


def addresses(house: House, named: Mapping[str, list[str]] | None) -> list[str]:
    """The address of every page; of those that name something only where that is ``named``."""
    modules = {module.blueprint.name for module in PAGES}
    found = []
    for rule in create_app(house.services).url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if blueprint not in modules or "GET" not in (rule.methods or ()):
            continue
        if rule.endpoint in WAYS_IN:
            continue
        path = rule.rule.replace("<int:customer_id>", str(house.customer))
        fixed, names, rest = path.partition("<")
        if not names:
            found.append(path)
        elif named is not None:
            assert rule.endpoint in named, f"{rule.endpoint}: an example of its address is needed"
            end = rest.partition(">")[2]
            found += [fixed + quote(one) + ("" if "/" in one else end)
                      for one in named[rule.endpoint]]  # fmt: skip
    return found


def pages_of(site: Site, page: Page, named: Mapping[str, list[str]] | None) -> Iterator[str]:
    """Opens each page; what is to be downloaded is none."""
    for path in addresses(site.house, named):
        answer = page.context.request.get(path)
        assert answer.status == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            page.goto(path)
            page.wait_for_load_state("networkidle")
            yield path


CUT = """
() => [...document.querySelectorAll("article *")].filter((one) => {
  const at = one.getBoundingClientRect(), card = one.closest("article").getBoundingClientRect();
  const read = at.width <= 1 || at.right < 0 || one.closest("pre, svg, thead");
  return one.checkVisibility() && !read && (at.right > card.right + 1 || at.left < card.left - 1);
}).map((one) => one.outerHTML.slice(0, 120))
"""
"""What reaches over the edge of its card; what scrolls in itself, and a head kept for readers,
may."""


TWICE = """
() => [...document.querySelectorAll("[id]")].map((one) => one.id)
  .filter((id, place, all) => all.indexOf(id) !== place)
"""


def faults_everywhere(page: Page, path: str, widths: Sequence[int] = WIDTHS) -> list[str]:
    """What axe-core finds wrong and what scrolls sideways, wide and narrow."""
    found = [f"{path}: two have the id {one}" for one in page.evaluate(TWICE)]
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} at {width}: scrolls sideways")
        found += [f"{path} at {width}: over the edge: {one}" for one in page.evaluate(CUT)]
        faults = faults_of(page)
        if faults:
            found.append(f"{path} at {width}: {faults}")
    return found


def test_every_page_of_a_customer_with_everything(site: Site, house: MaveraHouse) -> None:
    fill(house)
    page = site.enter(site.visitor())
    seen, faults = [], []
    for path in pages_of(site, page, examples(house)):
        seen.append(path)
        faults += faults_everywhere(page, path)
    assert faults == []
    assert len(seen) > 20


@pytest.mark.parametrize("admin", [True, False], ids=["admin", "looking"])
def test_every_page_of_a_customer_with_nothing(site: Site, house: MaveraHouse, admin: bool) -> None:
    house.configure(activitiesEnabled=False, maveraApiKey="")
    page = site.visitor().new_page()
    page.goto(sign_link(house.services.config, house.customer, "Anna Kjellberg", admin=admin))
    faults = []
    for path in pages_of(site, page, None):
        faults += faults_everywhere(page, path, WIDTHS if admin else WIDTHS[1:])
    assert faults == []


def test_every_error_is_for_everybody(site: Site, house: MaveraHouse) -> None:
    house.run()
    customer, page = house.customer, site.enter(site.visitor())
    stranger = site.visitor().new_page()
    old = sign_link(house.services.config, customer, "Anna Kjellberg", admin=True)[:-3]
    faults = []
    for who, path, headline in (
        (stranger, old, "This link has expired"),
        (stranger, f"/c/{customer}/status", "You are signed out"),
        (page, f"/c/{customer}/views/none", "There is nothing here"),
        (page, "/c/4712/status", "There is nothing here"),
        (page, "/nowhere", "There is nothing here"),
    ):
        who.goto(path)
        expect(who.get_by_role("heading", level=1)).to_have_text(headline)
        faults += faults_everywhere(who, path)
    page.goto(f"/c/{customer}/status")
    page.locator("[name=csrf_token]").first.evaluate("field => { field.value = 'old' }")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was open too long")
    faults += faults_everywhere(page, "stale form")
    page.goto(f"/c/{customer}/status")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    faults += faults_everywhere(page, "signed out")
    assert faults == []


KEYS = """
() => {
  const one = document.activeElement;
  const style = getComputedStyle(one), at = one.getBoundingClientRect();
  const before = window.lastFocused;
  window.lastFocused = one;
  const theirs = one.tagName === "IFRAME";  // What has the focus in there is Wistia's.
  return {
    what: one.outerHTML.slice(0, 120),
    over: one === document.body || one.matches(".skip") && !!before,  // Round once.
    ring: theirs || parseFloat(style.outlineWidth) >= 3 && style.outlineStyle !== "none",
    seen: theirs || at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth,
    onward: !before || before === one ||  // A date has three fields.
      !!(before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}
"""


SKIPPED = """
() => document.activeElement === document.body || document.activeElement.closest("main") !== null
"""


def test_every_page_is_walked_by_keyboard(site: Site, house: MaveraHouse) -> None:
    fill(house)
    page = site.enter(site.visitor())
    for path in pages_of(site, page, examples(house)):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("To the content")
        stops = 0
        while not (stop := page.evaluate(KEYS))["over"] and stops < 200:
            assert stop["ring"], (path, stop["what"])
            assert stop["seen"], (path, stop["what"])
            assert stop["onward"], (path, stop["what"])
            stops += 1
            page.keyboard.press("Tab")
        assert stops > 6, path
        page.evaluate("window.lastFocused = null")
        page.locator(".skip").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(SKIPPED), path
