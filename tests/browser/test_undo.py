"""Taking back in a browser: for everybody, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sync.house import view
from upsales_wistia.store.jobs import UNDO

from .conftest import Site, faults_of


@pytest.mark.parametrize("scripts", [True, False])
def test_a_run_is_taken_back(site: Site, scripts: bool) -> None:
    house = site.house
    house.world.add(view("e1", "anna@acme.example"))
    run = house.run()["run"]
    page = site.enter(site.visitor(scripts=scripts))
    page.goto(f"{site.address}/c/{house.customer}/runs/{run}")
    page.get_by_role("link", name="Undo this run").click()
    expect(page.get_by_text("Takes back 1 activity in Upsales.")).to_be_visible()
    if scripts:
        assert faults_of(page) == ""
    page.get_by_role("button", name="Take back 1 activity").click()
    house.services.queues.join(UNDO)
    page.reload()
    expect(page.get_by_text("1 taken back.")).to_be_visible()
    assert house.entries == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if scripts:
        assert faults_of(page) == ""
