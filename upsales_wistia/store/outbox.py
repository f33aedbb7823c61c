"""Intended writes and their outcomes: the intent is committed before the call, the outcome after.

The unique row (customer, target, event key) is the guard against writing a view twice; Upsales
has none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import LeaseLost
from ..funnel.view import DONE, UNSENT, Sent, State, Target
from .fields import from_column, from_nullable, to_column, to_json
from .leases import Lease
from .models import OutboxRow
from .sql import among, among_keys, batches, execute, execute_each, fetch


@dataclass(frozen=True, slots=True)
class Planned:
    """A write to come: ``payload`` is what delivery needs, ``where`` who or what it is for."""

    event_key: str
    target: Target
    external_id: str
    payload: Mapping[str, Any]
    where: str = ""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A row of the outbox. Times are aware UTC; ``run_id`` is the run that planned or sent it.

    ``doubts`` counts how often it was uncertain, ``absences`` the trustworthy answers in a row
    that it is not in Upsales, ``checks`` the looks at it since it was last sent, the next at
    ``check_at``. ``by_hand`` is who decided about it at ``by_hand_at``, "" for nobody;
    ``done_at`` is since when it is known to be in Upsales.
    """

    id: int
    target: Target
    event_key: str
    state: State
    external_id: str
    payload: dict[str, Any]
    where: str
    run_id: str
    settings_version: int
    planned_at: datetime
    sent_at: datetime | None
    retry_at: datetime | None
    refusals: int
    answer: str
    needs_person: bool
    request_id: str
    upsales_id: int | None
    checks: int
    absences: int
    doubts: int
    check_at: datetime | None
    by_hand: str
    by_hand_at: datetime | None
    done_at: datetime | None

    def as_sent(self) -> Sent:
        """The write as the funnel knows it, since it was last sent."""
        return Sent(
            self.state,
            self.sent_at or self.planned_at,
            self.where,
            self.retry_at,
            self.answer,
            self.refusals,
            self.needs_person,
            self.by_hand,
        )


_UNSENT = ", ".join(f"'{state.value}'" for state in sorted(UNSENT))
ITEM = (
    "id, target, event_key, state, external_id, payload, place, run_id, settings_version, "
    "planned_at, sent_at, retry_at, refusals, answer, needs_person, request_id, upsales_id, "
    "checks, absences, doubts, check_at, by_hand, by_hand_at, done_at"
)
# What a backfill that is not done intends is its own: no other run sends, changes or withdraws it.
_NOT_ANOTHERS = (
    "run_id NOT IN (SELECT j.run_id FROM jobs j WHERE j.customer_id = outbox.customer_id "
    "AND j.kind = 'backfill' AND j.run_id <> ?)"
)
# What was sent, or is being sent, stays as it was sent.
_PLAN = (
    "INSERT INTO outbox (customer_id, target, event_key, state, external_id, payload, place, "
    "run_id, settings_version, planned_at, refusals, answer, request_id, needs_person, "
    "checks, absences, doubts, by_hand, company_id, contact_id) "
    "VALUES (?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, 0, '', '', ?, 0, 0, 0, '', ?, ?) "
    "ON CONFLICT (customer_id, target, event_key) DO UPDATE SET payload = excluded.payload, "
    "company_id = excluded.company_id, contact_id = excluded.contact_id, "
    "place = excluded.place, run_id = excluded.run_id, "
    "settings_version = excluded.settings_version, state = "
    f"CASE outbox.state WHEN '{State.WITHDRAWN}' THEN 'planned' ELSE outbox.state END "
    f"WHERE outbox.state IN ({_UNSENT}, '{State.WITHDRAWN}') AND outbox.{_NOT_ANOTHERS}"
)


def plan(
    customer_id: int,
    rows: Sequence[Planned],
    *,
    run_id: str,
    settings_version: int,
    now: datetime,
) -> None:
    """Intend these writes; one that is intended already and not sent takes the new payload."""
    moment = to_column(now)
    execute_each(
        _PLAN,
        [
            (
                customer_id,
                row.target.value,
                row.event_key,
                row.external_id,
                to_json(row.payload),
                row.where,
                run_id,
                settings_version,
                moment,
                False,
                row.payload.get("company"),
                row.payload.get("contact"),
                run_id,
            )
            for row in rows
        ],
    )


