"""Thirty days as bars: figures for the template to draw, twice, wide and slim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ..funnel.view import Target
from ..store.history import Trouble, Written

DAYS = 30
_LEFT, _RIGHT, _TOP, _BOTTOM = 26, 4, 16, 24
_FILLED = 0.72
_WEEK = 7
_MARK = 12


@dataclass(frozen=True, slots=True)
class Day:
    """A day as its reader has it: what was written, and the codes of runs that had trouble."""

    date: date
    activities: int
    forms: int
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A day's bar, with what its tooltip says; ``mark`` is a triangle's points or ""."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    day: Day
    count: int
    mark: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line at a height, and what it stands for ("" where that is no whole number)."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class DayChart:
    """The whole drawing; ``labels`` are dates below the bars, by where they stand."""

    width: int
    height: int
    kind: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    labels: tuple[tuple[float, date], ...]


def days(
    written: Sequence[Written], troubles: Sequence[Trouble], now: datetime, zone: ZoneInfo
) -> list[Day]:
    """The thirty days that end today, as they begin and end in ``zone``; ``now`` is aware."""
    counts: dict[Target, Counter[date]] = {target: Counter() for target in Target}
    for one in written:
        counts[one.target][one.at.astimezone(zone).date()] += one.count
    codes: dict[date, dict[str, None]] = {}
    for run in troubles:
        codes.setdefault(run.started_at.astimezone(zone).date(), {})[run.code] = None
    today = now.astimezone(zone).date()
    return [
        Day(
            day,
            counts[Target.ACTIVITY][day],
            counts[Target.FORM][day],
            tuple(codes.get(day, ())),
        )
        for day in (today - timedelta(days=back) for back in reversed(range(DAYS)))
    ]


def draw(shown: Sequence[Day], counts: Mapping[date, int], *, slim: bool = False) -> DayChart:
    """The bars of ``counts`` (by day) for a screen, or ``slim`` for a phone."""
    width, height = (326, 168) if slim else (492, 214)
    top = ceiling(max(counts.values(), default=0))
    pitch = (width - _LEFT - _RIGHT) / len(shown)
    floor, tall = height - _BOTTOM, height - _TOP - _BOTTOM
    columns = [
        _column(day, counts.get(day.date, 0), _LEFT + i * pitch, pitch, floor, tall / top)
        for i, day in enumerate(shown)
    ]
    columns[-1] = replace(columns[-1], colour="fresh")
    return DayChart(
        width,
        height,
        "slim" if slim else "wide",
        tuple(columns),
        tuple(_line(floor, tall, part, top) for part in (0, 1, 2)),
        tuple(
            (round(column.x + column.width / 2, 1), column.day.date)
            for column in columns[len(columns) - 1 :: -_WEEK]
        )[::-1],
    )


def ceiling(most: int) -> int:
    """The top of the scale: 1, 2, 4 or 5 times a power of ten, at least 2."""
    power = 1
    while True:
        for step in (1, 2, 4, 5):
            if step * power >= max(most, 2):
                return step * power
        power *= 10


def _column(day: Day, count: int, x: float, pitch: float, floor: float, each: float) -> Column:
    tall = count * each
    width = pitch * _FILLED
    left = x + (pitch - width) / 2
    return Column(
        round(left, 1),
        round(floor - tall, 1),
        round(width, 1),
        round(tall, 1),
        "kept",
        day,
        count,
        _triangle(left + width / 2, floor - tall) if day.troubles else "",
    )


def _triangle(middle: float, bar: float) -> str:
    base = bar - 4
    half = _MARK / 2
    return (
        f"{middle:.1f},{base - _MARK:.1f} {middle + half:.1f},{base:.1f} "
        f"{middle - half:.1f},{base:.1f}"
    )


def _line(floor: float, tall: float, part: int, top: int) -> Line:
    label = "" if part * top % 2 else f"{part * top // 2}"
    return Line(round(floor - tall * part / 2, 1), label)
