"""A follow-up draft as a to-do in Upsales: at most once, and an uncertain one is shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.enrichment.house import MaveraHouse
from tests.sync.house import small_world, view
from upsales_wistia.funnel.view import State
from upsales_wistia.sandbox import Company, Media
from upsales_wistia.store import drafts
from upsales_wistia.store.leases import hold

LONG = "A very long title of a video that goes on and on until no description could hold it at all"


@pytest.fixture
def house(sandbox: Any, store: str) -> MaveraHouse:
    """A house whose first company has an account manager, with follow-ups as to-dos."""
    world = small_world(
        medias=[Media(11, "media00001", LONG, "proj1", 60.0)],
        companies=[
            Company(1, "Acme AB", manager=2),
            Company(2, "Birch AS"),
            Company(3, "Birch Two AS", "customer"),
        ],
    )
    house = MaveraHouse(sandbox, store, world=world)
    house.configure(maveraJobs=["followup"], followupTodo="true")
    return house


def todos(house: MaveraHouse) -> list[dict[str, Any]]:
    return list(house.tenant.crm.todos.values())


def draft_for(house: MaveraHouse, email: str = "anna@acme.example", key: str = "v1") -> None:
    """Somebody watches enough; the poll writes the view and lets a draft be made."""
    typed = {"email": email, "first_name": "Anna", "last_name": "Berg"}
    house.watch(view(key, email, fraction=0.97, conversion=typed))


def test_a_draft_becomes_a_to_do_of_the_account_manager(house: MaveraHouse) -> None:
    draft_for(house)
    (draft,) = drafts.listing(house.customer)
    assert draft.todo is State.PLANNED
    house.run()
    (todo,) = todos(house)
    assert [user["id"] for user in todo["users"]] == [2]
    assert (todo["client"]["id"], todo["contacts"]) == (1, [{"id": 101}])
    assert len(todo["description"]) <= 100
    assert todo["description"].startswith("Follow up: ")
    assert "Anna" in todo["notes"]
    assert draft.body in todo["notes"]
    assert todo["date"] == "2026-11-20"
    (draft,) = drafts.listing(house.customer)
    assert (draft.todo, draft.todo_id) == (State.WRITTEN, todo["id"])
    house.run()
    assert len(todos(house)) == 1


def test_without_the_switch_it_stays_a_draft(house: MaveraHouse) -> None:
    house.configure(followupTodo=False)
    draft_for(house)
    house.run()
    assert len(drafts.listing(house.customer)) == 1
    assert todos(house) == []


def test_who_is_no_contact_gets_none(house: MaveraHouse) -> None:
    draft_for(house, "nobody@acme.example")
    house.run()
    (draft,) = drafts.listing(house.customer)
    assert draft.todo is None
    assert todos(house) == []


def test_without_an_account_manager_the_reason_is_kept(house: MaveraHouse) -> None:
    draft_for(house, "bo@birch.example")
    house.run()
    (draft,) = drafts.listing(house.customer)
    assert draft.todo is State.FAILED
    assert "no account manager" in draft.todo_answer


@pytest.mark.parametrize("kind", ["write_then_cut", "500_after_writing", "500"])
def test_in_doubt_it_is_uncertain_and_never_sent_again(house: MaveraHouse, kind: str) -> None:
    draft_for(house)
    house.sandbox.faults.add("upsales.create_todo", kind, times=1)
    house.run()
    (draft,) = drafts.listing(house.customer)
    assert draft.todo is State.UNCERTAIN
    made = len(todos(house))
    house.run(asked=True)
    assert len(todos(house)) == made
    assert house.calls("upsales.create_todo") == 1


def test_a_run_that_died_in_sending_leaves_it_uncertain(house: MaveraHouse) -> None:
    draft_for(house)
    (draft,) = drafts.listing(house.customer)
    with hold(house.customer, 60, wait=False, heartbeat=False) as lease:
        assert drafts.begin_todo(lease, draft, house.clock.now())
    house.run()
    assert drafts.listing(house.customer)[0].todo is State.UNCERTAIN
    assert todos(house) == []


def test_what_is_refused_is_tried_again_later_and_a_429_at_once(house: MaveraHouse) -> None:
    draft_for(house)
    house.sandbox.faults.add("upsales.create_todo", "400", times=1)
    house.run()
    (draft,) = drafts.listing(house.customer)
    assert (draft.todo, draft.todo_refusals) == (State.RETRY, 1)
    house.later(hours=1)
    house.run()
    assert len(todos(house)) == 1


def test_a_dry_run_makes_none(house: MaveraHouse) -> None:
    draft_for(house)
    house.services.rehearse(house.customer)
    assert todos(house) == []
    assert drafts.listing(house.customer)[0].todo is State.PLANNED


def test_drafts_come_after_a_poll_only_when_switched_on(house: MaveraHouse) -> None:
    house.configure(maveraJobs=[])
    draft_for(house)
    assert drafts.listing(house.customer) == []
    house.configure(maveraJobs='["followup"]')
    house.run()
    assert len(drafts.listing(house.customer)) == 1


def test_what_runs_by_itself_spends_no_more_in_a_day_than_one_run_may(house: MaveraHouse) -> None:
    house.configure(maveraMaxCredits="7")
    for number in range(4):
        draft_for(house, f"p{number}@acme.example", f"v{number}")
    house.run()
    assert sum(charge.credits for charge in house.desk.charges) <= 7
    assert len(drafts.listing(house.customer)) == 1
    house.later(days=1)
    house.run()
    assert len(drafts.listing(house.customer)) == 2
