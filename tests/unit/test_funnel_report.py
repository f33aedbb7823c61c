"""Counts that add up: the example of the product, each reason's place, off targets."""

from __future__ import annotations

import random

import pytest

from tests.unit.funnel_examples import ACTIVITY, BOTH, NOW
from upsales_wistia.funnel.reasons import PASS, REASONS, WAITING, passed
from upsales_wistia.funnel.report import Place, Tally, counts, unaccounted
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.funnel.view import Sent, Stage, State, Target, Verdict


def place(code: str, state: State | None = None, now: bool = False) -> Place:
    return Place(code, Sent(state, NOW) if state else None, now)


DONE_NOW, DONE_BEFORE = place(PASS, State.WRITTEN, True), place(PASS, State.WRITTEN)


def the_example() -> list[Tally]:
    """193 views → 54 → 30 → 20 → 18 → 4, and the forms of the same views."""
    accepted, before = place(PASS, State.ACCEPTED, True), place(PASS, State.CONFIRMED)
    return [
        Tally(118, place("no_email"), place("no_email")),
        Tally(18, place("email_not_turnstile"), place("email_not_turnstile")),
        Tally(3, place("not_an_email"), place("not_an_email")),
        Tally(15, place("unknown"), before),
        Tally(7, place("free_mail"), place("below_minimum")),
        Tally(2, place("own_domain"), accepted),
        Tally(7, place("below_minimum"), place("below_minimum")),
        Tally(3, place("below_minimum"), place("below_minimum")),
        Tally(2, place("other_project"), place("other_project")),
        Tally(14, DONE_BEFORE, before),
        Tally(4, DONE_NOW, accepted),
    ]


def test_the_example_of_the_product() -> None:
    made = counts(the_example(), BOTH)
    assert made["funnel"] == {
        "views": 193,
        "turnstile": 54,
        "activity": {"matched": 30, "watched": 20, "project": 18, "new": 4},
        "form": {"watched": 37, "project": 35, "new": 6},
    }
    assert made["balance"]["activity"] == {
        "views": 193,
        "written": 4,
        "registered": 14,
        "dropped": {
            "no_email": 118,
            "email_not_turnstile": 18,
            "below_minimum": 10,
            "not_an_email": 3,
            "other_project": 2,
        },
        "settling": 0,
        "waiting": 24,
        "retrying": 0,
        "failed": 0,
        "uncertain": 0,
    }
    assert made["waiting"] == 24
    assert {t: unaccounted(made["balance"][t]) for t in Target} == {"activity": 0, "form": 0}


def test_the_order_of_the_counts_changes_nothing() -> None:
    rows = the_example()
    random.Random(1).shuffle(rows)
    assert counts(rows, BOTH) == counts(the_example(), BOTH)


def test_a_target_that_is_off_is_null() -> None:
    made = counts(the_example(), ACTIVITY)
    assert made["funnel"]["form"] is None
    assert made["balance"]["form"] is None
    off = counts(the_example(), Settings())
    assert off["funnel"] == {"views": 193, "turnstile": 54, "activity": None, "form": None}
    assert off["waiting"] == 0


@pytest.mark.parametrize(
    ("activity", "form", "counted"),
    [
        (place("settling"), place("settling"), {"settling": 5}),
        (place("unknown"), place(PASS, State.FAILED), {"waiting": 5, "failed": 5}),
        (place(PASS, State.RETRY), place(PASS, State.UNCERTAIN), {"retrying": 5, "uncertain": 5}),
        (place("form_first"), place(PASS, State.ACCEPTED, True), {"waiting": 5}),
        (DONE_NOW, DONE_NOW, {}),
    ],
)
def test_a_view_that_is_so_for_either_target_counts_once(
    activity: Place, form: Place, counted: dict[str, int]
) -> None:
    made = counts([Tally(5, activity, form)], BOTH)
    names = ("settling", "waiting", "retrying", "failed", "uncertain")
    assert {n: made[n] for n in names} == dict.fromkeys(names, 0) | counted


def test_new_is_all_that_passed_and_is_not_registered() -> None:
    rows = [
        Tally(1, DONE_NOW, place("no_email")),
        Tally(2, DONE_BEFORE, place("no_email")),
        Tally(4, place("settling"), place("no_email")),
        Tally(8, place(PASS, State.RETRY), place("no_email")),
        Tally(16, place(PASS, State.FAILED), place("no_email")),
        Tally(32, place(PASS, State.UNCERTAIN), place("no_email")),
        Tally(64, place("before_start"), place("no_email")),
        Tally(128, place("form_first"), place("no_email")),
        Tally(256, place("waited_out"), place("no_email")),
    ]
    made = counts(rows, ACTIVITY)["funnel"]["activity"]
    assert made == {"matched": 127, "watched": 127, "project": 127, "new": 1 + 4 + 8 + 16 + 32}


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (place("below_minimum", State.WRITTEN), "registered"),
        (place("below_minimum", State.WRITTEN, True), "written"),
        (place("no_email", State.UNCERTAIN), "uncertain"),
        (place("below_minimum", State.RETRY), "below_minimum"),
        (place("settling", State.PLANNED), "settling"),
        (place(PASS), "retry"),
        (place(""), "retry"),
        (place("", State.PLANNED), "retry"),
        (place("", State.WRITTEN), "registered"),
        (place("below_minimum", State.LEFT), "left_by_hand"),
        (place("below_minimum", State.UNDONE), "undone"),
    ],
)
def test_the_outbox_goes_before_the_sieve_once_something_was_sent(held: Place, reason: str) -> None:
    assert held.reason == reason


STAGE_OF = {
    "no_email": "turnstile", "email_not_turnstile": "turnstile", "not_an_email": "turnstile",
    "unknown": "matched", "free_mail": "matched", "disposable": "matched",
    "own_domain": "matched", "ignored_domain": "matched", "matching_off": "matched",
    "form_first": "matched", "waited_out": "matched", "ignored_viewer": "matched",
    "below_minimum": "watched",
    "other_project": "project", "project_unknown": "project", "before_start": "new",
    "left_by_hand": "new", "undone": "new",
    "settling": "new", "written": "new", "registered": "new", "retry": "new", "parked": "new",
    "uncertain": "new", "uncertain_you": "new",
}  # fmt: skip


def test_the_stage_of_each_reason() -> None:
    assert {code: stage.value for code, (_, stage) in REASONS.items()} == STAGE_OF


def test_the_waiting_reasons() -> None:
    assert {
        "unknown", "free_mail", "disposable", "own_domain", "ignored_domain", "matching_off",
        "form_first",
    } == WAITING  # fmt: skip


@pytest.mark.parametrize("code", [*REASONS, PASS])
def test_a_view_passes_the_stages_before_the_one_that_stopped_it(code: str) -> None:
    through = [passed(code, stage) for stage in Stage]
    assert through == sorted(through, reverse=True)
    done = code in ("written", "registered", PASS)
    stopped_at = list(Stage).index(REASONS[code][1]) if code != PASS else 5
    assert through.count(True) == (5 if done else stopped_at)


def test_every_verdict_has_a_reason() -> None:
    assert {verdict for verdict, _ in REASONS.values()} == set(Verdict)
