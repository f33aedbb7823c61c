"""How fast we ask: one limiter a credential in this process, so that no vendor has to say no."""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass
from threading import Lock
from typing import Final

from pyrate_limiter import InMemoryBucket, Rate, SingleBucketFactory
from pyrate_limiter import Limiter as RateLimiter

from .. import clock
from ..errors import UsedUp, Vendor

LONGEST_WAIT: Final = 60.0
"""Seconds a thread may stand in line; a longer wait is told to the caller instead."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What we allow ourselves, below what the vendors allow.

    Wistia: 600 a minute an account, https://docs.wistia.com/docs/making-api-requests
    Upsales: 200 in 10 s and 5,000 writes an hour a key, https://api.upsales.com
    ``submits_per_second`` counts every customer's form submits together.
    """

    wistia_per_minute: float = 540
    upsales_per_second: float = 10
    upsales_writes_per_second: float = 3
    upsales_writes_per_hour: float = 4500
    submits_per_second: float = 1

    def scaled(self, factor: float) -> Limits:
        """The same limits, ``factor`` times as fast: for vendors on loopback."""
        return Limits(
            self.wistia_per_minute * factor,
            self.upsales_per_second * factor,
            self.upsales_writes_per_second * factor,
            self.upsales_writes_per_hour * factor,
            self.submits_per_second * factor,
        )


class Limiter:
    """Lets so many through in every window of time, whichever window is looked at."""

    def __init__(self, vendor: Vendor, *rates: Rate) -> None:
        self._vendor = vendor
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


class Limiters:
    """One limiter for each credential in use. Credentials are kept as keyed digests only."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.submits = Limiter("upsales", _rate(self.limits.submits_per_second, 1))
        self._salt = secrets.token_bytes(32)
        self._limiters: dict[tuple[str, bytes], Limiter] = {}
        self._lock = Lock()

    def wistia(self, token: str) -> Limiter:
        """Every call with this API token."""
        return self._for("wistia", "all", token, _rate(self.limits.wistia_per_minute, 60))

    def upsales(self, key: str) -> Limiter:
        """Every call with this API key."""
        return self._for("upsales", "all", key, _rate(self.limits.upsales_per_second, 1))

    def upsales_writes(self, key: str) -> Limiter:
        """Calls with this API key that change something; they pass ``upsales`` as well."""
        by_second = _rate(self.limits.upsales_writes_per_second, 1)
        by_hour = _rate(self.limits.upsales_writes_per_hour, 3600)
        return self._for("upsales", "writes", key, by_second, by_hour)

    def _for(self, vendor: Vendor, kind: str, secret: str, *rates: Rate) -> Limiter:
        digest = hashlib.blake2b(secret.encode(), key=self._salt).digest()
        with self._lock:
            found = self._limiters.get((vendor + kind, digest))
            if found is None:
                found = self._limiters[(vendor + kind, digest)] = Limiter(vendor, *rates)
            return found


def _rate(count: float, seconds: float) -> Rate:
    """``count`` in ``seconds``, in the whole numbers that the library wants."""
    whole = max(1, math.floor(count))
    return Rate(whole, math.ceil(seconds * 1000 * whole / count))
