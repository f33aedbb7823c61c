"""What is asked of Wistia.

Left open, or told in two ways, by https://docs.wistia.com: see each question.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ..clients.credentials import Bearer
from ..clients.http import Caller
from ..clients.text import clean
from ..clients.wistia import PER_PAGE, WistiaClient
from ..clients.wistia_schema import BadRow, Event, load_event
from ..errors import NotFound, Rejected, WrongAddress
from ..funnel.identity import EMAIL_CONVERSIONS
from .days import of_midnights
from .question import CannotTell, Found, Probe, Question, settle, unasked
from .reading import Reading
from .subject import Subject

EVENTS: Final = "/v1/stats/events"
PAGES: Final = 3
TOKEN: Final = "wistiaApiPassword"  # noqa: S105  (the name of the setting)

_READS: Final = frozenset({"all:read", "media:read", "stats:read"})
_ENOUGH: Final = ({"all:read"}, {"all:all"}, {"media:read", "stats:read"})

# Conversions that leave no e-mail: clicks, and those outside of a video. The numbers and names
# are those of the player's own source (VideoTracker2).
_OTHER_CONVERSIONS: Final = frozenset(
    {"0", "4", "5", "6", "post-roll-click", "mid-roll-click", "non-video"}
)
_FEW_SECONDS: Final = timedelta(minutes=5)


class WistiaAsked:
    """Wistia as one customer's token sees it; ``sample`` are the newest views, raw."""

    def __init__(self, subject: Subject) -> None:
        token = subject.secrets[TOKEN]
        base = subject.config.wistia_api_url
        self.subject = subject
        self.client = WistiaClient(base, token, limiters=subject.limiters)
        self.caller = Caller("wistia")
        self.reading = Reading(
            self.caller, base, Bearer(token), subject.limiters.wistia(token.strip())
        )
        self.sample: list[Mapping[str, Any]] | None = None

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
        self.caller.close()

    @property
    def today(self) -> date:
        """The day it is, in UTC."""
        return self.subject.now.astimezone(UTC).date()

    @property
    def first_day(self) -> date:
        """The day from which views are looked at."""
        return self.today - timedelta(days=self.subject.config.window_days)

    def views(self) -> list[Mapping[str, Any]]:
        """The sample; CannotTell when there is none."""
        if self.sample is None:
            raise CannotTell("Views could not be read.")
        if not self.sample:
            raise CannotTell("There is no view in the last days.")
        return self.sample

    @cached_property
    def events(self) -> list[Event]:
        """The sample as we read it, without what cannot be read."""
        found = []
        for row in self.views():
            try:
                found.append(load_event(row, origin=self.subject.config.wistia_api_url))
            except BadRow:
                continue
        return found


def ask_wistia(subject: Subject) -> list[Probe]:
    """The rows about Wistia."""
    if not subject.secrets.get(TOKEN):
        return unasked(QUESTIONS, "No Wistia token is stored.")
    with closing(WistiaAsked(subject)) as asked:
        return list(settle(QUESTIONS, asked, TOKEN))


def _account(asked: WistiaAsked) -> Found:
    asked.client.account()
    return Found("active", True)


def _permissions(asked: WistiaAsked) -> Found:
    try:
        scopes = set(asked.client.scopes().scopes)
    except (NotFound, Rejected, WrongAddress):
        scopes = set()
    if not scopes:
        raise CannotTell("Wistia does not say what the token may do.")
    listed = ", ".join(sorted(scopes))
    if not any(needed <= scopes for needed in _ENOUGH):
        return Found(listed, False, "The token lacks a permission. Replace it by one with both.")
    return Found(listed, scopes <= _READS)


def _views(asked: WistiaAsked) -> Found:
    ahead = asked.today + timedelta(days=1)
    pages = islice(asked.client.event_pages(asked.first_day, ahead), PAGES)
    asked.sample = [row for page in pages for row in page]
    return Found("they may be read", True)


def _videos(asked: WistiaAsked) -> Found:
    ids = {event.media_id for event in asked.events} if asked.sample else set()
    asked.client.medias(sorted(ids)[:1] or ["none"])
    return Found("they may be read", True)


def _page_size(asked: WistiaAsked) -> Found:
    first = len(asked.views()[:PER_PAGE])
    if first < PER_PAGE:
        more = asked.reading.rows(EVENTS, [*_days(asked), ("page", "2"), ("per_page", "100")])
        if more:
            return Found(str(first), False)
        raise CannotTell("There are fewer than 100 views in the last days.")
    return Found("100", True)


def _page_default(asked: WistiaAsked) -> Found:
    asked.views()
    count = len(asked.reading.rows(EVENTS, _days(asked)))
    if len(asked.views()) <= count:
        raise CannotTell("There are too few views in the last days.")
    return Found(str(count), count in (10, PER_PAGE))


