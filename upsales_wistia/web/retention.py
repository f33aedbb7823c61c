"""Where people watch a video and where they leave: figures for the template to draw, twice.

Units are pixels: 1,024 wide for a screen, 326 for a phone. The plot is 212 high, below it the
heat strip, below that what is watched again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from ..enrichment.dropoff import clock_time
from ..figures import Figures, Leaving
from .texts import videos as words

_LEFT, _RIGHT, _TOP, _PLOT = 40, 14, 34, 212
_STRIP_GAP, _STRIP, _AGAIN_GAP, _AGAIN = 36, 18, 30, 40
_MOST_CELLS = 67
_BAND = 2.0
"""Seconds before and after a drop that its band covers."""
_LEAST_BAND = 5.0
_BETWEEN_PINS = 21.0
_LABEL = 92.0
"""Pixels that a pin with its label takes."""
_MEAN_LABEL = 80
_DIGIT, _COLON = 7.7, 4.1
_BETWEEN_LABELS = 1.0
"""How far labels stand apart at least."""
_LEAST_AGAIN = 5
"""Percent that the scale of replays reaches at least: a few are no mountain."""
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1_800),
    *(3_600, 7_200, 14_400, 36_000, 86_400, 172_800, 432_000, 864_000),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """A drop: its number at ``x``, the label beside it ("" for none), and its band."""

    number: int
    x: float
    label: str
    band: float
    band_width: float
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A slice of the heat strip; ``heat`` is its opacity, 0–1."""

    x: int
    width: int
    heat: float
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis; ``anchor`` says which part of its label ("" for none) is there."""

    x: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Again:
    """What is watched again: its curve, how high it reaches in percent, and its longest peak."""

    line: str
    area: str
    top: int
    bottom: int
    caption: int
    highest: int
    peak: str
    peak_x: float


@dataclass(frozen=True, slots=True)
class Retention:
    """The whole picture; ``kind`` is wide or slim."""

    kind: str
    width: int
    height: int
    line: str
    area: str
    levels: tuple[tuple[float, str], ...]
    ticks: tuple[Tick, ...]
    mean: float | None
    mean_label: float
    pins: tuple[Pin, ...]
    cells: tuple[Cell, ...]
    again: Again | None
    left: int = _LEFT
    top: int = _TOP
    bottom: int = _TOP + _PLOT
    strip: int = _TOP + _PLOT + _STRIP_GAP
    strip_height: int = _STRIP

    @property
    def right(self) -> int:
        """Where the plot ends."""
        return self.width - _RIGHT


def retention(figures: Figures, seconds: float, *, slim: bool) -> Retention:
    """The picture of a video that is ``seconds`` long and was played."""
    width = 326 if slim else 1024
    plot = width - _LEFT - _RIGHT
    bottom = _TOP + _PLOT
    shares = _thinned(_percents(figures.watching, figures.starts), plot)
    line = _line(shares, plot, bottom, _PLOT / 100)
    mean = None if figures.average is None else round(bottom - figures.average * _PLOT, 1)
    again = _again(figures, seconds, plot)
    strip_end = bottom + _STRIP_GAP + _STRIP
    return Retention(
        "slim" if slim else "wide",
        width,
        again.bottom + 24 if again else strip_end + 6,
        line,
        _area(line, plot, bottom),
        tuple((bottom - n * _PLOT / 100, f"{n}%" if n == 100 else str(n)) for n in _LEVELS),
        tuple(_ticks(seconds, plot, slim=slim)),
        mean,
        _mean_label(mean or 0.0, shares, plot),
        tuple(_pins(figures.drops, seconds, plot, labelled=not slim)),
        tuple(_cells(figures, seconds, plot)),
        again,
    )


_LEVELS = (0, 25, 50, 75, 100)


def steps_of(seconds: float) -> int:
    """How many seconds a row of the table covers: 30, and such that it stays readable."""
    least = 5 if seconds < 60 else 30
    return next(n for n in _STEPS if n >= least and (seconds / n <= 240 or n == _STEPS[-1]))


def share_within(counts: Sequence[int], plays: int, start: float, end: float) -> float:
    """The mean percent (0–100) of the plays between two places (fractions 0–1) of the video."""
    first = min(int(start * len(counts)), len(counts) - 1)
    part = counts[first : max(first + 1, ceil(end * len(counts) - 1e-9))]
    return min(sum(part) / len(part) / plays * 100, 100.0)


def _percents(counts: Sequence[int], plays: int) -> list[float]:
    return [min(count / plays * 100, 100.0) for count in counts]


def _thinned(values: Sequence[float], most: int) -> list[float]:
    """Means of neighbours, so that there is no more than one value a pixel."""
    each = ceil(len(values) / most)
    parts = (values[first : first + each] for first in range(0, len(values), each))
    return [sum(part) / len(part) for part in parts]


def _mean_label(mean: float, shares: Sequence[float], plot: int) -> float:
    """Where the average is named: below its right end, or above where the curve runs below it."""
    last = shares[-ceil(len(shares) * _MEAN_LABEL / plot) :]
    below = any(mean - 2 <= _TOP + _PLOT - share * _PLOT / 100 <= mean + 20 for share in last)
    return mean - 6 if below or mean > _TOP + _PLOT - 20 else mean + 16


def _line(values: Sequence[float], plot: int, bottom: float, scale: float) -> str:
    points = [
        (_LEFT + index / len(values) * plot, bottom - value * scale)
        for index, value in enumerate(values)
    ]
    points.append((_LEFT + plot, points[-1][1]))
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _area(line: str, plot: int, bottom: float) -> str:
    return f"{_LEFT},{bottom} {line} {_LEFT + plot},{bottom}"


def _ticks(seconds: float, plot: int, *, slim: bool) -> list[Tick]:
    """Each minute, each second one on a phone, every five above a quarter of an hour."""
    least = 300 if seconds > 900 else 120 if slim else 60
    if seconds < 2 * least:
        least = 5 if seconds >= 10 else 1  # a short one still has a few places to name
    widest = _width(clock_time(seconds)) + _BETWEEN_LABELS
    step = next((n for n in _STEPS if n >= least and n / seconds * plot >= widest), _STEPS[-1])
    ticks = [Tick(_x(at, seconds, plot), clock_time(at)) for at in range(0, int(seconds), step)]
    last = int(seconds) // step * step
    if last == int(seconds) or _x(seconds - last, seconds, plot) - _LEFT >= 1.5 * widest:
        ticks.append(Tick(float(_LEFT + plot), clock_time(seconds)))
    return _anchored(ticks, _LEFT + plot)


def _anchored(ticks: list[Tick], right: int) -> list[Tick]:
    """The first label begins at the axis where it has room, the last one ends with it."""
    first, *rest = ticks
    if rest and rest[0].x - first.x >= 1.5 * _width(rest[0].label) + _BETWEEN_LABELS:
        ticks[0] = replace(first, anchor="start")
    last = ticks[-1]
    if rest and right - last.x < _width(last.label) / 2:
        ticks[-1] = replace(last, anchor="end")
        if len(ticks) > 2 and last.x - ticks[-2].x < 1.5 * _width(last.label) + _BETWEEN_LABELS:
            ticks[-2] = replace(ticks[-2], label="")
    return ticks


def _width(label: str) -> float:
    """How wide a label is at most, whatever font there is."""
    return sum(_COLON if letter == ":" else _DIGIT for letter in label)


def _pins(drops: Sequence[Leaving], seconds: float, plot: int, *, labelled: bool) -> Iterator[Pin]:
    places = _apart([_x(drop.at, seconds, plot) for drop in drops], _LEFT + plot)
    ends = [*places[1:], float(_LEFT + plot + _RIGHT)] if places else []
    for drop, x, end in zip(drops, places, ends, strict=True):
        start = _x(max(drop.at - _BAND, 0.0), seconds, plot)
        width = max(_x(drop.at + _BAND, seconds, plot) - start, _LEAST_BAND)
        label = words.LEAVE.format(percent=drop.percent)
        yield Pin(
            drop.number,
            x,
            label if labelled and end - x >= _LABEL else "",
            round(start, 1),
            round(width, 1),
            words.DROP_TITLE.format(at=clock_time(drop.at), leave=label),
        )


def _apart(places: Sequence[float], end: float) -> list[float]:
    """The same places, moved so far that no pin covers another."""
    moved: list[float] = []
    for x in places:
        moved.append(max(x, moved[-1] + _BETWEEN_PINS) if moved else x)
    for index in reversed(range(len(moved))):
        most = moved[index + 1] - _BETWEEN_PINS if index + 1 < len(moved) else end
        moved[index] = round(min(moved[index], most), 1)
    return moved


def _cells(figures: Figures, seconds: float, plot: int) -> Iterator[Cell]:
    number = min(_MOST_CELLS, len(figures.watching))
    for index in range(number):
        start, end = index / number, (index + 1) / number
        watching = share_within(figures.watching, figures.starts, start, end)
        again = share_within(figures.again, figures.starts, start, end) if figures.again else 0.0
        x = _LEFT + round(start * plot)
        heat = 0.06 + 0.94 * min((watching + again) / 100, 1.0) ** 1.3
        title = words.CELL.format(
            start=clock_time(start * seconds),
            end=clock_time(end * seconds),
            watching=int(watching + 1e-9),
            again=int(again + 1e-9),
        )
        yield Cell(x, _LEFT + round(end * plot) - x, round(heat, 3), title)


def _again(figures: Figures, seconds: float, plot: int) -> Again | None:
    shares = _thinned(_percents(figures.again, figures.starts), plot) if figures.again else []
    if not any(shares):
        return None
    highest = max(ceil(max(shares)), _LEAST_AGAIN)
    top = _TOP + _PLOT + _STRIP_GAP + _STRIP + _AGAIN_GAP
    bottom = top + _AGAIN
    line = _line(shares, plot, bottom, _AGAIN / highest)
    longest = max(figures.replays, key=lambda part: part.end - part.start, default=None)
    peak, x = "", 0.0
    if longest is not None:
        places = {"start": clock_time(longest.start), "end": clock_time(longest.end)}
        peak = words.PEAK.format(**places)
        x = _x((longest.start + longest.end) / 2, seconds, plot)
        x = min(max(x, _LEFT + 65.0), _LEFT + plot - 65.0)
    return Again(line, _area(line, plot, bottom), top, bottom, top - 12, highest, peak, x)


def _x(second: float, seconds: float, plot: int) -> float:
    return round(_LEFT + min(second / seconds, 1.0) * plot, 1)
