"""Watched enough, in a chosen project, after the start, over; and what a view is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.funnel_examples import HOUR, NOW, TOUR, a_view
from upsales_wistia.funnel.score import activity_score
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.funnel.stages import before_start, over_at, project_reason, watched_enough
from upsales_wistia.funnel.writes import shown_percent

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("fraction", "minimum", "enough", "shown"),
    [
        (0.2499, "25", False, 24),
        (0.249999999999, "25", False, 24),
        (0.25, "25", True, 25),
        (0.29, "29", True, 29),
        (0.57, "57", True, 57),
        (0.0, "0", True, 0),
        (1.0, "100", True, 100),
        (0.245, "24.5", True, 24),
        (0.2449, "24.5", False, 24),
    ],
)
def test_the_minimum_is_compared_exactly_and_shown_rounded_down(
    fraction: float, minimum: str, enough: bool, shown: int
) -> None:
    view = a_view(percent=str(Decimal(repr(fraction)) * 100))
    assert watched_enough(view, Settings(min_percent=Decimal(minimum))) is enough
    assert shown_percent(view.percent) == shown


@pytest.mark.parametrize(
    ("project", "chosen", "expected"),
    [
        ("prj1", set(), ""),
        (None, set(), ""),
        ("prj1", {"prj1", "prj2"}, ""),
        ("prj1", {"prj2"}, "other_project"),
        (None, {"prj2"}, "project_unknown"),
    ],
)
def test_projects(project: str | None, chosen: set[str], expected: str) -> None:
    view = a_view(video=replace(TOUR, project_id=project))
    assert project_reason(view, Settings(projects=frozenset(chosen))) == expected


@pytest.mark.parametrize(("late", "before"), [(-SECOND, True), (0 * SECOND, False)])
def test_the_start_itself_counts(late: timedelta, before: bool) -> None:
    start = NOW - HOUR
    assert before_start(a_view(received_at=start + late), Settings(start=start)) is before
    assert not before_start(a_view(received_at=start + late), Settings())


@pytest.mark.parametrize(
    ("length", "held"),
    [(0.0, 360), (30.0, 360), (60.0, 360), (61.0, 361), (400.0, 700), (0.5, 360), (7200.5, 7500.5)],
)
def test_a_view_is_held_for_its_length_and_five_minutes(length: float, held: float) -> None:
    end = NOW + timedelta(seconds=held)
    view = a_view(received_at=NOW, video=replace(TOUR, duration=length))
    assert over_at(view, NOW, None) == end
    assert over_at(view, end - timedelta(microseconds=1), None) == end
    assert over_at(view, end, None) is None


@pytest.mark.parametrize(
    ("percent", "held"), [("98.99", True), ("99", False), ("99.01", False), ("100", False)]
)
@pytest.mark.parametrize("length", [None, 7200.0])
def test_what_was_watched_to_its_end_is_not_held(
    percent: str, held: bool, length: float | None
) -> None:
    view = a_view(percent, received_at=NOW, video=replace(TOUR, duration=length))
    assert (over_at(view, NOW, None) is not None) is held


def unknown_length(received_at: datetime, since: datetime | None) -> datetime | None:
    view = a_view(received_at=received_at, percent_since=since, video=replace(TOUR, duration=None))
    return over_at(view, NOW, NOW - timedelta(minutes=1))


HALF_AN_HOUR = timedelta(seconds=1800)


@pytest.mark.parametrize(
    ("age", "seen_before_the_read", "expected"),
    [
        (HALF_AN_HOUR, SECOND, None),
        (HALF_AN_HOUR, 0 * SECOND, NOW),
        (HALF_AN_HOUR, -SECOND, NOW),
        (HALF_AN_HOUR - SECOND, SECOND, NOW + SECOND),
        (HALF_AN_HOUR - SECOND, -SECOND, NOW + SECOND),
        (900 * HOUR, -SECOND, NOW),
    ],
)
def test_of_unknown_length_two_reads_must_agree(
    age: timedelta, seen_before_the_read: timedelta, expected: datetime | None
) -> None:
    since = NOW - timedelta(minutes=1) - seen_before_the_read
    assert unknown_length(NOW - age, since) == expected


def test_of_unknown_length_and_never_read_completely_is_held() -> None:
    view = a_view(video=replace(TOUR, duration=None))
    assert over_at(view, NOW, None) == NOW
    assert unknown_length(NOW - HOUR, None) == NOW


@pytest.mark.parametrize(
    ("percent", "score", "expected"),
    [
        ("83", 10, 9),
        ("80", 10, 8),
        ("80.0001", 10, 9),
        ("29", 100, 29),
        ("0", 10, 1),
        ("0.01", 10, 1),
        ("100", 10, 10),
        ("50", 1, 1),
        ("50", 0, 1),
        ("33.333333333333333", 3, 1),
    ],
)
def test_score_by_percent(percent: str, score: int, expected: int) -> None:
    by_percent = Settings(activity_score=score, score_by_percent=True)
    assert activity_score(Decimal(percent), by_percent) == expected
    assert activity_score(Decimal(percent), Settings(activity_score=score)) == score


@given(st.decimals(0, 100, places=6), st.decimals(0, 100, places=6), st.integers(0, 10_000))
def test_more_watched_is_never_worth_less(one: Decimal, two: Decimal, score: int) -> None:
    rules = Settings(activity_score=score, score_by_percent=True)
    less, more = sorted((one, two))
    assert 1 <= activity_score(less, rules) <= activity_score(more, rules) <= max(1, score)


@pytest.mark.parametrize("length", [1e308, float("inf"), float("nan"), -1.0, 0.0])
def test_no_stored_length_makes_it_fail(length: float) -> None:
    view = a_view(percent="50", received_at=NOW, video=replace(TOUR, duration=length))
    end = over_at(view, NOW, None)
    assert end is not None
    assert NOW < end <= NOW + timedelta(days=31)
