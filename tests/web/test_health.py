"""The state of a customer in words: green, amber, red, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from upsales_wistia.funnel.lateness import DAY, Lateness, lateness_of

from .conftest import Person
from .pages import NOW, RULES, STARTED, document, failed_run, run, says, text_of


def test_green(person: Person) -> None:
    assert says(person.sees_status()) == (
        "Everything is in sync / The run at 14:20, 4 minutes ago, read 193 views and wrote "
        "4 activities and 9 forms. Nothing failed. The next run starts at 14:40."
    )


def test_what_is_being_checked_needs_nobody(person: Person) -> None:
    person.house.shows(runs=(run(status="partial", uncertain=1),))
    page = person.sees_status()
    assert "Nothing failed. 1 view is being checked in Upsales; nothing to do." in says(page)
    assert "Failed 0 nothing needs you" in text_of(page)
    assert "What to do" not in page


@pytest.mark.parametrize("state", ["failed", "uncertain"])
def test_what_a_person_must_decide_is_amber(person: Person, state: str) -> None:
    shown = document(status="partial", **{state: 2})
    person.house.shows(runs=(replace(run(), document=shown),), need_person=2)
    page = person.sees_status()
    assert says(page).startswith("2 views need you / Upsales refused to take what was sent, or")
    assert 'class="hint need soon"' in page
    text = text_of(page)
    assert "See why under Failed." in text
    for action in ("Try again", "It is there", "Send again"):
        assert action in text
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


def late(**changes: object) -> Lateness:
    facts = lateness_of((), None, window=3 * DAY, slowest=timedelta(), now=NOW)
    return replace(facts, **changes)  # type: ignore[arg-type]


def test_a_webhook_that_is_silent_while_views_come_is_amber(person: Person) -> None:
    person.house.shows(lateness=late(silent_since=NOW - timedelta(hours=5)))
    page = person.sees_status()
    assert says(page) == (
        "Wistia’s webhook is silent since 09:24 / "
        "Runs still find every view, up to 20 minutes later."
    )
    assert "Check it in Wistia: Account, Webhooks." in text_of(page)
    assert "<title>Wistia’s webhook is silent since 09:24" in page


def test_views_that_come_later_than_usual_are_amber_and_need_nobody(person: Person) -> None:
    today, usual = timedelta(hours=3, minutes=1), timedelta(minutes=47)
    person.house.shows(
        lateness=late(slower=True, today=today, usual=usual, look_back=4 * DAY, widened=True)
    )
    page = person.sees_status()
    assert says(page) == (
        "Views reach us later than usual / 95% within 4 hours today, usually 47 minutes. "
        "We look back 4 days now, so nothing is missed. Nothing to do."
    )
    assert "What to do" not in page


def test_one_view_that_came_very_late_widens_the_window_in_sight_of_all(person: Person) -> None:
    slow = late(slowest=timedelta(hours=49), look_back=5 * DAY, widened=True)
    person.house.shows(lateness=slow)
    assert says(person.sees_status()) == (
        "Views reach us later than usual / One took 3 days. "
        "We look back 5 days now, so nothing is missed. Nothing to do."
    )


def test_views_that_come_as_they_use_to_are_no_matter(person: Person) -> None:
    person.house.shows(lateness=late())
    assert says(person.sees_status()).startswith("Everything is in sync")


def test_paused_forms(person: Person) -> None:
    shown = document(status="partial", failed=9)
    shown["balance"]["form"].update(written=0, failed=9)
    person.house.shows(runs=(replace(run(), document=shown),), forms_paused=True)
    page = person.sees_status()
    assert says(page).startswith("9 forms are paused / Upsales refused two in a row, ")
    assert 'class="hint need soon"' in page
    text = text_of(page)
    assert "Try all again, under Failed." in text
    assert "Failed 9 forms are paused" in text


def test_forms_are_paused_with_none_in_the_window(person: Person) -> None:
    person.house.shows(forms_paused=True)
    assert says(person.sees_status()).startswith("Forms are paused / ")


def test_rows_that_cannot_be_read_are_told(person: Person) -> None:
    person.house.shows(unreadable=3)
    assert says(person.sees_status()).startswith("3 views could not be read / Wistia sent them ")


@pytest.mark.parametrize(
    ("code", "headline", "todo"),
    [
        ("unauthorized_scope", "Wistia refuses the API token", "Read detailed stats"),
        ("unauthorized_credentials", "Wistia refuses the API token", "a new token"),
        ("account_inactive", "Your Wistia account is not active", "Its owner can tell why"),
        ("upsales_key_refused", "Upsales refuses the app’s key", "save its settings once"),
        ("no_upsales_key", "There is no key to Upsales", "customers add"),
    ],
)
def test_red(person: Person, code: str, headline: str, todo: str) -> None:
    broken = failed_run(code, "The cause, in a sentence.")
    good = run(STARTED - timedelta(minutes=20))
    person.house.shows(runs=(broken, good), last_good=good)
    page = person.sees_status()
    assert says(page) == f"{headline} / Since 14:20. The cause, in a sentence."
    assert 'class="hint need"' in page
    assert todo in text_of(page)
    assert "The last good run, 14:00, step by step" in text_of(page)


def test_a_cause_is_not_told_twice(person: Person) -> None:
    reason = (
        'The token lacks the permission "Read detailed stats". Ask the owner of your Wistia '
        'account for a token that may "Read all folder and media data" and "Read detailed stats". '
        "Nothing is lost: everything is written once it works again."
    )
    person.house.shows(runs=(failed_run("unauthorized_scope", reason),), last_good=None)
    page = person.sees_status()
    assert says(page) == (
        "Wistia refuses the API token / Since 14:20. The token lacks the permission “Read "
        "detailed stats”."
    )
    assert text_of(page).count("Ask the owner") == 1


def test_a_long_trouble_began_after_the_last_good_run(person: Person) -> None:
    broken = [
        failed_run("account_inactive", "Your Wistia account is not active.", STARTED - n)
        for n in (timedelta(minutes=20) * i for i in range(5))
    ]
    person.house.shows(runs=tuple(broken), last_good=run(STARTED - timedelta(days=2)))
    assert says(person.sees_status()) == "Your Wistia account is not active / Since 19 Nov 14:20."


def test_not_connected(person: Person) -> None:
    person.house.shows(runs=(failed_run("not_configured", "Paste an API token."),))
    page = person.sees_status()
    assert says(page).startswith("Wistia is not connected yet / Nothing is read or written before")
    assert "What to do Paste an API token." in text_of(page)


def test_a_setting_that_stops_runs_is_the_cause(person: Person) -> None:
    person.house.shows(
        runs=(failed_run("not_configured", "A setting."),), problems=("Correct the number.",)
    )
    assert says(person.sees_status()) == "A setting cannot be read / Correct the number."


def test_nothing_is_switched_on(person: Person) -> None:
    off = replace(RULES, activities_enabled=False, forms_enabled=False)
    shown = document(status="failed", code="not_configured", reason="Nothing is switched on.")
    shown["funnel"].update(activity=None, form=None)
    shown["balance"].update(activity=None, form=None)
    person.house.shows(runs=(replace(run(), document=shown),), settings=off, last_good=None)
    page = person.sees_status()
    assert says(page) == "Nothing is switched on / Nothing is read or written before that."
    assert "What to do Turn on the activity log, forms, or both." in text_of(page)
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
    assert says(person.sees_status()) == "The last run could not finish / Since 14:20. It broke."


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
