"""Writes of a run that are taken back because a person wishes it."""

from __future__ import annotations

from datetime import datetime

from ..funnel.view import UNSENT, Fetched, State
from .database import database
from .fields import to_column
from .sql import execute

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
