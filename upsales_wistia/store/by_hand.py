"""What a person decides about writes that went wrong: send again, it is there, leave it out.

No lease is needed: each write is changed only while its state is the one the person saw, and a
run that is at work sends nothing that is not planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..funnel.view import DONE, State, Target
from . import sieve
from .database import database
from .fields import from_nullable, to_column
from .outbox import OutboxItem
from .sql import execute_each, fetch

Decision = Mapping[Target, State]
"""What the writes of each target become."""

AGAIN: Decision = dict.fromkeys(Target, State.PLANNED)
THERE: Decision = {Target.ACTIVITY: State.WRITTEN, Target.FORM: State.CONFIRMED}
LEFT: Decision = dict.fromkeys(Target, State.LEFT)
BACK: Decision = dict.fromkeys(Target, State.FAILED)
"""What was left out by hand needs a person again."""

_COUNTED_ANEW = frozenset({State.PLANNED, *DONE})
_TICK = timedelta(microseconds=1)
_CHANGE = (
    "UPDATE outbox SET state = ?, done_at = ?, run_id = ?, refusals = ?, needs_person = ?, "
    "retry_at = NULL, check_at = ?, by_hand = ?, by_hand_at = ? "
    "WHERE customer_id = ? AND id = ? AND state = ?"
)


def decide(
    customer_id: int, chosen: Sequence[OutboxItem], what: Decision, now: datetime, by: str
) -> tuple[datetime, int]:
    """``by`` decides ``what`` becomes of writes; returns the decision's own moment, and how many.

    A write that is to be sent again has no refusals any more; one that was uncertain keeps its
    doubts, so that a double is looked for: of a log entry that is there, at once.
    """
    with database.atomic():
        moment = _moment(customer_id, now)
        execute_each(
            _CHANGE,
            [
                (
                    *_values(item, what[item.target], moment, by),
                    customer_id,
                    item.id,
                    item.state.value,
                )
                for item in chosen
            ],
        )
        for target in Target:
            keys = [item.event_key for item in chosen if item.target is target]
            if what[target] in DONE:
                sieve.settled(customer_id, target, keys, now)
            else:
                sieve.reopen_views(customer_id, keys, now)
        ((count,),) = fetch(
            "SELECT count(*) FROM outbox WHERE customer_id = ? AND by_hand_at = ?",
            [customer_id, to_column(moment)],
        )
    return moment, int(count)


def _values(item: OutboxItem, state: State, moment: datetime, by: str) -> tuple[object, ...]:
    done = state in DONE
    return (
        state.value,
        to_column(moment) if done else None,
        "" if done else item.run_id,
        0 if state in _COUNTED_ANEW else item.refusals,
        False,
        to_column(moment) if done and item.doubts and item.target is Target.ACTIVITY else None,
        by,
        to_column(moment),
    )


def _moment(customer_id: int, now: datetime) -> datetime:
    """``now``, or a little later: no two decisions of a customer share a moment."""
    ((latest,),) = fetch(
        "SELECT max(by_hand_at) FROM outbox WHERE customer_id = ? AND by_hand_at IS NOT NULL",
        [customer_id],
    )
    last = from_nullable(latest)
    return now if last is None else max(now, last + _TICK)
