"""What stands around every page, in a browser."""

from __future__ import annotations

import pytest

from tests.sync.house import view

from .conftest import Site, faults_of


@pytest.mark.parametrize("width", [1280, 390])
def test_the_status_page_is_for_everybody(site: Site, width: int) -> None:
    site.house.world.add(view("e1", "anna@acme.example"))
    for n in range(31):  # figures of two places in each column
        site.house.world.add(view(f"f{n}", "bo@birch.example"))
    site.house.run()
    site.house.later(days=1)
    site.house.run()
    page = site.enter(site.visitor(width=width))
    assert page.inner_text("h1") == "Everything is in sync"
    assert faults_of(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_times_are_those_of_the_reader(site: Site) -> None:
    site.house.run()
    page = site.enter(site.visitor())
    page.wait_for_function("document.documentElement.dataset.zone === 'Europe/Stockholm'")
    assert "15:20" in page.inner_text("main")
    plain = site.enter(site.visitor(scripts=False))
    assert "14:20" in plain.inner_text("main")
    assert plain.inner_text("footer").startswith("UTC.")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_funnel_is_as_high_for_two_views_as_for_many(site: Site, width: int) -> None:
    site.house.world.add(view("e1", "anna@acme.example"))
    site.house.world.add(view("e2", "zoe@nowhere.example"))
    site.house.run()
    page = site.enter(site.visitor(width=width))
    for step in page.locator(".funnel .step").all():
        box = step.bounding_box()
        assert box
        assert 10 < box["height"] < 120
