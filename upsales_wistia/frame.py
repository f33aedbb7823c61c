"""What stands around every page of a customer: its name, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import UsageError
from .store import checks, customers, tally


@dataclass(frozen=True, slots=True)
class Frame:
    """``waiting`` counts the views that wait for a contact, ``needing`` those that need a person.

    ``zone`` names the zone in which Upsales shows its times to this customer.
    """

    customer_name: str
    waiting: int = 0
    needing: int = 0
    zone: str = "UTC"


def frame_of(customer_id: int) -> Frame | None:
    """What stands around a customer's pages; None when there is no such customer."""
    try:
        customer = customers.load(customer_id)
    except UsageError:
        return None
    return Frame(
        customer.name,
        tally.waiting(customer_id).views,
        checks.count_needing_person(customer_id),
        str(customer.setup.get("event_zone", "UTC")),
    )
