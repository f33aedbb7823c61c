"""Real processes tick over real databases: each customer once an interval, none twice at once."""

from __future__ import annotations

import pytest

from tests.crowd.crowd import measure


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 3])
def test_each_customer_is_polled_once_an_interval(database_url: str, processes: int) -> None:
    interval, polls = 15.0, 2
    figures = measure(
        database_url,
        customers=500,
        processes=processes,
        interval=interval,
        seconds=100.0,
        polls=polls,
    )
    assert figures.customers == 500
    assert figures.overlapping == 0
    assert figures.twice == 0
    least, most = figures.polls
    assert least >= polls
    assert most <= figures.lasted / interval + 2
