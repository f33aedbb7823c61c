"""Intent before the call, outcome after, and never twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.store.examples import HOUR, NOW, planned, write
from upsales_wistia.errors import LeaseLost
from upsales_wistia.funnel.view import UNSENT, State, Target
from upsales_wistia.store import checks, outbox
from upsales_wistia.store.checks import Look
from upsales_wistia.store.database import database, session
from upsales_wistia.store.leases import Lease, claim
from upsales_wistia.store.outbox import OutboxItem


@pytest.fixture
def lease(customer: int) -> Lease:
    """The customer's lease."""
    lease = claim(customer, 60)
    assert lease
    return lease


def plan(customer: int, *rows: outbox.Planned, run_id: str = "run") -> None:
    outbox.plan(customer, rows, run_id=run_id, settings_version=3, now=NOW)


def due(customer: int, *, asked: bool = False) -> list[OutboxItem]:
    return outbox.due(customer, Target.ACTIVITY, NOW, asked=asked)


def test_a_write_is_planned_sent_and_done(customer: int, lease: Lease) -> None:
    plan(customer, planned())
    (item,) = due(customer)
    assert (item.state, item.payload, item.where) == (State.PLANNED, {"score": 1}, "Ada at Acme")
    assert (item.run_id, item.settings_version) == ("run", 3)
    assert outbox.begin(lease, item, NOW, run_id="later run")
    outbox.finish(lease, item, State.WRITTEN, now=NOW + HOUR, upsales_id=7)
    assert due(customer, asked=True) == []
    sent = outbox.sent(customer, ["e1", "e2"])[("e1", Target.ACTIVITY)]
    assert (sent.state, sent.at, sent.where) == (State.WRITTEN, NOW + HOUR, "Ada at Acme")


def test_a_view_is_in_the_outbox_once_for_each_target(customer: int) -> None:
    plan(customer, planned(), planned(), planned(target=Target.FORM))
    plan(customer, planned())
    assert len(outbox.sent(customer, ["e1"])) == 2
    with pytest.raises(Exception, match=r"(?i)unique"), database.atomic():
        database.execute_sql(
            "INSERT INTO outbox (customer_id, target, event_key, state, external_id, payload, "
            "place, run_id, settings_version, planned_at, refusals, answer, request_id, "
            "needs_person, checks, absences, doubts, by_hand) "
            "SELECT customer_id, target, event_key, state, external_id, payload, "
            "place, run_id, settings_version, planned_at, refusals, answer, request_id, "
            "needs_person, checks, absences, doubts, by_hand FROM outbox"
        )


@pytest.mark.parametrize("state", sorted(set(State) - UNSENT - {State.WITHDRAWN}))
def test_what_may_be_in_upsales_is_neither_planned_anew_nor_withdrawn(
    customer: int, state: State
) -> None:
    write(customer, "e1", Target.ACTIVITY, state)
    plan(customer, planned(score=9), run_id="other")
    outbox.withdraw(customer, Target.ACTIVITY, ["e1"])
    rows = database.execute_sql("SELECT state, payload, run_id FROM outbox").fetchall()
    assert [tuple(row) for row in rows] == [(state.value, '{"score":1}', "run")]


def test_a_new_plan_rewrites_what_was_not_sent_and_keeps_its_refusals(
    customer: int, lease: Lease
) -> None:
    plan(customer, planned())
    (item,) = due(customer)
    assert outbox.begin(lease, item, NOW, run_id="run")
    outbox.finish(
        lease, item, State.RETRY, now=NOW, retry_at=NOW + HOUR, refusals=2, answer="no such contact"
    )
    plan(customer, planned(score=9))
    assert due(customer) == []
    (again,) = due(customer, asked=True)
    assert (again.payload, again.refusals, again.answer) == ({"score": 9}, 2, "no such contact")
    assert outbox.due(customer, Target.ACTIVITY, NOW + HOUR, asked=False) == [again]
    sent = outbox.sent(customer, ["e1"])[("e1", Target.ACTIVITY)]
    assert (sent.retry_at, sent.tries) == (NOW + HOUR, 2)


