"""Sessions that were ended before their time.

A session lives in its cookie. One that was signed out is noted until it would have ended by
itself, so that a cookie that was copied before opens nothing any more.
"""

from __future__ import annotations

from .database import database
from .sql import execute, fetch


def end(customer_id: int, session_id: str, until: float, now: float) -> None:
    """Note that a session is over.

    ``until``, when it would end by itself, and ``now`` are epoch seconds. Nothing happens when
    the customer is gone: its pages are closed anyway.
    """
    with database.atomic():
        execute("DELETE FROM ended_sessions WHERE until <= ?", [now])
        execute(
            "INSERT INTO ended_sessions (customer_id, session_id, until) "
            "SELECT id, ?, ? FROM customers WHERE id = ? ON CONFLICT DO NOTHING",
            [session_id, until, customer_id],
        )


def is_ended(customer_id: int, session_id: str) -> bool:
    """Whether this session of the customer was ended."""
    return bool(
        fetch(
            "SELECT 1 FROM ended_sessions WHERE customer_id = ? AND session_id = ?",
            [customer_id, session_id],
        )
    )
