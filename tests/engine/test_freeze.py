"""A process that freezes past its lease, is taken over, and wakes."""

from __future__ import annotations

from collections.abc import Callable
from signal import SIGCONT
from typing import Any

import pytest

from tests.engine.conftest import BuildStage
from tests.engine.processes import Child
from tests.engine.stage import SETTLE, Stage

LEASE = 3.0
"""Longer than an intent is fresh (2 s), as any sane lease is."""

Frozen = Callable[[str, str], tuple[Stage, Child]]


def at(step: str, on: str = "return", nth: int = 1) -> dict[str, Any]:
    return {"step": step, "on": on, "nth": nth, "send": "SIGSTOP", "within": None}


BEFORE = {
    "after a page": at("fetch"),
    "before the intent of a form": at("preparation", nth=2),
    "before the intent of an entry": at("preparation", nth=8),
    "before the commit of an intent": at("intent", "call", nth=8),
    "between the intent and the check": at("intent", nth=8),
}
INSIDE = {"entry": at("entry", "call", nth=2), "form": at("submit", "call", nth=2)}
# In SQLite there is one writer: nobody writes until a process that froze there wakes or ends.
TRANSACTION = {"inside a transaction": at("commit", nth=7)}


@pytest.fixture(scope="session")
def frozen(build_stage: BuildStage, shared_url: Callable[[str], str]) -> Frozen:
    """A customer whose run froze, and the frozen process; all of a database freeze together."""
    known: dict[str, dict[str, tuple[Stage, Child]]] = {}

    def one(kind: str, name: str) -> tuple[Stage, Child]:
        if kind not in known:
            traps = BEFORE | INSIDE | (TRANSACTION if kind == "postgresql" else {})
            stages = {n: build_stage(shared_url(kind), lease=LEASE).begin() for n in traps}
            known[kind] = {n: (s, s.start(trap=traps[n])) for n, s in stages.items()}
        return known[kind][name]

    return one


def writes(stage: Stage) -> int:
    return stage.calls("upsales.create_event") + stage.calls("upsales.form_submit")


@pytest.mark.parametrize("name", BEFORE)
def test_frozen_before_the_check_and_woken_after_the_lease_it_writes_nothing(
    frozen: Frozen, database_kind: str, name: str
) -> None:
    stage, zombie = frozen(database_kind, name)
    assert zombie.wait("stopped"), zombie.told()
    stage.run()
    done = writes(stage), stage.entries(), stage.submits()
    zombie.send(SIGCONT)
    assert zombie.outcome()["errors"] == ["LeaseLost"]
    assert (writes(stage), stage.entries(), stage.submits()) == done
    stage.expect_all()


def test_frozen_inside_a_transaction_it_is_ended_by_postgresql(frozen: Frozen) -> None:
    stage, zombie = frozen("postgresql", "inside a transaction")
    assert zombie.wait("stopped"), zombie.told()
    stage.run()
    done = writes(stage)
    zombie.send(SIGCONT)
    assert zombie.outcome()["errors"] != []
    assert writes(stage) == done
    stage.expect_all()


def test_frozen_inside_the_call_of_an_entry_a_double_is_healed(
    frozen: Frozen, database_kind: str
) -> None:
    stage, zombie = frozen(database_kind, "entry")
    assert zombie.wait("stopped"), zombie.told()
    stage.run()
    for _ in range(2):
        stage.later(SETTLE)
        stage.run()
    assert set(stage.entries().values()) == {1}
    zombie.send(SIGCONT)
    assert zombie.outcome()["errors"] == ["LeaseLost"]
    assert sorted(stage.entries().values()) == [1, 1, 1, 1, 1, 1, 1, 2]
    stage.expect_all()


def test_frozen_inside_the_call_of_a_form_it_is_submitted_once(
    frozen: Frozen, database_kind: str
) -> None:
    stage, zombie = frozen(database_kind, "form")
    assert zombie.wait("stopped"), zombie.told()
    stage.run()
    for steps in (1, 12, 100):
        stage.later(steps * SETTLE)
        stage.run()
    assert len(stage.submits()) == 7
    zombie.send(SIGCONT)
    assert zombie.outcome()["errors"] == ["LeaseLost"]
    stage.expect_all()


def test_one_that_nobody_took_over_goes_on(stage: Stage) -> None:
    child = stage.start(trap=at("intent", "call", nth=8))
    assert child.wait("stopped"), child.told()
    child.send(SIGCONT)
    assert child.outcome()["errors"] == []
    stage.expect_all()
