"""Counting the views of a window."""

from __future__ import annotations

from dataclasses import replace

from tests.store.examples import DAY, HOUR, NOW, Event, record, sieved, write
from upsales_wistia.funnel.view import State, Target
from upsales_wistia.store import outbox, sieve
from upsales_wistia.store.database import database
from upsales_wistia.store.tally import Tally, late_written, tally, waiting

NOBODY = Tally("no_email", None, False, False, "no_email", None, False, False, 0)


def decide(customer: int, **codes: str) -> None:
    """Give each view the activity code of its key, its form ``pass``."""
    rows = [
        sieved(number, activity_code=codes[view.event_key], form_code="pass")
        for number, view in sieve.undecided(customer, NOW, until=NOW)
        if view.event_key in codes
    ]
    sieve.save_sieve(customer, rows)


def test_views_alike_are_counted_together(customer: int) -> None:
    record(customer, *(Event(event_key=key) for key in ("a", "b", "c", "d", "e")))
    record(customer, Event(event_key="too old", received_at=NOW - 4 * DAY))
    record(customer, Event(event_key="too new", received_at=NOW))
    decide(customer, a="pass", b="pass", c="unknown")
    write(customer, "a", Target.ACTIVITY, State.WRITTEN)
    write(customer, "a", Target.FORM, State.RETRY)
    write(customer, "b", Target.ACTIVITY, State.WRITTEN, run_id="yesterday's")
    counted = tally(customer, NOW - 3 * DAY, NOW, "run")
    undecided = replace(NOBODY, activity_code="", form_code="", count=2)
    seen = replace(NOBODY, activity_code="pass", form_code="pass", count=1)
    assert set(counted) == {
        undecided,
        replace(seen, activity_code="unknown"),
        replace(
            seen,
            activity_state=State.WRITTEN,
            activity_now=True,
            form_state=State.RETRY,
            form_now=True,
        ),
        replace(seen, activity_state=State.WRITTEN),
    }
    assert sum(row.count for row in counted) == 5


def test_a_retry_written_by_a_later_run_counts_for_that_run(customer: int) -> None:
    record(customer, Event(event_key="a"))
    write(customer, "a", Target.ACTIVITY, State.RETRY, run_id="first")
    write(customer, "a", Target.ACTIVITY, State.WRITTEN, run_id="second")
    for run_id, now in (("first", False), ("second", True)):
        assert [row.activity_now for row in tally(customer, NOW - DAY, NOW, run_id)] == [now]


def test_late_are_views_older_than_the_window_that_this_run_wrote(customer: int) -> None:
    assert late_written(customer, NOW - 3 * DAY, "run") == {Target.ACTIVITY: 0, Target.FORM: 0}
    old = NOW - 9 * DAY
    record(customer, *(Event(event_key=key, received_at=old) for key in ("a", "b", "c")))
    record(customer, Event(event_key="in the window", received_at=NOW - HOUR))
    for key in ("a", "in the window"):
        write(customer, key, Target.ACTIVITY, State.WRITTEN)
    write(customer, "b", Target.ACTIVITY, State.WRITTEN, run_id="other")
    write(customer, "c", Target.FORM, State.ACCEPTED)
    write(customer, "b", Target.FORM, State.UNCERTAIN)
    assert late_written(customer, NOW - 3 * DAY, "run") == {Target.ACTIVITY: 1, Target.FORM: 1}


def test_a_view_whose_write_was_taken_back_counts_as_one_without(customer: int) -> None:
    record(customer, Event(event_key="a"))
    decide(customer, a="unknown")
    write(customer, "a", Target.ACTIVITY, State.PLANNED)
    database.execute_sql("UPDATE outbox SET doubts = 1")
    outbox.withdraw(customer, Target.ACTIVITY, ["a"])
    (counted,) = tally(customer, NOW - DAY, NOW, "run")
    assert (counted.activity_code, counted.activity_state) == ("unknown", None)
    assert waiting(customer).views == 1
