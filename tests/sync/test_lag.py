"""A search that lags shows what is older than the entry in doubt, and not that entry.

So absence is believed beside an entry that was sent later, or after a day.
"""

from __future__ import annotations

import pytest

from tests.sync.house import House, view
from tests.sync.test_settle import SETTLE, follow, ids, run_times
from upsales_wistia import failed
from upsales_wistia.funnel.view import Target
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.store import outbox
from upsales_wistia.sync.evidence import LONG_AFTER

ANNA, BO = "anna@acme.example", "bo@birch.example"


@pytest.fixture(params=["older controls", "no control"])
def lone(house: House, request: pytest.FixtureRequest) -> House:
    """One view that is to be written, after an entry that the search shows, or as the first."""
    if request.param == "older controls":
        house.world.add(view("known", BO))
        house.run()
        house.tenant.settle()
    house.world.add(view("e1", ANNA))
    return house


def lag(house: House) -> None:
    """From now on the search shows what was written before, until it catches up."""
    house.sandbox.faults.add("upsales.events", "lagging_search", times=None)


def in_doubt(house: House, kind: str) -> None:
    """Send what is due; of the first one nobody can tell whether it is there."""
    house.sandbox.faults.add("upsales.create_event", kind, times=1)
    assert house.run()["uncertain"] == 1
    sent = outbox.sent(house.customer, ["e1"])[("e1", Target.ACTIVITY)]
    assert sent.state.value == "uncertain"


def copies(house: House, key: str = "e1") -> int:
    return ids(house).count(external_id(key))


def test_a_lag_shorter_than_two_settling_times(lone: House) -> None:
    lag(lone)
    in_doubt(lone, "write_then_cut")
    assert run_times(lone, 1)["uncertain"] == 1
    lone.tenant.settle()
    assert run_times(lone, 1)["written"]["activities"] == 1
    assert copies(lone) == 1


def test_a_lag_of_hours_with_nothing_written_since_leads_to_no_double(lone: House) -> None:
    lag(lone)
    in_doubt(lone, "write_then_cut")
    for steps in (1, 1, 1, 1, 12, 100, 100):
        assert run_times(lone, 1, seconds=steps * SETTLE)["uncertain"] == 1
        assert copies(lone) == 1
    lone.tenant.settle()
    document = run_times(lone, 2, seconds=71 * SETTLE)
    assert (document["uncertain"], copies(lone)) == (0, 1)
    assert lone.calls("upsales.delete_event") == 0


def test_what_is_really_absent_waits_for_nobody_and_is_sent_after_a_day(lone: House) -> None:
    in_doubt(lone, "reset")
    for steps in (1, 1, 2, 4, 8, 16, 32, 64, 128, 31):
        assert run_times(lone, 1, seconds=steps * SETTLE)["uncertain"] == 1
        assert copies(lone) == 0
    sent = outbox.sent(lone.customer, ["e1"])[("e1", Target.ACTIVITY)]
    assert not sent.needs_person, "it settles by itself, though a person can decide before"
    run_times(lone, 1)
    assert copies(lone) == 0, "the first empty answer that counts"
    assert run_times(lone, 1)["written"]["activities"] == 1
    assert copies(lone) == 1


def test_it_costs_few_calls_to_wait_for_a_day(lone: House) -> None:
    in_doubt(lone, "reset")
    lone.forget_calls()
    for _ in range(70):
        run_times(lone, 1, seconds=4 * SETTLE)
    looks = 9
    assert lone.sandbox.counters.total("upsales") <= looks * 3


def test_the_next_entry_that_is_written_settles_what_is_absent(lone: House) -> None:
    in_doubt(lone, "reset")
    for steps in (1, 2, 4, 8, 16):
        run_times(lone, 1, seconds=steps * SETTLE)
    assert copies(lone) == 0, "and the next look would be hours away"
    follow(lone)
    assert run_times(lone, 1)["uncertain"] == 1
    assert run_times(lone, 1)["written"]["activities"] == 1
    assert copies(lone) == 1


