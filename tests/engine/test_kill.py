"""``kill -9`` at every step: nothing is lost, nothing is there twice."""

from __future__ import annotations

from typing import Any

import pytest

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
    "before the intent of a form": at("preparation", nth=2),
    "after the intent of a form": at("intent", nth=2),
    "sending a form": at("answer", "call", nth=2, within="submit"),
    "after the answer to a form": at("submit", nth=2),
    "after the outcome of a form": at("outcome", nth=2),
    "after the intent of an entry": at("intent", nth=8),
    "before the call of an entry": at("entry", "call", nth=2),
    "sending an entry": at("answer", "call", nth=2, within="entry"),
    "after the answer to an entry": at("entry", nth=2),
    "inside the outcome of an entry": at("commit", nth=1, within="outcome"),
    "after the outcome of an entry": at("outcome", nth=8),
}


@pytest.mark.parametrize("death", DEATHS)
def test_a_death_at_a_step_loses_and_doubles_nothing(stage: Stage, death: str) -> None:
    child = stage.start(trap=DEATHS[death])
    assert child.end() == -9, f"it did not come to that step\n{child.told()}"
    stage.later(SETTLE)
    stage.expect_all()


LOOKING = {
    "after the evidence": at("evidence"),
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
    assert child.end() == -9, child.told()
    stage.expect_all()


def test_a_death_while_adopting_after_a_lost_database(
    stage: Stage, build_stage: Any, tmp_path: Any
) -> None:
    stage.run()
    lost = stage.database_url
    if lost.startswith("sqlite"):
        stage.database_url = f"sqlite:///{tmp_path}/new.db"
        given = {
            "apiKey": stage.facts["upsales_key"],
            "config": stage.facts["config"] | {"formsEnabled": True},
        }
        stage.start(prepare=given, moments=[]).outcome()
        child = stage.start(trap=at("adoption"))
        assert child.end() == -9, child.told()
        before = stage.calls("upsales.create_event"), stage.calls("upsales.form_submit")
        stage.expect_all()
        assert (stage.calls("upsales.create_event"), stage.calls("upsales.form_submit")) == before
