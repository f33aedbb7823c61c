"""What Upsales shows inside itself: nothing names a person where the entry is anonymous."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sync.house import House, small_world, view
from upsales_wistia import details
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.sandbox import Limits, Media, Sandbox

LINK = "https://app.example/c/4711/enter?t=x"
CONTACT = {"id": 101, "client": {"id": 1}}


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A contact with two views, and somebody of its company with one."""
    hostile = Media(11, "media00001", "<b>[x](y)</b> *tour*", "proj1", 60.0)
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store, world=small_world(medias=[hostile]))
        made.world.add(view("e1", "anna@acme.example", page="https://x.example/p?email=a@b.c"))
        made.later(minutes=30)
        at = made.clock.now()
        made.world.add(view("e2", "anna@acme.example", received_at=at, fraction=1.0))
        made.world.add(view("e3", "secret.person@acme.example", received_at=at, fraction=1.0))
        made.run()
        yield made


def texts(found: dict[str, Any]) -> list[str]:
    return [row.get("text") or row.get("markdown") or row.get("url") for row in found["rows"]]


def test_an_entry_shows_its_view_and_the_earlier_ones(house: House) -> None:
    shown = details.event_details(4711, external_id("e2"), "pub")
    lines = texts(shown)
    assert lines[0].startswith("**Watched 100% of &lt;b&gt;\\[x\\]")
    assert "██████████ 100%" in lines
    assert "Earlier" in lines
    assert any("Watched 83% of" in line for line in lines)
    (frame,) = [row for row in shown["rows"] if row["type"] == "iframe"]
    assert frame["url"].endswith("/iframe.html?public_token=pub")


def test_without_a_public_token_the_bar_tells(house: House) -> None:
    lines = texts(details.event_details(4711, external_id("e1"), ""))
    assert "████████░░ 83%" in lines
    assert "Add the public token in the settings to see which parts." in lines
    assert "Page: https://x.example/p" in lines


def test_an_anonymous_entry_names_nobody(house: House) -> None:
    shown = details.event_details(4711, external_id("e3"), "pub")
    assert "Someone watched" in json.dumps(shown)
    for name in ("secret", "Anna", "anna", "visitor"):
        assert name not in json.dumps(shown)
    assert "Earlier" not in texts(shown)


def test_an_unknown_or_another_customers_id_is_a_sentence(house: House) -> None:
    for customer, key in ((4711, "x"), (4712, external_id("e1"))):
        (row,) = details.event_details(customer, key, "pub")["rows"]
        assert row["text"].startswith("We know no view")


def test_the_widget_of_a_contact_and_of_a_company(house: House) -> None:
    contact = texts(details.widget(4711, CONTACT, LINK))
    assert contact[0] == "Videos"
    assert contact[-1] == "All 2 views"
    company = texts(details.widget(4711, {"id": 1}, LINK))
    assert company[-1] == "All 3 views"
    assert any(line.startswith("Someone watched 100%") for line in company)
    assert "secret.person" not in json.dumps(company)


@pytest.mark.parametrize(
    "shown", [{}, {"id": 999}, {"id": "1; DROP"}, {"id": 10**30}, {"id": None, "client": {}}]
)
def test_a_card_without_views_says_so(house: House, shown: dict[str, Any]) -> None:
    lines = texts(details.widget(4711, shown, LINK))
    assert lines[1].startswith("No video views yet.")


def test_the_frame_is_an_html_document_without_markup_of_others(house: House) -> None:
    page = details.iframe(4711, external_id("e1"), 'p"><script>')
    assert "<b>" not in page
    assert "<script>" not in page
    assert "████████░░ 83%" in page
    assert "<p>We know no view" in details.iframe(4711, "x", "")
