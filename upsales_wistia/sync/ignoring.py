"""Somebody ignores a viewer, or does so no more: their views are told so at once.

Neither waits for a run that is going on, and no run undoes it: each of its commits looks at who
is ignored by then, and none falls into the change itself.
"""

from __future__ import annotations

from datetime import datetime

from ..funnel.decide import decide_all
from ..funnel.settings import Settings
from ..store import database, ignored, sieve, views
from ..store.leases import keep_still
from ..store.sql import BATCH
from .knowledge import known_for
from .sieve import sieved


def ignore(customer_id: int, email: str, who: str, now: datetime, *, since: datetime) -> bool:
    """``who`` ignores a normalised ``email``; False, with nothing changed, when it is already.

    Left out are the views since ``since`` (aware), and older ones that wait or were to be written.
    """
    with database.transaction():
        keep_still(customer_id)
        if not ignored.add(customer_id, email, who, now):
            return False
        ignored.leave_out(customer_id, email, now, since=since)
    return True


def take_back(customer_id: int, email: str, settings: Settings, now: datetime) -> bool:
    """Ignore ``email`` no more; False, with nothing changed, when it was not ignored.

    The next run decides the views; what it will say, as far as that is known, is said at once.
    """
    with database.transaction():
        keep_still(customer_id)
        if not ignored.remove(customer_id, email):
            return False
        after = 0
        while batch := ignored.left_out(customer_id, email, after, BATCH):
            after = batch[-1][0]
            _decide(customer_id, {key: number for number, key in batch}, settings, now)
    return True


def _decide(customer_id: int, rows: dict[str, int], settings: Settings, now: datetime) -> None:
    found = views.views(customer_id, list(rows))
    known = known_for(customer_id, found, settings)
    sieve.save_sieve(
        customer_id,
        [
            sieved(settings, rows[decision.view.event_key], decision, now)
            for decision in decide_all(found, known, settings, now)
        ],
    )
