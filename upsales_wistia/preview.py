"""What can be said before the first run, without Upsales and without storing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from . import clock
from .clients.wistia import WistiaClient
from .clients.wistia_schema import BadRow, Event, Media, load_event
from .errors import Rejected
from .funnel.identity import identify, own_conversion
from .funnel.settings import IdentityRule, Settings
from .funnel.stages import before_start, project_reason, watched_enough
from .funnel.view import Conversion, Video, View

MOST_PAGES = 20
"""Pages of 100 views; of a larger account only the newest views are looked at."""

MOST_VISITORS = 40
"""Viewers whose own history is read, to see whether they left their e-mail earlier."""

SECONDS = 18.0
"""When no further call is begun: whoever asked waits for 30 seconds at most."""

_PADDING = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """Counts of views. ``whole`` is false when not all of the last ``days`` could be read."""

    views: int
    identified: int
    passing: int
    days: int
    whole: bool

    @property
    def sentence(self) -> str:
        """The counts as an admin reads them."""
        if not self.views:
            return f"Wistia has no views of the last {self.days} days."
        of = f"{self.views:,}" if self.whole else f"the newest {self.views:,}"
        return (
            f"{self.identified:,} of {of} views in the last {self.days} days left an e-mail; "
            f"{self.passing:,} of them pass your filters. "
            "Who of them is in Upsales is known after the first run."
        )


@dataclass(frozen=True, slots=True)
class _Budget:
    """When to stop, on the clock that measures durations."""

    until: float

    @property
    def is_left(self) -> bool:
        return clock.monotonic() < self.until


def preview(wistia: WistiaClient, settings: Settings, now: datetime, days: int) -> Preview:
    """Sieve the views of the last ``days`` as a run would, as far as Wistia alone can tell.

    ``now`` is aware UTC. Raises CredentialRefused or another VendorError.
    """
    budget = _Budget(clock.monotonic() + SECONDS)
    since = now - timedelta(days=days)
    events, whole = _events(wistia, since, now, budget)
    recent = [event for event in events.values() if since <= event.received_at < now]
    known = _conversions(events.values())
    if settings.identity is IdentityRule.TURNSTILE:
        known = _with_histories(wistia, recent, known, budget)
    found = [event for event in recent if _is_identified(event, known, settings)]
    videos = _videos(wistia, found, settings)
    passing = [event for event in found if _passes(_view(event, videos), settings)]
    return Preview(len(recent), len(found), len(passing), days, whole)


def _events(
    wistia: WistiaClient, since: datetime, now: datetime, budget: _Budget
) -> tuple[dict[str, Event], bool]:
    """The views by event key, and whether these are all."""
    pages = wistia.event_pages((since - _PADDING).date(), (now + _PADDING).date())
    events: dict[str, Event] = {}
    for number, page in enumerate(pages, 1):
        for event in _load(wistia, page):
            events.setdefault(event.event_key, event)
        if number == MOST_PAGES or not budget.is_left:
            return events, len(page) < 100
    return events, True


def _load(wistia: WistiaClient, page: Sequence[Mapping[str, Any]]) -> Iterator[Event]:
    for row in page:
        try:
            yield load_event(row, origin=wistia.base_url)
        except BadRow:
            continue


def _conversions(events: Iterable[Event]) -> dict[str, list[Conversion]]:
    found: dict[str, list[Conversion]] = {}
    for event in events:
        conversion = own_conversion(event)
        if conversion:
            found.setdefault(event.visitor_key, []).append(conversion)
    return found


def _with_histories(
    wistia: WistiaClient,
    events: Sequence[Event],
    known: dict[str, list[Conversion]],
    budget: _Budget,
) -> dict[str, list[Conversion]]:
    """``known``, and what viewers with an e-mail but without a conversion left earlier."""
    visitors = {e.visitor_key: None for e in events if e.email and e.visitor_key not in known}
    histories = dict(known)
    for visitor in [key for key in visitors if key][:MOST_VISITORS]:
        if not budget.is_left:
            break
        try:
            first = next(wistia.visitor_event_pages(visitor), [])
        except Rejected:
            break  # Where Wistia refuses to tell, a run goes on without it too.
        histories |= _conversions(_load(wistia, first))
    return histories


def _is_identified(
    event: Event, known: Mapping[str, Sequence[Conversion]], settings: Settings
) -> bool:
    who = identify(_view(event, {}), known.get(event.visitor_key, ()), settings.identity)
    return not isinstance(who, str)


def _videos(wistia: WistiaClient, events: Sequence[Event], settings: Settings) -> dict[str, Media]:
    if not settings.projects:
        return {}
    wanted = sorted({event.media_id for event in events} - {""})
    return {media.media_id: media for media in wistia.medias(wanted)}


def _passes(view: View, settings: Settings) -> bool:
    wanted = not project_reason(view, settings) and not before_start(view, settings)
    return wanted and watched_enough(view, settings)


def _view(event: Event, videos: Mapping[str, Media]) -> View:
    media = videos.get(event.media_id)
    return View(
        event_key=event.event_key,
        visitor_key=event.visitor_key,
        received_at=event.received_at,
        percent=Decimal(repr(event.fraction)) * 100,
        video=Video(event.media_id, event.media_name, media.project_id if media else None),
        email=event.email,
        conversion_type=event.conversion_type,
        conversion_email=event.conversion_email,
        first_name=event.first_name,
        last_name=event.last_name,
    )