def withdraw(customer_id: int, target: Target, keys: Sequence[str], *, run_id: str = "") -> None:
    """Take back the intended writes of these views that were not sent, for ``run_id``.

    One that ever was in doubt keeps its doubts: intended again, a double of it is looked for.
    """
    for batch in batches(keys):
        condition, values = among("event_key", batch)
        which = (
            f"customer_id = ? AND target = ? AND {condition} AND state IN ({_UNSENT}) "
            f"AND {_NOT_ANOTHERS}"
        )
        parameters = [customer_id, target.value, *values, run_id]
        execute(f"DELETE FROM outbox WHERE {which} AND doubts = 0", parameters)
        execute(
            f"UPDATE outbox SET state = '{State.WITHDRAWN}', retry_at = NULL WHERE {which}",
            parameters,
        )


def due(
    customer_id: int,
    target: Target,
    now: datetime,
    *,
    asked: bool,
    after_id: int = 0,
    limit: int = 500,
    only: Collection[str] | None = None,
    of_run: str | None = None,
) -> list[OutboxItem]:
    """The next writes to send, oldest first, by id after ``after_id``.

    Planned ones, and those whose time to try again has come; ``asked`` by a person, all of these.
    Of ``only`` these views, None for all; ``of_run`` those alone that it intends.
    """
    which, keys = _whose(only, of_run)
    rows = fetch(
        f"SELECT {ITEM} FROM outbox WHERE customer_id = ? AND target = ? AND id > ? "
        f"AND done_at IS NULL AND state IN ({_UNSENT}) "
        f"AND (state = 'planned' OR retry_at <= ? OR ?) {which} "
        "ORDER BY id LIMIT ?",
        [customer_id, target.value, after_id, to_column(now), asked, *keys, limit],
    )
    return [item_of(row) for row in rows]


def count_due(
    customer_id: int,
    target: Target,
    now: datetime,
    *,
    asked: bool,
    only: Collection[str] | None = None,
    of_run: str | None = None,
) -> int:
    """How many writes ``due`` would give in all."""
    which, keys = _whose(only, of_run)
    ((count,),) = fetch(
        "SELECT count(*) FROM outbox WHERE customer_id = ? AND target = ? "
        f"AND state IN ({_UNSENT}) AND (state = 'planned' OR retry_at <= ? OR ?) {which}",
        [customer_id, target.value, to_column(now), asked, *keys],
    )
    return int(count)


def _whose(only: Collection[str] | None, of_run: str | None) -> tuple[str, list[str]]:
    which, keys = among_keys("event_key", only)
    if of_run is not None:
        return f"AND run_id = ? {which}", [of_run, *keys]
    return f"AND {_NOT_ANOTHERS} {which}", ["", *keys]


def written_by(customer_id: int, run_id: str) -> list[tuple[Target, dict[str, Any], str]]:
    """What a run wrote: target, payload and where, in the order of writing."""
    condition, states = among("state", sorted(DONE))
    rows = fetch(
        "SELECT target, payload, place FROM outbox "
        f"WHERE customer_id = ? AND run_id = ? AND {condition} ORDER BY sent_at, id",
        [customer_id, run_id, *states],
    )
    return [(Target(target), json.loads(payload), place) for target, payload, place in rows]


def begin(
    lease: Lease, item: OutboxItem, now: datetime, *, run_id: str, again: bool = False
) -> bool:
    """Mark the write as being sent, by ``run_id``; call the vendor only when this is True.

    False when it was taken back or taken on by another meanwhile. The lease is renewed in the
    same transaction; raises LeaseLost when it is not mine any more. ``again`` renews an intent
    that this run committed and has not acted upon.
    """
    mine = " OR (state = 'sending' AND run_id = ?)" if again else ""
    with lease.commit():
        begun = execute(
            "UPDATE outbox SET state = 'sending', sent_at = ?, run_id = ? "
            f"WHERE id = ? AND customer_id = ? AND (state IN ({_UNSENT}){mine})",
            [to_column(now), run_id, item.id, lease.customer_id, *([run_id] if again else [])],
        )
    return begun == 1


