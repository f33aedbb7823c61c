"""What a run is doing, told to whoever asked for it and, beside its lease, to any page."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import monotonic
from ..store.leases import Lease

SECONDS_BETWEEN = 0.5
"""A page looks every two seconds: telling more often would only cost writes."""


class Telling:
    """Passes progress on, and now and then stores it with the lease."""

    def __init__(self, lease: Lease, listener: Callable[[str], None]) -> None:
        self._lease = lease
        self._listener = listener
        self._told_at = 0.0

    def __call__(self, text: str) -> None:
        """``text`` is what is being done now."""
        self._listener(text)
        now = monotonic()
        if now - self._told_at >= SECONDS_BETWEEN:
            self._told_at = now
            self._lease.tell(text)
