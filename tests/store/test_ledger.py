"""Recording events: what is known of a view does not depend on how it was told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.examples import DAY, HOUR, NOW, Event, Media, record
from upsales_wistia.funnel.view import Video
from upsales_wistia.store import ledger, media, views
from upsales_wistia.store.database import database
from upsales_wistia.store.ledger import Snapshot, merge
from upsales_wistia.store.models import ViewRow

words = st.sampled_from(["", "a", "b"])
fractions = st.sampled_from([0.0, 0.1, 0.2499, 1.0])
events = st.builds(
    Event,
    event_key=st.sampled_from(["e1", "e2", "e3"]),
    visitor_key=words,
    received_at=st.sampled_from([NOW - HOUR, NOW - 2 * HOUR]),
    fraction=fractions,
    email=words,
    conversion_type=words,
    conversion_email=words,
    first_name=words,
    last_name=words,
    media_name=words,
    page=words,
    heatmap_url=words,
)
snapshots = st.builds(
    replace,
    events.map(lambda event: Snapshot.of(replace(event, event_key="e1"))),
    identity_fraction=fractions,
)
any_database = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(snapshots, snapshots, snapshots)
def test_merging_is_commutative_associative_and_idempotent(
    a: Snapshot, b: Snapshot, c: Snapshot
) -> None:
    assert merge(a, b) == merge(b, a)
    assert merge(a, merge(b, c)) == merge(merge(a, b), c)
    assert merge(a, a) == a
    assert merge(a, merge(a, b)) == merge(a, b)


@given(snapshots, snapshots)
def test_merging_loses_no_watching_and_no_conversion(a: Snapshot, b: Snapshot) -> None:
    both = merge(a, b)
    assert both.fraction == max(a.fraction, b.fraction)
    assert both.received_at == min(a.received_at, b.received_at)
    assert bool(both.conversion_email) == bool(a.conversion_email or b.conversion_email)


def test_an_email_that_came_earlier_is_kept_when_the_viewing_goes_on() -> None:
    converted = Snapshot.of(Event(fraction=0.1, conversion_email="ada@acme.se", first_name="Ada"))
    later = Snapshot.of(Event(fraction=0.9, email="known@acme.se", page="https://acme.se/"))
    both = merge(converted, later)
    assert (both.fraction, both.page) == (0.9, "https://acme.se/")
    assert (both.conversion_email, both.first_name) == ("ada@acme.se", "Ada")


def contents(customer: int) -> list[tuple[Any, ...]]:
    """All that the ledger holds but for the fingerprints, which are those last seen."""
    columns = [field.column_name for field in ViewRow._meta.sorted_fields]
    kept = [name for name in columns if name not in {"id", "fingerprint"}]
    rows = database.execute_sql(f"SELECT {', '.join(kept)} FROM views ORDER BY event_key")
    return list(rows.fetchall())


@any_database
@given(st.lists(events, max_size=8), st.randoms(use_true_random=False))
def test_order_doubling_and_batches_change_nothing(
    customer: int, rows: list[Event], chance: random.Random
) -> None:
    database.execute_sql("DELETE FROM views")
    record(customer, *rows)
    at_once = contents(customer)

    database.execute_sql("DELETE FROM views")
    shuffled = rows + [row for row in rows if chance.random() < 0.5]
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randint(1, 3)
        record(customer, *shuffled[:size])
        del shuffled[:size]
    assert contents(customer) == at_once


def test_only_what_is_new_or_changed_counts_and_is_decided_again(customer: int) -> None:
    assert record(customer, Event(), Event(event_key="e2")) == 2
    database.execute_sql("UPDATE views SET decide_at = NULL")
    assert record(customer, Event(), Event(event_key="e2", fraction=0.6), at=NOW + HOUR) == 1
    rows = database.execute_sql("SELECT event_key, decide_at FROM views ORDER BY 1").fetchall()
    assert [(key, at is None) for key, at in rows] == [("e1", True), ("e2", False)]


def test_the_percent_is_as_old_as_its_last_change(customer: int) -> None:
    record(customer, Event(fraction=0.2))
    record(customer, Event(fraction=0.2, page="https://acme.se/"), at=NOW + HOUR)
    (view,) = views.views(customer, ["e1"])
    assert view.percent_since == NOW
    record(customer, Event(fraction=0.3), at=NOW + 2 * HOUR)
    (view,) = views.views(customer, ["e1"])
    assert view.percent_since == NOW + 2 * HOUR


def test_content_seen_again_without_news_leaves_its_fingerprint_only(customer: int) -> None:
    event = Event(fraction=0.9)
    ledger.record(customer, [(event, "f1")], read_at=NOW)
    stale = replace(event, fraction=0.1)
    assert ledger.record(customer, [(stale, "f2")], read_at=NOW + HOUR) == 0
    assert ledger.fingerprints(customer, ["e1", "e9"]) == {"e1": "f2"}
    assert ledger.fingerprints(customer, []) == {}
    assert ledger.fingerprints(customer + 1, ["e1"]) == {}


def test_what_the_sieve_said_outlives_a_change_of_the_view(customer: int) -> None:
    record(customer, Event())
    database.execute_sql("UPDATE views SET person = 'ada@acme.se', activity_code = 'pass'")
    record(customer, Event(fraction=0.9))
    rows = database.execute_sql("SELECT person, activity_code, fraction FROM views").fetchall()
    assert [tuple(row) for row in rows] == [("ada@acme.se", "pass", 0.9)]


@pytest.mark.parametrize(
    ("fraction", "percent"),
    [(0.2499, "24.99"), (0.1, "10"), (1.0, "100"), (0.0, "0"), (1e-05, "0.001")],
)
def test_the_percent_is_wistias_own_digits(customer: int, fraction: float, percent: str) -> None:
    record(customer, Event(fraction=fraction))
    (view,) = views.views(customer, ["e1"])
    assert view.percent == Decimal(percent)


def test_a_view_carries_what_is_known_of_its_video(customer: int) -> None:
    record(customer, Event(media_name="Title then"))
    (view,) = views.views(customer, ["e1"])
    assert view.video == Video("m1", "Title then")
    media.save_media(customer, [Media(name="Title now")], ["m1"], NOW)
    (view,) = views.views(customer, ["e1"])
    assert view.video == Video("m1", "Title now", "p1", "Demos", 90.0)


def test_a_window_is_read_whole_in_order_and_half_open(customer: int) -> None:
    many = [
        Event(event_key=f"e{n:04}", received_at=NOW - DAY + timedelta(seconds=n // 7))
        for n in range(1203)
    ]
    edges = [Event(event_key="from", received_at=NOW - DAY - HOUR), Event(event_key="to")]
    record(customer, *many, *edges)
    read = [view.event_key for view in views.window_views(customer, NOW - DAY - HOUR, NOW - HOUR)]
    assert read == ["from", *(event.event_key for event in many)]


def test_a_persons_views_are_found_by_identity_and_by_what_wistia_spelled(customer: int) -> None:
    record(
        customer,
        Event(event_key="sieved"),
        Event(event_key="known", email="Ada@Acme.se", received_at=NOW - 2 * HOUR),
        Event(event_key="typed", conversion_email="ADA@acme.se", received_at=NOW - 3 * HOUR),
        Event(event_key="other", email="bob@acme.se"),
    )
    database.execute_sql("UPDATE views SET person = 'ada@acme.se' WHERE event_key = 'sieved'")
    found = [view.event_key for view in views.person_views(customer, "ada@acme.se")]
    assert found == ["sieved", "known", "typed"]


def test_what_is_sent_to_break_sql_is_only_text(customer: int) -> None:
    hostile = "'; DROP TABLE views; -- % ? %s {} \\ <b>"
    record(customer, Event(event_key=hostile, media_name=hostile, email=hostile))
    (view,) = views.views(customer, [hostile])
    assert (view.video.name, view.email) == (hostile, hostile)