@pytest.mark.parametrize("written", [True, False])
def test_a_later_entry_that_is_not_shown_yet_proves_nothing(lone: House, written: bool) -> None:
    lag(lone)
    in_doubt(lone, "write_then_cut" if written else "reset")
    follow(lone)
    for _ in range(6):
        assert run_times(lone, 1)["uncertain"] == 1
        assert copies(lone) == written
    lone.tenant.settle()
    run_times(lone, 3, seconds=32 * SETTLE)
    assert copies(lone) == copies(lone, "next") == 1
    assert lone.calls("upsales.delete_event") == 0


def two_in_doubt(house: House) -> None:
    """Two entries are there, sent one after the other, and neither is shown."""
    lag(house)
    in_doubt(house, "write_then_cut")
    house.world.add(view("e2", BO))
    house.sandbox.faults.add("upsales.create_event", "write_then_cut", times=1)
    assert house.run()["uncertain"] == 2


def show_first_copy(house: House, key: str) -> None:
    """The search catches up as far as to the first entry of this view."""
    ours = (row["id"] for row in house.entries if row["externalId"] == external_id(key))
    house.tenant.crm.searchable.add(min(ours))


def test_one_that_was_in_doubt_itself_proves_nothing(lone: House) -> None:
    """It was found after the other was sent, and had been written before."""
    two_in_doubt(lone)
    show_first_copy(lone, "e1")
    for _ in range(4):
        assert run_times(lone, 1)["uncertain"] == 1
        assert copies(lone, "e2") == 1
    lone.tenant.settle()
    assert run_times(lone, 2, seconds=8 * SETTLE)["uncertain"] == 0
    assert copies(lone) == copies(lone, "e2") == 1


def test_one_that_was_sent_twice_proves_nothing(lone: House) -> None:
    """It was sent after the other, and what is shown of it was written before."""
    two_in_doubt(lone)
    lone.later(seconds=1)
    assert failed.resend(lone.services, lone.customer, ["e1"], None, print)["changed"] == 1
    assert copies(lone) == 2
    show_first_copy(lone, "e1")
    for _ in range(6):
        assert run_times(lone, 1)["uncertain"] == 1
        assert copies(lone, "e2") == 1
    lone.tenant.settle()
    assert run_times(lone, 1, seconds=LONG_AFTER * SETTLE)["healed"] == 1
    assert copies(lone) == copies(lone, "e2") == 1


def test_an_older_entry_that_is_alike_is_not_taken_for_the_later_one(house: House) -> None:
    house.world.add(view("known", BO))
    house.run()
    house.tenant.settle()
    house.world.add(view("e1", ANNA))
    lag(house)
    in_doubt(house, "write_then_cut")
    follow(house)  # the same second, viewer and text as the known one
    for row in house.entries:
        row["externalId"] = None  # an Upsales that does not tell the ids
    for _ in range(6):
        assert run_times(house, 1)["uncertain"] == 1
    assert len(house.entries) == 3
    house.tenant.settle()
    assert run_times(house, 1, seconds=64 * SETTLE)["written"]["activities"] == 1
    assert len(house.entries) == 3


def test_the_limit_a_lag_of_more_than_a_day_doubles_for_a_while(lone: House) -> None:
    lag(lone)
    in_doubt(lone, "write_then_cut")
    run_times(lone, 1, seconds=LONG_AFTER * SETTLE)
    run_times(lone, 1)
    assert copies(lone) == 2
    for steps in (1, 1, 2):
        assert run_times(lone, 1, seconds=steps * SETTLE)["healed"] == 0
    lone.tenant.settle()
    assert run_times(lone, 1, seconds=4 * SETTLE)["healed"] == 1, "no need to wait for the day"
    assert copies(lone) == 1
