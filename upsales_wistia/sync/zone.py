"""In which zone Upsales reads the date of a log entry.

The documentation gives the format and no zone. So the first entry is written as UTC; what
Upsales answers tells how it was read, and that is remembered for the customer.
https://support.upsales.com/hc/en-us/articles/360001704867-Custom-marketing-events
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..store import customers
from .work import Work

_HALF_HOUR = timedelta(minutes=30)
_SWEDEN = "Europe/Stockholm"


def of_customer(work: Work) -> str:
    """The zone to write dates in: the operator's choice, else what was learnt, else UTC."""
    if work.event_zone != "auto":
        return work.event_zone
    return str(customers.setup(work.customer_id).get("event_zone", "UTC"))


def learn(work: Work, sent: datetime, answered: datetime | None) -> None:
    """Remember the zone by which Upsales read ``sent``; both aware UTC."""
    known = customers.setup(work.customer_id)
    if work.event_zone != "auto" or "event_zone" in known or answered is None:
        return
    found = read_as(sent, answered)
    if found:
        with work.lease.commit():
            customers.update_setup(work.customer_id, event_zone=found)


def read_as(sent: datetime, answered: datetime) -> str | None:
    """The zone's name when ``sent`` written as UTC came back as ``answered``; None if odd."""
    shift = sent.replace(microsecond=0) - answered.replace(microsecond=0)
    if shift == timedelta(0):
        return "UTC"
    if shift % _HALF_HOUR:
        return None
    if sent.astimezone(ZoneInfo(_SWEDEN)).utcoffset() == shift:
        return _SWEDEN
    hours = shift / timedelta(hours=1)
    # POSIX names turn the sign round: Etc/GMT-2 is two hours ahead of UTC.
    return f"Etc/GMT{-hours:+.0f}" if hours == int(hours) and -12 <= hours <= 12 else None
