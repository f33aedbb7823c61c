"""What Upsales and Wistia can do to us, with a process that dies on top of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from signal import SIGKILL

import pytest

from tests.engine.conftest import BuildStage
from tests.engine.stage import SETTLE, Stage

DEATH = {"step": "outcome", "on": "call", "nth": 4, "send": "SIGKILL", "within": None}

CALM = 30.0
"""A lease where nobody dies: a slow machine must not look like a time-out of a vendor."""

WRITES = [
    "write_then_cut",
    "500_after_writing",
    "write_late",
    "timeout",
    "timeout_after_writing",
    "slow",
]


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_in_doubt_is_there_once_in_the_end(stage: Stage, kind: str) -> None:
    for operation in ("upsales.create_event", "upsales.form_submit"):
        stage.fault(operation, kind, times=2, after=1, seconds=0.6)
    assert stage.run()["uncertain"] >= 2, "of these views the entry, the form, or both"
    for _ in range(2):
        stage.later(SETTLE)
        stage.run()
    stage.expect_all()
    late = kind in ("write_late", "slow")
    assert stage.calls("upsales.delete_event") == 0 or late, "there never was a double"


SEARCHES = [
    ("ignore_filter", "write_then_cut"),
    ("ignore_filter", "reset"),
    ("lagging_search", "write_then_cut"),
    ("lagging_search", "reset"),
    ("finds_nothing", "write_then_cut"),
]


@pytest.mark.parametrize(("kind", "write"), SEARCHES)
def test_a_search_that_cannot_be_trusted_leads_to_no_double_and_no_loss(
    stage: Stage, kind: str, write: str
) -> None:
    stage.settle()
    stage.fault("upsales.events", kind, times=None)
    stage.fault("upsales.create_event", write, times=1, after=2)
    stage.run()
    for _ in range(4):
        stage.later(SETTLE)
        stage.run()
    assert max(stage.entries().values()) == 1
    stage.expect_all()
    assert stage.calls("upsales.delete_event") == 0, "there never was a double"


@pytest.mark.parametrize("write", ["write_then_cut", "reset"])
def test_a_lone_entry_and_a_search_that_lags_for_hours_lead_to_no_double_and_no_loss(
    stage: Stage, write: str
) -> None:
    stage.run()
    stage.settle()
    stage.fault("upsales.events", "lagging_search", times=None)
    stage.later(3600)
    stage.watch_videos(1)
    stage.fault("upsales.create_event", write, times=1)
    assert stage.run()["uncertain"] == 1
    sent = stage.calls("upsales.create_event")
    for steps in (1, 1, 1, 12, 100):
        stage.later(steps * SETTLE)
        assert stage.run()["uncertain"] == 1
    assert stage.calls("upsales.create_event") == sent, "nothing is sent again in doubt"
    stage.expect_all()
    assert stage.calls("upsales.delete_event") == 0, "there never was a double"


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
    stage.lease = CALM
    stage.fault("upsales.create_event", "429", times=None, seconds=3600)
    told = stage.start(pace=1.0).outcome()
    (document,) = told["documents"]
    assert (document["code"], document["retrying"]) == ("upsales_away", 6)
    assert told["pauses"] == []
    assert told["seconds"] < 10
    assert stage.refused() == 1
    stage.later(3600)
    stage.expect_all()


def test_a_storm_of_429s_ends_with_all_written_and_one_refused_call_a_step(stage: Stage) -> None:
    stage.lease = CALM
    for operation in ("upsales.create_event", "upsales.form_submit", "upsales.contacts"):
        stage.fault(operation, "429_bare", times=5)
    while stage.faults():
        before = stage.refused()
        told = stage.start().outcome()
        ended = told["documents"][-1]["status"] == "failed"
        refused = stage.refused() - before
        assert 0 < refused <= len(told["pauses"]) + ended
        stage.later(60)
    assert stage.refused() == 15
    stage.run()
    assert stage.calls("upsales.create_event") == stage.calls("upsales.form_submit") == 8 + 5
    stage.expect_all()


DAYS = {"upsales.create_event": 40, "upsales.form_submit": 60, "upsales.*": 480}
"""Minutes between the runs of a day on which a part of Upsales answers 500."""


def test_a_day_of_500s_parks_nothing(
    build_stage: BuildStage, shared_url: Callable[[str], str], database_kind: str
) -> None:
    days = []
    for operation, minutes in DAYS.items():
        stage = build_stage(shared_url(database_kind), lease=CALM).begin()
        stage.fault(operation, "500", times=None)
        moments = [stage.now + timedelta(minutes=m) for m in range(0, 24 * 60, minutes)]
        order = {"moments": [moment.isoformat() for moment in moments], "asked": False}
        days.append((stage, stage.start(**order), moments[-1]))
    for stage, child, evening in days:
        told = child.outcome()
        assert told["errors"] == []
        assert {document["failed"] for document in told["documents"]} == {0}
        stage.move_to(evening)
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
