"""What a run is doing, told to whoever asked for it and, beside its lease, to any page."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..clock import monotonic
from ..store.leases import Lease

SECONDS_BETWEEN = 0.5
"""A page looks every two seconds: counting on more often would only cost writes."""


class Telling:
    """Passes progress on, and stores it with the lease: each new step, and now and then its count.

    A step may take long after its first word, so none waits for the one before.
    """

    def __init__(self, lease: Lease, listener: Callable[[str], None]) -> None:
        self._lease = lease
        self._listener = listener
        self._told_at = 0.0
        self._step = ""

    def __call__(self, text: str) -> None:
        """``text`` is what is being done now."""
        self._listener(text)
        now, step = monotonic(), re.sub(r"\d+", "", text)
        if step != self._step or now - self._told_at >= SECONDS_BETWEEN:
            self._told_at, self._step = now, step
            self._lease.tell(text)
