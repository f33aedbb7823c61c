"""Real processes tick over real databases: each customer once an interval, none twice at once."""

from __future__ import annotations

import os

import pytest

from tests.crowd.crowd import measure

POLLS = 2
MANY = int(os.environ.get("CROWD", "60"))
"""``CROWD=500`` tries as many as the design speaks of; it takes some minutes."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("database_kind", "processes", "customers", "interval"),
    [
        ("sqlite", 1, MANY, MANY / 30),
        ("postgresql", 3, MANY, MANY / 30),
        ("sqlite", 3, 30, 4.0),
        ("postgresql", 1, 30, 4.0),
    ],
)
def test_each_customer_is_polled_once_an_interval(
    database_url: str, processes: int, customers: int, interval: float
) -> None:
    figures = measure(
        database_url,
        customers=customers,
        processes=processes,
        interval=interval,
        seconds=240.0,
        polls=POLLS,
    )
    assert figures.customers == customers
    assert (figures.twice, figures.overlapping, figures.locked) == (0, 0, 0)
    assert figures.written == (1, 1)
    least, most = figures.polls
    assert least >= POLLS
    assert most <= figures.lasted / interval + 2
