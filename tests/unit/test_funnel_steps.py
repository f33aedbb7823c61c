"""The five questions of a view."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given

from tests.unit.funnel_examples import (
    ANNA_KNOWN,
    BOTH,
    NOW,
    A,
    F,
    a_view,
    known,
    knowns,
    sent,
    settings_of,
    views,
)
from upsales_wistia.funnel.decide import decide, reason_of
from upsales_wistia.funnel.reasons import REASONS
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.funnel.steps import Mark, marks
from upsales_wistia.funnel.view import UNSENT, Known, Stage, State, Target, Verdict, View

STRICT = replace(BOTH, min_percent=Decimal(90), projects=frozenset({"prj1"}))


def of(view: View, there: Known, rules: Settings, target: Target) -> list[str]:
    found = marks(decide(view, there, rules, NOW), there, rules)
    return [found[stage][target].value for stage in Stage]


def test_a_view_that_was_watched_too_little_would_pass_the_rest() -> None:
    assert of(a_view(), ANNA_KNOWN, STRICT, A) == ["passes", "passes", "stops", "would", "would"]
    assert of(a_view(), ANNA_KNOWN, STRICT, F) == [
        "passes", "not_asked", "stops", "would", "would",
    ]  # fmt: skip


def test_every_later_stop_is_told_too() -> None:
    elsewhere = replace(STRICT, projects=frozenset({"prj2"}))
    assert of(a_view(), ANNA_KNOWN, elsewhere, A)[2:] == ["stops", "stops", "would"]


def test_of_nobody_it_is_not_asked_who_that_is() -> None:
    assert of(a_view(email=""), known(), BOTH, A) == [
        "stops", "not_asked", "would", "would", "would",
    ]  # fmt: skip


def test_somebody_who_is_not_in_upsales_is_waited_for() -> None:
    nobody = known({"anna@acme.se": None}, {"acme.se": None})
    assert of(a_view(), nobody, BOTH, A)[:3] == ["passes", "waits", "would"]


def test_a_form_without_filters_asks_two_questions() -> None:
    free = replace(STRICT, form_filters=False)
    assert of(a_view(), ANNA_KNOWN, free, F) == [
        "passes", "not_asked", "not_asked", "not_asked", "passes",
    ]  # fmt: skip


def test_what_is_in_upsales_passed_whatever_the_settings_are_now() -> None:
    there = known(**sent(State.WRITTEN))
    for rules in (STRICT, Settings()):
        assert of(a_view(), there, rules, A) == ["passes"] * 5


@given(views(), knowns, settings_of)
def test_a_view_stands_where_its_reason_says(view: View, there: Known, rules: Settings) -> None:
    decision = decide(view, there, rules, NOW)
    found = marks(decision, there, rules)
    for target in Target:
        write = there.sent.get((view.event_key, target))
        column = {stage: found[stage][target] for stage in Stage}
        if not rules.enabled(target) and (write is None or write.state in UNSENT):
            assert set(column.values()) == {Mark.OFF}
            continue
        verdict, at = REASONS[reason_of(decision.outcome(target), write)]
        asked = [stage for stage in Stage if column[stage] is not Mark.NOT_ASKED]
        before, after = asked[: asked.index(at)], asked[asked.index(at) + 1 :]
        assert {column[stage] for stage in before} <= {Mark.PASSES}
        assert {column[stage] for stage in after} <= {Mark.WOULD, Mark.STOPS}
        expected = {Verdict.DROPPED: Mark.STOPS}
        expected |= dict.fromkeys((Verdict.WAITING, Verdict.SETTLING), Mark.WAITS)
        assert column[at] is expected.get(verdict, Mark.PASSES)
