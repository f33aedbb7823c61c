"""Phase 1: read every page of the window, keep what changed, and what belongs to it.

Rows come newest first and shift between pages while new ones arrive; nothing is decided before
the last page, and the next poll reads the whole window again. A row is compared by the
fingerprint of its raw content before any schema: an unchanged one goes no further.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from ..clients.wistia_schema import BadRow, Event, Media, event_key, fingerprint, load_event
from ..errors import Rejected
from ..funnel.identity import own_conversion, typed_email
from ..funnel.view import Conversion
from ..store import arrivals, customers, ledger, media, visitors, webhooks
from .ahead import ahead
from .halves import by_halves
from .share import Reached
from .witness import compare_told
from .work import Work

log = structlog.get_logger(__name__)

MEDIA_FOR = timedelta(hours=24)
"""How long a video's project and length are believed."""

# The zone of start_date and end_date is not documented, so whole days are added on both sides
# and the rows are cut by received_at. https://docs.wistia.com/reference/statsevents
_PADDING = timedelta(days=1)

_MEDIA_AT_ONCE = 100
_WATCHED = "watched_since"


def read_window(work: Work) -> None:
    """Read the window page by page, committing each, then what its changed views need."""
    if work.reached:
        _read_all_pages(work)
    read_visitors(work)
    read_media(work, work.window.read_from)


def _read_all_pages(work: Work) -> None:
    if not _read_pages(work):
        # Rows are gone from above where an earlier part had stopped.
        work.reached = Reached()
        _read_pages(work)
    work.reached = None
    with work.lease.commit():
        customers.complete_read(work.customer_id, work.window.end)
        _keep_watch(work)
        compare_told(work)
        if work.counts["unreadable"] != customers.setup(work.customer_id).get("unreadable", 0):
            customers.update_setup(work.customer_id, unreadable=work.counts["unreadable"])


def _read_pages(work: Work) -> bool:
    """Read on from where the run is in the list; False when it does not join what was read."""
    first = (work.window.read_from - _PADDING).date()
    last = (work.window.end + _PADDING).date()
    before = work.reached or Reached()
    reached = work.reached = before.begun()
    pages = iter(work.wistia.event_pages(first, last, page=before.page))
    number = before.page
    work.progress(f"Reading views, page {number}")  # Said before: the first answer may take long.
    with closing(ahead(lambda: work.patience.read(lambda: next(pages, None)))) as read:
        for page in read:
            if number == before.page and not before.joins(page):
                return False
            if number > before.page:
                work.progress(f"Reading views, page {number}")
            keep_rows(work, [row for row in page if _is_recent(row, work.window.read_from)])
            reached = work.reached = reached.after(page)
            if number > before.page or number == 1:
                work.share.step()  # The page that two parts share is the earlier one's.
            number += 1
    return number > before.page or before.page == 1


def read_slice(work: Work, since: datetime, until: datetime) -> None:
    """Read the views received from ``since`` on and before ``until`` (aware), and what they need.

    Those that no run would look at are put aside: nothing is written of them by a run.
    """
    first, last = (since - _PADDING).date(), (until + _PADDING).date()
    pages = iter(work.wistia.event_pages(first, last))
    with closing(ahead(lambda: work.patience.read(lambda: next(pages, None)))) as read:
        for page in read:
            rows = [row for row in page if _is_recent(row, since) and not _is_recent(row, until)]
            keep_rows(work, rows, aside_before=work.window.start)
    read_visitors(work)
    read_media(work, work.window.end)


def _watched_since(work: Work) -> datetime | None:
    """Since when every view was looked for; None after a pause: what is late then is our doing."""
    if work.last_read is None or work.window.end - work.last_read > 2 * work.interval:
        return None
    since = customers.setup(work.customer_id).get(_WATCHED)
    return datetime.fromisoformat(since) if since else None


def _keep_watch(work: Work) -> None:
    """Remember from when on views are looked for, and drop counts that nobody asks for."""
    since = customers.setup(work.customer_id).get(_WATCHED)
    if since is None or work.window.read_from < datetime.fromisoformat(since):
        start = work.window.read_from.isoformat()
        customers.update_setup(work.customer_id, **{_WATCHED: start})
    arrivals.forget(work.customer_id, work.window.end - arrivals.KEPT)
    webhooks.forget(work.customer_id, work.window.end - webhooks.KEPT)


