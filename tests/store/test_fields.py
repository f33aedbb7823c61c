"""Times and documents in columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.examples import NOW
from upsales_wistia.store import customers
from upsales_wistia.store.fields import from_column, to_column

moments = st.datetimes(timezones=st.timezones())


@pytest.mark.parametrize(
    "store_it",
    [
        lambda moment: customers.add(1, "One", "cli", moment),
        lambda moment: customers.set_due(4711, "poll", moment),
        customers.due,
    ],
)
def test_a_time_without_a_zone_is_refused(customer: int, store_it) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="without a zone"):
        store_it(datetime(2026, 11, 21))  # noqa: DTZ001


def test_a_time_of_another_zone_comes_back_as_the_same_moment_in_utc(customer: int) -> None:
    customers.set_due(customer, "poll", NOW.astimezone(timezone(timedelta(hours=5))))
    stored = customers.due_at(customer, "poll")
    assert stored == NOW
    assert stored.tzinfo is UTC


@given(moments, moments)
def test_the_order_of_columns_is_the_order_of_moments(one: datetime, other: datetime) -> None:
    try:
        one, other = one.astimezone(UTC), other.astimezone(UTC)
    except OverflowError:
        return
    a, b = to_column(one), to_column(other)
    assert (a < b, a == b) == (one < other, one == other)
    assert from_column(a) == one
