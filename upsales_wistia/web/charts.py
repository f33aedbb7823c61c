"""The bars of the pages, as figures for the templates to draw. Units are those of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SMALLEST = 0.006
"""The share of the whole width that a bar above 0 has at least, so that it can be seen."""

SMALLEST_IN_STACK = 0.015
"""The same where a gap of 2 pixels stands between bars, on a phone too."""

COLOURS: Mapping[str, str] = {
    "written": "fresh",
    "registered": "had",
    "dropped": "left",
    "waiting": "pend",
    "settling": "hold",
    "retrying": "again",
    "failed": "fail",
    "uncertain": "unsure",
}
"""The colour of each state, in the order in which the balance shows them."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a bar: where it begins and how wide it is, in views."""

    x: float
    width: float
    colour: str


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a funnel: what is kept, and the slope from the row above."""

    views: float
    bars: tuple[Bar, ...]
    slope: str
    rest: Bar | None

    @property
    def width(self) -> float:
        """How much is kept, in views."""
        return sum(bar.width for bar in self.bars)


def first_step(views: int) -> Step:
    """The whole, which nothing stands above."""
    whole = max(views, 1)
    return Step(whole, (Bar(0, views, "kept"),), "", None)


def step(views: int, before: Step, parts: Mapping[str, int]) -> Step:
    """A row under ``before`` whose bar is made of ``parts`` (count by colour, in order)."""
    whole = max(views, 1)
    bars = _laid_out([(colour, _seen(n, whole)) for colour, n in parts.items() if n])
    width = sum(bar.width for bar in bars)
    above = max(before.width, width)
    slope = f"0,0 {above:g},0 {width:g},5 0,5"
    return Step(whole, bars, slope, Bar(width, round(above - width, 3), "left"))


def balance_bars(counts: Mapping[str, int]) -> tuple[Bar, ...]:
    """The states of ``counts`` side by side, in the order of ``COLOURS``."""
    whole = max(sum(counts.values()), 1)
    return _laid_out(
        [
            (COLOURS[state], _seen(counts[state], whole, SMALLEST_IN_STACK))
            for state in COLOURS
            if counts[state]
        ]
    )


def _seen(n: int, whole: float, smallest: float = SMALLEST) -> float:
    return round(max(n, whole * smallest), 3)


def _laid_out(widths: Sequence[tuple[str, float]]) -> tuple[Bar, ...]:
    bars: list[Bar] = []
    x = 0.0
    for colour, width in widths:
        bars.append(Bar(round(x, 3), width, colour))
        x += width
    return tuple(bars)