def keep_rows(
    work: Work, rows: Sequence[Mapping[str, Any]], *, aside_before: datetime | None = None
) -> set[str]:
    """Keep what changed of raw views; returns the keys of those whose content is in the ledger.

    Views of people who were erased go no further, nor those that were kept long enough once. New
    ones that were received before ``aside_before`` (aware) are put aside.
    """
    prints = {id(row): fingerprint(row) for row in rows}
    keys = [key for row in rows if (key := event_key(row))]
    had = ledger.fingerprints(work.customer_id, keys)
    thinned = work.thinned.among(set(keys) - set(had))
    changed = [
        row
        for row in rows
        if had.get(key := str(row.get("event_key"))) != prints[id(row)] and key not in thinned
    ]
    loaded = [(event, prints[id(row)]) for row in changed for event in _load(work, row)]
    refused = [event for event, _ in loaded if work.forgotten.refuses(event)]
    if refused:
        _forget_told(work, refused)
    theirs = {event.event_key for event in refused}
    events = [one for one in loaded if one[0].event_key not in theirs]
    there = set(keys) - thinned - {event_key(row) for row in changed}
    there |= {event.event_key for event, _ in events}
    if not events:
        return there
    with work.lease.commit():
        ledger.record(
            work.customer_id,
            events,
            read_at=work.window.end,
            watched_since=None if aside_before else _watched_since(work),
            aside_before=aside_before,
        )
        found = _conversions(event for event, _ in events)
        visitors.add_conversions(work.customer_id, found, work.window.end)
    return there


def _forget_told(work: Work, events: Sequence[Event]) -> None:
    """What a webhook told of views of erased people, before it was known whose they are."""
    views = [(event.event_key, typed_email(event) or event.email) for event in events]
    with work.lease.commit():
        webhooks.erase(work.customer_id, sorted({key for key, _ in views}))
        work.forgotten.bury_views(work.customer_id, views, work.window.end)


def _is_recent(row: Mapping[str, Any], start: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(row["received_at"])
    except (KeyError, TypeError, ValueError):
        return True  # The schema says what is wrong with it.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) >= start


def _load(work: Work, row: Mapping[str, Any]) -> Iterable[Event]:
    try:
        yield load_event(row, origin=work.wistia.base_url)
    except BadRow as error:
        work.counts["unreadable"] += 1
        log.warning("unreadable view", cause=str(error))


def _conversions(events: Iterable[Event]) -> list[tuple[str, Conversion]]:
    """The conversions among ``events``, each with its visitor."""
    found = []
    for event in events:
        conversion = own_conversion(event)
        if conversion:
            found.append((event.visitor_key, conversion))
    return found


def read_visitors(work: Work) -> None:
    """Read once the history of each visitor whose e-mail is known and who did not convert."""
    keys = visitors.unread_visitors(work.customer_id, work.window.end)
    for number, key in enumerate(keys, 1):
        work.progress(f"Reading viewers, {number} of {len(keys)}")
        found = _history(work, key)
        with work.lease.commit():
            visitors.add_conversions(work.customer_id, found, work.window.end)
            visitors.visitor_read(work.customer_id, key, work.window.end)
        work.share.step()


def _history(work: Work, visitor_key: str) -> list[tuple[str, Conversion]]:
    """The conversions in a visitor's own events; none where Wistia refuses to tell them."""
    pages = iter(work.wistia.visitor_event_pages(visitor_key))
    found: list[tuple[str, Conversion]] = []
    try:
        while (page := work.patience.read(lambda: next(pages, None))) is not None:
            events = (e for row in page for e in _load(work, row))
            found += _conversions(e for e in events if not work.forgotten.refuses(e))
    except Rejected:
        log.warning("history refused")
    return found


def read_media(work: Work, since: datetime) -> None:
    """Read the videos that views to be decided need, and once a day those watched ``since``."""
    before = work.window.end - MEDIA_FOR
    read_videos(
        work, media.missing_media(work.customer_id, work.window.end, before=before, since=since)
    )


def read_videos(work: Work, wanted: Sequence[str]) -> None:
    """Ask what these videos are now: name, length, project."""
    for start in range(0, len(wanted), _MEDIA_AT_ONCE):
        batch = wanted[start : start + _MEDIA_AT_ONCE]
        work.progress(f"Reading videos, {start + len(batch)} of {len(wanted)}")
        for asked, found in by_halves(batch, lambda some: _medias(work, some)):
            with work.lease.commit():
                media.save_media(work.customer_id, found or (), asked, work.window.end)


def _medias(work: Work, ids: Sequence[str]) -> list[Media]:
    return work.patience.read(lambda: work.wistia.medias(ids))
