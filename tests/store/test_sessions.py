"""Sessions that were ended before their time."""

from __future__ import annotations

from tests.store.examples import NOW
from upsales_wistia.store import customers, sessions
from upsales_wistia.store.database import database


def test_what_was_ended_stays_ended_until_it_would_be_over_anyway(customer: int) -> None:
    sessions.end(customer, "s1", until=100.0, now=10.0)
    sessions.end(customer, "s1", until=100.0, now=11.0)
    assert sessions.is_ended(customer, "s1")
    assert not sessions.is_ended(customer, "s2")
    sessions.end(customer, "s2", until=200.0, now=100.0)
    assert (sessions.is_ended(customer, "s1"), sessions.is_ended(customer, "s2")) == (False, True)


def test_it_is_of_one_customer(customer: int) -> None:
    customers.add(1, "Other", "cli", NOW)
    sessions.end(customer, "s1", until=100.0, now=10.0)
    assert not sessions.is_ended(1, "s1")


def test_of_a_customer_that_is_gone_nothing_is_noted(store: str) -> None:
    sessions.end(4712, "s1", until=100.0, now=10.0)
    assert database.execute_sql("SELECT count(*) FROM ended_sessions").fetchone() == (0,)
