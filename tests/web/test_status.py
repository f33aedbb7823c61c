"""The status page: the funnel, the balance; hostile text stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from upsales_wistia import web
from upsales_wistia.funnel.settings import IdentityRule
from upsales_wistia.web.wording import Speech

from .conftest import Person
from .markup import Markup
from .pages import CUSTOMER, NOW, RULES, document, failed_run, run, says, text_of


def test_the_funnel_of_the_activity_log(person: Person) -> None:
    text = text_of(person.sees_status())
    for step in (
        "193 Views in the last 3 days everything Wistia received since 18 Nov 14:20",
        "54 Left an e-mail in a Turnstile 139 left out",
        "118 left no e-mail · 18 known another way · 3 not an address",
        "30 Match a contact or company 24 waiting",
        "15 not in Upsales · 7 free-mail · 2 your own domain",
        "20 Watched at least 25% 10 left out 10 watched less",
        "18 In a chosen project 2 left out 2 in another project",
        "4 New, written now 14 already there written by earlier runs",
        "4 + 14 + 151 + 24 + 0 + 0 + 0 + 0 = 193 views. It adds up.",
    ):
        assert step in text


def test_the_funnel_of_forms(person: Person) -> None:
    page = person.sees_status("?target=form")
    text = text_of(page)
    assert "Match a contact" not in text
    assert "40 Watched at least 25% 14 left out" in text
    assert "35 In a chosen project 5 left out" in text
    assert "9 New, written now 26 already there" in text
    assert "9 + 26 + 158 + 0 + 0 + 0 + 0 + 0 = 193 views. It adds up." in text
    assert re.search(r'href="\?target=form" aria-current="true"', page)


def test_bars_are_drawn_in_the_units_of_the_views(person: Person) -> None:
    page = person.sees_status()
    assert 'viewBox="0 0 193 5"' in page
    assert '<polygon class="left" points="0,0 193,0 54,5 0,5"/>' in page
    assert '<rect class="kept" x="0.0" y="5" width="54" height="5"/>' in page
    assert '<rect class="fresh" x="0.0" y="5" width="4" height="5"/>' in page


def test_steps_are_named_after_the_rules(person: Person) -> None:
    person.house.shows(
        settings=replace(RULES, identity=IdentityRule.ANY, projects=frozenset()), waiting={}
    )
    text = text_of(person.sees_status())
    assert "54 Have a known e-mail" in text
    assert "18 In any project" in text
    assert "24 waiting 20 Watched" in text


def test_a_target_that_is_off_is_not_shown(person: Person) -> None:
    shown = document()
    shown["funnel"]["form"] = shown["balance"]["form"] = None
    shown["written"]["forms"] = 0
    settings = replace(RULES, forms_enabled=False)
    person.house.shows(runs=(replace(run(), document=shown),), settings=settings)
    page = person.sees_status("?target=form")
    assert 'href="?target=form"' not in page
    assert "and wrote 4 activities. Nothing failed." in says(page)


def test_views_that_are_not_done_yet_have_their_place(person: Person) -> None:
    shown = document(status="partial", settling=2, failed=1)
    shown["balance"]["activity"].update(written=1, settling=2, failed=1)
    person.house.shows(runs=(replace(run(), document=shown),), need_person=1)
    text = text_of(person.sees_status())
    assert "4 New: 1 written, 2 still watching, 1 failed" in text
    assert "1 + 14 + 151 + 24 + 2 + 0 + 1 + 0 = 193 views. It adds up." in text
    assert "Failed 1 1 needs you" in text


def test_a_balance_that_does_not_add_up_is_told_as_our_fault(person: Person) -> None:
    shown = document()
    shown["balance"]["activity"]["registered"] = 12
    person.house.shows(runs=(replace(run(), document=shown),))
    text = text_of(person.sees_status())
    assert "2 views are not accounted for. This is our fault" in text
    assert shown["run"] in text
    assert "It adds up" not in text


def test_the_window_is_told_as_long_as_it_was(person: Person) -> None:
    shown = document(window={"from": "2026-11-03T20:20:00Z", "to": "2026-11-21T13:20:00Z"})
    person.house.shows(runs=(replace(run(), document=shown),))
    assert "193 Views in the last 18 days" in text_of(person.sees_status())


def test_a_target_that_does_not_exist_shows_the_first(person: Person) -> None:
    assert "4 New, written now" in text_of(person.sees_status("?target=<b>"))


def test_what_others_wrote_is_text(person: Person) -> None:
    hostile = '<script>alert(1)</script>"onload="x'
    broken = failed_run("unauthorized_scope", hostile)
    person.house.shows(customer_name=hostile + "x" * 100, runs=(broken,), problems=(hostile,))
    person.enters(who=hostile)
    page = person.opens(f"/c/{CUSTOMER}/status").text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "xxx…</span>" in page


def test_numbers_are_written_as_the_reader_writes_them(person: Person) -> None:
    shown = document()
    shown["funnel"]["views"] = 12345
    person.house.shows(runs=(replace(run(), document=shown),))
    for language, number in (("en-GB", "12,345"), ("sv", "12\u00a0345"), ("de", "12.345")):
        assert f"read {number} views" in person.sees_status(**{"Accept-Language": language})


def test_times_are_told_in_the_zone_of_the_page(person: Person) -> None:
    person.house.shows(runs=(run(NOW - timedelta(days=1)), run(NOW - timedelta(days=9))))
    page = person.sees_status()
    assert '<time datetime="2026-11-20T13:24:00+00:00">yesterday 14:24</time>' in page
    assert ">12 Nov 14:24</time>" in page
    assert "Stockholm time." in page
    person.house.shows(zone="UTC")
    assert "UTC. Signed in as" in person.sees_status()


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (-1, "just now"),
        (0, "just now"),
        (1, "1 minute ago"),
        (119, "119 minutes ago"),
        (120, "2 hours ago"),
        (48 * 60, "2 days ago"),
    ],
)
def test_how_long_ago(minutes: int, words: str) -> None:
    speech = Speech(NOW, ZoneInfo("UTC"))
    assert speech.ago(NOW - timedelta(minutes=minutes)) == words


def test_the_markup_is_whole_and_holds_nothing_the_policy_forbids(person: Person) -> None:
    markup = Markup()
    markup.feed(person.sees_status())
    assert markup.forbidden == []
    assert markup.open == []
    assert [markup.tags.count(tag) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]


def test_on_a_phone_the_customer_stays_named_and_a_time_in_one_piece(person: Person) -> None:
    page = person.sees_status()
    assert re.search(r'<span class="mut whose">for <span dir="auto">', page)
    styles = (Path(web.__file__).parent / "static" / "wistia.css").read_text("utf-8")
    assert re.search(r"(?<![\w.>] )\btime { white-space: nowrap; }", styles)
    narrow = styles.split("@media (max-width: 767px)", 1)[1]
    hidden = re.search(r"([^}]*){ display: none; }", narrow)
    assert hidden
    assert ".mut:not(.whose)" in hidden[1]
