"""How fast we ask: one limiter a credential in this process, so that no vendor has to say no."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final, Protocol

from pyrate_limiter import InMemoryBucket, Rate, RateItem, SingleBucketFactory
from pyrate_limiter import Limiter as RateLimiter

from .. import clock
from ..errors import UsedUp, Vendor

MANY: Final = 1000
"""How many credentials are remembered before those that are idle are forgotten."""

LONGEST_WAIT: Final = 60.0
"""Seconds a thread may stand in line; a longer wait is told to the caller instead."""


LONGEST_GAP: Final = 10.0
"""Seconds a thread sleeps so that the last calls of a vendor's minute are spread out."""

NEARLY_USED_UP: Final = 10
"""With fewer calls left of the minute we slow down: docs.mavera.io, rate limits in production."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What we allow ourselves, below what the vendors allow.

    Wistia: 600 a minute an account, https://docs.wistia.com/docs/making-api-requests
    Upsales: 200 in 10 s and 5,000 writes an hour a key, https://api.upsales.com
    ``submits_per_second`` counts every customer's form submits together. ``speed`` shortens every
    window of time, for vendors on loopback.
    Mavera: 60 a minute with its smallest paid plan, https://docs.mavera.io/guides/rate-limits; its
    answers tell how many it really is.
    """

    wistia_per_minute: float = 540
    upsales_per_second: float = 10
    upsales_writes_per_second: float = 3
    upsales_writes_per_hour: float = 4500
    submits_per_second: float = 1
    mavera_per_minute: float = 60

    speed: float = 1

    def scaled(self, factor: float) -> Limits:
        """The same limits in time that runs ``factor`` times as fast: for vendors on loopback."""
        return replace(self, speed=self.speed * factor)

    def rate(self, count: float, seconds: float) -> Rate:
        """``count`` in ``seconds`` of a time that runs as fast as these limits say."""
        # The library counts in whole milliseconds: beyond a hundredth the counts grow instead.
        shorter = min(self.speed, 100.0)
        return _rate(count * self.speed / shorter, seconds / shorter)


class Limiter:
    """Lets so many through in every window of time, whichever window is looked at."""

    def __init__(self, vendor: Vendor, *rates: Rate) -> None:
        self._vendor: Vendor = vendor
        self._count_anew(*rates)

    def _count_anew(self, *rates: Rate) -> None:
        self._bucket = InMemoryBucket(list(rates))
        # The factory would start a thread for each limiter to forget what is past; `acquire` does.
        self._limiter = RateLimiter(
            SingleBucketFactory(self._bucket, schedule_leak=False), buffer_ms=1
        )

    def acquire(self) -> None:
        """Wait for our turn. Raises UsedUp when that is more than ``LONGEST_WAIT`` away."""
        now = int(clock.monotonic() * 1000)
        self._bucket.leak(now)
        if not self._limiter.try_acquire(blocking=False) and not self._wait_in_line(now):
            raise UsedUp(
                "The calls of this hour are used up. The rest follows by itself.",
                vendor=self._vendor,
                wait=self._time_to_wait(now),
            )

    @property
    def used(self) -> int:
        """How many of those that it let through still count."""
        self._bucket.leak(int(clock.monotonic() * 1000))
        return int(self._bucket.count())

    def take_over(self, used: int, age: float) -> None:
        """Count ``used`` that another process let through, the last one ``age`` seconds ago.

        What this one let through itself is among them already.
        """
        moment = int((clock.monotonic() - age) * 1000)
        unknown = max(0, used - self.used)
        items = self._bucket.items
        at = bisect_right([item.timestamp for item in items], moment)
        items[at:at] = [RateItem("another", moment)] * unknown

    @property
    def is_idle(self) -> bool:
        """Whether nothing that it let through counts any more."""
        return self.used == 0

    def _wait_in_line(self, now: int) -> bool:
        if self._time_to_wait(now) > LONGEST_WAIT:
            return False
        return bool(self._limiter.try_acquire(timeout=LONGEST_WAIT))

    def _time_to_wait(self, now: int) -> float:
        """Seconds until every window has room, reckoned from ``now`` (bucket time, ms)."""
        waits = [0.0]
        for rate in self._bucket.rates:
            oldest = self._bucket.peek(int(rate.limit) - 1)
            if oldest is not None:
                waits.append((oldest.timestamp + rate.interval - now) / 1000)
        return max(waits)


class Turnstile(Protocol):
    """What is passed before a call."""

    def acquire(self) -> None:
        """Wait for our turn. Raises UsedUp when that is more than ``LONGEST_WAIT`` away."""


class CommonLine:
    """Turns of all processes of a deployment, ``apart`` seconds from each other.

    ``next_turn`` takes one that is at most so many seconds away and tells how many; else None.
    """

    def __init__(
        self, vendor: Vendor, apart: float, next_turn: Callable[[float, float], float | None]
    ) -> None:
        self._vendor: Vendor = vendor
        self._apart = apart
        self._next_turn = next_turn

    def acquire(self) -> None:
        """Wait for our turn. Raises UsedUp when that is more than ``LONGEST_WAIT`` away."""
        wait = self._next_turn(self._apart, LONGEST_WAIT)
        if wait is None:
            raise UsedUp(
                "Others stand in line before. The rest follows by itself.",
                vendor=self._vendor,
                wait=LONGEST_WAIT,
            )
        time.sleep(wait)


