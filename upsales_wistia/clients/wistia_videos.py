"""What Wistia tells of one video as a whole: how it is watched, what is said, what is clicked.

https://docs.wistia.com/reference/statsmedias. All are totals over the video's life.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import fields, post_load

from .fields import Flag, Number, Text, Tolerant, VendorSchema, finite
from .text import KEY, NAME, clean, page_address

MOST_BUCKETS: Final = 10_000
"""Wistia scales arrays to 1,000 cells; what is far longer is cut."""

TURNSTILE: Final = "Turnstile"
CALL_TO_ACTION: Final = "Call to Action"
ANNOTATION: Final = "Annotation"
"""The kinds of calls to action as Wistia names them."""

AT_THE_END: Final = -1.0
"""Stands for the end of a video, which is no second of it."""

MOST_CHAPTERS: Final = 200

LARGEST_COUNT: Final = 2**31 - 1
"""What both databases take for a count; more is no count."""


@dataclass(frozen=True, slots=True)
class Engagement:
    """How often each slice of a video was played; the slices are equally long.

    Slice ``i`` of ``n`` covers ``[i, i + 1) * duration / n`` seconds: a cell a second up to
    1,000 s, longer videos are scaled to 1,000 cells. ``views`` and ``rewatches`` are counts, not
    shares, and empty for a video that nobody played. ``fraction`` is the mean share watched, 0-1,
    None when not told.
    """

    fraction: float | None
    views: tuple[int, ...]
    rewatches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CallToAction:
    """What a video asks its viewers to do, and how often they did.

    ``kind`` is Wistia's display text ("Call to Action", "Turnstile", "Annotation"). ``rate`` is
    ``actions / impressions``, 0-1, None without impressions. ``text`` and ``url`` are "" where
    Wistia does not tell them (v1 need not); the url is without query and fragment.
    """

    kind: str
    impressions: int
    actions: int
    rate: float | None
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The words of a call to action as they are set on a video, of the same ``kind`` as counts.

    ``at`` is the second at which it comes, ``AT_THE_END``, or None when not told.
    """

    kind: str
    text: str
    url: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a video that was given a title; it begins ``at`` this second."""

    at: float
    title: str


@dataclass(frozen=True, slots=True)
class Customizations:
    """What was set on a video on purpose. The password in it is neither read nor kept."""

    is_protected: bool
    offers: tuple[Offer, ...]
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaStats:
    """The totals of a video. ``play_rate`` and ``engagement`` are 0-1, None when not told."""

    loads: int
    plays: int
    visitors: int
    play_rate: float | None
    hours_watched: float
    engagement: float | None
    calls_to_action: tuple[CallToAction, ...]


@dataclass(frozen=True, slots=True)
class Captions:
    """The words of a video in one language, in SRT; hostile, and of any length.

    ``language`` has three letters (ISO 639-2) or is an IETF tag. A draft is not published.
    """

    transcript_id: str
    language: str
    text: str
    is_draft: bool


def _count(value: Any) -> int:
    return int(min(max(finite(value) or 0.0, 0.0), LARGEST_COUNT))


class _Count(Tolerant[int]):
    def read(self, value: Any) -> int:
        return _count(value)


class _Counts(Tolerant[tuple[int, ...]]):
    def read(self, value: Any) -> tuple[int, ...]:
        cells = value[:MOST_BUCKETS] if isinstance(value, list) else []
        return tuple(_count(cell) for cell in cells)


class _Share(Tolerant["float | None"]):
    def read(self, value: Any) -> float | None:
        number = finite(value)
        return None if number is None else min(max(number, 0.0), 1.0)


class _Actions(Tolerant[tuple[CallToAction, ...]]):
    def read(self, value: Any) -> tuple[CallToAction, ...]:
        rows = value if isinstance(value, list) else []
        return tuple(_ACTION.several(row for row in rows if isinstance(row, Mapping)))


class _Url(Tolerant[str]):
    def read(self, value: Any) -> str:
        return page_address(value)


class _Words(Tolerant[str]):
    """Text of any length. NUL goes, for no database takes it."""

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            return ""
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class _EngagementSchema(VendorSchema[Engagement]):
    fraction = _Share(data_key="engagement")
    views = _Counts(data_key="engagement_data")
    rewatches = _Counts(data_key="rewatch_data")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Engagement:
        return Engagement(**data)


class _ActionSchema(VendorSchema[CallToAction]):
    kind = Text(KEY, data_key="type")
    impressions = _Count(data_key="impression_count")
    actions = _Count(data_key="action_count")
    text = Text(NAME)
    url = _Url()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> CallToAction:
        shown, done = data["impressions"], data["actions"]
        rate = min(done / shown, 1.0) if shown else None
        return CallToAction(**data, rate=rate)


class _StatsSchema(VendorSchema[MediaStats]):
    load_count = _Count()
    plays = _Count(data_key="play_count")
    visitors = _Count()
    play_rate = _Share()
    hours_watched = Number()
    engagement = _Share()
    calls_to_action = _Actions(data_key="actions")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> MediaStats:
        hours = max(0.0, data.pop("hours_watched") or 0.0)
        # A schema has a method of the name `loads`.
        return MediaStats(loads=data.pop("load_count"), hours_watched=hours, **data)


class _CaptionsSchema(VendorSchema[Captions]):
    transcript_id = Text(KEY, data_key="id")
    language = fields.String(required=True)
    text = _Words()
    is_draft = Flag(default=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Captions:
        return Captions(**data)


ENGAGEMENT: Final = _EngagementSchema()
STATS: Final = _StatsSchema()
CAPTIONS: Final = _CaptionsSchema()
_ACTION: Final = _ActionSchema()


def customizations(document: Mapping[str, Any]) -> Customizations:
    """What a video's customizations say. Every leaf in them is text ("true", "false", "30")."""
    plugins = _within(document, "plugin")
    return Customizations(
        _says_protected(document), tuple(_offers(plugins)), tuple(_chapters(plugins))
    )


