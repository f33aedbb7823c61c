"""How late views reach us, and whether the webhook or the poll told of them first.

A view's lateness is the time from when Wistia received it until it stood in our ledger. It is
counted in whole minutes, so "within 9 minutes" holds for all that took less than nine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

Witness = Literal["webhook", "poll", ""]
"""Who told of a view first; "" where a webhook would not have told of it."""

WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)
FEWEST: Final = 20
"""Views below which nothing is said of how late they come."""

WIDEST: Final = timedelta(days=30)
"""How far back a read goes at most on account of late views."""

TOLD_FROM: Final = 0.25
"""The share watched from which a webhook tells of a view: its first mark."""

_MINUTE: Final = timedelta(minutes=1)
_MUCH: Final = timedelta(minutes=30)
_SILENT_VIEWS: Final = 3
_BOUNDS: Final = (0, 5, 15, 30, 60, 120, 360, None)


@dataclass(frozen=True, slots=True)
class Arrived:
    """``count`` views that Wistia received in the hour from ``hour`` (aware UTC) on.

    Each took ``minutes`` whole minutes to reach us.
    """

    hour: datetime
    witness: Witness
    minutes: int
    count: int


@dataclass(frozen=True, slots=True)
class Heard:
    """When signed events came, aware UTC: the first and the last. ``disagreeing`` counts views.

    Those are the views of which the webhook told what Wistia's list did not show an hour later.
    """

    first_at: datetime
    last_at: datetime
    disagreeing: int = 0


@dataclass(frozen=True, slots=True)
class LateClass:
    """``count`` views that took at least ``start`` and less than ``end`` (None: any longer)."""

    start: timedelta
    end: timedelta | None
    count: int


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who was first, of the views of which a webhook should tell; counts of views.

    ``disagreeing`` counts those of which the webhook told something else than the list.
    """

    webhook: int
    poll: int
    disagreeing: int

    @property
    def webhook_percent(self) -> int:
        """The webhook's share, 0–100, rounded down; 0 when there were none."""
        return 100 * self.webhook // max(1, self.webhook + self.poll)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the views of the last seven days came; None where there are too few to say.

    ``half`` and ``nearly_all`` (95 %) of ``views`` came within that time; ``today`` and ``usual``
    are the 95 % of the last 24 hours and of the six days before, ``slower`` whether today is
    clearly the slower. Of views received since ``arriving_since`` (aware UTC) some may still
    come. ``silent_since`` is the last word of a webhook that is silent while views come.
    ``look_back`` is how far back the next run reads, ``widened`` that this is further than usual,
    because a view took ``slowest`` of late.
    """

    views: int
    classes: tuple[LateClass, ...]
    half: timedelta | None
    nearly_all: timedelta | None
    today: timedelta | None
    usual: timedelta | None
    slower: bool
    arriving_since: datetime | None
    witnesses: Witnesses | None
    silent_since: datetime | None
    slowest: timedelta
    look_back: timedelta
    widened: bool


def lateness_of(
    arrived: Sequence[Arrived],
    heard: Heard | None,
    *,
    window: timedelta,
    slowest: timedelta,
    now: datetime,
) -> Lateness:
    """What the counts of the last seven days say at ``now`` (aware UTC).

    ``heard`` is None where no webhook is set up; ``window`` is how far back a run reads as a
    rule, ``slowest`` the longest that a view took of late.
    """
    all_of_it = _by_minutes(arrived)
    today = within(_by_minutes(a for a in arrived if a.hour > now - DAY), 95)
    usual = within(_by_minutes(a for a in arrived if a.hour <= now - DAY), 95)
    nearly_all = within(all_of_it, 95)
    back = look_back(window, slowest)
    return Lateness(
        views=sum(all_of_it.values()),
        classes=_classes(all_of_it),
        half=within(all_of_it, 50),
        nearly_all=nearly_all,
        today=today,
        usual=usual,
        slower=bool(today and usual and today >= 2 * usual and today - usual >= _MUCH),
        arriving_since=now - nearly_all if nearly_all else None,
        witnesses=_witnesses(arrived, heard),
        silent_since=_silent_since(arrived, heard),
        slowest=slowest,
        look_back=back,
        widened=back > window,
    )


def look_back(window: timedelta, slowest: timedelta) -> timedelta:
    """How far back to read when a view took ``slowest`` of late: whole days, ``window`` at least.

    Twice the slowest, so that a view can be later still and is found all the same.
    """
    wanted = min(2 * slowest, WIDEST)
    return max(window, -(-wanted // DAY) * DAY)


def minutes_late(received_at: datetime, seen_at: datetime) -> int:
    """Whole minutes from the one to the other; 0 where clocks differ."""
    return max(0, (seen_at - received_at) // _MINUTE)


def within(by_minutes: Mapping[int, int], percent: int) -> timedelta | None:
    """The time within which ``percent`` (0–100) of the views came; None for too few views."""
    total = sum(by_minutes.values())
    if total < FEWEST:
        return None
    wanted, seen = Fraction(percent * total, 100), 0
    for minutes in sorted(by_minutes):
        seen += by_minutes[minutes]
        if seen >= wanted:
            break
    return (minutes + 1) * _MINUTE


def _by_minutes(arrived: Iterable[Arrived]) -> Counter[int]:
    found: Counter[int] = Counter()
    for some in arrived:
        found[some.minutes] += some.count
    return found


def _classes(by_minutes: Mapping[int, int]) -> tuple[LateClass, ...]:
    return tuple(
        LateClass(
            start * _MINUTE,
            None if end is None else end * _MINUTE,
            sum(n for m, n in by_minutes.items() if start <= m and (end is None or m < end)),
        )
        for start, end in pairwise(_BOUNDS)
        if start is not None
    )


def _witnesses(arrived: Iterable[Arrived], heard: Heard | None) -> Witnesses | None:
    if heard is None:
        return None
    first = Counter[str]()
    for some in arrived:
        if some.hour >= heard.first_at:
            first[some.witness] += some.count
    return Witnesses(first["webhook"], first["poll"], heard.disagreeing)


def _silent_since(arrived: Iterable[Arrived], heard: Heard | None) -> datetime | None:
    """The webhook's last word, when views that it should have told of have come since."""
    if heard is None:
        return None
    untold = sum(a.count for a in arrived if a.witness == "poll" and a.hour >= heard.last_at)
    return heard.last_at if untold >= _SILENT_VIEWS else None
