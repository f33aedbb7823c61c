"""The picture of how a video is watched: what stands where."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.figures import Figures, Leaving
from upsales_wistia.web.retention import Retention, Tick, retention, share_within, steps_of

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=300).filter(any)


def picture(seconds: float, *drops: float, slim: bool = False) -> Retention:
    leaving = tuple(Leaving(n, at, 20, "") for n, at in enumerate(drops, start=1))
    known = Figures(plays=100, watching=(100, 50), drops=leaving, seconds=seconds, average=0.5)
    return retention(known, seconds, slim=slim)


def labels(seconds: float, *, slim: bool = False) -> list[str]:
    return [tick.label for tick in picture(seconds, slim=slim).ticks]


@pytest.mark.parametrize(
    ("seconds", "slim", "wanted"),
    [
        (402, False, ["0:00", "1:00", "2:00", "3:00", "4:00", "5:00", "6:00", "6:42"]),
        (402, True, ["0:00", "2:00", "4:00", "6:00"]),
        (38, False, ["0:00", "0:05", "0:10", "0:15", "0:20", "0:25", "0:30", "0:35", "0:38"]),
        (3, False, ["0:00", "0:01", "0:02", "0:03"]),
        (0.2, False, ["0:00"]),
        (1200, True, ["0:00", "5:00", "10:00", "15:00", "20:00"]),
        (7200, True, ["0:00", "30:00", "1:00:00", "", "2:00:00"]),
    ],
)
def test_the_axis_is_in_minutes(seconds: float, slim: bool, wanted: list[str]) -> None:
    assert labels(seconds, slim=slim) == wanted


def span(tick: Tick) -> tuple[float, float]:
    """From where to where a label goes, in a font with wide figures."""
    width = sum(4.0 if letter == ":" else 7.6 for letter in tick.label)
    before = {"start": 0.0, "middle": 0.5, "end": 1.0}[tick.anchor]
    return tick.x - width * before, tick.x + width * (1 - before)


@given(st.floats(0.01, 30 * 86_400), st.booleans())
def test_labels_never_touch(seconds: float, slim: bool) -> None:
    drawn = picture(seconds, slim=slim)
    spans = [span(tick) for tick in drawn.ticks if tick.label]
    assert all(after[0] - before[1] >= 0.5 for before, after in pairwise(spans))
    assert spans[-1][1] <= drawn.width
    assert len(drawn.ticks) <= 32


@given(st.lists(st.floats(0, 3600), max_size=8).map(sorted), st.booleans())
def test_pins_never_cover_each_other(drops: list[float], slim: bool) -> None:
    pins = picture(3600, *drops, slim=slim).pins
    assert all(b.x - a.x >= 20.9 for a, b in pairwise(pins))
    assert all(not pin.label for pin in pins) or not slim


@given(COUNTS, st.booleans())
def test_nothing_is_drawn_outside(counts: list[int], slim: bool) -> None:
    known = Figures(plays=max(counts), watching=tuple(counts), again=tuple(counts), seconds=60.0)
    drawn = retention(known, 60.0, slim=slim)
    for point in drawn.line.split():
        x, y = map(float, point.split(","))
        assert drawn.left <= x <= drawn.right
        assert drawn.top <= y <= drawn.bottom
    assert sum(cell.width for cell in drawn.cells) == drawn.right - drawn.left
    assert all(0.06 <= cell.heat <= 1 for cell in drawn.cells)
    assert len(drawn.cells) <= 67


def test_a_slice_watched_more_often_than_played_is_a_hundred_percent() -> None:
    assert share_within([300, 100], 100, 0, 0.5) == 100
    assert share_within([300, 100], 200, 0, 1) == 100
    assert share_within([100, 50, 0], 100, 0.5, 0.5) == 50


@pytest.mark.parametrize(
    ("seconds", "step"), [(38, 5), (402, 30), (7200, 30), (7300, 60), (30 * 86_400, 14400)]
)
def test_the_table_stays_readable(seconds: float, step: int) -> None:
    assert steps_of(seconds) == step
