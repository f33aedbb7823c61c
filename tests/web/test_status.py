"""The status page: the state in words, the funnel, the balance; hostile text stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from upsales_wistia.funnel.settings import IdentityRule
from upsales_wistia.web.wording import Speech

from .conftest import Person
from .pages import CUSTOMER, NOW, RULES, STARTED, document, failed_run, run


def text_of(page: str) -> str:
    """What a person reads, on one line."""
    body = page[page.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split()).replace(" .", ".").replace(" ,", ",")


def says(page: str) -> str:
    """The state: headline and sentence."""
    found = re.search(r"<h1>(.*?)</h1><p>(.*?)</p>", page, re.DOTALL)
    assert found
    plain = (re.sub(r"<[^>]+>", "", part) for part in found.groups())
    return " / ".join(" ".join(part.split()) for part in plain)


def test_green(person: Person) -> None:
    assert says(person.sees_status()) == (
        "Everything is in sync / The run at 14:20, 4 minutes ago, read 193 views and wrote "
        "4 activities and 9 forms. Nothing failed. The next run starts at 14:40."
    )


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
    assert "target=form" not in page
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


def test_what_is_being_checked_needs_nobody(person: Person) -> None:
    person.house.shows(runs=(run(status="partial", uncertain=1),))
    page = person.sees_status()
    assert "Nothing failed. 1 view is being checked in Upsales; nothing to do." in says(page)
    assert "Failed 0 nothing needs you" in text_of(page)
    assert "What to do" not in page


@pytest.mark.parametrize("at_hand", [{"failed": 2}, {"uncertain": 2}])
def test_what_a_person_must_decide_is_amber(person: Person, at_hand: dict[str, int]) -> None:
    person.house.shows(runs=(run(status="partial", **at_hand),), need_person=2)
    page = person.sees_status()
    assert says(page).startswith("2 views need you / Upsales refused to take what was sent, or")
    assert 'class="hint need soon"' in page
    text = text_of(page)
    assert f"upsales-wistia failed list --customer {CUSTOMER}" in text
    assert "failed retry" in text
    assert "failed there" in text
    assert "failed resend" in text
    assert "Failed 2 2 need you" in text


def test_older_than_the_window_it_needs_a_person_all_the_same(person: Person) -> None:
    person.house.shows(need_person=1)
    page = person.sees_status()
    assert says(page).startswith("1 view needs you / ")
    assert "Failed 1 1 needs you" in text_of(page)


def test_once_a_person_has_decided_it_is_green(person: Person) -> None:
    person.house.shows(runs=(run(status="partial", failed=1),), need_person=0)
    page = person.sees_status()
    assert says(page).startswith("Everything is in sync / ")
    assert "Failed 0 nothing needs you" in text_of(page)


def test_paused_forms(person: Person) -> None:
    shown = document(status="partial", failed=9)
    shown["balance"]["form"].update(written=0, failed=9)
    person.house.shows(runs=(replace(run(), document=shown),), forms_paused=True)
    page = person.sees_status()
    assert says(page).startswith("9 forms are paused / Upsales refused two in a row, ")
    assert 'class="hint need soon"' in page
    text = text_of(page)
    assert f"upsales-wistia failed retry --customer {CUSTOMER}" in text
    assert "Failed 9 forms are paused" in text


def test_forms_are_paused_with_none_in_the_window(person: Person) -> None:
    person.house.shows(forms_paused=True)
    assert says(person.sees_status()).startswith("Forms are paused / ")


def test_rows_that_cannot_be_read_are_told(person: Person) -> None:
    person.house.shows(unreadable=3)
    assert says(person.sees_status()).startswith("3 views could not be read / Wistia sent them ")


def test_the_window_is_told_as_long_as_it_was(person: Person) -> None:
    shown = document(window={"from": "2026-11-03T20:20:00Z", "to": "2026-11-21T13:20:00Z"})
    person.house.shows(runs=(replace(run(), document=shown),))
    assert "193 Views in the last 18 days" in text_of(person.sees_status())


@pytest.mark.parametrize(
    ("code", "headline", "todo"),
    [
        ("unauthorized_scope", "Wistia refuses the API token", "Read detailed stats"),
        ("unauthorized_credentials", "Wistia refuses the API token", "a new token"),
        ("account_inactive", "Your Wistia account is not active", "Its owner can tell why"),
        ("upsales_key_refused", "Upsales refuses the app’s key", "save its settings once"),
        ("no_upsales_key", "There is no key to Upsales", "customers add"),
        ("not_configured", "Wistia is not connected yet", "Paste an API token"),
    ],
)
def test_red(person: Person, code: str, headline: str, todo: str) -> None:
    broken = failed_run(code, "The cause, in a sentence.")
    good = run(STARTED - timedelta(minutes=20))
    person.house.shows(runs=(broken, good), last_good=good)
    page = person.sees_status()
    assert says(page) == f"{headline} / The cause, in a sentence."
    assert 'class="hint need"' in page
    assert todo in text_of(page)
    assert "The last good run, 14:00, step by step" in text_of(page)


def test_nothing_is_switched_on(person: Person) -> None:
    off = replace(RULES, activities_enabled=False, forms_enabled=False)
    shown = document(status="failed", code="not_configured", reason="Nothing is switched on.")
    shown["funnel"].update(activity=None, form=None)
    shown["balance"].update(activity=None, form=None)
    person.house.shows(runs=(replace(run(), document=shown),), settings=off, last_good=None)
    page = person.sees_status()
    assert "Nothing is switched on / Nothing is switched on." in says(page)
    assert "step by step" not in page


def test_a_vendor_away_is_amber_since_it_began_and_needs_nobody(person: Person) -> None:
    times = [STARTED - timedelta(minutes=20 * n) for n in range(4)]
    away = [failed_run("wistia_away", "Wistia does not answer.", at) for at in times[:3]]
    person.house.shows(runs=(*away, run(times[3])), last_good=run(times[3]))
    page = person.sees_status()
    assert says(page) == (
        "Wistia does not answer / Since 13:40. We try again every 20 minutes and lose nothing. "
        "Nothing to do."
    )
    assert "What to do" not in page


def test_a_failure_without_a_name_shows_its_sentence(person: Person) -> None:
    person.house.shows(runs=(run(status="failed", code=None, reason="It broke."),))
    assert says(person.sees_status()) == "The last run could not finish / It broke."


def test_a_setting_that_cannot_be_read_is_red(person: Person) -> None:
    person.house.shows(problems=('"activityMinPercent" came as "lots". We go on with 25.',))
    assert says(person.sees_status()).startswith("A setting cannot be read / ")


def test_paused(person: Person) -> None:
    person.house.shows(paused=True)
    assert says(person.sees_status()).startswith("Runs are paused / ")


def test_late(person: Person) -> None:
    person.house.clock.advance(timedelta(hours=2))
    assert says(person.sees_status()).startswith("The last run was 124 minutes ago / We are late")
    person.house.shows(running=True)
    assert says(person.sees_status()).startswith("Everything is in sync / ")


def test_a_score_of_zero_hides_entries(person: Person) -> None:
    person.house.shows(settings=replace(RULES, activity_score=0))
    page = person.sees_status()
    assert says(page).startswith("Entries are hidden: the lead score is 0 / ")
    assert 'class="hint need soon"' in page


def test_before_the_first_run(person: Person) -> None:
    person.house.shows(runs=(), last_good=None)
    page = person.sees_status()
    assert says(page) == "Connected / The first run reads the last 3 days and starts at 14:40."
    assert "<table" not in page
    person.house.shows(next_at=None)
    assert says(person.sees_status()) == "Connected / The first run reads the last 3 days."


def test_while_a_run_goes_on_the_page_comes_again(person: Person) -> None:
    assert 'http-equiv="refresh"' not in person.sees_status()
    person.house.shows(running=True)
    page = person.sees_status()
    assert '<meta http-equiv="refresh" content="5">' in page
    assert "A run is going on." in says(page)
    person.house.shows(runs=(), last_good=None)
    assert says(person.sees_status()).startswith("Connected / A run is going on.")


def test_a_target_that_does_not_exist_shows_the_first(person: Person) -> None:
    assert "4 New, written now" in text_of(person.sees_status("?target=<b>"))


def test_what_others_wrote_is_text(person: Person) -> None:
    hostile = '<script>alert(1)</script>"onload="x'
    broken = failed_run("unauthorized_scope", hostile)
    person.house.shows(customer_name=hostile + "x" * 100, runs=(broken,), problems=(hostile,))
    person.enters(who=hostile)
    page = person.opens(f"/c/{CUSTOMER}/status").text
    assert "<script" not in page
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


class Markup(HTMLParser):
    """Collects what the policy forbids and what a reader of the page needs."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in {"style", "script"}:
            self.forbidden.append(tag)
        self.forbidden += [n for n, _ in attrs if n == "style" or n.startswith("on")]
        if tag not in {"meta", "link", "input", "path", "circle", "rect", "use", "polygon", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_markup_is_whole_and_holds_nothing_the_policy_forbids(person: Person) -> None:
    markup = Markup()
    markup.feed(person.sees_status())
    assert markup.forbidden == []
    assert markup.open == []
    assert [markup.tags.count(tag) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]


def test_every_address_on_the_page_exists(person: Person) -> None:
    page = person.sees_status()
    addresses = set(re.findall(r'(?:href|src)="([^"#][^"]*)"', page)) - {"data:,"}
    assert len(addresses) >= 4
    for address in addresses:
        path = f"/c/{CUSTOMER}/status{address}" if address.startswith("?") else address
        assert person.opens(path).status_code == 200, address
