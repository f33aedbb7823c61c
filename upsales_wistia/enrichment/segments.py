"""Viewers in groups of people alike, by a rule that can be told in four lines. Pure.

Each person gets the first *how* that is true of them:

- **Gone quiet**: last watched more than 14 days ago (recency).
- **Coming back**: watched on two days or more (repeat).
- **Deep watchers**: saw at least 75 % of something; **First look**: never as much as 25 %;
  **Part of the way**: the others (depth).

and a *what*: the project they spent most time in. People with the same how and what are one
group. A group of fewer than 5 is left out, and so is a country or a video that fewer than 5 of a
group share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FEWEST = 5
"""People in a group below which somebody could be recognised."""
QUIET_AFTER = timedelta(days=14)
LATELY = timedelta(days=7)
DEEP_PERCENT = 75
SHALLOW_PERCENT = 25
MOST_TITLES = 3
NO_PROJECT = ""


class How(StrEnum):
    """How people watch, in the order in which it is asked."""

    QUIET = "Gone quiet"
    BACK = "Coming back"
    DEEP = "Deep watchers"
    FIRST = "First look"
    PART = "Part of the way"


RULES: Mapping[How, str] = {
    How.QUIET: "last watched more than 14 days ago",
    How.BACK: "watched on two days or more",
    How.DEEP: "saw at least 75% of a video",
    How.FIRST: "saw less than 25% of any video",
    How.PART: "saw between 25% and 75% of a video",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """One view: ``person`` is whoever watched (an opaque id), ``at`` aware UTC.

    ``percent`` is 0–100, ``seconds`` how long was watched; ``project`` "" when unknown.
    """

    person: str
    event_key: str
    at: datetime
    percent: float
    seconds: float
    title: str
    project: str
    country: str


@dataclass(frozen=True, slots=True)
class Share:
    """How many people of a group share something, at least 5."""

    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of at least 5 people alike. ``percent`` is what they saw on average, 0–100."""

    how: How
    project: str
    people: int
    views: int
    percent: int
    lately: int
    countries: tuple[Share, ...]
    titles: tuple[Share, ...]
    event_keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called: how they watch, and what."""
        return f"{self.how.value}: {self.project}" if self.project else self.how.value


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups, largest first; ``left_out`` people have fewer than 4 others alike."""

    segments: tuple[Segment, ...]
    people: int
    left_out: int


def group(views: Iterable[Watched], now: datetime) -> Grouping:
    """Group the people behind ``views``; ``now`` (aware UTC) is when "lately" ends."""
    by_person: dict[str, list[Watched]] = {}
    for view in views:
        by_person.setdefault(view.person, []).append(view)
    alike: dict[tuple[How, str], list[list[Watched]]] = {}
    for theirs in by_person.values():
        alike.setdefault((_how(theirs, now), _project(theirs)), []).append(theirs)
    found = [
        _segment(how, project, people, now)
        for (how, project), people in alike.items()
        if len(people) >= FEWEST
    ]
    found.sort(key=lambda segment: (-segment.people, segment.name))
    left_out = len(by_person) - sum(segment.people for segment in found)
    return Grouping(tuple(found), len(by_person), left_out)


def _how(views: Sequence[Watched], now: datetime) -> How:
    best = max(view.percent for view in views)
    if now - max(view.at for view in views) > QUIET_AFTER:
        return How.QUIET
    if len({view.at.date() for view in views}) > 1:
        return How.BACK
    if best >= DEEP_PERCENT:
        return How.DEEP
    return How.FIRST if best < SHALLOW_PERCENT else How.PART


def _project(views: Sequence[Watched]) -> str:
    """The project most time was spent in; of several the first by name."""
    spent: dict[str, float] = {}
    for view in views:
        spent[view.project] = spent.get(view.project, 0.0) + view.seconds
    return min(spent, key=lambda project: (-spent[project], project))


def _segment(how: How, project: str, people: Sequence[Sequence[Watched]], now: datetime) -> Segment:
    views = [view for theirs in people for view in theirs]
    return Segment(
        how=how,
        project=project,
        people=len(people),
        views=len(views),
        percent=int(sum(view.percent for view in views) / len(views)),
        lately=sum(any(now - view.at <= LATELY for view in theirs) for theirs in people),
        countries=_shares({view.country for view in theirs} for theirs in people),
        titles=_shares({view.title for view in theirs} for theirs in people)[:MOST_TITLES],
        event_keys=tuple(sorted(view.event_key for view in views)),
    )


def _shares(of_each: Iterable[set[str]]) -> tuple[Share, ...]:
    """What at least 5 people share, the most common first."""
    counts = Counter(name for names in of_each for name in names if name)
    shared = [Share(name, people) for name, people in counts.items() if people >= FEWEST]
    return tuple(sorted(shared, key=lambda share: (-share.people, share.name)))