def finish(
    lease: Lease,
    item: OutboxItem,
    state: State,
    *,
    now: datetime,
    upsales_id: int | None = None,
    retry_at: datetime | None = None,
    refusals: int | None = None,
    answer: str = "",
    request_id: str = "",
    needs_person: bool = False,
    where: str | None = None,
    check_at: datetime | None = None,
) -> None:
    """Store the outcome of a write that was begun, or that failed before it could begin.

    ``check_at`` is when Upsales is to be asked whether it is there (aware UTC), None for never;
    None for refusals and where keeps them. Raises LeaseLost, storing nothing, when the lease is
    not mine any more or somebody settled the row meanwhile.
    """
    with lease.commit():
        stored = (
            OutboxRow.update(
                state=state.value,
                done_at=now if state in DONE else None,
                upsales_id=upsales_id,
                retry_at=retry_at,
                refusals=item.refusals if refusals is None else refusals,
                answer=answer,
                request_id=request_id,
                needs_person=needs_person,
                place=item.where if where is None else where,
                check_at=check_at,
                checks=0,
                absences=0,
                doubts=OutboxRow.doubts + (state is State.UNCERTAIN),
            )
            .where(
                OutboxRow.id == item.id,
                OutboxRow.customer_id == lease.customer_id,
                OutboxRow.state.in_([State.SENDING.value, *(s.value for s in UNSENT)]),
            )
            .execute()
        )
        if not stored:
            raise LeaseLost(
                f"The write of view {item.event_key} was settled by another run meanwhile."
            )


def orphans_to_uncertain(lease: Lease, check_at: datetime) -> int:
    """Writes that a dead run was sending may or may not be there: uncertain. Returns how many.

    They are looked for at ``check_at`` (aware UTC).
    """
    with lease.commit():
        return execute(
            "UPDATE outbox SET state = 'uncertain', check_at = ?, checks = 0, absences = 0, "
            "doubts = doubts + 1 "
            "WHERE customer_id = ? AND done_at IS NULL AND state = 'sending'",
            [to_column(check_at), lease.customer_id],
        )


def sent(customer_id: int, keys: Sequence[str]) -> dict[tuple[str, Target], Sent]:
    """What the outbox holds of these views, for both targets."""
    found: dict[tuple[str, Target], Sent] = {}
    for batch in batches(keys):
        targets, target_values = among("target", [target.value for target in Target])
        condition, values = among("event_key", batch)
        rows = fetch(
            "SELECT event_key, target, state, done_at, sent_at, planned_at, place, retry_at, "
            "answer, refusals, needs_person, by_hand, by_hand_at FROM outbox "
            f"WHERE customer_id = ? AND {targets} AND {condition} AND state <> '{State.WITHDRAWN}'",
            [customer_id, *target_values, *values],
        )
        found |= {(row[0], Target(row[1])): _sent(*row[2:]) for row in rows}
    return found


def _sent(
    state: str,
    done_at: Any,
    sent_at: Any,
    planned_at: Any,
    place: str,
    retry_at: Any,
    answer: str,
    refusals: int,
    needs_person: Any,
    by: str,
    by_hand_at: Any,
) -> Sent:
    decided_at = by_hand_at if state in (State.LEFT, State.UNDONE) else None
    return Sent(
        State(state),
        from_column(decided_at or done_at or sent_at or planned_at),
        place,
        from_nullable(retry_at),
        answer,
        refusals,
        bool(needs_person),
        by,
    )


def items(condition: str, parameters: Sequence[Any]) -> list[OutboxItem]:
    """The rows of the outbox that a condition in SQL chooses."""
    return [
        item_of(row) for row in fetch(f"SELECT {ITEM} FROM outbox WHERE {condition}", parameters)
    ]


def item_of(row: Sequence[Any]) -> OutboxItem:
    """The write of a row of ``ITEM``."""
    (number, target, event_key, state, external_id, payload, place, run_id, version) = row[:9]
    planned_at, sent_at, retry_at, refusals, answer, needs_person, request_id = row[9:16]
    upsales_id, checks, absences, doubts, check_at, by_hand, by_hand_at, done_at = row[16:]
    return OutboxItem(
        number,
        Target(target),
        event_key,
        State(state),
        external_id,
        json.loads(payload),
        place,
        run_id,
        version,
        from_column(planned_at),
        from_nullable(sent_at),
        from_nullable(retry_at),
        refusals,
        answer,
        bool(needs_person),
        request_id,
        upsales_id,
        checks,
        absences,
        doubts,
        from_nullable(check_at),
        by_hand,
        from_nullable(by_hand_at),
        from_nullable(done_at),
    )
