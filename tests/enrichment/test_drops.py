"""The rule for drops and replays, curve by curve."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.enrichment.drops import cell_seconds, find_drops, find_replays


def curve(*parts: tuple[float, int]) -> list[float]:
    """A curve of steps: so many viewers for so many cells, one after another."""
    return [count for count, cells in parts for _ in range(cells)]


def slope(start: float, end: float, cells: int) -> list[float]:
    """A curve that falls evenly, ``end`` in its last cell."""
    return [start + (end - start) * (cell + 1) / cells for cell in range(cells)]


def noisy(counts: Sequence[float], spread: float, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [round(count * (1 + chance.uniform(-spread, spread))) for count in counts]


def scaled(counts: Sequence[float], cells: int) -> list[float]:
    """As Wistia scales a long video: ``cells`` cells for all of it."""
    return [counts[cell * len(counts) // cells] for cell in range(cells)]


STEP = curve((100, 100), (80, 100))
TWICE = curve((100, 60), (80, 60), (60, 60))
LONG = curve((1000, 800), (700, 1200))
HOURS = curve((500, 3_600), (400, 3_600))

CURVES: dict[str, tuple[list[float], float, list[tuple[float, int]]]] = {
    # name: the curve, the video's length in seconds, then (second, percent lost) of each drop
    "nobody watched": ([], 60, []),
    "only zeros": (curve((0, 60)), 60, []),
    "an unknown length": (STEP, 0, []),
    "one cell": ([100], 1, []),
    "flat": (curve((100, 120)), 120, []),
    "falls evenly": (slope(100, 20, 400), 400, []),
    "a step of 20 %": (STEP, 200, [(100, 20)]),
    "the step moved": (curve((100, 130), (80, 70)), 200, [(130, 20)]),
    "a step of exactly 10 %": (curve((100, 60), (90, 60)), 120, []),
    "a step of 11 %": (curve((100, 60), (89, 60)), 120, [(60, 11)]),
    "20 % within 5 s": ([*curve((100, 60)), *slope(100, 80, 5), *curve((80, 60))], 125, [(60, 20)]),
    "20 % within 20 s": ([*curve((100, 60)), *slope(100, 80, 20), *curve((80, 60))], 140, []),
    "40 % within 10 s": (
        [*curve((100, 60)), *slope(100, 60, 10), *curve((60, 60))],
        130,
        [(60, 40)],
    ),
    "two steps far apart": (TWICE, 180, [(60, 20), (120, 25)]),
    "two steps 5 s apart": (curve((100, 60), (80, 5), (60, 60)), 125, [(60, 20), (65, 25)]),
    "two steps 4 s apart are one": (curve((100, 60), (80, 4), (60, 60)), 124, [(60, 40)]),
    "two small steps 3 s apart are one": (curve((100, 60), (94, 3), (88, 60)), 123, [(60, 12)]),
    "two small steps 8 s apart are none": (curve((100, 60), (94, 8), (88, 60)), 128, []),
    "one odd cell": (curve((100, 60), (70, 1), (100, 60)), 121, []),
    "one lively cell": (curve((100, 60), (140, 1), (100, 60)), 121, []),
    "a peak of replays ends": (curve((100, 100), (130, 20), (100, 100)), 220, []),
    "a drop after a peak": (curve((100, 100), (130, 20), (85, 100)), 220, [(120, 15)]),
    "in the first seconds": (curve((100, 2), (70, 60)), 62, [(2, 30)]),
    "as the video ends": (curve((100, 117), (40, 3)), 120, []),
    "one viewer of nine": (curve((9, 60), (8, 60)), 120, []),
    "two viewers of ten": (curve((10, 60), (8, 60)), 120, [(60, 20)]),
    "scaled, 2 s a cell": (scaled(LONG, 1000), 2_000, [(800, 30)]),
    "scaled, 7.2 s a cell": (scaled(HOURS, 1000), 7_200, [(3_600, 20)]),
    "scaled, 1.5 s a cell, two drops": (
        scaled(curve((100, 300), (80, 600), (50, 600)), 1000),
        1_500,
        [(300, 20), (900, 38)],
    ),
    "flat with noise": (noisy(curve((300, 400)), 0.04), 400, []),
    "falls evenly with noise": (noisy(slope(400, 100, 600), 0.04), 600, []),
    "a step with noise": (noisy(curve((400, 100), (320, 200)), 0.02), 300, [(100, 20)]),
    "long, a step with noise": (
        noisy(scaled(LONG, 1000), 0.02),
        2_000,
        [(800, 30)],
    ),
}


@pytest.mark.parametrize("name", CURVES)
def test_the_rule(name: str) -> None:
    counts, duration, wanted = CURVES[name]
    found = [(drop.at, drop.share * 100) for drop in find_drops(counts, duration)]
    assert len(found) == len(wanted), found
    spread = 2.0 if "noise" in name else 0.6
    for (at, percent), (second, lost) in zip(found, wanted, strict=True):
        assert at == pytest.approx(second, abs=max(spread * 2, duration / len(counts)))
        assert percent == pytest.approx(lost, abs=spread)


def test_enough_curves_are_shown() -> None:
    assert len(CURVES) >= 20


@pytest.mark.parametrize("seed", range(40))
def test_noise_alone_is_no_drop(seed: int) -> None:
    assert find_drops(noisy(slope(300, 120, 500), 0.05, seed), 500) == ()


counts = st.lists(st.integers(0, 500), min_size=0, max_size=120)


@given(counts, st.integers(1, 9))
def test_what_counts_is_the_share(counts: list[int], times: int) -> None:
    more = [count * times * 2 for count in counts]
    twice = [count * 2 for count in counts]
    found = find_drops(twice, len(counts))
    assert [drop.at for drop in find_drops(more, len(counts))] == [drop.at for drop in found]


@given(counts)
def test_drops_stand_apart_and_lose_more_than_a_tenth(counts: list[int]) -> None:
    found = find_drops(counts, len(counts))
    for drop in found:
        assert 0.1 < drop.share <= 1
        assert drop.start <= drop.at < drop.end
    assert all(after.start - before.end + 1 >= 5 for before, after in pairwise(found))


def test_a_cell_stands_for_its_part_of_the_length() -> None:
    assert cell_seconds(402.0, 402) == 1
    assert cell_seconds(2_000.0, 1000) == 2
    assert cell_seconds(60.0, 0) == 0


REPLAYS: dict[str, tuple[list[float], float, float, list[tuple[float, float, int]]]] = {
    "none": ([], 60, 100, []),
    "never played": (curve((0, 60)), 60, 0, []),
    "evenly": (curve((3, 100)), 100, 100, []),
    "one part": (curve((3, 185), (18, 27), (3, 190)), 402, 100, [(185, 212, 18)]),
    "too few": (curve((1, 50), (4, 20), (1, 50)), 120, 100, []),
    "two parts close together": (
        curve((2, 50), (20, 10), (2, 3), (30, 10), (2, 50)),
        123,
        100,
        [(50, 73, 30)],
    ),
    "scaled": (scaled(curve((1, 1000), (30, 200), (1, 800)), 1000), 2_000, 100, [(1000, 1200, 30)]),
}


@pytest.mark.parametrize("name", REPLAYS)
def test_replays(name: str) -> None:
    again, duration, plays, wanted = REPLAYS[name]
    found = find_replays(again, duration, plays)
    assert [(part.start, part.end, round(part.share * 100)) for part in found] == wanted


def test_neighbours_are_one_where_a_cell_is_longer_than_five_seconds() -> None:
    leaving = [100] * 500 + [80, 60] + [50] * 498
    (drop,) = find_drops(leaving, 7_200)
    assert (round(drop.start), round(drop.end)) == (3600, 3622)
    again = [1] * 100 + [30] * 20 + [1] * 880
    (part,) = find_replays(again, 7_200, 100)
    assert (part.start, part.end) == (720, 864)
