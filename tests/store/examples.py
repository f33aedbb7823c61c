"""A moment, and things as they are at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from upsales_wistia.funnel.view import State, Target
from upsales_wistia.store import ledger, outbox, sieve
from upsales_wistia.store.leases import claim

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a client reads it."""

    event_key: str = "e1"
    visitor_key: str = "v1"
    received_at: datetime = NOW - HOUR
    fraction: float = 0.5
    email: str = ""
    conversion_type: str = ""
    conversion_email: str = ""
    first_name: str = ""
    last_name: str = ""
    media_id: str = "m1"
    media_name: str = "My Cool Video"
    page: str = ""
    heatmap_url: str = ""
    country: str = "SE"
    device: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A video as a client reads it."""

    media_id: str = "m1"
    name: str = "My Cool Video"
    project_id: str | None = "p1"
    project_name: str | None = "Demos"
    duration: float | None = 90.0


def record(customer: int, *events: Event, at: datetime = NOW) -> int:
    """Record events whose raw content is told apart by their repr."""
    return ledger.record(customer, [(event, repr(event)) for event in events], read_at=at)


def sieved(number: int, **facts: object) -> sieve.Sieved:
    """A view that needs nothing more, but for ``facts``."""
    known: dict[str, object] = {
        "person": "",
        "domain": "",
        "activity_code": "no_email",
        "form_code": "no_email",
        "needs": "",
        "decide_at": None,
    }
    return sieve.Sieved(number, **(known | facts))  # type: ignore[arg-type]


def planned(key: str = "e1", target: Target = Target.ACTIVITY, score: int = 1) -> outbox.Planned:
    """An intended write."""
    return outbox.Planned(key, target, f"external-{key}", {"score": score}, "Ada at Acme")


def write(customer: int, key: str, target: Target, state: State, run_id: str = "run") -> None:
    """Put a write of this outcome into the outbox."""
    outbox.plan(customer, [planned(key, target)], run_id=run_id, settings_version=1, now=NOW)
    if state is State.PLANNED:
        return
    lease = claim(customer, 60)
    assert lease
    (item,) = [
        item for item in outbox.due(customer, target, NOW, asked=True) if item.event_key == key
    ]
    assert outbox.begin(lease, item, NOW, run_id=run_id)
    if state is not State.SENDING:
        outbox.finish(lease, item, state, now=NOW, retry_at=NOW + HOUR)
    lease.release()
