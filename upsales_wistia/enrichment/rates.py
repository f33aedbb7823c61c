"""Calls to action across videos: how often shown and used, and what a panel said. Pure.

A panel is made of Mavera's personas: its answers are synthetic, and told as such everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

FEWEST_SHOWN = 30
"""Times a call to action was shown below which its rate says nothing."""
MOST_COMPARED = 8
LOWEST_SCORE, HIGHEST_SCORE = 1, 10


@dataclass(frozen=True, slots=True)
class Shown:
    """What Wistia counts of one call to action in one video."""

    media_id: str
    title: str
    kind: str
    text: str
    shown: int
    used: int


@dataclass(frozen=True, slots=True)
class CallToAction:
    """A call to action across videos; ``number`` is its place, 1 for the highest rate.

    ``titles`` are those of ``media_ids``, in their order.
    """

    number: int
    kind: str
    text: str
    shown: int
    used: int
    media_ids: tuple[str, ...]
    titles: tuple[str, ...]

    @property
    def rate(self) -> float:
        """The fraction 0–1 of those who saw it that used it."""
        return self.used / self.shown


@dataclass(frozen=True, slots=True)
class Comparison:
    """Those with enough views, the highest rate first; how many had too few."""

    calls: tuple[CallToAction, ...]
    too_few: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one persona said of the call to action ``number``: a score from 1 to 10, and why."""

    persona: str
    number: int
    score: float
    reason: str
    wording: str
    placement: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the panel said of a call to action; ``score`` is the mean, None when none scored it."""

    number: int
    score: float | None
    voices: int
    opinions: tuple[Opinion, ...]


def compare(rows: Iterable[Shown]) -> Comparison:
    """The same call to action in several videos is one; those hardly shown are only counted.

    One whose words nobody tells is the same in its own video alone.
    """
    alike: dict[tuple[str, str, str], list[Shown]] = {}
    for row in rows:
        if row.shown > 0:
            where = "" if row.text else row.media_id
            alike.setdefault((row.kind, row.text, where), []).append(row)
    totals = [
        (sum(r.shown for r in same), sum(min(r.used, r.shown) for r in same), kind, text, same)
        for (kind, text, _), same in alike.items()
    ]
    enough = [total for total in totals if total[0] >= FEWEST_SHOWN]
    enough.sort(key=lambda total: (-total[1] / total[0], *total[2:4], total[4][0].media_id))
    calls = tuple(
        CallToAction(
            number,
            kind,
            text,
            shown,
            used,
            *_videos(same),
        )
        for number, (shown, used, kind, text, same) in enumerate(enough[:MOST_COMPARED], start=1)
    )
    return Comparison(calls, len(totals) - len(enough))


def _videos(rows: Iterable[Shown]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the videos, and the title of each."""
    titles = {row.media_id: row.title for row in rows}
    ids = tuple(sorted(titles))
    return ids, tuple(titles[media_id] for media_id in ids)


def aggregate(calls: Sequence[CallToAction], opinions: Sequence[Opinion]) -> tuple[Verdict, ...]:
    """What the panel said of each call to action, the best liked first."""
    voices: Counter[int] = Counter(opinion.number for opinion in opinions)
    found = []
    for call in calls:
        said = tuple(opinion for opinion in opinions if opinion.number == call.number)
        score = round(mean(opinion.score for opinion in said), 1) if said else None
        found.append(Verdict(call.number, score, voices[call.number], said))
    return tuple(sorted(found, key=lambda verdict: (-(verdict.score or 0), verdict.number)))