class TaughtLimiter(Limiter):
    """So many a minute, as the vendor's answers say; slower when few are left of this minute.

    Between two calls there is half the time that an even spread of ``per_minute`` would leave.
    """

    def __init__(self, vendor: Vendor, per_minute: float) -> None:
        super().__init__(vendor, _rate(per_minute, 60))
        self._per_minute = per_minute
        self._gap = 30 / per_minute
        self._not_before = 0.0
        self._lock = Lock()

    def acquire(self) -> None:
        """Wait for our turn. Raises UsedUp when that is more than ``LONGEST_GAP`` away."""
        with self._lock:
            wait = self._not_before - clock.monotonic()
            if wait > LONGEST_GAP:
                raise UsedUp(
                    "The calls of this minute are used up. The rest follows by itself.",
                    vendor=self._vendor,
                    wait=wait,
                )
            if wait > 0:
                time.sleep(wait)
            super().acquire()
            self._not_before = clock.monotonic() + self._gap

    def heed(self, limit: float | None, remaining: float | None, until_reset: float) -> None:
        """Take over what an answer tells: ``limit`` calls a minute, ``remaining`` of them left.

        ``until_reset`` is in seconds. The last few are spread over the time until then, but none
        is slept for longer than ``LONGEST_GAP``; when none is left we wait until then.
        """
        with self._lock:
            if limit and limit >= 1 and limit != self._per_minute:
                self._per_minute = limit
                self._count_anew(_rate(limit, 60))
            if remaining is not None and 0 <= remaining < NEARLY_USED_UP and until_reset > 0:
                pace = min(until_reset, 60.0) / (remaining + 1)
                pace = min(pace, LONGEST_GAP) if remaining >= 1 else pace
                self._not_before = max(self._not_before, clock.monotonic() + pace)


class Limiters:
    """One limiter for each credential in use. Credentials are kept as keyed digests only.

    Form submits are limited together: in this process, or where ``next_turn`` is given in all
    that take their turns from it (``CommonLine``).
    """

    def __init__(
        self,
        limits: Limits | None = None,
        next_turn: Callable[[float, float], float | None] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        by_second = self.limits.submits_per_second
        self.submits: Turnstile = (
            CommonLine("upsales", 1 / (by_second * self.limits.speed), next_turn)
            if next_turn
            else Limiter("upsales", self.limits.rate(by_second, 1))
        )
        self._salt = secrets.token_bytes(32)
        self._limiters: dict[tuple[str, bytes], Limiter] = {}
        self._taught: dict[bytes, TaughtLimiter] = {}
        self._many = MANY
        self._lock = Lock()

    def wistia(self, token: str) -> Limiter:
        """Every call with this API token."""
        rate = self.limits.rate(self.limits.wistia_per_minute, 60)
        return self._for("wistia", "all", token, rate)

    def upsales(self, key: str) -> Limiter:
        """Every call with this API key."""
        rate = self.limits.rate(self.limits.upsales_per_second, 1)
        return self._for("upsales", "all", key, rate)

    def upsales_writes(self, key: str) -> Limiter:
        """Calls with this API key that change something; they pass ``upsales`` as well."""
        by_second = self.limits.rate(self.limits.upsales_writes_per_second, 1)
        by_hour = self.limits.rate(self.limits.upsales_writes_per_hour, 3600)
        return self._for("upsales", "writes", key, by_second, by_hour)

    def used(self, token: str, key: str) -> dict[str, int]:
        """What one process hands on to the next with a customer: calls that still count."""
        return {"wistia": self.wistia(token).used, "writes": self.upsales_writes(key).used}

    def take_over(self, token: str, key: str, used: Mapping[str, int], age: float) -> None:
        """Count what another process handed on ``age`` seconds ago."""
        self.wistia(token).take_over(used.get("wistia", 0), age)
        self.upsales_writes(key).take_over(used.get("writes", 0), age)

    def mavera(self, key: str) -> TaughtLimiter:
        """Every call with this API key."""
        digest = self._digest(key)
        with self._lock:
            found = self._taught.get(digest)
            if found is None:
                found = TaughtLimiter("mavera", self.limits.mavera_per_minute * self.limits.speed)
                self._taught[digest] = found
            return found

    def _digest(self, secret: str) -> bytes:
        return hashlib.blake2b(secret.encode(), key=self._salt).digest()

    def _for(self, vendor: Vendor, kind: str, secret: str, *rates: Rate) -> Limiter:
        digest = self._digest(secret)
        with self._lock:
            found = self._limiters.get((vendor + kind, digest))
            if found is None:
                self._forget_idle()
                found = self._limiters[(vendor + kind, digest)] = Limiter(vendor, *rates)
            return found

    def _forget_idle(self) -> None:
        """A token is tried with every letter that is typed: none of those is needed again."""
        if len(self._limiters) < self._many:
            return
        self._limiters = {who: one for who, one in self._limiters.items() if not one.is_idle}
        self._many = max(MANY, 2 * len(self._limiters))


def _rate(count: float, seconds: float) -> Rate:
    """``count`` in ``seconds``, in the whole numbers that the library wants."""
    whole = max(1, math.floor(count))
    return Rate(whole, math.ceil(seconds * 1000 * whole / count))