def _times(asked: WistiaAsked) -> Found:
    texts = [clean(row.get("received_at"), 40) for row in asked.views()]
    zones = {_zone_of(text) for text in texts}
    ahead = [e for e in asked.events if e.received_at > asked.subject.now + _FEW_SECONDS]
    if ahead:
        return Found("ahead of the clock", False)
    if zones == {"UTC"}:
        return Found("UTC", True)
    return Found(", ".join(sorted(zones)), False)


def _zone_of(text: str) -> str:
    try:
        offset = datetime.fromisoformat(text).utcoffset()
    except ValueError:
        return "unreadable"
    if offset is None:
        return "no zone"
    return text[-6:] if offset else "UTC"


def _midnights(asked: WistiaAsked) -> Found:
    asked.views()

    def of_day(day: date) -> list[Mapping[str, Any]]:
        same = [("start_date", f"{day}"), ("end_date", f"{day}"), ("per_page", f"{PER_PAGE}")]
        return asked.reading.rows(EVENTS, same)

    return of_midnights(asked.events, of_day, asked.today)


def _future_end(asked: WistiaAsked) -> Found:
    ahead = asked.today + timedelta(days=1)
    span = [("start_date", f"{asked.today}"), ("end_date", f"{ahead}"), ("per_page", "1")]
    try:
        asked.reading.rows(EVENTS, span)
    except Rejected as refused:
        return Found(f"refused ({refused.status})", False)
    return Found("accepted", True)


def _conversions(asked: WistiaAsked) -> Found:
    converted = [event for event in asked.events if event.conversion_type.strip()]
    if not converted:
        raise CannotTell("No view of the last days has a conversion.")
    known = EMAIL_CONVERSIONS | _OTHER_CONVERSIONS
    kinds = sorted({event.conversion_type.strip().lower() for event in converted})
    # What was typed counts whatever the type; a type that is unknown counts for nothing else.
    missed = [
        event
        for event in converted
        if event.conversion_type.strip().lower() not in known and not event.conversion_email
    ]
    return Found(", ".join(kind[:40] for kind in kinds[:10]), not missed)


def _heat_map(asked: WistiaAsked) -> Found:
    addresses = [clean(row.get("iframe_heatmap_url"), 2000) for row in asked.views()]
    if not any(addresses):
        raise CannotTell("No view has a heat map.")
    carried = {token for address in addresses for token in _tokens(address)}
    ours = asked.subject.secrets.get("wistiaPublicToken", "")
    if not carried:
        own = "The configured one is added." if ours else ""
        return Found("none", False, own)
    if not ours:
        return Found("one, and none is configured", False)
    return Found("the configured one", True) if carried == {ours} else Found("another", False)


def _tokens(address: str) -> list[str]:
    try:
        return parse_qs(urlsplit(address).query).get("public_token", [])
    except ValueError:
        return []


def _days(asked: WistiaAsked) -> list[tuple[str, str]]:
    """As the sample was asked for, but without an end that lies ahead."""
    return [("start_date", f"{asked.first_day}")]


QUESTIONS: Final = (
    Question(
        "Wistia account",
        "active",
        _account,
        "Its owner can tell why.",
        TOKEN,
    ),
    # https://docs.wistia.com/docs/making-api-requests
    Question(
        "Wistia token's permissions",
        "reads only",
        _permissions,
        "The token can write, which we never do. Replace it by one that only reads.",
        TOKEN,
    ),
    Question("Wistia views", "they may be read", _views, "", TOKEN),
    Question("Wistia videos", "they may be read", _videos, "", TOKEN),
    # The end of a list is told by a page that is not full.
    Question(
        "Views on a page, 100 asked for",
        "100",
        _page_size,
        "A shorter page ends a read, so views are missed. Switch the app off until it is mended.",
        "activitiesEnabled",
    ),
    # Documented as 100, seen as 10.
    Question(
        "Views on a page, none asked for",
        "10 or 100",
        _page_default,
        "Nothing to change: we always say how many.",
    ),
    Question(
        "Times of views",
        "UTC",
        _times,
        "A time with another offset is read rightly; one without a zone is taken for UTC. If the "
        "times shown are off, nothing but a new version mends it.",
    ),
    # The zone of start_date and end_date is not documented.
    Question(
        "Midnight of start_date and end_date",
        "UTC",
        _midnights,
        "Nothing to change: a day more is read on both sides.",
    ),
    # Whether end_date may lie ahead is not documented.
    Question(
        "An end_date that lies ahead",
        "accepted",
        _future_end,
        "Nothing to change: it is asked for again without an end, one call more a run.",
    ),
    # conversion_type is documented as an integer or a text, without its values.
    Question(
        "Kinds of conversion",
        "known ones",
        _conversions,
        "Views with a kind we do not know count only when what was typed comes with them. With "
        'identity "any" every e-mail that Wistia knows counts.',
        "identity",
    ),
    # The public token in the address is not documented, and was seen.
    Question(
        "Public token in a heat map's address",
        "the configured one",
        _heat_map,
        "Set wistiaPublicToken to your Wistia account's public token, or no heat map is shown.",
        "wistiaPublicToken",
    ),
)
