"""Workers die, freeze, lose the database and are told to stop; each view is written once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from signal import SIGCONT, SIGKILL, SIGTERM
from typing import Any

import pytest

from tests.databases import OwnDatabase
from tests.engine.cluster import Cluster
from tests.engine.conftest import BuildStage
from tests.engine.processes import Child
from tests.engine.stage import Stage
from tests.engine.test_restart import cluster
from tests.engine.workers import WORKS, ended_runs, eventually, rows, tick, works
from upsales_wistia.sync import engine as engine_module

__all__ = ["cluster"]

BuildWorking = Callable[..., Stage]


@pytest.fixture
def working(build_stage: BuildStage, shared_url: Callable[[str], str]) -> BuildWorking:
    """Makes a customer on PostgreSQL that workers look after, with views to be written."""

    def build(**parts: Any) -> Stage:
        return build_stage(shared_url("postgresql"), environ=WORKS, **parts).begin()

    return build


@pytest.fixture
def stage(working: BuildWorking) -> Stage:
    return working()


@pytest.fixture
def ends() -> Iterator[list[Child]]:
    """Workers that are to end with the test, however it went."""
    children: list[Child] = []
    yield children
    for child in children:
        child.send(SIGKILL)
        child.end()


def trap(step: str, send: str, nth: int = 1) -> dict[str, Any]:
    return {"step": step, "on": "return", "nth": nth, "send": send, "within": None}


def done_by_another(stage: Stage) -> Child:
    """Another worker, once it has done what is due; the tick comes again and again."""
    other = works(stage)

    def ticked() -> bool:
        tick([stage])
        time.sleep(0.1)
        return ended_runs(stage) > 1

    eventually(ticked)
    return other


def left_well(child: Child) -> None:
    child.send(SIGTERM)
    assert child.end() == 0, child.told()


def test_a_worker_does_what_is_queued_and_ends_when_it_is_told(stage: Stage) -> None:
    tick([stage])
    child = works(stage)
    eventually(lambda: ended_runs(stage) == 2)
    left_well(child)
    assert rows(stage.database_url, "SELECT 1 FROM procrastinate_jobs") == []
    stage.expect_all()


@pytest.mark.parametrize("step", ["fetch", "kept page", "entry", "submit"])
def test_what_a_killed_worker_was_at_is_taken_over(
    stage: Stage, ends: list[Child], step: str
) -> None:
    tick([stage])
    child = works(stage, trap=trap(step, "SIGKILL"))
    assert child.end() == -SIGKILL, child.told()
    left = "SELECT status::text FROM procrastinate_jobs WHERE queue_name = 'poll'"
    assert rows(stage.database_url, left) == [("doing",)]
    ends.append(done_by_another(stage))
    assert ("doing",) in rows(stage.database_url, left), "it holds nobody up until it is swept"
    left_well(ends[0])
    rows(stage.database_url, "DELETE FROM procrastinate_jobs RETURNING 1")
    stage.expect_all()


@pytest.mark.parametrize("step", ["kept page", "preparation"])
def test_a_worker_that_froze_and_wakes_changes_nothing_and_works_on(
    working: BuildWorking, ends: list[Child], step: str
) -> None:
    stage = working(lease=3.0)
    tick([stage])
    zombie = works(stage, trap=trap(step, "SIGSTOP"))
    ends.append(zombie)
    assert zombie.wait("stopped"), zombie.told()
    ends.append(done_by_another(stage))
    left_well(ends[1])
    zombie.send(SIGCONT)
    eventually(lambda: "lease lost" in zombie.told())
    tick([stage])  # What the other had not come to is written now; nothing of it twice.
    eventually(lambda: ended_runs(stage) == 3)
    left_well(zombie)
    stage.expect_all()


def test_workers_go_on_after_a_restart_of_the_database(
    cluster: Cluster, build_stage: BuildStage, ends: list[Child]
) -> None:
    with OwnDatabase(cluster.url) as url:
        stages = [build_stage(url, environ=WORKS).begin() for _ in range(4)]
        for one in stages:
            one.fault("wistia.events", "slow", times=1, seconds=0.5)
        ends += [works(stages[0]) for _ in range(2)]
        tick(stages)
        eventually(lambda: rows(url, "SELECT 1 FROM leases"))
        cluster.stop()
        cluster.start()

        def all_done() -> bool:
            tick(one for one in stages if ended_runs(one) < 2)
            time.sleep(0.2)
            return all(ended_runs(one) > 1 for one in stages)

        eventually(all_done)
        for child in ends:
            left_well(child)
        for one in stages:
            one.later(10)
            one.expect_all()


def test_a_worker_that_is_told_to_stop_ends_what_it_runs_and_takes_nothing_more(
    working: BuildWorking, ends: list[Child]
) -> None:
    first, second = working(), working()
    first.fault("wistia.events", "slow", times=1, seconds=1.0)
    tick([first])
    child = works(first)
    ends.append(child)
    eventually(lambda: rows(first.database_url, "SELECT 1 FROM leases"))
    started = time.monotonic()
    child.send(SIGTERM)
    time.sleep(0.3)
    tick([second])
    assert child.end() == 0
    assert time.monotonic() - started < 30
    assert (ended_runs(first), ended_runs(second)) == (2, 1)
    left = rows(first.database_url, "SELECT args ->> 'customer_id' FROM procrastinate_jobs")
    assert left == [(str(second.customer),)]
    rows(first.database_url, "DELETE FROM procrastinate_jobs RETURNING 1")


def test_what_does_not_end_in_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    engine_module._leave_after(0.01)
    assert ended.wait(10)
