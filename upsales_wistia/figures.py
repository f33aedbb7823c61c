"""What Wistia tells of how one video is watched, put together for people to read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any, Final

from .clients.wistia_schema import Media
from .clients.wistia_videos import TURNSTILE, Captions, Customizations, Engagement, MediaStats
from .enrichment.calls import Call, worded
from .enrichment.dropoff import drops_with_words, published_words
from .enrichment.drops import WITHIN, Replay, find_replays
from .enrichment.transcripts import cues_of_srt

CHAPTER: Final = "Chapter"
"""Stands for a part of the video that begins and has a title."""

_FORM: Final = 1
"""Which form the stored document has; one of another form is read anew."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A drop: at second ``at`` leave ``percent`` (0–100, rounded down) of those watching.

    ``spoken`` are the words said around it. What comes up in the video there: ``kind`` is that of
    a call to action, ``CHAPTER`` or "" for nothing, ``title`` its words.
    """

    number: int
    at: float
    percent: int
    spoken: str
    kind: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Wistia's totals of a video since it was published.

    ``average`` is the mean share watched, 0–1; ``seconds`` its length; both None when not told.
    ``watching`` and ``again`` count plays and replays of equally long slices of the video.
    ``whole`` when its day, captions and words were read too: ``since`` is the day it was put up,
    ``home`` the address of the account it is in. ``gone_at`` is when Wistia knew it no more.
    """

    plays: int = 0
    visitors: int = 0
    average: float | None = None
    seconds: float | None = None
    watching: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    drops: tuple[Leaving, ...] = ()
    calls: tuple[Call, ...] = ()
    whole: bool = False
    since: datetime | None = None
    captions: bool = False
    home: str = ""
    gone_at: datetime | None = None

    @property
    def never_told(self) -> bool:
        """Whether the video was gone before Wistia told anything of it."""
        return self.gone_at is not None and not (self.plays or self.watching)

    @property
    def starts(self) -> int:
        """How many began to watch: what the slices are measured by.

        The plays, but where most slices say more than those could be: then the largest slice.
        """
        counted = median(self.watching) if self.watching else 0
        return self.plays if self.plays >= counted else max(self.watching)

    @property
    def replays(self) -> tuple[Replay, ...]:
        """The parts that are watched again most."""
        return find_replays(self.again, self.seconds or 0.0, self.starts)

    @property
    def asked(self) -> tuple[int, int] | None:
        """How many were asked for their e-mail and how many left it; None without a Turnstile."""
        gates = [call for call in self.calls if call.kind == TURNSTILE]
        if not gates:
            return None
        return sum(gate.shown for gate in gates), sum(gate.used for gate in gates)


@dataclass(frozen=True, slots=True)
class Answers:
    """What Wistia answered of one video; the last four only where the whole was asked."""

    stats: MediaStats
    engagement: Engagement | None
    media: Media | None = None
    captions: Sequence[Captions] | None = None
    customizations: Customizations | None = None
    home: str = ""


def figures_of(told: Answers, seconds: float | None, *, whole: bool) -> Figures:
    """The figures from the answers; ``seconds`` is the length that is known already."""
    media = told.media
    length = (media.duration if media else None) or seconds
    counts = told.engagement.views if told.engagement else ()
    share = told.engagement.fraction if told.engagement else None
    cues = cues_of_srt(published_words(told.captions or ()))
    set_ = told.customizations
    return Figures(
        plays=told.stats.plays or max(counts, default=0),
        visitors=told.stats.visitors,
        average=share if told.stats.engagement is None else told.stats.engagement,
        seconds=length,
        watching=counts,
        again=told.engagement.rewatches if told.engagement else (),
        drops=tuple(_leaving(drop, set_) for drop in drops_with_words(counts, length or 0.0, cues)),
        calls=tuple(worded(told.stats.calls_to_action, set_.offers if set_ else ())),
        whole=whole,
        since=media.created_at if media else None,
        captions=bool(cues),
        home=told.home,
    )


def _leaving(drop: Mapping[str, Any], set_: Customizations | None) -> Leaving:
    """A drop with what comes up within five seconds of it; what asks for something first."""
    asks = [(one.at, one.kind, one.text) for one in set_.offers] if set_ else []
    begins = [(one.at, CHAPTER, one.title) for one in set_.chapters] if set_ else []
    near = [
        (kind, title)
        for at, kind, title in (*asks, *begins)
        if at is not None and abs(at - drop["at"]) <= WITHIN
    ]
    kind, title = near[0] if near else ("", "")
    return Leaving(**drop, kind=kind, title=title)


def gone(known: Figures | None, now: datetime) -> Figures:
    """The last known figures of a video that Wistia knows no more."""
    return replace(known or Figures(), gone_at=now)


def to_document(figures: Figures) -> dict[str, Any]:
    """As it is stored."""
    moments = {
        name: moment.isoformat() if moment else None
        for name, moment in (("since", figures.since), ("gone_at", figures.gone_at))
    }
    return {**asdict(figures), **moments, "form": _FORM}


def from_document(document: Mapping[str, Any]) -> Figures | None:
    """What was stored; None where another version of the house stored it."""
    if document.get("form") != _FORM:
        return None
    parts = {name: value for name, value in document.items() if name != "form"}
    for name in ("since", "gone_at"):
        parts[name] = datetime.fromisoformat(parts[name]) if parts[name] else None
    for name, kind in (("drops", Leaving), ("calls", Call)):
        parts[name] = tuple(kind(**one) for one in parts[name])
    for name in ("watching", "again"):
        parts[name] = tuple(parts[name])
    return Figures(**parts)
