"""What is in doubt is settled, what is double is healed, and nothing is sent again in doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sync.house import House, view
from upsales_wistia import failed
from upsales_wistia.funnel.view import Target
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.store import outbox
from upsales_wistia.store.leases import hold
from upsales_wistia.sync.run import Document

SETTLE = 300
BuildHouse = Callable[..., House]


@pytest.fixture
def ready(house: House) -> House:
    """An entry that is known to be there, and one view that is to be written."""
    house.world.add(view("known", "bo@birch.example"))
    house.run()
    house.world.add(view("e1", "anna@acme.example"))
    return house


def ids(house: House) -> list[str]:
    return sorted(row["externalId"] for row in house.entries)


def follow(house: House, key: str = "next") -> None:
    """Another entry is written, after the one in doubt was sent."""
    house.world.add(view(key, "bo@birch.example"))
    assert house.run()["written"]["activities"] == 1


def run_times(house: House, times: int, seconds: float = SETTLE) -> Document:
    document: Document = {}
    for _ in range(times):
        house.later(seconds=seconds)
        document = house.run()
    return document


@pytest.mark.parametrize("kind", ["write_then_cut", "500_after_writing", "odd_answer"])
def test_an_entry_that_was_written_is_found_and_counts_in_the_run_that_finds_it(
    ready: House, kind: str
) -> None:
    ready.sandbox.faults.add("upsales.create_event", kind, times=1)
    assert ready.run()["uncertain"] == 1
    document = run_times(ready, 1)
    assert (document["uncertain"], document["written"]["activities"]) == (0, 1)
    assert len(ids(ready)) == len(set(ids(ready))) == 2


@pytest.mark.parametrize("kind", ["500", "reset"])
def test_an_entry_that_is_absent_twice_is_sent_again(ready: House, kind: str) -> None:
    ready.sandbox.faults.add("upsales.create_event", kind, times=1)
    assert ready.run()["uncertain"] == 1
    follow(ready)
    assert run_times(ready, 1)["uncertain"] == 1
    assert len(ids(ready)) == 2
    document = run_times(ready, 1)
    assert (document["uncertain"], document["written"]["activities"]) == (0, 1)
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def test_before_its_time_nothing_is_asked(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "500", times=1)
    ready.run()
    ready.forget_calls()
    ready.later(seconds=SETTLE - 1)
    ready.run()
    assert ready.sandbox.counters.total("upsales") == 0


def test_a_write_that_lands_late_is_a_double_for_a_while_and_healed(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "write_late", times=1)
    ready.run()
    follow(ready)
    assert run_times(ready, 2)["written"]["activities"] == 1
    ready.tenant.settle()
    assert len(ids(ready)) == 4, "the first one landed after all"
    lowest = min(row["id"] for row in ready.entries if row["externalId"] == external_id("e1"))
    document = run_times(ready, 1)
    assert document["healed"] == 1
    assert len(ids(ready)) == len(set(ids(ready))) == 3
    assert lowest in [row["id"] for row in ready.entries]


def test_a_write_that_lands_within_a_day_is_healed_by_the_last_look(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "write_late", times=1)
    ready.run()
    follow(ready)
    run_times(ready, 3)
    ready.tenant.settle()
    assert run_times(ready, 1)["healed"] == 0
    document = run_times(ready, 1, seconds=288 * SETTLE)
    assert document["healed"] == 1
    assert len(set(ids(ready))) == len(ids(ready)) == 3
    ready.forget_calls()
    run_times(ready, 1, seconds=288 * SETTLE)
    assert ready.calls("upsales.events") == 0, "that was the last look"


@pytest.mark.parametrize("written", [True, False])
def test_a_filter_that_is_ignored_leads_to_no_double_and_no_loss(
    ready: House, written: bool
) -> None:
    ready.sandbox.faults.add("upsales.events", "ignore_filter", times=None)
    kind = "write_then_cut" if written else "reset"
    ready.sandbox.faults.add("upsales.create_event", kind, times=1)
    ready.run()
    follow(ready)
    run_times(ready, 3)
    assert len(ids(ready)) == len(set(ids(ready))) == 3


@pytest.mark.parametrize("kind", ["lagging_search", "finds_nothing", "500", "403"])
def test_a_search_that_does_not_show_what_is_there_proves_nothing(ready: House, kind: str) -> None:
    fault = ready.sandbox.faults.add("upsales.events", kind, times=None)
    ready.sandbox.faults.add("upsales.create_event", "write_then_cut", times=1)
    ready.run()
    ready.world.add(view("e2", "bo@birch.example"))
    for _ in range(4):
        assert run_times(ready, 1)["uncertain"] == 1
    assert len(ids(ready)) == len(set(ids(ready))) == 3
    (sent,) = outbox.sent(ready.customer, ["e1"]).values()
    assert sent.needs_person
    ready.sandbox.faults.remove(fault)
    ready.tenant.settle()
    assert run_times(ready, 1, seconds=300 * SETTLE)["uncertain"] == 0
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def test_a_run_that_died_while_sending_leaves_a_doubt_that_is_settled(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "400", times=1)
    ready.run()
    with hold(ready.customer, 60, wait=True, heartbeat=False) as lease:
        items = [i for t in ("activity",) for i in _due(ready, t)]
        assert outbox.begin(lease, items[0], ready.clock.now(), run_id="died")
    document = ready.run()
    assert document["uncertain"] == 1
    follow(ready)
    run_times(ready, 2)
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def _due(house: House, target: str) -> list[outbox.OutboxItem]:
    return outbox.due(house.customer, Target(target), house.clock.now(), asked=True)


@pytest.fixture
def forms(build_house: BuildHouse) -> House:
    """Forms alone, one of them submitted already."""
    house = build_house(config={"formsEnabled": True})
    house.world.add(view("known", "a@acme.example"))
    house.run()
    house.world.add(view("e1", "b@acme.example"))
    return house


def test_a_form_that_was_taken_is_confirmed_and_counts_nothing(forms: House) -> None:
    forms.run()
    document = run_times(forms, 1)
    assert document["written"]["forms"] == 0
    assert document["balance"]["form"]["registered"] == 2
    states = {str(s.state) for s in outbox.sent(forms.customer, ["known", "e1"]).values()}
    assert states == {"confirmed"}
    forms.forget_calls()
    run_times(forms, 3, seconds=20 * SETTLE)
    assert forms.calls("upsales.form_submits") == 0


def test_an_uncertain_form_that_was_taken_is_found(forms: House) -> None:
    forms.sandbox.faults.add("upsales.form_submit", "write_then_cut", times=1)
    assert forms.run()["uncertain"] == 1
    document = run_times(forms, 1)
    assert (document["uncertain"], document["written"]["forms"]) == (0, 1)
    assert len(forms.submits) == 2


def test_a_form_that_is_absent_for_a_day_is_sent_again_and_not_before(forms: House) -> None:
    forms.sandbox.faults.add("upsales.form_submit", "reset", times=1)
    assert forms.run()["uncertain"] == 1
    for seconds in (SETTLE, 11 * SETTLE):
        assert run_times(forms, 1, seconds=seconds)["uncertain"] == 1
        assert len(forms.submits) == 1
    document = run_times(forms, 1, seconds=276 * SETTLE)
    assert (document["uncertain"], document["written"]["forms"]) == (0, 1)
    assert len(forms.submits) == 2


def test_without_the_right_to_read_submits_a_person_decides(forms: House) -> None:
    forms.tenant.switches.may_read_submits = False
    forms.sandbox.faults.add("upsales.form_submit", "reset", times=1)
    forms.run()
    for seconds in (1, 12, 288, 288):
        assert run_times(forms, 1, seconds=seconds * SETTLE)["uncertain"] == 1
    (sent,) = outbox.sent(forms.customer, ["e1"]).values()
    assert sent.needs_person
    assert len(forms.submits) == 1


def test_a_form_is_never_submitted_twice_even_when_it_lands_late(forms: House) -> None:
    forms.sandbox.faults.add("upsales.form_submit", "write_late", times=1)
    forms.run()
    run_times(forms, 1)
    forms.tenant.settle()
    run_times(forms, 3, seconds=100 * SETTLE)
    assert len(forms.submits) == 2


def test_what_is_settled_is_told_by_explain(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "reset", times=1)
    ready.run()
    (sent,) = outbox.sent(ready.customer, ["e1"]).values()
    assert sent.state.value == "uncertain"
    assert not sent.needs_person
    assert ready.clock.now() - sent.at < timedelta(seconds=1)


def test_healing_never_deletes_an_entry_that_is_merely_alike(house: House) -> None:
    for key in ("twin1", "twin2"):
        house.world.add(view(key, f"{key}@acme.example"))
    house.sandbox.faults.add("upsales.create_event", "write_then_cut", times=1)
    house.run()
    for row in house.entries:
        row["externalId"] = None  # an Upsales that does not tell the ids
    run_times(house, 3)
    run_times(house, 1, seconds=288 * SETTLE)
    assert len(house.entries) == 2


@pytest.mark.parametrize("kind", ["400", "500"])
def test_a_double_that_cannot_be_deleted_at_once_is_deleted_later(ready: House, kind: str) -> None:
    ready.sandbox.faults.add("upsales.create_event", "write_late", times=1)
    ready.run()
    follow(ready)
    run_times(ready, 3)
    ready.tenant.settle()
    fault = ready.sandbox.faults.add("upsales.delete_event", kind, times=None)
    ready.world.add(view("e3", "bo@birch.example"))
    assert run_times(ready, 1, seconds=288 * SETTLE)["written"]["activities"] == 1
    assert len(ids(ready)) == 5
    ready.sandbox.faults.remove(fault)
    assert run_times(ready, 1, seconds=12 * SETTLE)["healed"] == 1
    assert len(ids(ready)) == len(set(ids(ready))) == 4


def test_a_double_whose_deletion_was_not_answered_is_healed_once(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "write_late", times=1)
    ready.run()
    follow(ready)
    run_times(ready, 2)
    ready.tenant.settle()
    ready.sandbox.faults.add("upsales.delete_event", "500_after_writing", times=1)
    document = run_times(ready, 1)
    assert (document["status"], document["healed"]) == ("ok", 1)
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def twice_in_doubt(house: House) -> None:
    """One entry is sent twice, is there twice, and of neither is it known."""
    house.sandbox.faults.add("upsales.create_event", "write_late", times=1)
    house.run()
    follow(house)
    run_times(house, 1)
    house.sandbox.faults.add("upsales.create_event", "write_then_cut", times=1)
    assert run_times(house, 1)["uncertain"] == 1
    house.tenant.settle()
    assert len(ids(house)) == 4


def test_a_double_that_is_found_with_the_one_in_doubt_is_deleted_though_that_fails_at_first(
    ready: House,
) -> None:
    twice_in_doubt(ready)
    fault = ready.sandbox.faults.add("upsales.delete_event", "400", times=None)
    document = run_times(ready, 1)
    assert (document["written"]["activities"], document["healed"]) == (1, 0)
    ready.sandbox.faults.remove(fault)
    assert run_times(ready, 1, seconds=12 * SETTLE)["healed"] == 1
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def test_one_that_a_person_takes_as_there_is_looked_at_for_a_double(ready: House) -> None:
    twice_in_doubt(ready)
    assert failed.there(ready.services, ready.customer, ["e1"], None)["changed"] == 1
    assert ready.run()["healed"] == 1
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def test_what_was_in_doubt_and_is_withdrawn_keeps_its_doubt(ready: House) -> None:
    ready.sandbox.faults.add("upsales.create_event", "write_late", times=1)
    ready.run()
    follow(ready)
    run_times(ready, 1)
    ready.configure(activityMinPercent=99)
    document = run_times(ready, 1)
    assert (document["uncertain"], document["retrying"]) == (0, 0)
    assert document["balance"]["activity"]["dropped"] == {"below_minimum": 1}
    assert ("e1", Target.ACTIVITY) not in outbox.sent(ready.customer, ["e1"])
    ready.tenant.settle()
    assert len(ids(ready)) == 3, "it landed after all"
    ready.configure(activityMinPercent=0)
    assert ready.run()["written"]["activities"] == 1
    assert run_times(ready, 1)["healed"] == 1
    assert len(ids(ready)) == len(set(ids(ready))) == 3


def test_an_upsales_that_does_not_answer_is_not_asked_for_everything(ready: House) -> None:
    for key in ("e2", "e3", "e4", "e5"):
        ready.sandbox.faults.add("upsales.create_event", "write_then_cut", times=1)
        ready.run()
        ready.world.add(view(key, "bo@birch.example"))
    assert ready.run()["uncertain"] == 4
    fault = ready.sandbox.faults.add("upsales.events", "500", times=None)
    ready.world.add(view("e6", "bo@birch.example"))
    ready.forget_calls()
    document = run_times(ready, 1)
    assert (document["uncertain"], document["written"]["activities"]) == (4, 1)
    tries = 3
    assert ready.calls("upsales.events") <= 2 * 2 * tries, "two entries, by two questions each"
    ready.sandbox.faults.remove(fault)
    assert run_times(ready, 1)["uncertain"] == 0
    assert len(ids(ready)) == len(set(ids(ready))) == 7
