"""Real processes tick over real databases: each customer once an interval, none twice at once."""

from __future__ import annotations

import pytest

from tests.crowd.crowd import measure


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 3])
def test_each_customer_is_polled_once_an_interval(database_url: str, processes: int) -> None:
    interval, seconds = 4.0, 10.0
    figures = measure(
        database_url, customers=30, processes=processes, interval=interval, seconds=seconds
    )
    assert figures.customers == 30
    assert figures.overlapping == 0
    least, most = figures.polls
    assert least >= 2
    assert most <= figures.lasted / interval + 2
    assert figures.shortest_gap > 0
