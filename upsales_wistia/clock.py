"""The one place that reads the time. Everything else is given an aware UTC datetime."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the house asks for the time."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return datetime.now(UTC)


class StandingClock:
    """A clock that stands until it is moved: the demo's world and the tests use it."""

    def __init__(self, moment: datetime) -> None:
        self._moment = require_aware(moment)

    def now(self) -> datetime:
        """The moment it stands at, aware UTC."""
        return self._moment

    def move_to(self, moment: datetime) -> None:
        """Stand at ``moment`` (aware) from now on."""
        self._moment = require_aware(moment)

    def advance(self, step: timedelta) -> None:
        """Move on by ``step``."""
        self._moment += step


def epoch() -> float:
    """Seconds since 1970 on the machine's clock, for leases and durations across processes."""
    return time.time()


def monotonic() -> float:
    """Seconds on a clock that never goes back, for durations inside this process."""
    return time.monotonic()


def require_aware(moment: datetime) -> datetime:
    """Return ``moment`` in UTC. Raises ValueError when it carries no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment.astimezone(UTC)
