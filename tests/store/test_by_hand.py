"""What a person decides about writes that went wrong, and the groups they stand in."""

from __future__ import annotations

import pytest

from tests.store.examples import HOUR, NOW, Event, record, write
from upsales_wistia.funnel.view import State, Target
from upsales_wistia.store import by_hand, checks, open_writes, outbox
from upsales_wistia.store.database import database
from upsales_wistia.store.open_writes import Group
from upsales_wistia.store.outbox import OutboxItem


def item(customer: int, key: str, target: Target = Target.ACTIVITY) -> OutboxItem:
    (found,) = outbox.items(
        "customer_id = ? AND event_key = ? AND target = ?", [customer, key, target.value]
    )
    return found


def keys(customer: int, group: Group, *, paused: bool = False) -> list[str]:
    found = open_writes.writes(customer, group, paused=paused)
    assert open_writes.count(customer, group, paused=paused) == len(found)
    return [write.item.event_key for write in found]


def needs_person(customer: int, key: str) -> None:
    database.execute_sql("UPDATE outbox SET needs_person = TRUE WHERE event_key = " + repr(key))


def test_what_is_left_out_is_never_intended_again(customer: int) -> None:
    write(customer, "e1", Target.ACTIVITY, State.FAILED)
    _, changed = by_hand.decide(customer, [item(customer, "e1")], by_hand.LEFT, NOW + HOUR, "Eva")
    assert changed == 1
    again = outbox.Planned("e1", Target.ACTIVITY, "x", {"score": 2})
    outbox.plan(customer, [again], run_id="later", settings_version=9, now=NOW + HOUR)
    outbox.withdraw(customer, Target.ACTIVITY, ["e1"])
    left = item(customer, "e1")
    assert (left.state, left.payload, left.by_hand) == (State.LEFT, {"score": 1}, "Eva")
    assert outbox.due(customer, Target.ACTIVITY, NOW + HOUR, asked=True) == []
    sent = outbox.sent(customer, ["e1"])[("e1", Target.ACTIVITY)]
    assert (sent.state, sent.at, sent.by) == (State.LEFT, NOW + HOUR, "Eva")
    assert checks.need_attention(customer) == []


def test_what_was_left_out_comes_back_as_it_was(customer: int) -> None:
    write(customer, "e1", Target.ACTIVITY, State.FAILED)
    database.execute_sql("UPDATE outbox SET refusals = 8")
    by_hand.decide(customer, [item(customer, "e1")], by_hand.LEFT, NOW, "Eva")
    by_hand.decide(customer, [item(customer, "e1")], by_hand.BACK, NOW, "Eva")
    assert (item(customer, "e1").state, item(customer, "e1").refusals) == (State.FAILED, 8)
    by_hand.decide(customer, [item(customer, "e1")], by_hand.AGAIN, NOW, "Eva")
    assert (item(customer, "e1").state, item(customer, "e1").refusals) == (State.PLANNED, 0)


def test_it_is_there_means_written_or_confirmed(customer: int) -> None:
    for target in Target:
        write(customer, "e1", target, State.UNCERTAIN)
    both = [item(customer, "e1", target) for target in Target]
    by_hand.decide(customer, both, by_hand.THERE, NOW, "Eva")
    assert [item(customer, "e1", t).state for t in Target] == [State.WRITTEN, State.CONFIRMED]
    assert item(customer, "e1").done_at == NOW


def test_a_write_that_changed_meanwhile_stays(customer: int) -> None:
    write(customer, "e1", Target.ACTIVITY, State.UNCERTAIN)
    seen = item(customer, "e1")
    by_hand.decide(customer, [seen], by_hand.THERE, NOW, "Eva")
    moment, changed = by_hand.decide(customer, [seen], by_hand.AGAIN, NOW, "Bo")
    assert (changed, item(customer, "e1").state, item(customer, "e1").by_hand) == (
        0,
        State.WRITTEN,
        "Eva",
    )
    assert open_writes.states_of_decided(customer, moment) == {}


def test_each_decision_has_a_moment_of_its_own(customer: int) -> None:
    for key in ("e1", "e2"):
        write(customer, key, Target.ACTIVITY, State.FAILED)
    first, _ = by_hand.decide(customer, [item(customer, "e1")], by_hand.LEFT, NOW, "Eva")
    second, _ = by_hand.decide(customer, [item(customer, "e2")], by_hand.AGAIN, NOW, "Eva")
    assert first < second
    assert open_writes.states_of_decided(customer, first) == {"left": 1}
    assert [w.item.event_key for w in open_writes.decided(customer, second)] == ["e2"]


def test_the_groups(customer: int) -> None:
    record(customer, Event("e1", email="x"))
    for key, state in {
        "e1": State.FAILED,
        "e2": State.RETRY,
        "e3": State.UNCERTAIN,
        "e4": State.UNCERTAIN,
        "e5": State.WRITTEN,
        "e6": State.PLANNED,
    }.items():
        write(customer, key, Target.ACTIVITY, state)
    needs_person(customer, "e4")
    assert keys(customer, Group.NEEDS) == ["e1", "e4"]
    assert keys(customer, Group.AGAIN) == ["e2", "e6"]
    assert keys(customer, Group.CHECKED) == ["e3"]
    (first, *_) = open_writes.writes(customer, Group.NEEDS, paused=False)
    assert (first.video, first.media_id) == ("My Cool Video", "m1")


def test_while_forms_are_paused_those_to_be_sent_need_a_person(customer: int) -> None:
    write(customer, "e1", Target.FORM, State.PLANNED)
    write(customer, "e1", Target.ACTIVITY, State.PLANNED)
    assert keys(customer, Group.NEEDS, paused=True) == ["e1"]
    assert keys(customer, Group.AGAIN, paused=True) == ["e1"]
    assert keys(customer, Group.NEEDS) == []
    assert open_writes.count_refused(customer, paused=True) == 1
    assert open_writes.count_refused(customer, paused=False) == 0
    assert open_writes.count_views(customer, Group.NEEDS, paused=True) == 1


def test_the_groups_are_paged_by_id(customer: int) -> None:
    for key in ("e1", "e2", "e3"):
        write(customer, key, Target.ACTIVITY, State.FAILED)
    first, second = open_writes.writes(customer, Group.NEEDS, paused=False, limit=2)
    rest = open_writes.writes(customer, Group.NEEDS, paused=False, after_id=second.item.id)
    assert [w.item.event_key for w in (first, second, *rest)] == ["e1", "e2", "e3"]


@pytest.mark.parametrize("other", [1, 4712])
def test_a_write_of_another_customer_is_not_there(customer: int, other: int) -> None:
    write(customer, "e1", Target.ACTIVITY, State.FAILED)
    number = item(customer, "e1").id
    assert open_writes.write(customer, number) is not None
    assert open_writes.write(other, number) is None
