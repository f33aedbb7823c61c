"""Failed and being checked: what needs a person, what does not, and what a person does about it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sync.house import House, view
from upsales_wistia.funnel.view import State
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store import outbox
from upsales_wistia.store.database import database
from upsales_wistia.store.leases import hold

from .reader import Reader


@pytest.fixture
def database_kind() -> str:
    """What a page says does not depend on the database."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer whose Upsales refuses every entry."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        sandbox.faults.add("upsales.create_event", "400", times=None)
        yield made


@pytest.fixture
def failed(house: House) -> House:
    """One view was refused eight times, another once."""
    house.world.add(view("e1", "anna@acme.example"))
    for _ in range(8):
        house.run(asked=True)
    house.world.add(view("e2", "bo@birch.example"))
    house.run()
    return house


def state_of(house: House, key: str) -> State:
    (item,) = outbox.items("customer_id = ? AND event_key = ?", [house.customer, key])
    return item.state


def number_of(house: House, key: str) -> str:
    (item,) = outbox.items("customer_id = ? AND event_key = ?", [house.customer, key])
    return str(item.id)


def make_uncertain(house: House, key: str, *, person: bool = True) -> None:
    database.execute_sql(
        f"UPDATE outbox SET state = 'uncertain', needs_person = {person}, done_at = NULL, "
        f"check_at = NULL WHERE event_key = '{key}'"
    )


def test_nothing_failed(reader: Reader) -> None:
    assert "Nothing failed, and nothing is being checked" in reader.reads("failed")


def test_what_needs_a_person_comes_first(failed: House, reader: Reader) -> None:
    told = reader.reads("failed")
    assert "1 view needs you" in told
    assert told.index("Needs you") < told.index("Upsales refused it 8 times")
    assert told.index("Upsales refused it 8 times") < told.index("Tries again by itself")
    assert "Upsales answered “" in told
    assert "8 tries" in told
    assert "It is tried again at" in told
    assert "&#34;text&#34;: &#34;Watched 83% of Product tour&#34;" in reader.opens("failed").text


def test_a_viewer_leads_to_the_view(failed: House, reader: Reader) -> None:
    page = reader.opens("failed").text
    for key in ("e1", "e2"):
        assert f'<a href="/c/{failed.customer}/views/{key}">' in page
    database.execute_sql("DELETE FROM views WHERE event_key = 'e1'")
    assert "/views/e1" not in reader.opens("failed").text


def test_only_what_needs_a_person_can_be_acted_upon(failed: House, reader: Reader) -> None:
    page = reader.opens("failed").text
    assert re.findall(r'name="write" value="(\w+)"', page) == [number_of(failed, "e1")] * 2
    answer = reader.does("failed/again", write=number_of(failed, "e1"))
    assert "Tried again: 1 still refused." in answer


def test_trying_again_writes_it_and_says_so(failed: House, reader: Reader) -> None:
    failed.sandbox.faults.clear()
    told = reader.does("failed/again", write=number_of(failed, "e1"))
    assert "Tried again: 1 written." in told
    assert "Nothing needs you" not in told  # Nothing is left to be said so of.
    assert told.index("Tried again") < told.index("Written at 14:20 on Anna Berg at Acme AB")
    assert len(failed.entries) == 2


def test_all_are_tried_again_with_their_count(failed: House, reader: Reader) -> None:
    database.execute_sql("UPDATE outbox SET state = 'failed'")
    assert "Try all 2 again" in reader.reads("failed")
    failed.sandbox.faults.clear()
    assert "Tried again: 2 written." in reader.does("failed/again", write="all")


def test_while_it_is_tried_the_page_looks_again(failed: House, reader: Reader) -> None:
    failed.sandbox.faults.clear()
    with hold(failed.customer, 60, wait=False, heartbeat=False):
        answer = reader.presses("failed/again", write=number_of(failed, "e1"))
        page = reader.fetches(answer.location).text
        assert "Trying again: 0 of 1 done." in page
        assert '<noscript><meta http-equiv="refresh" content="5">' in page
        assert "every 2s" in page
    failed.services.hooks.join()
    page = reader.fetches(answer.location).text
    assert "Tried again: 1 written." in page
    assert "every 2s" not in page


def test_a_run_that_ends_without_it_is_told(failed: House, reader: Reader) -> None:
    failed.sandbox.faults.add("wistia.events", "revoked", times=None)
    told = reader.does("failed/again", write=number_of(failed, "e1"))
    assert "1 not sent yet, the next run goes on" in told


def test_leaving_it_out_is_for_good_until_it_is_taken_back(failed: House, reader: Reader) -> None:
    number = number_of(failed, "e1")
    told = reader.does("failed/leave", write=number)
    assert "Left out: 1." in told
    assert "left out by Anna Kjellberg" in told
    failed.sandbox.faults.clear()
    document = failed.run(asked=True)
    assert document["balance"]["activity"]["dropped"] == {"left_by_hand": 1}
    assert state_of(failed, "e1") is State.LEFT
    failed.configure(activityMinPercent=0, activityScore=3)
    failed.run(asked=True)
    assert len(failed.entries) == 1
    assert "Back on the list: 1." in reader.does("failed/back", write=number)
    assert "1 view needs you" in reader.reads("failed")


