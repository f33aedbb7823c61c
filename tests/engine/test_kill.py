"""``kill -9`` at every step: nothing is lost, nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable
from signal import SIGKILL
from typing import Any

import pytest

from tests.engine.conftest import BuildStage
from tests.engine.processes import Child
from tests.engine.stage import SETTLE, Stage

Trap = dict[str, Any]


def at(step: str, on: str = "return", nth: int = 1, within: str | None = None) -> Trap:
    return {"step": step, "on": on, "nth": nth, "send": "SIGKILL", "within": within}


def test_without_a_kill_all_is_written_at_once(stage: Stage) -> None:
    assert stage.run()["written"]["activities"] == 6
    stage.expect_all()


DEATHS = {
    "after fetch": at("fetch"),
    "inside the first commit of views": at("commit", nth=5),
    "after commit": at("commit", nth=6),
    "after look-up": at("look-up"),
    "after decision": at("decision"),
    "after the intent of a form": at("intent", nth=2),
    "sending a form": at("answer", "call", nth=2, within="submit"),
    "after the answer to a form": at("submit", nth=2),
    "after the outcome of a form": at("outcome", nth=2),
    "after the intent of an entry": at("intent", nth=8),
    "before the call of an entry": at("entry", "call", nth=2),
    "sending an entry": at("answer", "call", nth=2, within="entry"),
    "after the answer to an entry": at("entry", nth=2),
    "inside the outcome of an entry": at("storing", nth=8),
    "after the outcome of an entry": at("outcome", nth=8),
}


@pytest.fixture(scope="session")
def deaths(
    build_stage: BuildStage, shared_url: Callable[[str], str]
) -> Callable[[str, str], tuple[Stage, Child]]:
    """The customer whose run died at a step; all of a kind of database die at the same time.

    So their leases run out together.
    """
    dead: dict[str, dict[str, tuple[Stage, Child]]] = {}

    def death(kind: str, name: str) -> tuple[Stage, Child]:
        if kind not in dead:
            stages = {n: build_stage(shared_url(kind)).begin() for n in DEATHS}
            dead[kind] = {n: (s, s.start(trap=DEATHS[n])) for n, s in stages.items()}
        return dead[kind][name]

    return death


@pytest.mark.parametrize("name", DEATHS)
def test_a_death_at_a_step_loses_and_doubles_nothing(
    deaths: Callable[[str, str], tuple[Stage, Child]], database_kind: str, name: str
) -> None:
    stage, child = deaths(database_kind, name)
    assert child.end() == -SIGKILL, f"it did not come to that step\n{child.told()}"
    stage.later(SETTLE)
    stage.expect_all()
    assert stage.calls("upsales.delete_event") == 0, "there never was a double"


LOOKING = {
    "inside the commit of the verdict": at("commit", within="verdict"),
    "after the verdict": at("verdict"),
    "after the double was removed": at("removal"),
}


@pytest.mark.parametrize("death", LOOKING)
def test_a_death_while_healing_is_healed(stage: Stage, death: str) -> None:
    stage.fault("upsales.create_event", "write_late", times=1)
    stage.run()
    for _ in range(2):
        stage.later(SETTLE)
        stage.run()
    stage.settle()
    assert max(stage.entries().values()) == 2, "the first one landed after all"
    stage.later(SETTLE)
    child = stage.start(trap=LOOKING[death])
    assert child.end() == -SIGKILL, child.told()
    stage.expect_all()


def test_a_death_while_adopting_after_a_lost_database(stage: Stage, database_url: str) -> None:
    stage.run()
    written = stage.entries(), stage.submits()
    stage.move_house(database_url)
    child = stage.start(trap=at("adoption"))
    assert child.end() == -SIGKILL, child.told()
    stage.expect_all()
    assert (stage.entries(), stage.submits()) == written
    assert stage.calls("upsales.create_event") == stage.calls("upsales.form_submit") == 8
