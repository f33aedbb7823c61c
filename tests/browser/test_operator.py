"""The operator's pages in a browser: for everybody, on a screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.sync.house import House
from upsales_wistia import customers

from .conftest import Site, faults_of


@pytest.mark.parametrize("width", [1280, 390])
def test_they_are_for_everybody(site: Site, house: House, width: int) -> None:
    tenant = house.sandbox.add_customer(5001, house.world)
    given = {"apiKey": tenant.upsales_key, "config": tenant.config}
    customers.add(house.services, 5001, '<b>=HYPERLINK("x")</b> ' + "unbroken" * 30, given)
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=None)
    house.run()
    context = site.visitor(width=width)
    page = context.new_page()
    for path in ("/operator", f"/operator/{house.customer}", "/operator?state=new"):
        page.goto(f"{site.address}{path}")
        assert faults_of(page) == ""
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
    page.goto(f"{site.address}/operator")
    page.get_by_role("button", name="Pause: Acme").click()
    expect(page.get_by_role("status")).to_contain_text("Acme is paused")
    context.close()
