"""What passed: counted calls, recorded requests, and the vendors' rate limits."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

KEPT_REQUESTS = 20_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came. ``query`` holds name and value pairs, without any token."""

    vendor: str
    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int
    customer: int | None


class Counters:
    """Calls by customer and operation, refused and spoilt ones too. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[tuple[int | None, str]] = Counter()
        self._recorded: deque[Recorded] = deque(maxlen=KEPT_REQUESTS)

    def add(self, customer: int | None, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._calls[customer, operation] += 1

    def record(self, request: Recorded) -> None:
        """Keep a request; the oldest go when there are many."""
        self._recorded.append(request)

    def recorded(self) -> list[Recorded]:
        """The requests so far, oldest first."""
        return list(self._recorded)

    def by_operation(self, customer: int | None = None) -> dict[str, int]:
        """Calls by operation, of one customer or of all."""
        totals: Counter[str] = Counter()
        with self._lock:
            for (who, operation), calls in self._calls.items():
                if customer is None or who == customer:
                    totals[operation] += calls
        return dict(sorted(totals.items()))

    def count(self, operation: str, customer: int | None = None) -> int:
        """How often one operation was called."""
        return self.by_operation(customer).get(operation, 0)

    def total(self, vendor: str, customer: int | None = None) -> int:
        """How often a vendor was called at all."""
        calls = self.by_operation(customer)
        return sum(n for name, n in calls.items() if name.startswith(f"{vendor}."))

    def dump(self, customer: int | None = None) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "operations": self.by_operation(customer),
            "wistia": self.total("wistia", customer),
            "upsales": self.total("upsales", customer),
            "mavera": self.total("mavera", customer),
        }

    def reset(self) -> None:
        """Count from zero again, and forget the requests."""
        with self._lock:
            self._calls.clear()
            self._recorded.clear()


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests a token may make. None: as many as it likes. Defaults as documented.

    ``speed`` shortens every window: 10 lets a minute pass in six seconds.
    """

    wistia_per_minute: int | None = 600
    upsales_per_10s: int | None = 200
    upsales_per_10min: int | None = 6000
    upsales_per_hour: int | None = 20_000
    upsales_writes_per_10min: int | None = 2000
    upsales_writes_per_hour: int | None = 5000
    mavera_per_minute: int | None = 240
    speed: float = 1

    @classmethod
    def off(cls) -> Limits:
        """No limit at all."""
        return cls(None, None, None, None, None, None, None)

    def windows(self, vendor: str, *, write: bool) -> list[tuple[str, float, int]]:
        """(name, seconds, most) of each window that a request falls into."""
        every: list[tuple[str, float, int | None]] = [("w60", 60, self.wistia_per_minute)]
        if vendor == "mavera":
            every = [("m60", 60, self.mavera_per_minute)]
        if vendor == "upsales":
            every = [
                ("u10", 10, self.upsales_per_10s),
                ("u600", 600, self.upsales_per_10min),
                ("u3600", 3600, self.upsales_per_hour),
            ]
            if write:
                every.append(("uw600", 600, self.upsales_writes_per_10min))
                every.append(("uw3600", 3600, self.upsales_writes_per_hour))
        return [
            (name, seconds / self.speed, most) for name, seconds, most in every if most is not None
        ]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Where a token stands in its tightest window. ``reset`` is in seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: float


class Throttle:
    """Counts requests of each token in fixed windows of real time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}

    def pass_one(self, token: str, windows: list[tuple[str, float, int]]) -> Allowance:
        """Count a request of ``token``; its standing in the window nearest to its limit."""
        now = self._clock()
        with self._lock:
            stands = [self._stand(token, window, now) for window in windows]
        return min(stands, key=lambda s: s.remaining / s.limit if s.limit else 0.0, default=_FREE)

    def _stand(self, token: str, window: tuple[str, float, int], now: float) -> Allowance:
        name, seconds, most = window
        started, used = self._windows.get((token, name), (now, 0))
        if now - started >= seconds:
            started, used = now, 0
        self._windows[token, name] = (started, used + 1)
        reset = started + seconds - now
        return Allowance(used < most, most, max(0, most - used - 1), reset)


_FREE = Allowance(True, 0, 0, 0.0)
