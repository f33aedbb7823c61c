"""Which notices were told of a customer. Safe in any number of processes at once.

A notice is claimed before it is sent, for a time, and counts as told when it was taken: of two
processes one sends it, and what a process that died had claimed is free again afterwards.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .database import database
from .models_pages import NoticeRow

AGAIN_AFTER = timedelta(days=1)
"""A notice of the same cause is told no sooner than this after the last one."""

WELL = ""
"""The cause of the notice that what was told is over."""

_CLAIM = timedelta(minutes=2)  # A callback's time-out is a quarter of it.


def is_due(customer_id: int, cause: str, now: datetime) -> bool:
    """Whether ``cause`` is to be told at ``now`` (aware UTC), and nobody is about to."""
    of_cause = NoticeRow.select().where(_of(customer_id, cause))
    never = cause != WELL and not of_cause.exists()
    return never or of_cause.where(_is_free(cause, now)).exists()


def claim(customer_id: int, cause: str, now: datetime) -> bool:
    """Take it upon this process to tell ``cause``; false where it is not due, or another does."""
    with database.atomic():
        if cause != WELL:
            row = NoticeRow.insert(customer_id=customer_id, cause=cause, is_open=False)
            row.on_conflict_ignore().execute()
        claimed = NoticeRow.update(claimed_until=now + _CLAIM)
        return bool(claimed.where(_of(customer_id, cause), _is_free(cause, now)).execute())


def told(customer_id: int, cause: str, now: datetime) -> None:
    """It was told: not again for a day, and its end is to be told once. After that, nothing is."""
    if cause == WELL:
        change = NoticeRow.update(is_open=False, claimed_until=None)
    else:
        change = NoticeRow.update(told_at=now, is_open=True, claimed_until=None)
    change.where(_of(customer_id, cause)).execute()


def release(customer_id: int, cause: str) -> None:
    """It could not be told: the next callback carries it."""
    NoticeRow.update(claimed_until=None).where(_of(customer_id, cause)).execute()


def _of(customer_id: int, cause: str) -> Any:
    mine = NoticeRow.customer_id == customer_id
    return mine & (NoticeRow.is_open if cause == WELL else NoticeRow.cause == cause)


def _is_free(cause: str, now: datetime) -> Any:
    unclaimed = NoticeRow.claimed_until.is_null() | (NoticeRow.claimed_until <= now)
    if cause == WELL:
        return unclaimed
    return unclaimed & (NoticeRow.told_at.is_null() | (NoticeRow.told_at <= now - AGAIN_AFTER))
