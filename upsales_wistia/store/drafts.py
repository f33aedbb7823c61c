"""Follow-up drafts, and the to-do that each may become in Upsales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from peewee import fn

from ..errors import LeaseLost, UsageError
from ..funnel.view import State
from .leases import Lease
from .models_enrichment import DraftRow
from .sql import among, batches, fetch

DraftState = Literal["new", "done", "lost"]
"""``lost`` keeps the place of one whose answer was lost or unreadable: it may have been charged,
and nobody asks for it again by themselves."""


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft to keep: ``person`` is the viewer's normalised e-mail, ``percent`` 0–100.

    With ``todo`` it becomes a to-do on this contact and company.
    """

    person: str
    media_id: str
    event_key: str
    first_name: str
    percent: int
    title: str
    subject: str
    body: str
    action: str
    contact_id: int | None = None
    company_id: int | None = None
    todo: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is kept. ``todo`` is its to-do's state, None when it has none."""

    id: int
    person: str
    media_id: str
    event_key: str
    run_id: str
    first_name: str
    percent: int
    title: str
    subject: str
    body: str
    action: str
    state: DraftState
    made_at: datetime
    contact_id: int | None
    company_id: int | None
    todo: State | None
    todo_refusals: int
    todo_id: int | None
    todo_answer: str


def save(lease: Lease, run_id: str, draft: NewDraft, now: datetime) -> int:
    """Keep a draft; of one viewer and video there is only the first. Returns its number."""
    with lease.commit():
        (
            DraftRow.insert(
                customer_id=lease.customer_id,
                person=draft.person,
                media_id=draft.media_id,
                event_key=draft.event_key,
                run_id=run_id,
                first_name=draft.first_name,
                percent=draft.percent,
                title=draft.title,
                subject=draft.subject,
                body=draft.body,
                action=draft.action,
                state="lost" if draft.lost else "new",
                made_at=now,
                contact_id=draft.contact_id,
                company_id=draft.company_id,
                todo_state=State.PLANNED.value if draft.todo else "",
                todo_refusals=0,
                todo_answer="",
            )
            .on_conflict_ignore()
            .execute()
        )
    row = DraftRow.get(
        DraftRow.customer_id == lease.customer_id,
        DraftRow.person == draft.person,
        DraftRow.media_id == draft.media_id,
    )
    return int(row.id)


def followed_up(customer_id: int, people: Sequence[str]) -> set[tuple[str, str]]:
    """Person and video of every draft to one of these people (normalised e-mails)."""
    found: set[tuple[str, str]] = set()
    for batch in batches(people):
        condition, values = among("person", batch)
        rows = fetch(
            f"SELECT person, media_id FROM drafts WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {(person, media_id) for person, media_id in rows}
    return found


def listing(
    customer_id: int,
    *,
    state: DraftState | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Draft]:
    """Drafts, newest first; of lost ones nothing is left to show.

    ``before`` goes on after the draft of that number.
    """
    query = DraftRow.select().where(DraftRow.customer_id == customer_id, DraftRow.state != "lost")
    if state is not None:
        query = query.where(DraftRow.state == state)
    if before is not None:
        query = query.where(DraftRow.id < before)
    return [_draft(row) for row in query.order_by(DraftRow.id.desc()).limit(limit)]


def count(customer_id: int, *, since: datetime | None = None) -> dict[str, int]:
    """How many drafts there are in each state, since a moment (aware UTC)."""
    query = DraftRow.select(DraftRow.state, fn.COUNT(DraftRow.id)).where(
        DraftRow.customer_id == customer_id
    )
    if since is not None:
        query = query.where(DraftRow.made_at >= since)
    counted = cast(Iterable[tuple[str, int]], query.group_by(DraftRow.state).tuples())
    return {"new": 0, "done": 0, "lost": 0} | dict(counted)


def load(customer_id: int, number: int) -> Draft:
    """A draft. Raises UsageError for an unknown one."""
    row = DraftRow.get_or_none(DraftRow.customer_id == customer_id, DraftRow.id == number)
    if row is None:
        raise UsageError("There is no such draft.")
    return _draft(row)


def set_state(customer_id: int, number: int, state: DraftState) -> None:
    """Mark a draft as done, or as new again."""
    (
        DraftRow.update(state=state)
        .where(DraftRow.customer_id == customer_id, DraftRow.id == number)
        .execute()
    )


def todos_due(customer_id: int, now: datetime, limit: int = 100) -> list[Draft]:
    """The drafts whose to-do is to be made now, oldest first."""
    waiting = (DraftRow.todo_state == State.PLANNED.value) | (
        (DraftRow.todo_state == State.RETRY.value) & (DraftRow.todo_retry_at <= now)
    )
    rows = DraftRow.select().where(DraftRow.customer_id == customer_id, waiting)
    return [_draft(row) for row in rows.order_by(DraftRow.id).limit(limit)]


def begin_todo(lease: Lease, draft: Draft, now: datetime) -> bool:
    """Mark the to-do as being sent; call Upsales only when this is True."""
    with lease.commit():
        begun = (
            DraftRow.update(todo_state=State.SENDING.value, todo_at=now)
            .where(
                DraftRow.id == draft.id,
                DraftRow.customer_id == lease.customer_id,
                DraftRow.todo_state.in_([State.PLANNED.value, State.RETRY.value]),
            )
            .execute()
        )
    return bool(begun == 1)


def finish_todo(
    lease: Lease,
    draft: Draft,
    state: State,
    *,
    todo_id: int | None = None,
    retry_at: datetime | None = None,
    refusals: int = 0,
    answer: str = "",
) -> None:
    """Store the outcome. Raises LeaseLost when another run settled it meanwhile."""
    with lease.commit():
        stored = (
            DraftRow.update(
                todo_state=state.value,
                todo_id=todo_id,
                todo_retry_at=retry_at,
                todo_refusals=refusals,
                todo_answer=answer,
            )
            .where(
                DraftRow.id == draft.id,
                DraftRow.customer_id == lease.customer_id,
                DraftRow.todo_state.in_(
                    [State.SENDING.value, State.PLANNED.value, State.RETRY.value]
                ),
            )
            .execute()
        )
        if not stored:
            raise LeaseLost("A to-do was settled by another run meanwhile.")


def orphans_to_uncertain(lease: Lease) -> int:
    """To-dos that a dead run was sending may or may not be there; returns how many."""
    with lease.commit():
        return int(
            DraftRow.update(todo_state=State.UNCERTAIN.value)
            .where(
                DraftRow.customer_id == lease.customer_id,
                DraftRow.todo_state == State.SENDING.value,
            )
            .execute()
        )


def _draft(row: Any) -> Draft:
    return Draft(
        row.id,
        row.person,
        row.media_id,
        row.event_key,
        row.run_id,
        row.first_name,
        row.percent,
        row.title,
        row.subject,
        row.body,
        row.action,
        row.state,
        row.made_at,
        row.contact_id,
        row.company_id,
        State(row.todo_state) if row.todo_state else None,
        row.todo_refusals,
        row.todo_id,
        row.todo_answer,
    )
