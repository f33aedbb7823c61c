"""Writes that are not done, in the order in which somebody should look at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..funnel.view import UNSENT, Target
from .fields import from_nullable, to_column
from .outbox import ITEM, OutboxItem, item_of
from .sql import fetch


class Group(StrEnum):
    """What a write that is not done needs: a person, another try by itself, or a look."""

    NEEDS = "needs"
    AGAIN = "again"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class OpenWrite:
    """A write with the view it is about. ``received_at`` (aware UTC) is None without a view.

    ``email`` is the viewer's, normalised; all that Wistia or a viewer wrote is as it came.
    """

    item: OutboxItem
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    media_id: str = ""
    video: str = ""
    received_at: datetime | None = None


_TARGETS = ", ".join(f"'{target.value}'" for target in Target)
_UNSENT = ", ".join(f"'{state.value}'" for state in sorted(UNSENT))
_PAUSED = f"(o.target = 'form' AND o.state IN ({_UNSENT}))"
_NEEDS = "(o.state = 'failed' OR (o.state = 'uncertain' AND o.needs_person))"
_COLUMNS = ", ".join(f"o.{column}" for column in ITEM.split(", "))
_TABLES = (
    "outbox o LEFT JOIN views v ON v.customer_id = o.customer_id AND v.event_key = o.event_key "
    "LEFT JOIN medias m ON m.customer_id = v.customer_id AND m.media_id = v.media_id"
)


def writes(
    customer_id: int, group: Group, *, paused: bool, after_id: int = 0, limit: int = 50
) -> list[OpenWrite]:
    """The writes of a group by id after ``after_id``, so the longest intended first.

    While forms are ``paused`` those to be sent wait for a person.
    """
    return _select(
        f"o.customer_id = ? AND o.done_at IS NULL AND {_condition(group, paused)} AND o.id > ? "
        "ORDER BY o.id LIMIT ?",
        [customer_id, after_id, limit],
    )


def count(customer_id: int, group: Group, *, paused: bool) -> int:
    """How many writes a group has."""
    ((found,),) = fetch(
        "SELECT count(*) FROM outbox o "
        f"WHERE o.customer_id = ? AND o.done_at IS NULL AND {_condition(group, paused)}",
        [customer_id],
    )
    return int(found)


def count_refused(customer_id: int, *, paused: bool) -> int:
    """How many writes a person may send again: refused ones, and forms while these are paused."""
    held = f"o.state = 'failed' OR {_PAUSED}" if paused else "o.state = 'failed'"
    ((found,),) = fetch(
        f"SELECT count(*) FROM outbox o WHERE o.customer_id = ? AND o.done_at IS NULL AND ({held})",
        [customer_id],
    )
    return int(found)


def count_views(customer_id: int, group: Group, *, paused: bool) -> int:
    """How many views a group's writes are of."""
    ((found,),) = fetch(
        "SELECT count(DISTINCT o.event_key) FROM outbox o "
        f"WHERE o.customer_id = ? AND o.done_at IS NULL AND {_condition(group, paused)}",
        [customer_id],
    )
    return int(found)


def write(customer_id: int, number: int) -> OpenWrite | None:
    """The write of this number, whatever its state; None when the customer has none."""
    found = _select("o.customer_id = ? AND o.id = ?", [customer_id, number])
    return found[0] if found else None


def of_view(customer_id: int, event_key: str) -> list[OpenWrite]:
    """The writes of one view, whatever their states, the activity log's first."""
    return _select(
        f"o.customer_id = ? AND o.target IN ({_TARGETS}) AND o.event_key = ? ORDER BY o.target",
        [customer_id, event_key],
    )


def decided(customer_id: int, moment: datetime, limit: int = 50) -> list[OpenWrite]:
    """The writes that a person decided about at exactly this moment (aware), by id."""
    return _select(
        "o.customer_id = ? AND o.by_hand_at = ? ORDER BY o.id LIMIT ?",
        [customer_id, to_column(moment), limit],
    )


def states_of_decided(customer_id: int, moment: datetime) -> dict[str, int]:
    """How many of the writes that a person decided about at this moment are in each state."""
    rows = fetch(
        "SELECT state, count(*) FROM outbox WHERE customer_id = ? AND by_hand_at = ? GROUP BY 1",
        [customer_id, to_column(moment)],
    )
    return {state: int(n) for state, n in rows}


def _condition(group: Group, paused: bool) -> str:
    if group is Group.NEEDS:
        return f"({_NEEDS} OR {_PAUSED})" if paused else _NEEDS
    if group is Group.AGAIN:
        return (
            f"(o.state IN ({_UNSENT}) AND NOT {_PAUSED})" if paused else f"o.state IN ({_UNSENT})"
        )
    return "(o.state = 'uncertain' AND NOT o.needs_person)"


def _select(condition: str, parameters: Sequence[Any]) -> list[OpenWrite]:
    rows = fetch(
        f"SELECT {_COLUMNS}, v.person, v.first_name, v.last_name, v.media_id, "
        f"COALESCE(NULLIF(m.name, ''), v.media_name), v.received_at FROM {_TABLES} "
        f"WHERE {condition}",
        parameters,
    )
    return [_open(row) for row in rows]


def _open(row: Sequence[Any]) -> OpenWrite:
    *item, email, first_name, last_name, media_id, video, received_at = row
    return OpenWrite(
        item_of(item),
        email or "",
        first_name or "",
        last_name or "",
        media_id or "",
        video or "",
        from_nullable(received_at),
    )
