"""Where viewers leave a video, and what they watch again. Pure.

The rule, as ``docs/reference.md`` tells it to people:

- *Watching* in a cell is the median of the cells within 2.5 s of it: one odd cell is no drop.
- A drop is more than 10 % of those watching, and at least two, lost within 5 s. Those watching
  are at most as many as in the median of the minute before: the end of a peak of replays is none.
- Drops closer to each other than 5 s are one.
- The last 5 s do not count: there the video is over.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

WITHIN = 5.0
"""Seconds in which a drop happens, and that part two drops."""
LOST_PERCENT = 10
FEWEST_LOST = 2
BEFORE = 60.0
"""Seconds before a drop that tell how many usually watch there."""
REPLAYED_PERCENT = 5
REPLAYED_TIMES = 2
"""A replayed part is watched again this many times as much as the video usually is."""
FEWEST_PLAYS = 30
"""Plays of a video below which its curve says nothing."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Viewers leave: steepest at second ``at``, between ``start`` and ``end`` (seconds).

    ``share`` is the fraction 0–1 of those watching ``before`` who are gone ``after``.
    """

    at: float
    start: float
    end: float
    before: float
    after: float

    @property
    def share(self) -> float:
        """The fraction 0–1 of those watching that is lost."""
        return (self.before - self.after) / self.before


@dataclass(frozen=True, slots=True)
class Replay:
    """A part that is watched again, from ``start`` to ``end`` (seconds).

    ``share`` is its peak as a fraction of the plays.
    """

    start: float
    end: float
    share: float


def cell_seconds(duration: float, cells: int) -> float:
    """How many seconds of the video a cell of an array of Wistia's stands for; 0 for none.

    One up to 1,000 s of video; longer ones are scaled to 1,000 cells.
    https://docs.wistia.com/reference/get_stats-medias-mediaid-engagement
    """
    return duration / cells if cells and duration > 0 else 0.0


def find_drops(engagement: Sequence[float], duration: float) -> tuple[Drop, ...]:
    """The drops in ``engagement`` (how often each cell was watched), earliest first.

    ``duration`` is the video's length in seconds.
    """
    width = cell_seconds(duration, len(engagement))
    if not width:
        return ()
    watching = _smooth(engagement, width)
    usual = _usual(watching, max(1, round(BEFORE / width)))
    steps = max(1, round(WITHIN / width))
    falls = [
        _fall(watching, first, first + steps)
        for first in range(len(watching) - steps)
        if _is_lost(min(watching[first], usual[first]), watching[first + steps])
    ]
    found = (_drop(watching, usual, fall, width) for fall in _merged(falls, width))
    return tuple(
        drop for drop in found if _is_lost(drop.before, drop.after) and drop.at < duration - WITHIN
    )


def find_replays(rewatch: Sequence[float], duration: float, plays: float) -> tuple[Replay, ...]:
    """The parts watched again most, earliest first.

    ``rewatch`` is how often each cell was watched again, ``plays`` how often the video was played.
    A part is at least 5 % of the plays and twice what is usual in the video; parts closer to each
    other than 5 s are one.
    """
    width = cell_seconds(duration, len(rewatch))
    if not width or plays <= 0:
        return ()
    again = _smooth(rewatch, width)
    least = max(plays * REPLAYED_PERCENT / 100, REPLAYED_TIMES * median(again))
    cells = [(index, index) for index, count in enumerate(again) if count >= least]
    return tuple(
        Replay(first * width, (last + 1) * width, min(1.0, max(again[first : last + 1]) / plays))
        for first, last in _merged(cells, width)
    )


def _smooth(counts: Sequence[float], width: float) -> list[float]:
    """The median around each cell; a curve that only falls stays as it is."""
    reach = round((WITHIN / width - 1) / 2) if width < WITHIN else 0
    last = len(counts) - 1
    sides = (min(reach, index, last - index) for index in range(len(counts)))
    return [
        float(median(counts[index - side : index + side + 1])) for index, side in enumerate(sides)
    ]


def _usual(watching: Sequence[float], cells: int) -> list[float]:
    """For each cell the median of it and of those before it, ``cells`` in all."""
    held: list[float] = []
    found = []
    for index, count in enumerate(watching):
        insort(held, count)
        if index >= cells:
            held.remove(watching[index - cells])
        middle = len(held) // 2
        found.append(held[middle] if len(held) % 2 else (held[middle - 1] + held[middle]) / 2)
    return found


def _is_lost(before: float, after: float) -> bool:
    lost = before - after
    return lost * 100 > before * LOST_PERCENT and lost >= FEWEST_LOST


def _fall(watching: Sequence[float], before: int, after: int) -> tuple[int, int]:
    """The cells in which most of the loss happens: from a tenth of it to nine tenths."""
    top, lost = watching[before], watching[before] - watching[after]
    gone = [(top - watching[cell]) / lost for cell in range(before + 1, after + 1)]
    first = next(index for index, share in enumerate(gone) if share >= 0.1)
    last = next(index for index, share in enumerate(gone) if share >= 0.9)
    return before + 1 + first, before + 1 + last


def _merged(parts: Sequence[tuple[int, int]], width: float) -> list[tuple[int, int]]:
    """Parts that are closer to each other than 5 s as one; neighbours, however wide, always."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(parts):
        apart = first - found[-1][1] if found else 0
        if found and (apart <= 1 or apart * width < WITHIN):
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def _drop(
    watching: Sequence[float], usual: Sequence[float], fall: tuple[int, int], width: float
) -> Drop:
    first, last = fall
    steps = [a - b for a, b in pairwise(watching[first - 1 : last + 1])]
    steepest = first + steps.index(max(steps))
    before = min(watching[first - 1], usual[first - 1])
    return Drop(steepest * width, first * width, (last + 1) * width, before, watching[last])
