"""How many calls to the vendors each customer's runs made, day by day (UTC)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .sql import execute, execute_each, fetch

KEPT = timedelta(days=35)

_COUNT = (
    "INSERT INTO calls (customer_id, day, vendor, made, failed) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (customer_id, day, vendor) "
    "DO UPDATE SET made = calls.made + excluded.made, failed = calls.failed + excluded.failed"
)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that were sent, and how many were answered 400 or more, or not at all."""

    made: int = 0
    failed: int = 0


def count(customer_id: int, now: datetime, by_vendor: Mapping[str, Calls]) -> None:
    """Add to today's calls, and forget what is older than ``KEPT``."""
    rows = [
        (customer_id, now.date().isoformat(), vendor, calls.made, calls.failed)
        for vendor, calls in sorted(by_vendor.items())
        if calls.made
    ]
    execute_each(_COUNT, rows)
    oldest = (now - KEPT).date().isoformat()
    execute("DELETE FROM calls WHERE customer_id = ? AND day < ?", [customer_id, oldest])


def of_day(day: date) -> dict[str, Calls]:
    """All customers' calls of a day (UTC), by vendor."""
    rows = fetch(
        "SELECT vendor, sum(made), sum(failed) FROM calls WHERE day = ? GROUP BY vendor",
        [day.isoformat()],
    )
    return {vendor: Calls(int(made), int(failed)) for vendor, made, failed in rows}
