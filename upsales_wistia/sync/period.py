"""The days that a backfill is about, in slices of one, and how long writing their views takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ..errors import UsageError
from .work import RETENTION

WRITES_A_SECOND = 3
WRITES_AN_HOUR = 4500
"""Upsales takes no more of one key; see ``clients.limits``."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The views received from ``start`` on and before ``end``, both aware UTC."""

    start: datetime
    end: datetime

    def slices(self, after: datetime | None = None) -> Iterator[Period]:
        """Its days, oldest first; those alone that begin at or after ``after``."""
        start = self.start
        while start < self.end:
            end = min(start + _DAY, self.end)
            if after is None or start >= after:
                yield Period(start, end)
            start = end

    @property
    def days(self) -> int:
        """How many slices it has."""
        return -((self.start - self.end) // _DAY)


def period_of(since: date, until: date | None, now: datetime) -> Period:
    """The whole days (UTC) from ``since`` to ``until``, both included, or to ``now`` (aware UTC).

    Raises UsageError, with one sentence, for days that cannot be fetched.
    """
    today = now.date()
    last = until or today
    if since > today or last > today:
        raise UsageError("Choose a day in the past.")
    oldest = (now - RETENTION).date()
    if since < oldest:
        raise UsageError(f"Wistia keeps views for two years: from {oldest.day} {oldest:%b %Y}.")
    if since > last:
        raise UsageError("From must be before to.")
    end = min(datetime.combine(last, time(), UTC) + _DAY, now)
    return Period(datetime.combine(since, time(), UTC), end)


def seconds_for(activities: int, forms: int) -> float:
    """How long Upsales' limits let so many writes take at least, in seconds.

    Entries 3 a second and 4,500 an hour; submits one a second. One write is in flight at a time.
    """
    hours, rest = divmod(max(activities, 0), WRITES_AN_HOUR)
    if hours and not rest:
        hours, rest = hours - 1, WRITES_AN_HOUR
    return hours * 3600 + rest / WRITES_A_SECOND + forms


def seconds_left(
    days_done: int, days_left: int, writes_done: tuple[int, int], spent: float
) -> float | None:
    """How long the rest takes, in seconds, when its days are like those that are done.

    ``writes_done`` counts entries and submits, ``spent`` is in seconds; None before the first day.
    """
    if days_done <= 0:
        return None
    share = days_left / days_done
    activities, forms = (round(count * share) for count in writes_done)
    return max(spent * share, seconds_for(activities, forms))


def time_left(told: dict[str, Any], written: tuple[int, int]) -> float | None:
    """How long a backfill still takes, in seconds; ``written`` are its entries and submits."""
    period = Period(*(datetime.fromisoformat(told[name]) for name in ("from", "to")))
    left = len(list(period.slices(datetime.fromisoformat(told["next"]))))
    expected = told.get("expected")
    if expected:
        rest = [max(0, a - b) for a, b in zip(expected, written, strict=True)]
        return seconds_for(*rest)
    return seconds_left(period.days - left, left, written, told.get("seconds", 0.0))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for; ``until`` None is up to now."""

    since: date
    until: date | None = None
    forms: bool = False
    commit: bool = False

    def as_progress(self, period: Period, by: str, now: datetime) -> dict[str, Any]:
        """How a backfill begins, as it is stored."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "next": period.start.isoformat(),
            "forms": self.forms,
            "commit": self.commit,
            "by": by,
            "asked_at": now.isoformat(),
            "state": "running",
        }

    def is_what(self, told: dict[str, Any]) -> bool:
        """Whether the same was asked for."""
        until = self.until.isoformat() if self.until else None
        mine = (self.since.isoformat(), until, self.forms, self.commit)
        return mine == tuple(told[name] for name in ("since", "until", "forms", "commit"))
