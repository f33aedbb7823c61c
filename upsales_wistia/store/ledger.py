"""The ledger of views: one row a viewing session, whatever the order Wistia tells it in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from ..funnel.identity import Identified
from ..funnel.lateness import TOLD_FROM, Witness
from ..funnel.view import Fetched
from . import arrivals, webhooks
from .database import database
from .fields import from_column, to_column
from .sql import among, batches, execute_each, fetch, upsert


class EventLike(Identified, Protocol):
    """An event as the client reads it; see ``Snapshot`` for what the names mean."""

    @property
    def visitor_key(self) -> str:
        """Wistia's id of the viewer's browser."""

    @property
    def fraction(self) -> float:
        """How much was watched, 0–1."""

    @property
    def media_id(self) -> str:
        """The video's hashed id."""

    @property
    def media_name(self) -> str:
        """The video's title."""

    @property
    def page(self) -> str:
        """Where it was watched, without what names a person."""

    @property
    def heatmap_url(self) -> str:
        """The heat map's address without its token, "" for none."""

    @property
    def country(self) -> str:
        """The viewer's country."""

    @property
    def device(self) -> str:
        """Browser and platform in words."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of one event. Two snapshots of the same event ``merge``.

    ``fraction`` is 0–1; ``identity_fraction`` is the fraction at which the identity (the e-mails,
    the conversion type, the names) was seen. ``received_at`` is aware UTC.
    """

    event_key: str
    received_at: datetime
    fraction: float
    visitor_key: str
    media_id: str
    media_name: str
    page: str
    heatmap_url: str
    country: str
    device: str
    identity_fraction: float
    conversion_email: str
    conversion_type: str
    email: str
    first_name: str
    last_name: str

    @classmethod
    def of(cls, event: EventLike) -> Snapshot:
        """The snapshot that one reading of the event gives."""
        return cls(
            event.event_key,
            event.received_at,
            event.fraction,
            event.visitor_key,
            event.media_id,
            event.media_name,
            event.page,
            event.heatmap_url,
            event.country,
            event.device,
            event.fraction,
            event.conversion_email,
            event.conversion_type,
            event.email,
            event.first_name,
            event.last_name,
        )


_KNOWN = tuple(field.name for field in fields(Snapshot))
# Not astuple, which copies each value deeply: this runs once a view.
_known_of = attrgetter(*_KNOWN)
_SIEVED = ("person", "domain", "activity_code", "form_code", "needs")
_UNSIEVED = ("", "", "", "", "")
_WRITE = upsert(
    "views",
    (
        "customer_id",
        *_KNOWN,
        "fingerprint",
        "percent_since",
        "decide_at",
        "first_seen_at",
        "seen_by",
        "fetched",
        *_SIEVED,
    ),
    key=("customer_id", "event_key"),
    kept=("first_seen_at", "seen_by", "fetched", *_SIEVED),
)


def merge(a: Snapshot, b: Snapshot) -> Snapshot:
    """What both readings of one event say together.

    Commutative, associative and idempotent, so neither the order of rows nor their doubling
    matters: the time is the earlier one, the video's part is that of the furthest watched, and
    the identity moves as one, a converted e-mail before any other.
    """
    watched = a if _watched(a) >= _watched(b) else b
    identity = a if _identity(a) >= _identity(b) else b
    return replace(
        watched,
        received_at=min(a.received_at, b.received_at),
        identity_fraction=identity.identity_fraction,
        conversion_email=identity.conversion_email,
        conversion_type=identity.conversion_type,
        email=identity.email,
        first_name=identity.first_name,
        last_name=identity.last_name,
    )


