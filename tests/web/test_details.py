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
    address = Media(12, "media00002", "See https://evil.example", "proj1", 60.0)
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store, world=small_world(medias=[hostile, address]))
        made.world.add(view("e1", "anna@acme.example", page="https://x.example/p?email=a@b.c"))
        made.later(minutes=30)
        at = made.clock.now()
        made.world.add(view("e2", "anna@acme.example", received_at=at, fraction=1.0))
        made.world.add(view("e3", "secret.person@acme.example", received_at=at, fraction=1.0))
        made.run()
        yield made


def texts(found: dict[str, Any]) -> list[str]:
    return [row.get("text") or row.get("markdown") or row.get("url") for row in found["rows"]]


def opened(key: str, public_token: str = "pub") -> dict[str, Any]:
    return details.event_details(4711, {"externalId": external_id(key)}, public_token)


def test_an_entry_shows_its_view_and_the_earlier_ones(house: House) -> None:
    shown = opened("e2")
    lines = texts(shown)
    assert lines[0].startswith("**Watched 100% of &lt;b&gt;\\[x\\]")
    assert lines[0].count("100%") == 1
    assert "██████████ 100%" in lines
    assert "Earlier" in lines
    assert any("Watched 83% of" in line for line in lines)
    (frame,) = [row for row in shown["rows"] if row["type"] == "iframe"]
    assert frame["url"].endswith("/iframe.html?public_token=pub")


def test_without_a_public_token_the_bar_tells(house: House) -> None:
    lines = texts(opened("e1", ""))
    assert "████████░░ 83%" in lines
    assert "Add the public token in the settings to see which parts." in lines
    assert "Page: https://x.example/p" in lines


def test_an_anonymous_entry_names_nobody(house: House) -> None:
    shown = opened("e3")
    assert "Someone watched" in json.dumps(shown)
    for name in ("secret", "Anna", "anna", "visitor"):
        assert name not in json.dumps(shown)
    assert "Earlier" not in texts(shown)


def test_an_unknown_or_another_customers_id_is_a_sentence(house: House) -> None:
    for customer, key in ((4711, "x"), (4712, external_id("e1"))):
        (row,) = details.event_details(customer, {"externalId": key}, "pub")["rows"]
        assert row["text"].startswith("We know no view")


def test_an_entry_is_found_by_either_id_wherever_it_stands(house: House) -> None:
    ours = external_id("e2")
    theirs = next(row["id"] for row in house.entries if row["externalId"] == ours)
    for asked in (
        {"object": {"externalId": ours}},
        {"objectId": ours},
        {"object": {"id": theirs}},
        {"objectId": theirs},
        {"objectId": str(theirs)},
    ):
        assert "██████████ 100%" in texts(details.event_details(4711, asked, ""))
    (row,) = details.event_details(4712, {"objectId": theirs}, "")["rows"]
    assert row["text"].startswith("We know no view")


def test_an_address_in_a_title_becomes_no_link(house: House) -> None:
    house.world.add(view("e4", "anna@acme.example", media_id="media00002", fraction=1.0))
    house.run()
    (line, *_) = texts(opened("e4"))
    assert "https\\://evil.example" in line


def test_the_widget_of_a_contact_and_of_a_company(house: House) -> None:
    for card in (CONTACT, {"id": 101, "client": 1}):
        contact = texts(details.widget(4711, card, LINK, ""))
        assert contact[0] == "Videos"
        assert contact[-1] == "All 2 views"
        assert "Heat map" not in contact
    company = texts(details.widget(4711, {"id": 1}, LINK, ""))
    assert company[-1] == "All 3 views"
    links = [
        details.widget(4711, card, LINK, "")["rows"][-1]["href"] for card in (CONTACT, {"id": 1})
    ]
    assert links == [f"{LINK}&to=views&contact=101", f"{LINK}&to=views"]
    assert any(line.startswith("Someone watched 100%") for line in company)
    assert "secret.person" not in json.dumps(company)


def test_each_view_of_a_person_links_its_heat_map(house: House) -> None:
    rows = details.widget(4711, CONTACT, LINK, "pub")["rows"]
    links = [row["href"] for row in rows if row.get("text") == "Heat map"]
    assert [link.endswith("/iframe.html?public_token=pub") for link in links] == [True, True]
    shown = json.dumps(details.widget(4711, {"id": 1}, LINK, "pub"))
    assert shown.count("Heat map") == 2, "the address would tell whose session it was"
    assert "e3" not in shown


@pytest.mark.parametrize(
    "shown", [{}, {"id": 999}, {"id": "1; DROP"}, {"id": 10**30}, {"id": None, "client": {}}]
)
def test_a_card_without_views_says_so(house: House, shown: dict[str, Any]) -> None:
    lines = texts(details.widget(4711, shown, LINK, "pub"))
    assert lines[1].startswith("No video views yet.")


def test_the_frame_is_an_html_document_without_markup_of_others(house: House) -> None:
    page = details.iframe(4711, {"objectId": external_id("e2")}, 'p"><script>')
    assert "<b>" not in page
    assert "<script>" not in page
    assert "██████████ 100%" in page
    assert "Page: https://" in page
    assert "<h2>Earlier</h2><ul><li>" in page
    assert "Earlier" not in details.iframe(4711, {"objectId": external_id("e3")}, "")
    assert "<p>We know no view" in details.iframe(4711, {"objectId": 101}, "")
