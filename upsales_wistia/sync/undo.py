"""Takes log entries back out of Upsales, one after another, with the lease and limits of writes.

An entry is deleted first and marked afterwards: deleting twice does no harm, for one that is gone
is what was wanted. So a process may die at any point, and whoever goes on begins after the last
entry that was dealt with. Form submits cannot be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from ..errors import NotFound, Rejected, Unclear
from ..store import jobs, taken_back
from ..store.jobs import Job
from ..store.outbox import OutboxItem
from ..store.taken_back import Chosen
from .evidence import same
from .work import Work

log = structlog.get_logger(__name__)

_GONE = 404
_MOST_TOLD = 100


@dataclass
class Undo:
    """What is taken back, by whom, and how far it has come."""

    chosen: Chosen
    by: str
    asked_at: datetime
    progress: dict[str, Any]

    @classmethod
    def of(cls, job: Job) -> Undo:
        """The undo of a stored job."""
        told = job.progress
        chosen = Chosen(told["column"], told["value"])
        return cls(chosen, told["by"], datetime.fromisoformat(told["asked_at"]), dict(told))


def take_back(work: Work, undo: Undo) -> bool:
    """Take back entry after entry until the last; False when others want the lease before.

    Raises AppError for what ends it, with all stored that is done.
    """
    told = undo.progress
    while batch := taken_back.entries(
        work.customer_id, undo.chosen, undo.asked_at, after_id=told["after"]
    ):
        for item in batch:
            work.progress(f"Taking back {told['done'] + 1} of {told['entries']}")
            _one(work, undo, item)
            if work.breaks():
                return False
    return True


def _one(work: Work, undo: Undo, item: OutboxItem) -> None:
    told = undo.progress
    answer = _delete(work, item)
    with work.lease.commit():
        if answer is None:
            told["done"] += 1
            taken_back.undo(work.lease, item, undo.by, work.clock.now())
        else:
            told["refused"] += 1
            told["answers"] = [*told["answers"], [item.event_key, answer]][:_MOST_TOLD]
        told["after"] = item.id
        jobs.advance(work.customer_id, jobs.UNDO, told)


def _delete(work: Work, item: OutboxItem) -> str | None:
    """Delete an entry and every double of it; Upsales' words when it refuses, None when done."""
    for number in _numbers(work, item):
        work.lease.renew()
        try:
            work.patience.read(partial(work.upsales().delete_event, number))
        except NotFound:
            continue
        except (Rejected, Unclear) as error:
            if error.status == _GONE:
                continue
            if isinstance(error, Unclear):
                raise
            log.warning("entry not taken back", entry=number, status=error.status)
            return error.answer or error.sentence
    return None


def _numbers(work: Work, item: OutboxItem) -> list[int]:
    """The ids of an entry in Upsales: of one that ever was in doubt there may be two."""
    known = [] if item.upsales_id is None else [item.upsales_id]
    if known and not item.doubts:
        return known
    company = item.payload.get("company")
    if company is None:
        return known
    try:
        rows = work.patience.read(
            lambda: work.upsales().events(
                ("client.id", "eq", company), ("externalId", "eq", item.external_id)
            )
        )
    except (Rejected, NotFound):
        return known
    return list(dict.fromkeys([*known, *(row.id for row in same(item, rows))]))
