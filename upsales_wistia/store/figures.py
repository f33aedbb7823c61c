"""How videos are watched, as Wistia last said; and the list of videos, the most played first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .fields import from_column, to_column, to_json
from .sql import among, batches, execute, fetch, upsert

_COLUMNS = ("customer_id", "media_id", "plays", "content", "read_at")
_WRITE = upsert("figures", _COLUMNS, ("customer_id", "media_id"))


@dataclass(frozen=True, slots=True)
class Stored:
    """What was read of a video at ``read_at`` (aware UTC); ``content`` as it was saved."""

    content: Mapping[str, Any]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A video that a view was of. ``duration`` is in seconds, ``plays`` None before it is read.

    ``gone`` when Wistia knows it no more; "" for a name or a project that it never told.
    """

    media_id: str
    name: str
    project: str
    duration: float | None
    gone: bool
    plays: int | None


def save(
    customer_id: int, media_id: str, content: Mapping[str, Any], plays: int, read_at: datetime
) -> None:
    """Remember what Wistia said of a video at ``read_at`` (aware), in place of what it said."""
    execute(_WRITE, [customer_id, media_id, plays, to_json(content), to_column(read_at)])


def load(customer_id: int, media_ids: Sequence[str]) -> dict[str, Stored]:
    """What is remembered of those of these videos that were ever read."""
    found: dict[str, Stored] = {}
    for batch in batches(media_ids):
        condition, values = among("media_id", batch)
        rows = fetch(
            f"SELECT media_id, content, read_at FROM figures WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {one: Stored(json.loads(text), from_column(at)) for one, text, at in rows}
    return found


_KNOWN = (
    "SELECT m.media_id, COALESCE(NULLIF(m.name, ''), (SELECT v.media_name FROM views v "
    "WHERE v.customer_id = m.customer_id AND v.media_id = m.media_id "
    "ORDER BY v.received_at DESC LIMIT 1), ''), COALESCE(m.project_name, ''), m.duration, m.gone, "
    "f.plays FROM medias m LEFT JOIN figures f "
    "ON f.customer_id = m.customer_id AND f.media_id = m.media_id WHERE m.customer_id = ?"
)


def listing(customer_id: int) -> list[Known]:
    """Every known video, the most played first; those never read come last, by their names."""
    found = [_known(row) for row in fetch(_KNOWN, [customer_id])]
    return sorted(found, key=_place)


def find(customer_id: int, media_id: str) -> Known | None:
    """A video that is known, or that a view was of; None for any other."""
    rows = fetch(f"{_KNOWN} AND m.media_id = ?", [customer_id, media_id])
    if rows:
        return _known(rows[0])
    # Before Wistia has told of a video, its views do.
    rows = fetch(
        "SELECT media_name FROM views WHERE customer_id = ? AND media_id = ? "
        "ORDER BY received_at DESC LIMIT 1",
        [customer_id, media_id],
    )
    return Known(media_id, rows[0][0], "", None, False, None) if rows else None


def left_email(customer_id: int, media_ids: Sequence[str]) -> dict[str, int]:
    """How many of the kept views of each of these videos are of somebody with an e-mail."""
    if not media_ids:
        return {}
    condition, values = among("media_id", media_ids)
    rows = fetch(
        "SELECT media_id, count(*) FROM views WHERE customer_id = ? AND person <> '' "
        f"AND {condition} GROUP BY media_id",
        [customer_id, *values],
    )
    return dict(rows)


def _known(row: Sequence[Any]) -> Known:
    media_id, name, project, duration, gone, plays = row
    return Known(media_id, name, project, duration, bool(gone), plays)


def _place(one: Known) -> tuple[int, str, str]:
    return -1 * one.plays if one.plays is not None else 1, one.name.casefold(), one.media_id
