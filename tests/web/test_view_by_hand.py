"""What a person does on the page of one view about a write that failed or is uncertain."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.sync.house import House, view
from upsales_wistia.funnel.view import State, Target
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store import outbox
from upsales_wistia.store.database import database
from upsales_wistia.store.leases import hold

from .pages import text_of
from .reader import Reader

SLASHED = "a/b?c#d"


@pytest.fixture
def database_kind() -> str:
    """What a page says does not depend on the database."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer whose Upsales refused an entry eight times; its key has a slash."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        made.world.add(view(SLASHED, "anna@acme.example"))
        sandbox.faults.add("upsales.create_event", "400", times=8)
        for _ in range(8):
            made.run(asked=True)
        yield made


def item_of(house: House, target: Target = Target.ACTIVITY) -> outbox.OutboxItem:
    (item,) = outbox.items("customer_id = ? AND target = ?", [house.customer, target])
    return item


def make_uncertain() -> None:
    database.execute_sql("UPDATE outbox SET state = 'uncertain', needs_person = 1, doubts = 1")


def path(house: House) -> str:
    return "views/a/b%3Fc%23d"


def buttons(page: str) -> list[str]:
    """What can be pressed in the page's own part."""
    main = page[page.index("<main") :]
    return re.findall(r"<button[^>]*>(.*?)</button>", main)


def presses(house: House, reader: Reader, verb: str) -> str:
    """Press it on the view's page, let a run that it asked for end, and read where that leads."""
    number = str(item_of(house).id)
    answer = reader.presses(f"failed/{verb}", write=number, view=SLASHED)
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith(f"/c/{house.customer}/{path(house)}?did={verb}")
    assert answer.location.endswith("#result")
    house.services.hooks.join()
    return text_of(reader.fetches(answer.location.partition("#")[0]).text)


def test_what_was_refused_is_tried_again_from_its_page(house: House, reader: Reader) -> None:
    page = reader.opens(path(house)).text
    assert buttons(page) == ["Try again", "Leave it out"]
    assert f'name="view" value="{SLASHED}"' in page
    told = text_of(page)
    assert "Failed: needs you" in told
    assert "What you can do" in told
    assert "8 tries" in told
    assert told.count("Upsales answered “") >= 1
    told = presses(house, reader, "again")
    assert "Tried again: 1 written." in told
    assert "In Upsales" in told
    assert "What you can do" not in told
    assert len(house.entries) == 1


def test_while_it_is_tried_the_page_looks_again(house: House, reader: Reader) -> None:
    with hold(house.customer, 60, wait=False, heartbeat=False):
        number = str(item_of(house).id)
        answer = reader.presses("failed/again", write=number, view=SLASHED)
        page = reader.fetches(answer.location.partition("#")[0]).text
        assert "Trying again: 0 of 1 done." in page
        assert '<noscript><meta http-equiv="refresh" content="5">' in page
        (again,) = re.findall(r'hx-get="([^"]+)" hx-trigger="every 2s"', page)
    house.services.hooks.join()
    page = reader.fetches(again.replace("&amp;", "&")).text
    assert "Tried again: 1 written." in page
    assert "every 2s" not in page


def test_what_is_uncertain_is_there_or_is_sent_again(house: House, reader: Reader) -> None:
    make_uncertain()
    assert buttons(reader.opens(path(house)).text) == ["It is there", "Send again"]
    told = reader.reads(path(house))
    assert "Being checked" in told
    assert "If it is there already, it will be there twice." in told
    assert "Taken as there: 1." in presses(house, reader, "there")
    assert item_of(house).state is State.WRITTEN
    make_uncertain()
    assert "Sent again: 1 written." in presses(house, reader, "send")


def test_what_is_left_out_can_be_taken_back_here(house: House, reader: Reader) -> None:
    told = presses(house, reader, "leave")
    assert "Left out: 1. Each stays out until you take that back." in told
    assert "left out by hand" in told
    assert buttons(reader.opens(path(house)).text) == ["Undo"]
    assert "Back on the list: 1." in presses(house, reader, "back")
    assert item_of(house).state is State.FAILED


def test_a_second_click_changes_nothing_and_says_so(house: House, reader: Reader) -> None:
    presses(house, reader, "again")
    told = presses(house, reader, "again")
    assert "Nothing was changed: it stands differently by now." in told
    assert len(house.entries) == 1


def test_nothing_can_be_done_where_nothing_is_wrong(house: House, reader: Reader) -> None:
    house.world.add(view("fine", "bo@birch.example"))
    house.run()
    for key in ("fine", "fine?did=again", "fine?did=x&at=x", "fine?did=leave&at=2026-01-01"):
        page = reader.opens(f"views/{key}").text
        assert buttons(page) == []
        assert 'id="result"' not in page


def test_a_form_that_is_refused_is_told_beside_the_entry(house: House, reader: Reader) -> None:
    house.configure(formsEnabled=True)
    house.sandbox.faults.add("upsales.form_submit", "400", times=1)
    house.run(asked=True)
    database.execute_sql("UPDATE outbox SET state = 'failed', refusals = 8 WHERE target = 'form'")
    database.execute_sql("UPDATE outbox SET done_at = NULL WHERE target = 'form'")
    page = reader.opens(path(house)).text
    named = re.findall(r'<button[^>]* aria-label="([^"]*)"', page)
    entry = ["Try again: Activity log", "Leave it out: Activity log"]
    assert "Upsales refused it 8 times. Correct the cause, then press" in text_of(page)
    assert named == [*entry, "Try again: Form", "Leave it out: Form"]


def test_whoever_may_only_look_may_try_again_and_nothing_else(house: House, reader: Reader) -> None:
    reader.enters(admin=False)
    page = reader.opens(path(house)).text
    assert re.findall(r"<button[^>]* disabled>(.*?)</button>", page) == ["Leave it out"]
    assert "You can look and run" in page
    number = str(item_of(house).id)
    for verb in ("leave", "back", "there", "send"):
        answer = reader.presses(f"failed/{verb}", write=number, view=SLASHED)
        assert answer.status_code == 403
    assert "Tried again: 1 written." in presses(house, reader, "again")


def test_without_its_token_a_form_changes_nothing(house: House, reader: Reader) -> None:
    answer = reader.browser.post(
        f"/c/{house.customer}/failed/leave",
        base_url=house.services.config.public_url,
        data={"write": str(item_of(house).id), "view": SLASHED},
    )
    assert answer.status_code == 400
    assert "This page was open too long" in answer.text
    assert item_of(house).state is State.FAILED


@pytest.mark.parametrize("key", ["//evil.example", "https://evil.example", "\r\nX: y", "../../.."])
def test_a_hostile_view_leads_nowhere_else(house: House, reader: Reader, key: str) -> None:
    answer = reader.presses("failed/again", write=str(item_of(house).id), view=key)
    assert answer.status_code == 303
    assert answer.location.startswith(f"/c/{house.customer}/views/")
    assert "\n" not in answer.location
    house.services.hooks.join()
