"""The history of settings: who, when, what, what was written under it, and a way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest

from tests.sync.house import NOW, House, view
from upsales_wistia.funnel.view import Target
from upsales_wistia.received import take_config
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store import versions

from .markup import Markup
from .pages import text_of
from .reader import Reader
from .visiting import lines


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer of the sandbox with one written view; its first settings were given by hand."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store, config={"activitiesEnabled": True, "activityMinPercent": 50})
        made.world.add(view("e1", "anna@acme.example"))
        made.run()
        yield made


def saved(house: House, by: str = "Anna Kjellberg", **changes: object) -> int:
    """Save another version, as its page does."""
    version = versions.current(house.customer)
    assert version
    config = version.config | changes
    return versions.save(house.customer, config, [], by, house.clock.now()).number


def rows(reader: Reader, query: str = "") -> list[str]:
    return lines(reader.opens(f"history{query}").text)


def test_the_first_settings_and_what_was_written_under_them(reader: Reader) -> None:
    (row,) = rows(reader)
    assert row.startswith("1 in force 14:20 command line The first settings 1 activity ")
    assert "Undo what it wrote" in row


def test_each_change_is_told_in_words(house: House, reader: Reader) -> None:
    saved(house, activityMinPercent=25, domainMatching=False, startDate="2026-11-01")
    saved(house, activityProjects=["proj1"], identity="any", ignoredDomains=["a.example"])
    house.later(days=1)
    saved(house, activityProjects=["proj1", "proj2"], ignoredDomains=["b.example"])
    third, second, first = rows(reader)[:3]
    assert third.startswith("4 in force 14:20 Anna Kjellberg Wistia projects: Stories added")
    assert "Domains to ignore a.example → became b.example nothing" in third
    assert "Wistia projects all projects → became Demos" in second
    assert "Who counts as known E-mail left in a Turnstile → became Any known e-mail" in second
    assert first.startswith("2 yesterday 14:20 Anna Kjellberg Minimum watched 50% → became 25%")
    assert "Match by domain when no contact has the e-mail on → became off" in first
    assert "Start date none → became 1 Nov 2026" in first


def test_a_replaced_credential_is_told_without_its_value(house: House, reader: Reader) -> None:
    house.configure(wistiaApiPassword="another-token")
    assert rows(reader)[0] == "2 in force 14:20 command line API token replaced nothing"
    assert "another-token" not in reader.opens("history").text


def test_who_it_was(house: House, reader: Reader) -> None:
    saved(house, by="link of 2026-11-20T14:02:00+00:00", waitingDays=1)
    keyring = house.services.keyring
    take_config(keyring, house.customer, {"activitiesEnabled": True}, NOW)
    odd = {"activitiesEnabled": True, "activityScore": "many"}
    take_config(keyring, house.customer, odd, NOW + timedelta(hours=1))
    newest, before, oldest = rows(reader)[:3]
    assert "from Upsales Lead score per view could not be read" in newest
    assert "from Upsales Minimum watched 50% → became 0%" in before
    assert "link of 14:02 Keep waiting for a contact 90 days → became 1 day" in oldest


def test_what_was_written_is_counted_under_its_version(house: House, reader: Reader) -> None:
    saved(house, formsEnabled=True, activityMinPercent=10)
    house.world.add(view("e2", "bo@birch.example"))
    house.run()
    assert versions.written_under(house.customer, [1, 2]) == {
        (1, Target.ACTIVITY): 1,
        (2, Target.ACTIVITY): 1,
        (2, Target.FORM): 2,
    }
    assert versions.written_under(house.customer, []) == {}
    assert "1 activity and 2 forms" in rows(reader)[0]
    links = re.findall(r'href="([^"]*/views\?[^"]*)"', reader.opens("history").text)
    counted = [len(lines(reader.fetches(unescape(link)).text)) for link in links]
    assert counted == [1, 2, 1]
    assert "written under settings version 2" in text_of(reader.fetches(unescape(links[0])).text)
    assert lines(reader.opens("views?version=x").text) == []


def test_a_version_beside_the_one_in_force(house: House, reader: Reader) -> None:
    saved(house, activityMinPercent=25, activityProjects=["proj1"])
    assert "Compare Version 1 Go back to this Version 1" in rows(reader)[1]
    told = reader.reads("history/1")
    assert "Version 1 and now Saved 14:20 by command line." in told
    assert "Wistia projects all projects Demos Minimum watched 50% 25% Go back to this" in told
    assert 'settings?version=1"' in reader.opens("history/1").text
    assert "It has the same settings as version 2, which is in force." in reader.reads("history/2")
    for page in ("history", "history/1"):
        markup = Markup()
        markup.feed(reader.opens(page).text)
        assert markup.forbidden == []


@pytest.mark.parametrize("number", ["0", "99", "9" * 30, "x", "-1"])
def test_a_version_that_is_not_there(reader: Reader, number: str) -> None:
    assert reader.opens(f"history/{number}").status_code == 404


def test_many_versions_are_shown_fifty_at_a_time(house: House, reader: Reader) -> None:
    for days in range(60):
        saved(house, waitingDays=days)
    assert (len(rows(reader)), rows(reader)[0][:2], rows(reader)[-1][:2]) == (50, "61", "12")
    older = rows(reader, "?before=12")
    assert (len(older), older[0][:2], older[-1][:2]) == (11, "11", "1 ")
    assert "10 days → became 9 days" not in older[0]
    assert "8 days → became 9 days" in older[0]
    assert rows(reader, "?before=1") == rows(reader)
    assert rows(reader, f"?before={'9' * 40}") == rows(reader, "?before=-1") == rows(reader)


def test_who_looks_must_be_signed_in(house: House, reader: Reader) -> None:
    reader.browser.delete_cookie("upsales_wistia", domain="127.0.0.1")
    assert reader.opens("history").status_code == 403
    assert reader.opens("history/1").status_code == 403
