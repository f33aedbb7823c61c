"""What stands around every page of a customer: its name, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import UsageError
from .funnel.view import Target
from .settings import typed
from .store import checks, customers, tally, versions


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
        _waiting(customer_id),
        checks.count_needing_person(customer_id),
        str(customer.setup.get("event_zone", "UTC")),
    )


def _waiting(customer_id: int) -> int:
    """How many views wait; none where the activity log, which they wait for, is off."""
    version = versions.current(customer_id)
    on = typed(version.config if version else {}).enabled(Target.ACTIVITY)
    return tally.waiting_by_code(customer_id).total() if on else 0
