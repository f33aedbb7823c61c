"""Videos: name, length and project, as Wistia last told them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from .database import database
from .fields import to_column
from .sql import among, batches, execute_each, fetch, upsert


class MediaLike(Protocol):
    """A video as the client reads it. ``duration`` is in seconds."""

    @property
    def media_id(self) -> str:
        """The video's hashed id."""

    @property
    def name(self) -> str:
        """The video's title."""

    @property
    def project_id(self) -> str | None:
        """The hashed id of its project, None when there is none."""

    @property
    def project_name(self) -> str | None:
        """The project's name."""

    @property
    def duration(self) -> float | None:
        """In seconds, None when unknown."""


_COLUMNS = (
    "customer_id",
    "media_id",
    "name",
    "project_id",
    "project_name",
    "duration",
    "gone",
    "read_at",
)
_KEY = ("customer_id", "media_id")
_WRITE = upsert("medias", _COLUMNS, _KEY)
# A deleted video keeps its name and length, but Wistia no longer says which project it was in.
_WRITE_GONE = upsert("medias", _COLUMNS, _KEY, kept=("name", "duration"))


def missing_media(
    customer_id: int, now: datetime, *, before: datetime, since: datetime
) -> list[str]:
    """Ids of the videos to be read: those not read since ``before`` that views need.

    Needed are those of views to be decided at ``now``, and known ones of views received since
    ``since``: a video may have been moved to another project.
    """
    return sorted({*_of_undecided(customer_id, now, before), *_stale(customer_id, before, since)})


def known(customer_id: int, media_ids: Sequence[str]) -> set[str]:
    """Those of these videos that were ever read."""
    found: set[str] = set()
    for batch in batches(media_ids):
        condition, values = among("media_id", batch)
        rows = fetch(
            f"SELECT media_id FROM medias WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {media_id for (media_id,) in rows}
    return found


def _stale(customer_id: int, before: datetime, since: datetime) -> list[str]:
    rows = fetch(
        "SELECT m.media_id FROM medias m WHERE m.customer_id = ? AND m.read_at < ? "
        "AND EXISTS (SELECT 1 FROM views v WHERE v.customer_id = m.customer_id "
        "AND v.media_id = m.media_id AND v.received_at >= ?)",
        [customer_id, to_column(before), to_column(since)],
    )
    return [media_id for (media_id,) in rows]


def _of_undecided(customer_id: int, now: datetime, before: datetime) -> set[str]:
    rows = fetch(
        "SELECT media_id FROM views WHERE customer_id = ? AND decide_at <= ?",
        [customer_id, to_column(now)],
    )
    missing = {media_id for (media_id,) in rows} - {""}
    for batch in batches(sorted(missing)):
        condition, values = among("media_id", batch)
        fresh = fetch(
            f"SELECT media_id FROM medias WHERE customer_id = ? AND read_at >= ? AND {condition}",
            [customer_id, to_column(before), *values],
        )
        missing -= {media_id for (media_id,) in fresh}
    return missing


def names(customer_id: int) -> list[tuple[str, str, str, str]]:
    """Every known video: its id and name, and its project's id and name ("" for none).

    A deleted one that left no name is called as its newest view calls it.
    """
    rows = fetch(
        "SELECT m.media_id, COALESCE(NULLIF(m.name, ''), (SELECT v.media_name FROM views v "
        "WHERE v.customer_id = m.customer_id AND v.media_id = m.media_id "
        "ORDER BY v.received_at DESC LIMIT 1), ''), m.project_id, m.project_name "
        "FROM medias m WHERE m.customer_id = ?",
        [customer_id],
    )
    return [(media_id, name, project or "", of or "") for media_id, name, project, of in rows]


def save_media(
    customer_id: int, found: Sequence[MediaLike], asked: Sequence[str], now: datetime
) -> None:
    """Remember what was found; those ``asked`` for and not found are gone.

    Views of a video whose project or length changed are decided once more at ``now``.
    """
    moment = to_column(now)
    before = _rules(customer_id, asked)
    present = [
        (customer_id, m.media_id, m.name, m.project_id, m.project_name, m.duration, False, moment)
        for m in found
    ]
    absent = sorted(set(asked) - {m.media_id for m in found})
    with database.atomic():
        execute_each(_WRITE, present)
        execute_each(
            _WRITE_GONE,
            [(customer_id, media_id, "", None, None, None, True, moment) for media_id in absent],
        )
        after = _rules(customer_id, asked)
        execute_each(
            "UPDATE views SET decide_at = ? WHERE customer_id = ? AND media_id = ? "
            "AND (decide_at IS NULL OR decide_at > ?)",
            [
                (moment, customer_id, media_id, moment)
                for media_id, rules in before.items()
                if after.get(media_id) != rules
            ],
        )


def _rules(customer_id: int, media_ids: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """What the sieves ask of known videos."""
    found: dict[str, tuple[object, ...]] = {}
    for batch in batches(media_ids):
        condition, values = among("media_id", batch)
        rows = fetch(
            "SELECT media_id, project_id, duration FROM medias "
            f"WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {media_id: tuple(rules) for media_id, *rules in rows}
    return found
