"""*What if?* Which views a change of settings gains, loses, or cannot tell without a look-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.unit.funnel_examples import (
    ACTIVITY,
    ANNA_KNOWN,
    BOTH,
    DAY,
    NOW,
    A,
    F,
    a_view,
    known,
    sent,
)
from upsales_wistia.funnel.settings import IdentityRule, Settings
from upsales_wistia.funnel.view import Known, State, View
from upsales_wistia.funnel.whatif import Simulation, simulate

NOTHING = Simulation((), (), ())
GAINED, LOST, UNKNOWN = (
    Simulation(("ev1",), (), ()),
    Simulation((), ("ev1",), ()),
    Simulation((), (), ("ev1",)),
)
HALF = replace(BOTH, min_percent=Decimal(50))
ANY = replace(BOTH, identity=IdentityRule.ANY)
TAGGED = a_view(conversion_email="", conversion_type="")


def what_if(
    before: Settings, after: Settings, view: View | None = None, there: Known = ANNA_KNOWN
) -> tuple[Simulation, Simulation]:
    found = simulate([view or a_view("40")], there, there, before, after, NOW)
    return found[A], found[F]


def test_a_lower_minimum_gains_and_a_higher_one_loses() -> None:
    assert what_if(HALF, BOTH) == (GAINED, GAINED)
    assert what_if(BOTH, HALF) == (LOST, LOST)
    assert what_if(HALF, HALF) == (NOTHING, NOTHING)


@pytest.mark.parametrize("state", [State.WRITTEN, State.ACCEPTED, State.CONFIRMED])
def test_a_registered_view_counts_on_both_sides(state: State) -> None:
    there = replace(ANNA_KNOWN, **sent(state))
    assert what_if(HALF, BOTH, there=there) == (NOTHING, GAINED)
    assert what_if(BOTH, HALF, there=there) == (NOTHING, LOST)
    assert what_if(BOTH, Settings(), there=there) == (NOTHING, LOST)


def test_switching_a_target_off_loses_and_on_gains() -> None:
    assert what_if(BOTH, ACTIVITY) == (NOTHING, LOST)
    assert what_if(ACTIVITY, BOTH) == (NOTHING, GAINED)


def test_only_the_sieves_before_new_are_compared() -> None:
    rules = replace(BOTH, start=NOW + DAY)
    assert what_if(BOTH, rules) == (NOTHING, NOTHING)
    assert what_if(HALF, BOTH, a_view("40", received_at=NOW)) == (GAINED, GAINED)


def test_who_was_never_asked_for_is_unknown() -> None:
    assert what_if(BOTH, ANY, TAGGED, known()) == (UNKNOWN, GAINED)
    assert what_if(BOTH, ANY, TAGGED, known({"anna@acme.se": None})) == (UNKNOWN, GAINED)


def test_what_is_left_out_anyway_needs_no_look_up() -> None:
    strict = replace(ANY, min_percent=Decimal(90))
    assert what_if(BOTH, strict, TAGGED, known()) == (NOTHING, NOTHING)
    other = replace(ANY, projects=frozenset({"prj9"}))
    assert what_if(BOTH, other, TAGGED, known()) == (NOTHING, NOTHING)


def test_people_whom_only_the_new_rule_counts_are_known_by_it() -> None:
    found = simulate([TAGGED], known(), ANNA_KNOWN, BOTH, ANY, NOW)
    assert found == {A: GAINED, F: GAINED}


def test_an_old_answer_is_known() -> None:
    there = replace(
        ANNA_KNOWN,
        contacts={
            email: replace(asked, at=NOW - timedelta(days=2))
            for email, asked in ANNA_KNOWN.contacts.items()
        },
    )
    assert what_if(HALF, BOTH, there=there) == (GAINED, GAINED)


def test_keys_are_sorted() -> None:
    views = [a_view("40", event_key=key) for key in ("c", "a", "b")]
    found = simulate(views, ANNA_KNOWN, ANNA_KNOWN, HALF, BOTH, NOW)
    assert found[A].gained == ("a", "b", "c")
