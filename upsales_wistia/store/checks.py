"""Writes that are looked at again: uncertain ones, those that may be double, accepted forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..funnel.view import DONE, State, Target
from ..funnel.writes import external_id
from . import sieve
from .fields import from_nullable, to_column
from .leases import Lease
from .models import OutboxRow
from .outbox import OutboxItem, items
from .sql import among, batches, execute, execute_each, fetch


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a write found: its state from now on, and when to look again, if ever."""

    state: State
    check_at: datetime | None = None
    absences: int = 0
    needs_person: bool = False
    upsales_id: int | None = None
    run_id: str | None = None
    """The run that the write counts for; None keeps the one that it counts for already."""


def due(customer_id: int, now: datetime, limit: int = 500) -> list[OutboxItem]:
    """The writes to look at, by ``now`` (aware UTC), the longest due first."""
    return items(
        "customer_id = ? AND check_at IS NOT NULL AND check_at <= ? ORDER BY check_at, id LIMIT ?",
        [customer_id, to_column(now), limit],
    )


def next_look(customer_id: int, run_id: str) -> datetime | None:
    """When the first of a run's writes that are in doubt is looked at (aware UTC), if any is.

    Those that wait for a person are left aside.
    """
    ((moment,),) = fetch(
        "SELECT min(check_at) FROM outbox WHERE customer_id = ? AND run_id = ? "
        "AND state = 'uncertain' AND NOT needs_person",
        [customer_id, run_id],
    )
    return from_nullable(moment)


def keep(lease: Lease, item: OutboxItem, look: Look, now: datetime) -> bool:
    """Store what a look found; False when somebody changed the write's state meanwhile."""
    newly_done = look.state in DONE and item.state not in DONE
    with lease.commit():
        stored = (
            OutboxRow.update(
                state=look.state.value,
                check_at=look.check_at,
                checks=item.checks + 1,
                absences=look.absences,
                needs_person=look.needs_person,
                upsales_id=item.upsales_id if look.upsales_id is None else look.upsales_id,
                run_id=look.run_id or item.run_id,
                **({"done_at": now} if newly_done else {}),
            )
            .where(
                OutboxRow.id == item.id,
                OutboxRow.customer_id == lease.customer_id,
                OutboxRow.state == item.state.value,
            )
            .execute()
        )
    return bool(stored)


def known_entries(customer_id: int, limit: int = 3) -> list[OutboxItem]:
    """Log entries that surely are in Upsales: the newest, first those that were never in doubt.

    Of these it is known when they were written: after they were sent. One that was in doubt may
    be there since an earlier sending, and one without ``sent_at`` since an earlier database.
    """
    return items(
        "customer_id = ? AND target = 'activity' AND state = 'written' AND upsales_id IS NOT NULL "
        "AND payload <> '{}' ORDER BY doubts > 0, sent_at IS NULL, sent_at DESC, id DESC LIMIT ?",
        [customer_id, limit],
    )


def bring_forward(lease: Lease, moment: datetime) -> None:
    """An entry was written just now: look by ``moment`` (aware UTC) at those that are in doubt.

    Their absence can be believed once the new one is shown. Those that wait for a person stay.
    """
    with lease.commit():
        execute(
            "UPDATE outbox SET check_at = ? WHERE customer_id = ? AND done_at IS NULL "
            "AND state = 'uncertain' AND target = 'activity' AND NOT needs_person "
            "AND check_at > ?",
            [to_column(moment), lease.customer_id, to_column(moment)],
        )


def taken_ids(customer_id: int, upsales_ids: Sequence[int], but: int) -> set[int]:
    """Those of these entries in Upsales that are known to be other writes' than row ``but``."""
    found: set[int] = set()
    for batch in batches(upsales_ids):
        condition, values = among("upsales_id", batch)
        rows = fetch(
            f"SELECT upsales_id FROM outbox WHERE customer_id = ? AND id <> ? AND {condition}",
            [customer_id, but, *values],
        )
        found |= {number for (number,) in rows}
    return found


