"""When a customer is due: on a grid of its own, so that thousands spread over the interval."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b


def next_due(customer_id: int, now: datetime, minutes: float) -> datetime:
    """The next moment after ``now`` (aware UTC) at which the customer's poll is due.

    Restarts and long runs do not move the grid: it depends on the customer alone.
    """
    interval = minutes * 60
    offset = _share(customer_id) * interval
    slots = (now.timestamp() - offset) // interval + 1
    return datetime.fromtimestamp(slots * interval + offset, UTC)


def _share(customer_id: int) -> float:
    """A number from 0 to 1, always the same for one customer."""
    digest = blake2b(str(customer_id).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
