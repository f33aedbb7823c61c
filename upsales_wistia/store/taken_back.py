"""Writes that are taken back because a person wishes it: before they are sent, or afterwards.

A log entry that was taken back from Upsales leaves its row, in the state ``undone``: its view is
not written again until somebody asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..funnel.view import DONE, UNSENT, Fetched, State, Target
from . import sieve
from .database import database
from .fields import from_nullable, to_column
from .leases import Lease
from .outbox import OutboxItem, items
from .sql import execute, fetch

_UNSENT = ", ".join(f"'{state.value}'" for state in sorted(UNSENT))


def withdraw_run(customer_id: int, run_id: str, now: datetime) -> int:
    """Take back what a run intends and has not sent; returns how many writes that were.

    Its views are as if they had only been looked at, or are decided by the next run.
    """
    which = f"customer_id = ? AND run_id = ? AND state IN ({_UNSENT})"
    with database.atomic():
        execute(
            "UPDATE views SET decide_at = ?, fetched = CASE fetched WHEN '' THEN '' "
            f"ELSE '{Fetched.LOOKED_AT}' END WHERE customer_id = ? AND event_key IN "
            f"(SELECT event_key FROM outbox WHERE {which})",
            [to_column(now), customer_id, customer_id, run_id],
        )
        gone = execute(f"DELETE FROM outbox WHERE {which} AND doubts = 0", [customer_id, run_id])
        return gone + execute(
            f"UPDATE outbox SET state = '{State.WITHDRAWN}', retry_at = NULL WHERE {which}",
            [customer_id, run_id],
        )


Column = Literal["run_id", "settings_version", "event_key"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The log entries of one run, of one version of the settings, or of one view."""

    column: Column
    value: str | int

    def where(self, customer_id: int, target: Target = Target.ACTIVITY) -> tuple[str, list[object]]:
        """The condition that a row is among them, and its parameters."""
        return (
            f"customer_id = ? AND target = ? AND {self.column} = ?",
            [customer_id, target.value, self.value],
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the chosen ``entries`` are in Upsales, are being checked, and are taken back.

    ``forms`` were submitted, which cannot be taken back; ``at`` (aware UTC) is when the last entry
    was taken back.
    """

    entries: int
    checked: int
    undone: int
    forms: int
    at: datetime | None


def standing(customer_id: int, chosen: Chosen) -> Standing:
    """How the chosen writes stand."""
    condition, values = chosen.where(customer_id)
    ((entries, checked, undone, at),) = fetch(
        "SELECT count(CASE WHEN state = 'written' THEN 1 END), "
        "count(CASE WHEN state IN ('uncertain', 'sending') THEN 1 END), "
        "count(CASE WHEN state = 'undone' THEN 1 END), "
        f"max(CASE WHEN state = 'undone' THEN by_hand_at END) FROM outbox WHERE {condition}",
        values,
    )
    condition, values = chosen.where(customer_id, Target.FORM)
    done = ", ".join(f"'{state.value}'" for state in sorted(DONE))
    ((forms,),) = fetch(
        f"SELECT count(*) FROM outbox WHERE {condition} AND state IN ({done})", values
    )
    return Standing(int(entries), int(checked), int(undone), int(forms), from_nullable(at))


def entries(
    customer_id: int, chosen: Chosen, until: datetime, *, after_id: int, limit: int = 100
) -> list[OutboxItem]:
    """The chosen entries that were in Upsales by ``until`` (aware), by id after ``after_id``."""
    condition, values = chosen.where(customer_id)
    return items(
        f"{condition} AND state = 'written' AND done_at <= ? AND id > ? ORDER BY id LIMIT ?",
        [*values, to_column(until), after_id, limit],
    )


def undo(lease: Lease, item: OutboxItem, by: str, now: datetime) -> None:
    """The entry is gone from Upsales: ``by`` took it back."""
    with lease.commit():
        execute(
            f"UPDATE outbox SET state = '{State.UNDONE}', done_at = NULL, upsales_id = NULL, "
            "retry_at = NULL, check_at = NULL, doubts = 0, answer = '', by_hand = ?, "
            "by_hand_at = ? WHERE customer_id = ? AND id = ? AND state = 'written'",
            [by, to_column(now), lease.customer_id, item.id],
        )
        sieve.settled(lease.customer_id, Target.ACTIVITY, [item.event_key], now)


def write_again(customer_id: int, chosen: Chosen, by: str, now: datetime) -> int:
    """Let what was taken back be written by the next run; returns how many entries that are."""
    condition, values = chosen.where(customer_id)
    with database.atomic():
        keys = [
            key
            for (key,) in fetch(
                f"SELECT event_key FROM outbox WHERE {condition} AND state = 'undone'", values
            )
        ]
        count = execute(
            "UPDATE outbox SET state = 'planned', sent_at = NULL, refusals = 0, by_hand = ?, "
            f"by_hand_at = ? WHERE {condition} AND state = 'undone'",
            [by, to_column(now), *values],
        )
        sieve.reopen_views(customer_id, keys, now)
    return count