def fingerprints(customer_id: int, keys: Sequence[str]) -> dict[str, str]:
    """The fingerprint of the content last seen of each of these events that is in the ledger."""
    if not keys:
        return {}
    condition, values = among("event_key", keys)
    return dict(
        fetch(
            f"SELECT event_key, fingerprint FROM views WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
    )


def snapshots(customer_id: int, keys: Sequence[str]) -> dict[str, Snapshot]:
    """What is known of each of these events that is in the ledger."""
    found: dict[str, Snapshot] = {}
    for batch in batches(keys):
        found |= {key: snapshot for key, (snapshot, _) in _stored(customer_id, batch).items()}
    return found


def record(
    customer_id: int,
    events: Sequence[tuple[EventLike, str]],
    *,
    read_at: datetime,
    watched_since: datetime | None = None,
    aside_before: datetime | None = None,
) -> int:
    """Merge events, each with the fingerprint of its raw content, into the ledger.

    What is new or changed is to be decided from ``read_at`` on. Returns how many views that were.
    The result does not depend on the order, the doubling or the batches of the events.

    Views received since ``watched_since`` (aware) are counted by how late they came: before it,
    or with None, they may be seen late because nobody looked. New ones that were received before
    ``aside_before`` (aware) are put aside: looked at, and not to be written.
    """
    merged: dict[str, Snapshot] = {}
    marks: dict[str, str] = {}
    for event, mark in events:
        snapshot = Snapshot.of(event)
        before = merged.get(event.event_key)
        merged[event.event_key] = merge(before, snapshot) if before else snapshot
        marks[event.event_key] = mark
    with database.atomic():
        return sum(
            _record_batch(customer_id, batch, marks, read_at, watched_since, aside_before)
            for batch in batches(merged.values())
        )


def _record_batch(
    customer_id: int,
    batch: list[Snapshot],
    marks: dict[str, str],
    read_at: datetime,
    watched_since: datetime | None,
    aside_before: datetime | None,
) -> int:
    stored = _stored(customer_id, [snapshot.event_key for snapshot in batch])
    new_ones = [snapshot for snapshot in batch if snapshot.event_key not in stored]
    told = webhooks.told(customer_id, [snapshot.event_key for snapshot in new_ones])
    if watched_since is not None:
        seen = [s for s in new_ones if s.received_at >= watched_since]
        arrivals.count(customer_id, [(s.received_at, _witness(s, told)) for s in seen], read_at)
    now = to_column(read_at)
    changed, unchanged = [], []
    for snapshot in batch:
        key = snapshot.event_key
        old, since = stored.get(key, (None, now))
        new = merge(old, snapshot) if old else snapshot
        if new == old:
            unchanged.append((marks[key], customer_id, key))
            continue
        if old is None or new.fraction != old.fraction:
            since = now
        known = (key, to_column(new.received_at), *_known_of(new)[2:])
        by = "webhook" if key in told else "poll"
        aside = aside_before is not None and new.received_at < aside_before
        fetched = Fetched.LOOKED_AT if aside else Fetched.NOT
        changed.append(
            (customer_id, *known, marks[key], since, now, now, by, fetched.value, *_UNSIEVED)
        )
    execute_each(_WRITE, changed)
    execute_each(
        "UPDATE views SET fingerprint = ? WHERE customer_id = ? AND event_key = ?", unchanged
    )
    return len(changed)


def _stored(customer_id: int, keys: list[str]) -> dict[str, tuple[Snapshot, Any]]:
    condition, values = among("event_key", keys)
    rows = fetch(
        f"SELECT percent_since, {', '.join(_KNOWN)} FROM views "
        f"WHERE customer_id = ? AND {condition}",
        [customer_id, *values],
    )
    return {
        key: (Snapshot(key, from_column(received_at), *rest), since)
        for since, key, received_at, *rest in rows
    }


def _witness(snapshot: Snapshot, told: Collection[str]) -> Witness:
    if snapshot.event_key in told:
        return "webhook"
    worth_telling = snapshot.fraction >= TOLD_FROM or snapshot.conversion_email
    return "poll" if worth_telling else ""


def _watched(snapshot: Snapshot) -> tuple[Any, ...]:
    return (
        snapshot.fraction,
        snapshot.heatmap_url,
        snapshot.page,
        snapshot.media_name,
        snapshot.media_id,
        snapshot.visitor_key,
        snapshot.country,
        snapshot.device,
    )


def _identity(snapshot: Snapshot) -> tuple[Any, ...]:
    return (
        snapshot.conversion_email != "",
        snapshot.conversion_type != "",
        snapshot.email != "",
        snapshot.identity_fraction,
        snapshot.conversion_email,
        snapshot.conversion_type,
        snapshot.email,
        snapshot.first_name,
        snapshot.last_name,
    )