def submitted_keys(customer_id: int) -> list[str]:
    """Event keys of forms that surely were taken."""
    rows = fetch(
        "SELECT event_key FROM outbox WHERE customer_id = ? AND target = 'form' "
        "AND state IN ('accepted', 'confirmed')",
        [customer_id],
    )
    return [key for (key,) in rows]


def need_attention(
    customer_id: int,
    target: Target | None = None,
    keys: Sequence[str] = (),
    *,
    paused: bool = False,
) -> list[OutboxItem]:
    """Failed and uncertain writes, oldest first; of one target, of some views, or all.

    While forms are ``paused`` those that wait for a person are among them.
    """
    condition = "customer_id = ? AND (state IN ('failed', 'uncertain')"
    condition += " OR (target = 'form' AND state IN ('planned', 'retry')))" if paused else ")"
    parameters = [customer_id]
    values: list[object] = list(parameters)
    if target is not None:
        condition += " AND target = ?"
        values.append(target.value)
    if keys:
        some, chosen = among("event_key", keys)
        condition += f" AND {some}"
        values += chosen
    return items(f"{condition} ORDER BY planned_at, id", values)


def count_needing_person(customer_id: int) -> int:
    """How many views have a write that a person must look at."""
    ((count,),) = fetch(
        "SELECT count(DISTINCT event_key) FROM outbox WHERE customer_id = ? AND done_at IS NULL "
        "AND (state = 'failed' OR (state = 'uncertain' AND needs_person))",
        [customer_id],
    )
    return int(count)


def adopt(
    lease: Lease, target: Target, state: State, found: Mapping[str, int | None], now: datetime
) -> int:
    """Take writes that are in Upsales already as registered; ``found``: event key → Upsales' id.

    Returns how many. One in doubt that is still looked for is left to that look, which also
    counts it; one that ever was in doubt is looked at for a double.
    """
    new = _unregistered(lease.customer_id, target, list(found))
    moment = to_column(now)
    with lease.commit():
        execute_each(
            _ADOPT,
            [
                (
                    lease.customer_id,
                    target.value,
                    key,
                    state.value,
                    external_id(key) if target is Target.ACTIVITY else "",
                    moment,
                    moment,
                    found[key],
                )
                for key in new
            ],
        )
        sieve.settled(lease.customer_id, target, new, now)
    return len(new)


_ADOPT = (
    "INSERT INTO outbox (customer_id, target, event_key, state, external_id, payload, place, "
    "run_id, settings_version, planned_at, done_at, upsales_id, refusals, answer, request_id, "
    "needs_person, checks, absences, doubts, by_hand) "
    "VALUES (?, ?, ?, ?, ?, '{}', '', '', 0, ?, ?, ?, 0, '', '', FALSE, 0, 0, 0, '') "
    "ON CONFLICT (customer_id, target, event_key) DO UPDATE SET state = excluded.state, "
    "done_at = excluded.done_at, upsales_id = excluded.upsales_id, run_id = '', "
    "sent_at = CASE WHEN outbox.doubts > 0 THEN outbox.sent_at END, "
    "check_at = CASE WHEN outbox.doubts > 0 AND outbox.target = 'activity' "
    "THEN excluded.done_at END"
)


def _unregistered(customer_id: int, target: Target, keys: Sequence[str]) -> list[str]:
    done: set[str] = set()
    for batch in batches(keys):
        condition, values = among("event_key", batch)
        rows = fetch(
            "SELECT event_key FROM outbox WHERE customer_id = ? AND target = ? "
            "AND (state IN ('written', 'accepted', 'confirmed', 'undone') "
            f"OR (state = 'uncertain' AND check_at IS NOT NULL)) AND {condition}",
            [customer_id, target.value, *values],
        )
        done |= {key for (key,) in rows}
    return [key for key in keys if key not in done]
