"""Taking back on the pages: seen first, done by an administrator, written again when asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.sync.house import House, view
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store.jobs import UNDO

from .visiting import Visit


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store)


def text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def two_written(house: House) -> str:
    """Two entries in Upsales; the run that wrote them."""
    house.world.add(view("e1", "anna@acme.example"))
    house.world.add(view("e2", "bo@birch.example"))
    return str(house.run()["run"])


def taken(house: House) -> None:
    """Until what was asked for is done."""
    house.services.queues.join(UNDO)


def test_a_run_leads_to_what_would_be_taken_back(house: House) -> None:
    visit, run = Visit(house), two_written(house)
    page = visit.opens(f"/runs/{run}")
    assert "Undo this run" in page
    shown = text(visit.opens(f"/undo?run={run}"))
    assert "Takes back 2 activities in Upsales." in shown
    assert "Nothing of it is written again until you ask." in shown
    assert "Take back 2 activities" in shown
    assert len(house.entries) == 2, "looking takes nothing back"


def test_it_is_taken_back_and_written_again(house: House) -> None:
    visit, run = Visit(house), two_written(house)
    sent = visit.sends(f"/undo?run={run}")
    assert sent.status_code == 303
    taken(house)
    assert house.entries == []
    shown = text(visit.opens(f"/undo?run={run}"))
    assert "2 taken back." in shown
    house.later(minutes=20)
    house.run(asked=True)
    assert house.entries == []
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit.opens(f"/undo?run={run}"))
    assert token
    again = visit.browser.post(
        f"/c/{house.customer}/undo/again",
        base_url=house.services.config.public_url,
        data={"csrf_token": token[1], "run": run},
    )
    assert again.status_code == 303
    assert "2 activities are written again" in text(visit.get(again.location).text)
    house.services.hooks.join()
    house.later(minutes=20)
    house.run(asked=True)
    assert len(house.entries) == 2


def test_a_second_press_is_told_kindly(house: House) -> None:
    visit, run = Visit(house), two_written(house)
    visit.sends(f"/undo?run={run}")
    taken(house)
    second = visit.sends(f"/undo?run={run}")
    assert second.status_code == 422
    assert "Already taken back on 20 Nov 2026." in text(second.text)


def test_one_view_and_one_version_too(house: House) -> None:
    visit, _ = Visit(house), two_written(house)
    assert "Take back" in visit.opens("/views/e1")
    visit.sends("/undo?view=e1")
    taken(house)
    assert len(house.entries) == 1
    assert "Write them again" in visit.opens("/views/e1")
    assert "Undo what it wrote" in visit.opens("/history")
    visit.sends("/undo?settings=1")
    taken(house)
    assert house.entries == []


def test_whoever_may_only_look_takes_nothing_back(house: House) -> None:
    run = two_written(house)
    visit = Visit(house, admin=False)
    assert "disabled" in visit.opens(f"/undo?run={run}")
    assert visit.sends(f"/undo?run={run}").status_code == 403
    assert len(house.entries) == 2


def test_what_is_not_there(house: House) -> None:
    visit = Visit(house)
    assert "Open a run" in visit.opens("/undo")
    for odd in ("run=x", "settings=99", "view=nobody"):
        assert visit.get(f"/c/{house.customer}/undo?{odd}").status_code == 404
    for odd in ("settings=-1", f"settings={'9' * 40}", "nothing=1"):
        assert "Open a run" in visit.opens(f"/undo?{odd}")
