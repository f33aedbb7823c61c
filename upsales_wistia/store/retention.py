"""What has been kept long enough: found and taken away in small batches.

Each function does one batch and returns how many rows it was about; to be called in a transaction
under the customer's lease.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ..funnel.reasons import WAITING
from ..funnel.view import DONE, State
from . import thinned
from .fields import to_column
from .sql import among, execute, execute_each, fetch

JOB = "prune"
"""The kind of work in the jobs table."""

BATCH = 500

_DONE = ", ".join(f"'{state.value}'" for state in sorted(DONE))
_WAITING = ", ".join(f"'{code}'" for code in sorted(WAITING))


def due(now: datetime, limit: int = 50) -> list[int]:
    """Customers in whatever state whose rows are to be looked through, the longest due first."""
    rows = fetch(
        "SELECT c.id FROM customers c LEFT JOIN jobs j ON j.customer_id = c.id AND j.kind = ? "
        "WHERE j.id IS NULL OR j.due_at <= ? ORDER BY j.due_at, c.id LIMIT ?",
        [JOB, to_column(now), limit],
    )
    return [customer_id for (customer_id,) in rows]


def drop_payloads(customer_id: int, before: datetime) -> int:
    """Of writes that were done ``before`` (aware) what was sent goes, and what was answered."""
    ids = _ids(
        "SELECT id FROM outbox WHERE customer_id = ? AND done_at IS NOT NULL AND done_at < ? "
        "AND payload <> '{}' ORDER BY done_at LIMIT ?",
        [customer_id, to_column(before), BATCH],
    )
    # Nor is it looked for any more, for which what was sent would be needed.
    _change("UPDATE outbox SET payload = '{}', answer = '', check_at = NULL", customer_id, ids)
    return len(ids)


def drop_answers(customer_id: int, before: datetime) -> int:
    """Of enrichment runs that ended ``before`` (aware) what left and what came back goes."""
    ids = _ids(
        "SELECT s.id FROM enrichment_steps s JOIN enrichment_runs r ON r.id = s.run_id "
        "WHERE s.customer_id = ? AND r.ended_at < ? AND s.body <> '{}' LIMIT ?",
        [customer_id, to_column(before), BATCH],
    )
    _change("UPDATE enrichment_steps SET body = '{}', answer = NULL", customer_id, ids)
    return len(ids)


def drop_drafts(customer_id: int, before: datetime) -> int:
    """Drafts that were made ``before`` (aware) go."""
    ids = _ids(
        "SELECT id FROM drafts WHERE customer_id = ? AND made_at < ? LIMIT ?",
        [customer_id, to_column(before), BATCH],
    )
    _change("DELETE FROM drafts", customer_id, ids)
    return len(ids)


def unname(customer_id: int, before: datetime) -> int:
    """Views received ``before`` (aware) by viewers nobody knows lose e-mail and names.

    Those who are a contact in Upsales keep theirs, and views of which something was written or
    is still to be. Read from Wistia once more, by a backfill, they are decided anew.
    """
    rows = fetch(
        "SELECT v.id, v.event_key, v.visitor_key, v.person FROM views v WHERE v.customer_id = ? "
        "AND v.received_at < ? AND (v.email <> '' OR v.conversion_email <> '' OR v.person <> '') "
        "AND (SELECT 1 FROM people p WHERE p.customer_id = v.customer_id AND p.email = v.person "
        "AND p.contact_id IS NOT NULL LIMIT 1) IS NULL "
        "AND (SELECT 1 FROM outbox o WHERE o.customer_id = v.customer_id "
        f"AND o.event_key = v.event_key AND o.state <> '{State.WITHDRAWN}' LIMIT 1) IS NULL "
        "ORDER BY v.received_at LIMIT ?",
        [customer_id, to_column(before), BATCH],
    )
    _change(
        "UPDATE views SET email = '', conversion_email = '', first_name = '', last_name = '', "
        "person = '', fingerprint = '', needs = '', decide_at = NULL, activity_code = CASE WHEN "
        f"activity_code IN ({_WAITING}) THEN 'waited_out' ELSE activity_code END",
        customer_id,
        [row[0] for row in rows],
    )
    _forget_with(customer_id, rows)
    return len(rows)


def thin(customer_id: int, before: datetime, hashed: Callable[[str], str]) -> int:
    """Of views received ``before`` (aware) only a hash and the outcomes stay.

    A write that is in Upsales keeps its id there, its run and its settings version, under the
    hash. One that is not will not be.
    """
    rows = fetch(
        "SELECT id, event_key, visitor_key, person, activity_code, form_code FROM views "
        "WHERE customer_id = ? AND received_at < ? ORDER BY received_at LIMIT ?",
        [customer_id, to_column(before), BATCH],
    )
    if not rows:
        return 0
    hashes = {row[1]: hashed(row[1]) for row in rows}
    outcomes = _outcomes(customer_id, list(hashes))
    thinned.add(
        customer_id,
        [
            (hashes[key], outcomes.get((key, "activity"), a), outcomes.get((key, "form"), f))
            for _, key, _, _, a, f in rows
        ],
    )
    _thin_writes(customer_id, hashes)
    _change("DELETE FROM views", customer_id, [row[0] for row in rows])
    _forget_with(customer_id, [row[:4] for row in rows])
    return len(rows)


def _outcomes(customer_id: int, keys: Sequence[str]) -> dict[tuple[str, str], str]:
    condition, values = among("event_key", keys)
    rows = fetch(
        f"SELECT event_key, target, state FROM outbox WHERE customer_id = ? AND {condition}",
        [customer_id, *values],
    )
    return {(key, target): state for key, target, state in rows}


def _thin_writes(customer_id: int, hashes: dict[str, str]) -> None:
    condition, keys = among("event_key", list(hashes))
    execute(
        f"DELETE FROM outbox WHERE customer_id = ? AND {condition} AND state NOT IN ({_DONE})",
        [customer_id, *keys],
    )
    execute_each(
        "UPDATE outbox SET event_key = ?, external_id = '', payload = '{}', place = '', "
        "answer = '', request_id = '', company_id = NULL, contact_id = NULL, check_at = NULL, "
        "by_hand = '', by_hand_at = NULL, sent_at = NULL, planned_at = done_at "
        "WHERE customer_id = ? AND event_key = ?",
        [(new, customer_id, key) for key, new in hashes.items()],
    )


def _forget_with(customer_id: int, rows: Sequence[Sequence[Any]]) -> None:
    """What was kept of these views' viewers beside: (row, event key, visitor, person)."""
    if not rows:
        return
    keys = [row[1] for row in rows]
    for table in ("conversions", "drafts", "webhook_events"):
        condition, values = among("event_key", keys)
        execute(
            f"DELETE FROM {table} WHERE customer_id = ? AND {condition}", [customer_id, *values]
        )
    for table, column, theirs, some in (
        ("people", "email", "person", {row[3] for row in rows}),
        ("visitors", "visitor_key", "visitor_key", {row[2] for row in rows}),
    ):
        if some - {""}:
            condition, values = among(column, sorted(some - {""}))
            execute(
                f"DELETE FROM {table} WHERE customer_id = ? AND {condition} "
                f"AND (SELECT 1 FROM views v WHERE v.customer_id = {table}.customer_id "
                f"AND v.{theirs} = {table}.{column} LIMIT 1) IS NULL",
                [customer_id, *values],
            )


def _ids(statement: str, parameters: Sequence[Any]) -> list[int]:
    return [number for (number,) in fetch(statement, parameters)]


def _change(change: str, customer_id: int, ids: Sequence[int]) -> None:
    if ids:
        condition, values = among("id", ids)
        execute(f"{change} WHERE customer_id = ? AND {condition}", [customer_id, *values])
