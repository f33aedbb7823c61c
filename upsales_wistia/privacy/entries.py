"""Deletes an erased person's log entries in Upsales, each until it is surely gone.

What is to be deleted stands in the erasure's row, so a process may die at any point: the next one
goes on. To delete twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..clients.upsales import UpsalesClient
from ..clock import Clock
from ..errors import NotFound, Rejected
from ..funnel.view import DONE, State
from ..store.leases import Lease
from ..store.outbox import OutboxItem
from ..sync.patience import Patience

log = structlog.get_logger(__name__)

LOOKS = 2
"""How often an entry that may be there is looked for, one settling time apart."""

REFUSALS = 8
"""After so many refusals an entry is left to a person."""

_GONE = 404
_MAYBE = frozenset({State.SENDING, State.UNCERTAIN, State.WITHDRAWN})

Entry = Mapping[str, Any]


def may_be_there(item: OutboxItem) -> bool:
    """Whether a write is in Upsales, or may be."""
    return item.state in DONE or item.state in _MAYBE or item.doubts > 0


def to_delete(item: OutboxItem, now: datetime) -> Entry:
    """What must be known to delete this entry when the row that wrote it is gone."""
    entry: dict[str, Any] = {"from": now.isoformat()}
    if item.upsales_id is not None:
        entry["id"] = item.upsales_id
    if item.upsales_id is None or item.doubts or item.state in _MAYBE:
        entry |= {"external_id": item.external_id, "company": item.payload.get("company")}
    return entry


@dataclass
class Deletion:
    """Deletes the entries that are ``left``; ``keep`` commits how far it came."""

    lease: Lease
    client: Callable[[], UpsalesClient]
    patience: Patience
    clock: Clock
    settle: timedelta
    left: list[Entry]
    deleted: int = 0
    absent: int = 0
    refused: int = 0
    keep: Callable[[Deletion], None] = field(default=lambda deletion: None, repr=False)

    def work_off(self) -> None:
        """Delete what is due. Raises VendorError for what ends it, LeaseLost, or NoUpsalesKey."""
        now = self.clock.now()
        for entry in [one for one in self.left if _due(one) <= now]:
            self.lease.renew()
            rest = self._delete(entry, now)
            position = self.left.index(entry)
            self.left[position : position + 1] = [] if rest is None else [rest]
            self.keep(self)

    @property
    def next_at(self) -> datetime | None:
        """When the rest is due; None for nothing left."""
        return min(map(_due, self.left), default=None)

    def _delete(self, entry: Entry, now: datetime) -> Entry | None:
        """Delete one; what is to be done about it later, if anything."""
        ids = {entry["id"]} if "id" in entry else set()
        try:
            if "external_id" in entry:
                ids |= self._look_for(entry)
            gone = [self._remove(number) for number in sorted(ids)]
        except Rejected as error:
            return self._refused(entry, error, now)
        self.deleted += sum(gone)
        looks = entry.get("looks", 0) + 1
        if "external_id" in entry and looks < LOOKS:
            # A request that was slow may land late, and a search may lag.
            again = {name: value for name, value in entry.items() if name != "id"}
            return {**again, "looks": looks, "from": (now + self.settle).isoformat()}
        self.absent += not any(gone) and not entry.get("looks")
        return None

    def _look_for(self, entry: Entry) -> set[int]:
        """Our entries with this external id: a filter that is ignored returns all there are."""
        filters: list[tuple[str, str, Any]] = [("externalId", "eq", entry["external_id"])]
        if entry.get("company") is not None:
            filters.insert(0, ("client.id", "eq", entry["company"]))
        rows = self.patience.read(lambda: self.client().events(*filters))
        return {row.id for row in rows if row.external_id == entry["external_id"]}

    def _remove(self, number: int) -> bool:
        """Delete an entry; false when it was gone already."""
        try:
            self.patience.read(lambda: self.client().delete_event(number))
        except NotFound:
            return False
        except Rejected as error:
            if error.status != _GONE:
                raise
            return False
        return True

    def _refused(self, entry: Entry, error: Rejected, now: datetime) -> Entry | None:
        tries = entry.get("refusals", 0) + 1
        log.warning("entry of an erased person not deleted", status=error.status)
        if tries >= REFUSALS:
            self.refused += 1
            return None
        later = now + 2**tries * timedelta(minutes=1)
        return {**entry, "refusals": tries, "from": later.isoformat()}


def _due(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry["from"])
