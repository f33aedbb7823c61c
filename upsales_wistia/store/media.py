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


def missing_media(customer_id: int, now: datetime, *, before: datetime) -> list[str]:
    """Ids of the videos of views to be decided at ``now`` that were not read since ``before``."""
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
    return sorted(missing)


def save_media(
    customer_id: int, found: Sequence[MediaLike], asked: Sequence[str], now: datetime
) -> None:
    """Remember what was found; those ``asked`` for and not found are gone."""
    moment = to_column(now)
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
