"""A small retention curve with its drops pinned: figures for the template to draw.

526 by 120 pixels, no axis to the left, as large on a phone as there is room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 526, 120
_TOP, _BOTTOM = 26, 18
_BAND = 2.0
"""Seconds before and after a drop that its band covers."""
_LEAST_BAND = 5.0
"""Pixels that a band has at least."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A drop: where its band begins and how wide it is, and where its number stands."""

    number: int
    x: float
    band: float
    band_width: float


@dataclass(frozen=True, slots=True)
class SmallCurve:
    """The line's points, the area below it, and the pins. Units are pixels."""

    line: str
    area: str
    pins: tuple[Pin, ...]
    bottom: float
    width: int = WIDTH
    height: int = HEIGHT
    top: int = _TOP


def small_curve(
    points: Sequence[Sequence[float]], seconds: float, drops: Sequence[Mapping[str, Any]]
) -> SmallCurve:
    """``points`` are second and percent of all plays (0–100), ``drops`` have number and at."""
    bottom = HEIGHT - _BOTTOM
    whole = max(seconds, 1.0)
    placed = [(_x(at, whole), _y(percent, bottom)) for at, percent in points]
    if placed:
        placed.append((float(WIDTH), placed[-1][1]))
    line = " ".join(f"{x:g},{y:g}" for x, y in placed)
    area = f"0,{bottom} {line} {WIDTH},{bottom}" if placed else ""
    return SmallCurve(line, area, tuple(_pin(drop, whole) for drop in drops), bottom)


def _pin(drop: Mapping[str, Any], whole: float) -> Pin:
    x = _x(drop["at"], whole)
    start, end = _x(max(0.0, drop["at"] - _BAND), whole), _x(drop["at"] + _BAND, whole)
    width = max(end - start, _LEAST_BAND)
    return Pin(drop["number"], min(max(x, 9.0), WIDTH - 9.0), round(x - width / 2, 1), width)


def _x(second: float, whole: float) -> float:
    return round(min(second / whole, 1.0) * WIDTH, 1)


def _y(percent: float, bottom: float) -> float:
    return round(bottom - min(percent, 100.0) / 100 * (bottom - _TOP), 1)
