"""How late views came, as counts: whatever the number of views, a few rows an hour.

They name nobody, so they stay when a view is erased.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from ..funnel.lateness import Arrived, Witness, minutes_late
from .fields import from_column, to_column
from .sql import execute_each, fetch
from .webhook_models import ArrivalRow

KEPT = timedelta(days=35)

_COUNT = (
    "INSERT INTO arrivals (customer_id, hour, witness, minutes, count) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (customer_id, hour, witness, minutes) "
    "DO UPDATE SET count = arrivals.count + excluded.count"
)


def count(customer_id: int, seen: Iterable[tuple[datetime, Witness]], seen_at: datetime) -> None:
    """Count views that came into the ledger at ``seen_at``, each by when Wistia received it."""
    counts = Counter(
        (to_column(_hour(received_at)), witness, minutes_late(received_at, seen_at))
        for received_at, witness in seen
    )
    # In one order, so that two customers' runs never wait for each other.
    execute_each(_COUNT, [(customer_id, *key, n) for key, n in sorted(counts.items())])


def since(customer_id: int, start: datetime) -> list[Arrived]:
    """The counts of views received since ``start`` (aware UTC), by full hours."""
    rows = fetch(
        "SELECT hour, witness, minutes, count FROM arrivals WHERE customer_id = ? AND hour >= ?",
        [customer_id, to_column(start)],
    )
    return [Arrived(from_column(hour), *rest) for hour, *rest in rows]


def slowest(customer_id: int, start: datetime) -> timedelta:
    """The longest that a view received since ``start`` (aware UTC) took; 0 without any."""
    ((minutes,),) = fetch(
        "SELECT max(minutes) FROM arrivals WHERE customer_id = ? AND hour >= ?",
        [customer_id, to_column(start)],
    )
    return timedelta(minutes=minutes or 0)


def forget(customer_id: int, before: datetime) -> None:
    """Drop the counts of views received before ``before``."""
    ArrivalRow.delete().where(
        ArrivalRow.customer_id == customer_id, ArrivalRow.hour < before
    ).execute()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
