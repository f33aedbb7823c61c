"""What is asked of Upsales' activity log, by entries of ours that surely are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from ..clients.upsales import UpsalesClient
from ..clients.upsales_schema import EventRow
from ..errors import NotFound, Rejected, Unclear
from ..store import checks
from ..sync.zone import read_as
from .question import CannotTell, Found
from .subject import Subject

Filter = tuple[str, str, Any]

_SUB_TYPE: Final = "Wistia"
_DAY: Final = timedelta(days=1)
_FAR: Final = timedelta(days=3650)


class Asked(Protocol):
    """Upsales, with the key of a customer."""

    @property
    def subject(self) -> Subject:
        """Whose it is."""

    @property
    def known(self) -> list[Entry]:
        """As ``known_entries``."""

    def client(self) -> UpsalesClient:
        """A client whose key was accepted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is there: what we wrote, and Upsales' row of it. ``date`` is aware UTC."""

    company: int
    external_id: str
    date: datetime
    row: EventRow


def by_external_id(asked: Asked) -> Found:
    """Whether the entry is found by our id, and nothing by a made-up one."""
    entry = asked.known[0]
    return _filtered(
        asked,
        entry,
        [("externalId", "eq", entry.external_id)],
        [("externalId", "eq", str(uuid4()))],
    )


def by_app(asked: Asked) -> Found:
    """Whether one of our entries is found by the app's number, and not by another's."""
    app = asked.subject.config.upsales_app_id
    if app is None:
        raise CannotTell("UPSALES_APP_ID is not set; our entries are listed by subType.")
    right, wrong = [("integrationId", "eq", app)], [("integrationId", "eq", app + 1)]
    answers = [_filtered(asked, entry, right, wrong) for entry in asked.known]
    return next((found for found in answers if found.ok), answers[0])


def by_kind(asked: Asked) -> Found:
    """Whether the entry is found by what we call its kind, and not by a made-up one."""
    entry = asked.known[0]
    made_up = str(uuid4())[:8]
    return _filtered(asked, entry, [("subType", "eq", _SUB_TYPE)], [("subType", "eq", made_up)])


def by_day(asked: Asked) -> Found:
    """Whether the entry is found around its day, and not ten years before."""
    entry = asked.known[0]
    day = entry.date
    return _filtered(
        asked,
        entry,
        [("date", "gte", f"{day - _DAY:%Y-%m-%d}"), ("date", "lte", f"{day + 2 * _DAY:%Y-%m-%d}")],
        [("date", "lte", f"{day - _FAR:%Y-%m-%d}")],
    )


def zone_of_dates(asked: Asked) -> Found:
    """Whether the newest entry stands at the moment of its view, or else in which zone it was read.

    Under ``auto`` the first entry of a customer is off, and by it the zone was learnt.
    """
    entry = asked.known[0]
    if entry.row.date is None:
        raise CannotTell("Upsales does not tell the date of its entry.")
    given = asked.subject.config.upsales_event_tz
    learnt = str(asked.subject.setup.get("event_zone", "UTC"))
    written = learnt if given == "auto" else given
    if entry.row.date == entry.date.replace(microsecond=0):
        return Found(written, True, expected=written)
    as_utc = read_as(entry.date, entry.row.date)
    if given == "auto" and as_utc is not None and as_utc == learnt:
        return Found(learnt, True, "It was learnt by this entry; later ones are right.", learnt)
    clock = entry.date.astimezone(ZoneInfo(written)).replace(tzinfo=UTC)
    zone = read_as(clock, entry.row.date)
    advice = f"Set UPSALES_EVENT_TZ={zone}." if zone else "It is none that we know: report it."
    return Found(zone or "unknown", False, advice, expected=written)


def known_entries(customer_id: int, client: UpsalesClient) -> list[Entry]:
    """Entries of one company that are there, the newest first; CannotTell when none is."""
    written = checks.known_entries(customer_id)
    if not written:
        raise CannotTell("We have written no entry yet.")
    company = int(written[0].payload["company"])
    rows = {row.id: row for row in client.events(("client.id", "eq", company))}
    found = [
        Entry(
            company,
            item.external_id,
            datetime.fromisoformat(item.payload["date"]),
            rows[item.upsales_id],
        )
        for item in written
        if item.upsales_id in rows
    ]
    if not found:
        raise CannotTell("The entries we wrote last are not in Upsales any more.")
    return found


def _filtered(asked: Asked, entry: Entry, right: list[Filter], wrong: list[Filter]) -> Found:
    """Whether the entry is found by the ``right`` filters, and not by the ``wrong`` ones."""
    try:
        if not _finds(asked, entry, right):
            return Found("does not find it", False)
        ignored = _finds(asked, entry, wrong)
    except (Rejected, NotFound, Unclear) as refused:
        # A filter that is not known is answered by a 500.
        if refused.status is None:
            raise
        return Found(f"refused ({refused.status})", False)
    return Found("is ignored" if ignored else "works", not ignored)


def _finds(asked: Asked, entry: Entry, filters: list[Filter]) -> bool:
    rows = asked.client().events(("client.id", "eq", entry.company), *filters)
    return any(row.id == entry.row.id for row in rows)
