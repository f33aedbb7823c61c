"""Thirty days as bars: the scale, the bars, the dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.funnel.view import Target
from upsales_wistia.store.history import Trouble, Written
from upsales_wistia.web.daychart import DAYS, ceiling, days, draw

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 5), (6, 10), (34, 40), (41, 50), (51, 100)],
)
def test_the_top_is_a_round_number(most: int, top: int) -> None:
    assert ceiling(most) == top


@given(st.integers(0, 10**7))
def test_every_bar_fits_below_the_top(most: int) -> None:
    assert most <= ceiling(most) <= max(2, 2.5 * most)


def test_a_day_begins_where_its_reader_is() -> None:
    late = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
    done = [Written(late, Target.ACTIVITY, 3), Written(late, Target.FORM, 2)]
    here = days(done, [Trouble(late, "wistia_away")], NOW, STOCKHOLM)
    assert (here[-1].activities, here[-1].forms, here[-1].troubles) == (3, 2, ("wistia_away",))
    assert days(done, [], NOW, ZoneInfo("UTC"))[-2].activities == 3


def test_thirty_days_also_over_a_change_of_the_clocks() -> None:
    shown = days([], [], datetime(2026, 11, 10, tzinfo=UTC), STOCKHOLM)
    assert len({day.date for day in shown}) == DAYS


@pytest.mark.parametrize("slim", [False, True])
def test_the_drawing_stays_inside_its_frame(slim: bool) -> None:
    done = [Written(NOW - timedelta(days=n), Target.ACTIVITY, n * 3) for n in range(DAYS)]
    shown = days(done, [Trouble(NOW - timedelta(days=29), "")], NOW, STOCKHOLM)
    chart = draw(shown, {day.date: day.activities for day in shown}, slim=slim)
    assert len(chart.columns) == DAYS
    assert all(c.x >= 0 and c.x + c.width <= chart.width and c.y >= 0 for c in chart.columns)
    assert [c.colour for c in chart.columns].count("fresh") == 1
    assert chart.columns[0].mark
    assert [line.label for line in chart.lines] == ["0", "50", "100"]
    assert [date for _, date in chart.labels] == [shown[i].date for i in (1, 8, 15, 22, 29)]
