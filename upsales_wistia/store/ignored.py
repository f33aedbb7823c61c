"""Viewers whom somebody chose to ignore, and what that does to their views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..funnel.reasons import WAITING
from ..funnel.view import UNSENT, Ignored, State, Target
from . import outbox
from .fields import from_column, to_column
from .sql import among, batches, execute, fetch


@dataclass(frozen=True, slots=True)
class IgnoredViewer:
    """Somebody who is ignored. ``views`` counts the views that are left out for it."""

    id: int
    email: str
    ignored: Ignored
    views: int


ALL = 2**63 - 1
"""Above any id."""

_WAITING = ", ".join(f"'{code}'" for code in sorted(WAITING))
_UNSENT = ", ".join(f"'{state.value}'" for state in sorted(UNSENT))
_WRITE = (
    "SELECT 1 FROM outbox o WHERE o.customer_id = views.customer_id "
    "AND o.target = 'activity' AND o.event_key = views.event_key"
)
_NOT_SENT = f"NOT EXISTS ({_WRITE} AND o.state NOT IN ({_UNSENT}, '{State.WITHDRAWN}'))"
# An older view that was left out under earlier settings stays so.
_OPEN = (
    f"(received_at >= ? OR activity_code IN ({_WAITING}) OR decide_at IS NOT NULL "
    f"OR needs <> '' OR EXISTS ({_WRITE} AND o.state IN ({_UNSENT})))"
)


def of_emails(customer_id: int, emails: Sequence[str]) -> dict[str, Ignored]:
    """Those of these normalised e-mails that are ignored."""
    found: dict[str, Ignored] = {}
    for batch in batches(emails):
        condition, values = among("email", batch)
        rows = fetch(
            f"SELECT email, who, since FROM ignored WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {email: Ignored(who, from_column(since)) for email, who, since in rows}
    return found


def add(customer_id: int, email: str, who: str, now: datetime) -> bool:
    """``who`` ignores a normalised e-mail from ``now`` on; False when it is ignored already."""
    return (
        execute(
            "INSERT INTO ignored (customer_id, email, who, since) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (customer_id, email) DO NOTHING",
            [customer_id, email, who, to_column(now)],
        )
        == 1
    )


def remove(customer_id: int, email: str) -> bool:
    """Ignore an e-mail no more; False when it was not ignored."""
    return (
        execute("DELETE FROM ignored WHERE customer_id = ? AND email = ?", [customer_id, email])
        == 1
    )


def page(customer_id: int, before_id: int = ALL, limit: int = 50) -> list[IgnoredViewer]:
    """Ignored viewers, the last one that was ignored first, by id below ``before_id``."""
    rows = fetch(
        "SELECT i.id, i.email, i.who, i.since, (SELECT count(*) FROM views v "
        "WHERE v.customer_id = i.customer_id AND v.person = i.email "
        "AND v.activity_code = 'ignored_viewer') "
        "FROM ignored i WHERE i.customer_id = ? AND i.id < ? ORDER BY i.id DESC LIMIT ?",
        [customer_id, before_id, limit],
    )
    return [
        IgnoredViewer(number, email, Ignored(who, from_column(since)), int(views))
        for number, email, who, since, views in rows
    ]


def count(customer_id: int) -> int:
    """How many viewers are ignored."""
    ((found,),) = fetch("SELECT count(*) FROM ignored WHERE customer_id = ?", [customer_id])
    return int(found)


def count_views(customer_id: int, email: str) -> int:
    """How many views are left out because somebody is ignored."""
    ((found,),) = fetch(
        "SELECT count(*) FROM views WHERE customer_id = ? AND person = ? "
        "AND activity_code = 'ignored_viewer'",
        [customer_id, email],
    )
    return int(found)


def leave_out(customer_id: int, email: str, now: datetime, *, since: datetime) -> None:
    """Leave out what is not in Upsales of somebody's views since ``since``.

    Of older ones (both aware) what waits, or would be written. All are decided again at ``now``.
    """
    which = f"customer_id = ? AND person = ? AND {_OPEN} AND {_NOT_SENT}"
    values = [customer_id, email, to_column(since)]
    keys = [key for (key,) in fetch(f"SELECT event_key FROM views WHERE {which}", values)]
    execute(
        "UPDATE views SET activity_code = 'ignored_viewer', needs = '', decide_at = ? "
        f"WHERE {which}",
        [to_column(now), *values],
    )
    outbox.withdraw(customer_id, Target.ACTIVITY, keys)


def left_out(customer_id: int, email: str, after_id: int, limit: int) -> list[tuple[int, str]]:
    """Somebody's views that are left out for being ignored: row and event key, by row."""
    return [
        (number, key)
        for number, key in fetch(
            "SELECT id, event_key FROM views WHERE customer_id = ? AND person = ? "
            "AND activity_code = 'ignored_viewer' AND id > ? ORDER BY id LIMIT ?",
            [customer_id, email, after_id, limit],
        )
    ]


def reopen(customer_id: int, now: datetime) -> None:
    """Decide at ``now`` the views that a run may have decided while somebody chose otherwise."""
    chosen = "(SELECT email FROM ignored WHERE customer_id = ?)"
    for which in (
        f"activity_code IN ({_WAITING}) AND person IN {chosen}",
        f"activity_code = 'ignored_viewer' AND person NOT IN {chosen}",
    ):
        execute(
            "UPDATE views SET decide_at = ? WHERE customer_id = ? "
            f"AND (decide_at IS NULL OR decide_at > ?) AND {which}",
            [to_column(now), customer_id, to_column(now), customer_id],
        )