def _says_protected(document: Mapping[str, Any]) -> bool:
    flag = Flag(default=False)
    private = _within(document, "private")
    plugin = _within(_within(document, "plugin"), "passwordProtectedVideo")
    locked = bool(_within(document, "encrypted").get("password_protect_password"))
    return flag.read(private.get("password_protect_on")) or flag.read(plugin.get("on")) or locked


def _offers(plugins: Mapping[str, Any]) -> Iterator[Offer]:
    """The Turnstile, the call to action and the annotations that are on."""
    gate, final = _on(plugins, "requireEmail-v1"), _on(plugins, "postRoll-v1")
    links = _rows(_on(plugins, "midrollLink-v1").get("links"))
    told = [(TURNSTILE, gate, "topText", ""), (CALL_TO_ACTION, final, "text", "link")]
    for kind, row, words, url in [*told, *((ANNOTATION, link, "text", "url") for link in links)]:
        text = clean(row.get(words), NAME)
        if text:
            yield Offer(kind, text, page_address(row.get(url)), _second(row.get("time")))


def _chapters(plugins: Mapping[str, Any]) -> Iterator[Chapter]:
    """The chapters that are shown, as they stand."""
    gone = Flag(default=False)
    for row in _rows(_on(plugins, "chapters").get("chapterList"))[:MOST_CHAPTERS]:
        at, title = _second(row.get("time")), clean(row.get("title"), NAME)
        if at is not None and at >= 0 and title and not gone.read(row.get("deleted")):
            yield Chapter(at, title)


def _second(value: Any) -> float | None:
    """The second that a time names ("30", "before", "end"); None for what is no time."""
    names = {"before": 0.0, "end": AT_THE_END}
    if isinstance(value, str) and value.strip().lower() in names:
        return names[value.strip().lower()]
    number = finite(value)
    return None if number is None or number < 0 else number


def _on(plugins: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    plugin = _within(plugins, name)
    return plugin if Flag(default=True).read(plugin.get("on")) else {}


def _rows(value: Any) -> list[Mapping[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, Mapping)]


def _within(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = document.get(key)
    return inner if isinstance(inner, Mapping) else {}
