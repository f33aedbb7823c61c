"""What a run may spend."""

from __future__ import annotations

import pytest

from upsales_wistia.enrichment.budget import PRICES, Budget, Estimate, Operation, Stopped

ASK = Operation.RESPONSE


def test_an_estimate_is_the_sum_of_its_calls() -> None:
    assert Estimate.of([ASK] * 4) == Estimate(16, 20)
    assert Estimate.of([]) == Estimate(0, 0)
    assert all(0 <= price.usually <= price.most for price in PRICES.values())


def test_no_call_may_pass_the_cap() -> None:
    budget = Budget(cap=12)
    budget.check(ASK)
    budget.pay(5)
    budget.check(ASK)
    budget.pay(3)
    with pytest.raises(Stopped) as stop:
        budget.check(ASK)
    assert (stop.value.code, stop.value.exit_status) == ("cap_reached", 3)
    assert "4 of the 12" in stop.value.sentence


def test_no_call_may_cost_more_than_is_left() -> None:
    budget = Budget(cap=100)
    budget.note_left(8)
    budget.check(ASK)
    budget.pay(4)
    with pytest.raises(Stopped) as stop:
        budget.check(ASK)
    assert stop.value.code == "no_credits"
    assert "4 left" in stop.value.sentence


def test_where_mavera_does_not_say_the_cap_alone_holds() -> None:
    budget = Budget(cap=5)
    budget.note_left(None)
    budget.check(ASK)


def test_what_is_free_is_always_allowed() -> None:
    Budget(cap=0).check(Operation.UPLOAD)
