"""What Upsales and Wistia can do to us, with a process that dies on top of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from signal import SIGKILL
from typing import Any

import pytest

from tests.engine.stage import SETTLE, Stage

DEATH = {"step": "outcome", "on": "call", "nth": 4, "send": "SIGKILL", "within": None}

WRITES = [
    "write_then_cut",
    "500_after_writing",
    "odd_answer",
    "write_late",
    "timeout",
    "timeout_after_writing",
    "slow",
    "reset",
]


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_in_doubt_is_there_once_in_the_end(stage: Stage, kind: str) -> None:
    for operation in ("upsales.create_event", "upsales.form_submit"):
        stage.fault(operation, kind, times=2, after=1, seconds=0.6)
    assert stage.run()["uncertain"] >= 4
    for _ in range(2):
        stage.later(SETTLE)
        stage.run()
    stage.expect_all()


SEARCHES = ["ignore_filter", "lagging_search", "finds_nothing", "500", "403"]


@pytest.mark.parametrize("written", ["write_then_cut", "reset"])
@pytest.mark.parametrize("kind", SEARCHES)
def test_a_search_that_cannot_be_trusted_leads_to_no_double_and_no_loss(
    stage: Stage, kind: str, written: str
) -> None:
    stage.settle()
    stage.fault("upsales.events", kind, times=None)
    stage.fault("upsales.create_event", written, times=1, after=2)
    stage.run()
    for _ in range(4):
        stage.later(SETTLE)
        stage.run()
    assert max(stage.entries().values()) == 1
    stage.expect_all()


def test_pages_that_shift_and_a_death_between_them_lose_no_view(stage: Stage) -> None:
    stage.watch_videos(20, nobodies=190)
    stage.fault("wistia.events", "insert", times=None)
    stage.fault("wistia.events", "duplicate", times=None)
    stage.fault("wistia.events", "500", times=2, page=2)
    death = {"step": "fetch", "on": "return", "nth": 2, "send": "SIGKILL", "within": None}
    assert stage.start(trap=death).end() == -SIGKILL
    stage.run()
    stage.expect_all()


def test_a_long_retry_after_frees_the_thread_at_once(stage: Stage) -> None:
    stage.forms = False
    stage.move_house(stage.database_url)
    stage.fault("upsales.create_event", "429", times=None, seconds=3600)
    told = stage.start(pace=1.0).outcome()
    (document,) = told["documents"]
    assert (document["code"], document["retrying"]) == ("upsales_away", 6)
    assert told["pauses"] == []
    assert told["seconds"] < 10
    assert stage.calls("upsales.create_event", status=429) == 1


def test_a_storm_of_429s_ends_with_all_written_and_one_refused_call_a_step(stage: Stage) -> None:
    for operation in ("upsales.create_event", "upsales.form_submit", "upsales.contacts"):
        stage.fault(operation, "429_bare", times=7)
    runs = 0
    while not runs or stage.calls("upsales.create_event") < 7 + 8:
        before = refused(stage)
        told = stage.start().outcome()
        pauses, last = told["pauses"], told["documents"][-1]
        ended = last["status"] == "failed"
        assert refused(stage) - before <= len(pauses) + ended
        runs += 1
        assert runs < 20
        stage.later(60)
    assert stage.control("GET", "faults") == []
    stage.expect_all()


def refused(stage: Stage) -> int:
    operations = ("upsales.create_event", "upsales.form_submit", "upsales.contacts")
    return sum(stage.calls(operation, status=429) for operation in operations)


@pytest.mark.parametrize("operation", ["upsales.create_event", "upsales.form_submit", "upsales.*"])
def test_a_day_of_500s_parks_nothing(stage: Stage, operation: str) -> None:
    stage.fault(operation, "500", times=None)
    day: list[Any] = [stage.now + timedelta(minutes=20 * n) for n in range(72)]
    told = stage.start(moments=[moment.isoformat() for moment in day], asked=False).outcome()
    assert told["errors"] == []
    assert {document["failed"] for document in told["documents"]} == {0}
    stage.move_to(datetime.fromisoformat(day[-1].isoformat()))
    stage.expect_all()


def test_a_death_in_a_storm_of_everything(stage: Stage) -> None:
    stage.fault("upsales.create_event", "write_then_cut", times=1)
    stage.fault("upsales.form_submit", "500_after_writing", times=1)
    stage.fault("upsales.events", "ignore_filter", times=None)
    assert stage.start(trap=DEATH).end() == -SIGKILL
    stage.fault("upsales.create_event", "write_late", times=1, after=1)
    stage.later(SETTLE)
    stage.run()
    stage.expect_all()