def test_an_uncertain_one_is_said_to_be_there(failed: House, reader: Reader) -> None:
    make_uncertain(failed, "e1")
    assert "Look at Anna Berg at Acme AB, then press It is there" in reader.reads("failed")
    assert "Taken as there: 1." in reader.does("failed/there", write=number_of(failed, "e1"))
    assert failed.run()["balance"]["activity"]["registered"] == 1


def test_what_cannot_be_told_is_to_be_looked_for_in_upsales(failed: House, reader: Reader) -> None:
    make_uncertain(failed, "e1")
    config = replace(failed.services.config, upsales_api_url="https://integration.upsales.com/api")
    failed.services.config = config
    assert 'href="https://power.upsales.com/#/contacts/101"' in reader.opens("failed").text
    database.execute_sql(
        "UPDATE outbox SET payload = replace(payload, '\"contact\":101', '\"contact\":null')"
    )
    assert 'href="https://power.upsales.com/#/companies/1"' in reader.opens("failed").text


def test_an_uncertain_one_is_sent_again_after_a_question(failed: House, reader: Reader) -> None:
    make_uncertain(failed, "e1", person=False)
    failed.sandbox.faults.clear()
    told = reader.reads("failed")
    assert "If it is there already, it will be there twice." in told
    assert "We ask Upsales at the next run before anything is sent again" in told
    assert "Sent again: 1 written." in reader.does("failed/send", write=number_of(failed, "e1"))


def test_paused_forms_go_on_when_asked(failed: House, reader: Reader) -> None:
    failed.configure(activitiesEnabled=False, formsEnabled=True)
    failed.sandbox.faults.add("upsales.form_submit", "400", times=2)
    failed.world.add(view("e3", "cy@birch.example"))
    failed.run()
    told = reader.reads("failed")
    assert "Forms are paused, because Upsales refused two in a row" in told
    assert "Try all" in told
    assert "Tried again: 3 written." in reader.does("failed/again", write="all")


def test_what_changed_meanwhile_stays_and_is_said(failed: House, reader: Reader) -> None:
    number = number_of(failed, "e1")
    reader.does("failed/leave", write=number)
    assert "Nothing was changed" in reader.does("failed/there", write=number)
    assert state_of(failed, "e1") is State.LEFT


def test_whoever_may_only_look_may_run_and_nothing_else(failed: House, reader: Reader) -> None:
    number = number_of(failed, "e1")
    reader.enters(admin=False)
    page = reader.opens("failed").text
    assert re.findall(r"<button[^>]* disabled>(.*?)</button>", page) == ["Leave it out"]
    assert "You can look and run" in page
    for verb in ("leave", "back", "there", "send"):
        assert reader.presses(f"failed/{verb}", write=number).status_code == 403
    assert state_of(failed, "e1") is State.FAILED
    assert reader.presses("failed/again", write=number).status_code == 303
    failed.services.hooks.join()


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "²", "9" * 30])
def test_a_write_that_is_not_there(failed: House, reader: Reader, number: str) -> None:
    assert reader.presses("failed/leave", write=number).status_code == 404


def test_an_action_that_is_none(reader: Reader) -> None:
    assert reader.presses("failed/burn", write="all").status_code == 404


@pytest.mark.parametrize(
    "query", ["did=again&at=x", "did=x", "did=leave&at=2026-01-01", "group=x&after=-1",
              "group=needs&after=99999999999999999999", "did=again&at=2026-01-01T00:00:00%2B00:00"],
)  # fmt: skip
def test_an_odd_address_shows_the_page(failed: House, reader: Reader, query: str) -> None:
    assert "needs you" in reader.reads(f"failed?{query}") or "group=needs" in query


def test_long_groups_are_shown_in_parts(failed: House, reader: Reader) -> None:
    ready = [outbox.Planned(f"x{n}", item.target, f"y{n}", {}) for n in range(60)
             for item in outbox.items("event_key = ?", ["e1"])]  # fmt: skip
    outbox.plan(failed.customer, ready, run_id="", settings_version=1, now=failed.clock.now())
    page = reader.opens("failed").text
    assert page.count("The view is not kept any more") == 49
    (more,) = re.findall(r'href="([^"]*group=again[^"]*)"', page)
    rest = reader.fetches(html.unescape(more)).text
    assert rest.count("The view is not kept any more") == 11
    assert "Needs you" not in rest


def test_hostile_words_stay_words(failed: House, reader: Reader) -> None:
    title = '<script>alert(1)</script> =HYPERLINK("x")' + "y" * 99
    database.execute_sql(f"UPDATE medias SET name = '{title}'")
    database.execute_sql("UPDATE outbox SET answer = '<b>no</b>'")
    page = reader.opens("failed").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>no" not in page
