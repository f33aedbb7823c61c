"""Erasing a person and exporting what is kept, in a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.sync.house import view

from .conftest import Site, faults_of

ANNA = "anna@acme.example"


def watched(site: Site) -> None:
    """Anna has watched two videos; both are in Upsales."""
    for key, media in (("e1", "media00001"), ("e2", "media00002")):
        site.house.world.add(view(key, ANNA, media_id=media))
    site.house.run()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_person_is_erased(site: Site, width: int, scripts: bool) -> None:
    watched(site)
    page = site.enter(site.visitor(width=width, scripts=scripts))
    page.get_by_role("link", name="Erase a person").click()
    page.get_by_label("E-mail").first.fill(ANNA)
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_text("We found: 2 views, 2 activities in Upsales.")).to_be_visible()
    if scripts:
        assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Also delete the 2 activities in Upsales").check()
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text(f"{ANNA} is erased, and stays forgotten.")).to_be_visible(
        timeout=15_000
    )
    expect(page.get_by_text("Activities in Upsales: 2 of 2")).to_be_visible(timeout=15_000)
    if scripts:
        assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "anna" not in page.url
    assert site.house.entries == []


def test_what_is_kept_is_downloaded(site: Site) -> None:
    watched(site)
    page = site.enter(site.visitor())
    page.get_by_role("link", name="Export what is kept").click()
    assert faults_of(page) == ""
    page.get_by_label("E-mail").fill(ANNA)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    document = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert {row["event_key"] for row in document["kept"]["views"]} == {"e1", "e2"}
    page.get_by_label("E-mail").fill("dora@acme.example")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text("We keep nothing about dora@acme.example.")).to_be_visible()
    assert faults_of(page) == ""
