"""Fetching older views on its page, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.sync.house import NOW, House, view
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store import jobs, runs

from .markup import Markup
from .pages import text_of
from .reader import Reader

OCTOBER = {"from": "2026-10-01", "to": "2026-10-31"}


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer with four older views: two of contacts, one of nobody, one unfinished."""
    with Sandbox(limits=Limits.off()) as sandbox:
        config = {"activitiesEnabled": True, "activityScore": 10, "activityMinPercent": 50}
        made = House(sandbox, store, config=config)
        for n, (typed, fraction) in enumerate(
            [("anna@acme.example", 0.9), ("bo@birch.example", 0.8), ("", 0.9), ("x@y.example", 0.9)]
        ):
            received = NOW.replace(month=10, day=11 + n)
            made.world.add(view(f"v{n}", typed, received_at=received, fraction=fraction))
        made.run()
        yield made


@pytest.fixture
def send(house: House, reader: Reader) -> Callable[..., str]:
    """Sends a form of the page and reads what is there when the work is done."""

    def send(path: str = "backfill", **fields: str) -> str:
        answer = reader.presses(path, **fields)
        if answer.status_code != 303:
            return text_of(answer.text)
        house.services.queues.join(jobs.BACKFILL)
        return text_of(reader.fetches(answer.location).text)

    return send


def test_days_are_chosen_then_seen_then_written(
    house: House, reader: Reader, send: Callable[..., str]
) -> None:
    assert "Show what would happen" in reader.reads("backfill")
    told = send(**OCTOBER)
    assert "1 Oct 2026 to 31 Oct 2026" in told
    assert "Create 2 Already there 0 Still watching 0 Waiting 1 Left out 1" in told
    assert "1 left no e-mail" in told
    assert "Lead score: +20 on 2 companies." in told
    assert "the 20-minute runs stay on time." in told
    assert house.entries == []
    seen = jobs.load(house.customer, jobs.BACKFILL)
    assert seen
    done = send("backfill/write", seen=seen.progress["asked_at"])
    assert len(house.entries) == 2
    assert "Earlier fetches" in done
    assert "1 Oct 2026 to 31 Oct 2026 Anna Kjellberg 2 activities" in done


def test_each_figure_leads_to_its_views(
    house: House, reader: Reader, send: Callable[..., str]
) -> None:
    send(**OCTOBER)
    page = reader.opens("backfill").text
    markup = Markup()
    markup.feed(page)
    assert markup.forbidden == []
    assert 'code=no_email"' in page
    found = reader.reads("views?from=2026-10-01&to=2026-10-31&target=activity&code=no_email")
    assert "no e-mail" in found


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"from": "2026-12-01", "to": "2026-12-02"}, "Choose a day in the past."),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "From must be before to."),
        (
            {"from": "2024-01-01", "to": "2026-11-01"},
            "Wistia keeps views for two years: from 20 Nov 2024.",
        ),
        ({"from": "yesterday", "to": ""}, "Choose a day in the past."),
        ({}, "Choose a day in the past."),
    ],
)
def test_days_that_cannot_be_fetched_are_told_beside_them(
    house: House, reader: Reader, days: dict[str, str], said: str
) -> None:
    answer = reader.presses("backfill", **days)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert jobs.load(house.customer, jobs.BACKFILL) is None


def test_what_is_under_way_is_seen_without_scripts_and_can_be_paused(
    house: House, reader: Reader, send: Callable[..., str], waiting: dict[str, Any]
) -> None:
    page = reader.opens("backfill").text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "Day 11 of 31: 11 Oct 2026." in text_of(page)
    assert "Written so far: 0 activities." in text_of(page)
    again = reader.presses("backfill", **OCTOBER)
    assert "One is running already" in text_of(again.text)
    told = send("backfill/pause")
    assert "Paused after 10 Oct 2026." in told
    assert "http-equiv" not in reader.opens("backfill").text
    assert "Earlier fetches" in send("backfill/go-on")
    assert len(house.entries) == 2


def test_one_that_is_stopped_is_over(
    house: House, reader: Reader, send: Callable[..., str], waiting: dict[str, Any]
) -> None:
    told = send("backfill/stop")
    assert "Show what would happen" in told
    assert house.entries == []
    house.later(days=1)
    house.run(asked=True)
    assert house.entries == []


@pytest.fixture
def waiting(house: House) -> dict[str, Any]:
    """A backfill whose process died after ten days."""
    wanted: dict[str, Any] = {
        "since": "2026-10-01",
        "until": "2026-10-31",
        "from": "2026-10-01T00:00:00+00:00",
        "to": "2026-11-01T00:00:00+00:00",
        "next": "2026-10-11T00:00:00+00:00",
        "forms": False,
        "commit": True,
        "by": "Eva",
        "asked_at": NOW.isoformat(),
        "state": "running",
    }
    run_id = runs.open_run(
        house.customer,
        runs.BACKFILL,
        now=NOW,
        window_from=datetime.fromisoformat(wanted["from"]),
        window_to=datetime.fromisoformat(wanted["to"]),
        settings_version=1,
    )
    jobs.put(house.customer, jobs.BACKFILL, run_id, wanted, NOW)
    return wanted


def test_an_older_preview_cannot_be_written(
    house: House, reader: Reader, send: Callable[..., str]
) -> None:
    send(**OCTOBER)
    answer = reader.presses("backfill/write", seen="2026-01-01T00:00:00+00:00")
    assert answer.status_code == 422
    assert "Other days were looked at meanwhile." in text_of(answer.text)
    assert house.entries == []
