"""How late a customer's views reach us, for its status."""

from __future__ import annotations

from datetime import datetime, timedelta

from .funnel.lateness import WEEK, WIDEST, Lateness, lateness_of
from .store import arrivals, webhooks


def lateness(customer_id: int, now: datetime, window_days: int) -> Lateness:
    """What is known at ``now`` (aware UTC); ``window_days`` is how far back a run reads."""
    return lateness_of(
        arrivals.since(customer_id, now - WEEK),
        webhooks.heard(customer_id, now - WEEK),
        window=timedelta(days=window_days),
        slowest=arrivals.slowest(customer_id, now - WIDEST),
        now=now,
    )
