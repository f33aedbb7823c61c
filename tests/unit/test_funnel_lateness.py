"""How late views come: counts in, a sentence's worth of figures out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.funnel.lateness import (
    DAY,
    WIDEST,
    Arrived,
    Heard,
    Lateness,
    lateness_of,
    look_back,
    minutes_late,
    within,
)

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WINDOW = 3 * DAY


def some(count: int, minutes: int, *, ago: timedelta = 2 * DAY, witness: str = "") -> Arrived:
    return Arrived(NOW - ago, witness, minutes, count)  # type: ignore[arg-type]


def told(*arrived: Arrived, heard: Heard | None = None, slowest: timedelta = HOUR) -> Lateness:
    return lateness_of(arrived, heard, window=WINDOW, slowest=slowest, now=NOW)


def test_half_and_nearly_all() -> None:
    found = told(some(10, 3), some(8, 8), some(1, 46), some(1, 400))
    assert found.views == 20
    assert found.half == 4 * MINUTE
    assert found.nearly_all == 47 * MINUTE
    assert found.arriving_since == NOW - 47 * MINUTE


def test_below_twenty_views_nothing_is_said() -> None:
    found = told(some(19, 3))
    assert (found.views, found.half, found.nearly_all, found.arriving_since) == (
        19, None, None, None,
    )  # fmt: skip
    assert [c.count for c in found.classes] == [19, 0, 0, 0, 0, 0, 0]


def test_the_seven_classes() -> None:
    minutes = [0, 4, 5, 14, 15, 29, 30, 59, 60, 119, 120, 359, 360, 9999]
    found = told(*(some(1, m) for m in minutes))
    assert [c.count for c in found.classes] == [2] * 7
    bounds = [(c.start // MINUTE, c.end and c.end // MINUTE) for c in found.classes]
    assert bounds == [(0, 5), (5, 15), (15, 30), (30, 60), (60, 120), (120, 360), (360, None)]


@pytest.mark.parametrize(
    ("today", "slower"), [(46, False), (75, False), (92, False), (93, True), (400, True)]
)
def test_today_is_slower_when_it_takes_twice_as_long_as_usual(today: int, slower: bool) -> None:
    found = told(some(20, 46), some(20, today, ago=2 * HOUR))
    assert (found.usual, found.today) == (47 * MINUTE, (today + 1) * MINUTE)
    assert found.slower is slower


def test_a_few_minutes_more_are_not_slower() -> None:
    assert not told(some(20, 2), some(20, 20, ago=HOUR)).slower


def test_few_views_today_are_no_reason_for_alarm() -> None:
    assert not told(some(50, 2), some(19, 500, ago=HOUR)).slower


def test_who_was_first_is_counted_from_the_first_signed_event_on() -> None:
    heard = Heard(NOW - 5 * HOUR, NOW - MINUTE, disagreeing=2)
    before = some(9, 10, ago=6 * HOUR, witness="poll")
    found = told(
        before,
        some(96, 1, ago=3 * HOUR, witness="webhook"),
        some(4, 12, ago=3 * HOUR, witness="poll"),
        some(50, 12, ago=3 * HOUR),
        heard=heard,
    ).witnesses
    assert found
    assert (found.webhook, found.poll, found.disagreeing) == (96, 4, 2)
    assert found.webhook_percent == 96
    assert told(before).witnesses is None, "no webhook is set up"


def test_a_webhook_is_silent_when_views_it_should_have_told_of_come_after_it() -> None:
    heard = Heard(NOW - 9 * DAY, NOW - 5 * HOUR)
    two = some(2, 10, ago=4 * HOUR, witness="poll")
    assert told(two, heard=heard).silent_since is None
    third = some(1, 10, ago=3 * HOUR, witness="poll")
    assert told(two, third, heard=heard).silent_since == heard.last_at
    assert told(two, third).silent_since is None, "no webhook is set up"
    unimportant, older = some(9, 10, ago=3 * HOUR), some(9, 10, ago=6 * HOUR, witness="poll")
    assert told(two, unimportant, older, heard=heard).silent_since is None


def test_the_window_widens_when_lateness_comes_near_it() -> None:
    assert look_back(WINDOW, 35 * HOUR) == WINDOW
    assert look_back(WINDOW, 36 * HOUR) == WINDOW
    assert look_back(WINDOW, 37 * HOUR) == 4 * DAY
    assert look_back(WINDOW, 60 * DAY) == WIDEST
    assert look_back(60 * DAY, HOUR) == 60 * DAY
    assert told(slowest=50 * HOUR).widened
    assert not told(slowest=36 * HOUR).widened


@given(st.integers(0, 40 * 1440), st.integers(0, 40 * 1440))
def test_it_never_looks_back_less_for_what_is_later(a: int, b: int) -> None:
    low, high = sorted((a, b))
    near, far = look_back(WINDOW, low * MINUTE), look_back(WINDOW, high * MINUTE)
    assert WINDOW <= near <= far <= WIDEST
    assert far >= min(2 * high * MINUTE, WIDEST)
    assert not far % DAY


@given(st.dictionaries(st.integers(0, 5000), st.integers(1, 30), min_size=1), st.integers(1, 100))
def test_within_holds_for_so_many_and_for_no_shorter_time(
    by_minutes: dict[int, int], percent: int
) -> None:
    total, found = sum(by_minutes.values()), within(by_minutes, percent)
    if total < 20:
        assert found is None
        return
    assert found
    limit = found // MINUTE
    assert 100 * sum(n for m, n in by_minutes.items() if m < limit) >= percent * total
    assert 100 * sum(n for m, n in by_minutes.items() if m < limit - 1) < percent * total


def test_a_clock_that_differs_makes_nothing_early() -> None:
    assert minutes_late(NOW + HOUR, NOW) == 0
    assert minutes_late(NOW - timedelta(seconds=119), NOW) == 1
