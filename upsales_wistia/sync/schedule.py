"""When a customer is due: on a grid of its own, so that thousands spread over the interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from ..store import customers, leases

POLL_FIRST = timedelta(minutes=2)
"""How long other work of a customer stands back for its poll that is due."""


def next_due(customer_id: int, now: datetime, minutes: float) -> datetime:
    """The next moment after ``now`` (aware UTC) at which the customer's poll is due.

    Restarts and long runs do not move the grid: it depends on the customer alone.
    """
    interval = minutes * 60
    offset = _share(customer_id) * interval
    slots = (now.timestamp() - offset) // interval + 1
    return datetime.fromtimestamp(slots * interval + offset, UTC)


def poll_comes(customer_id: int, now: datetime) -> bool:
    """Whether a poll is due at ``now`` (aware UTC), so that other work gives the lease back.

    Where no poll comes within ``POLL_FIRST``, as when nobody ticks, other work goes on.
    """
    due = customers.due_at(customer_id, customers.POLL)
    return due is not None and due <= now < due + POLL_FIRST


def others_wait(customer_id: int, now: datetime) -> bool:
    """Whether another customer's poll is due at ``now`` (aware UTC) and nobody is at it."""
    return any(one != customer_id for one in leases.free(customers.due(now)))


def _share(customer_id: int) -> float:
    """A number from 0 to 1, always the same for one customer."""
    digest = blake2b(str(customer_id).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