def test_a_write_not_sent_can_be_withdrawn(customer: int) -> None:
    plan(customer, planned("e1"), planned("e2"), planned("e1", Target.FORM))
    outbox.withdraw(customer, Target.ACTIVITY, ["e1", "e9"])
    assert sorted(outbox.sent(customer, ["e1", "e2"])) == [
        ("e1", Target.FORM),
        ("e2", Target.ACTIVITY),
    ]


def test_a_withdrawn_write_that_was_in_doubt_is_forgotten_but_for_its_doubt(
    customer: int, lease: Lease
) -> None:
    plan(customer, planned())
    (item,) = due(customer)
    assert outbox.begin(lease, item, NOW, run_id="run")
    outbox.finish(lease, item, State.UNCERTAIN, now=NOW)
    (uncertain,) = checks.need_attention(customer)
    checks.keep(lease, uncertain, Look(State.PLANNED), NOW)
    outbox.withdraw(customer, Target.ACTIVITY, ["e1"])
    assert outbox.sent(customer, ["e1"]) == {}
    assert due(customer, asked=True) == []
    assert not outbox.begin(lease, uncertain, NOW, run_id="run")
    plan(customer, planned(score=9))
    (again,) = due(customer)
    assert (again.state, again.payload, again.doubts) == (State.PLANNED, {"score": 9}, 1)


def test_due_writes_come_oldest_first_in_batches(customer: int) -> None:
    plan(customer, *(planned(f"e{n}") for n in range(5)))
    seen, after = [], 0
    while batch := outbox.due(customer, Target.ACTIVITY, NOW, asked=True, after_id=after, limit=2):
        seen += [item.event_key for item in batch]
        after = batch[-1].id
    assert seen == [f"e{n}" for n in range(5)]


def test_a_write_is_begun_once(customer: int, lease: Lease) -> None:
    plan(customer, planned())
    (item,) = due(customer)
    together = threading.Barrier(4)

    def contend(_: int) -> bool:
        with session():
            together.wait()
            return outbox.begin(lease, item, NOW, run_id="run")

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(contend, range(4))) == [False, False, False, True]


def test_a_withdrawn_write_is_not_begun(customer: int, lease: Lease) -> None:
    plan(customer, planned())
    (item,) = due(customer)
    outbox.withdraw(customer, Target.ACTIVITY, ["e1"])
    assert not outbox.begin(lease, item, NOW, run_id="run")


def test_nothing_is_begun_or_finished_when_the_lease_is_lost(customer: int, lease: Lease) -> None:
    plan(customer, planned("e1"), planned("e2"))
    first, second = due(customer)
    assert outbox.begin(lease, first, NOW, run_id="run")
    database.execute_sql("UPDATE leases SET owner = 'thief'")
    with pytest.raises(LeaseLost):
        outbox.begin(lease, second, NOW, run_id="run")
    with pytest.raises(LeaseLost):
        outbox.finish(lease, first, State.WRITTEN, now=NOW)
    states = {key: sent.state for (key, _), sent in outbox.sent(customer, ["e1", "e2"]).items()}
    assert states == {"e1": State.SENDING, "e2": State.PLANNED}


def test_beginning_renews_the_lease(customer: int, lease: Lease) -> None:
    plan(customer, planned())
    (item,) = due(customer)
    database.execute_sql("UPDATE leases SET until = 1")
    assert outbox.begin(lease, item, NOW, run_id="run")
    assert claim(customer, 60) is None


def test_what_a_dead_run_was_sending_is_uncertain(customer: int, lease: Lease) -> None:
    plan(customer, planned("e1"), planned("e2"))
    first, _ = due(customer)
    assert outbox.begin(lease, first, NOW, run_id="run")
    assert outbox.orphans_to_uncertain(lease, NOW + HOUR) == 1
    sent = outbox.sent(customer, ["e1"])[("e1", Target.ACTIVITY)]
    assert (sent.state, sent.at) == (State.UNCERTAIN, NOW)
    with pytest.raises(LeaseLost, match="settled by another run"):
        outbox.finish(lease, first, State.WRITTEN, now=NOW)
