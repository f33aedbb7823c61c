"""One outcome for each view and target: the order of the sieves, waiting, the form first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.funnel_examples import (
    ACME,
    ACTIVITY,
    ANNA,
    ANNA_KNOWN,
    BOTH,
    COMPANY_KNOWN,
    DAY,
    HOUR,
    NOW,
    TOUR,
    A,
    F,
    a_view,
    known,
    sent,
)
from upsales_wistia.funnel.decide import Outcome, decide, decide_all, reason_of
from upsales_wistia.funnel.identity import own_conversion
from upsales_wistia.funnel.reasons import outbox_reason
from upsales_wistia.funnel.settings import IdentityRule, Settings
from upsales_wistia.funnel.view import UNSENT, Asked, Ignored, Known, Sent, State, View

LEAD = timedelta(minutes=60)
SECOND = timedelta(seconds=1)
GONE = replace(TOUR, project_id=None)
STRICT = replace(BOTH, min_percent=Decimal(50), projects=frozenset({"prj1"}))


def codes(
    view: View, there: Known = ANNA_KNOWN, rules: Settings = BOTH, now: datetime = NOW
) -> tuple[str, str]:
    made = decide(view, there, rules, now)
    return made.activity.code, made.form.code


def test_a_view_that_passes_all_is_written_on_the_contact() -> None:
    made = decide(a_view(), ANNA_KNOWN, STRICT, NOW)
    assert made.activity.writes
    assert made.form.writes
    assert made.activity.match is not None
    assert (made.activity.match.contact, made.activity.match.company) == (11, 1)
    assert made.person is not None
    assert made.person.email == "anna@acme.se"
    assert (made.again, made.needs) == (None, "")


@pytest.mark.parametrize(
    ("view", "there", "rules", "expected"),
    [
        (a_view(email=""), ANNA_KNOWN, BOTH, ("no_email", "no_email")),
        (a_view("10", email=""), ANNA_KNOWN, STRICT, ("no_email", "no_email")),
        (a_view(email="asdf"), ANNA_KNOWN, BOTH, ("not_an_email", "not_an_email")),
        (a_view("10"), known(), STRICT, ("unknown", "below_minimum")),
        (a_view("49.99"), ANNA_KNOWN, STRICT, ("below_minimum", "below_minimum")),
        (a_view("10", video=GONE), ANNA_KNOWN, STRICT, ("below_minimum", "below_minimum")),
        (a_view(video=GONE), ANNA_KNOWN, STRICT, ("project_unknown", "project_unknown")),
        (
            a_view(video=replace(TOUR, project_id="prj2"), received_at=NOW),
            ANNA_KNOWN,
            replace(STRICT, start=NOW + DAY),
            ("other_project", "other_project"),
        ),
        (
            a_view(received_at=NOW),
            ANNA_KNOWN,
            replace(STRICT, start=NOW + DAY),
            ("before_start", "before_start"),
        ),
        (a_view(received_at=NOW), ANNA_KNOWN, STRICT, ("settling", "settling")),
    ],
)
def test_the_first_sieve_that_stops_it_is_the_reason(
    view: View, there: Known, rules: Settings, expected: tuple[str, str]
) -> None:
    assert codes(view, there, rules) == expected


@pytest.mark.parametrize("filters", [True, False])
@pytest.mark.parametrize("view", [a_view("10"), a_view(video=GONE)])
def test_forms_may_skip_the_minimum_and_the_projects(view: View, filters: bool) -> None:
    activity, form = codes(view, ANNA_KNOWN, replace(STRICT, form_filters=filters))
    assert form == (activity if filters else "pass")
    assert activity in ("below_minimum", "project_unknown")


def test_forms_without_filters_still_have_a_start_and_a_hold() -> None:
    rules = replace(STRICT, form_filters=False, start=NOW - HOUR)
    assert codes(a_view("10"), rules=rules)[1] == "before_start"
    assert codes(a_view("10", received_at=NOW), rules=rules)[1] == "settling"


def test_a_form_needs_no_match() -> None:
    assert codes(a_view(email="cia@gmail.com"), known({"cia@gmail.com": None})) == (
        "free_mail",
        "pass",
    )


def test_any_known_email_is_a_setting() -> None:
    view = a_view(conversion_email="", conversion_type="")
    assert codes(view) == ("email_not_turnstile", "email_not_turnstile")
    assert codes(view, rules=replace(BOTH, identity=IdentityRule.ANY)) == ("pass", "pass")


def test_a_held_view_is_looked_at_when_it_is_over() -> None:
    made = decide(a_view(received_at=NOW), ANNA_KNOWN, BOTH, NOW)
    assert made.again == NOW + timedelta(seconds=700)
    assert not made.activity.writes
    assert codes(a_view(received_at=NOW), now=NOW + timedelta(seconds=700)) == ("pass", "pass")


# ── waiting ──


@pytest.mark.parametrize(
    ("age", "expected"), [(90 * DAY - SECOND, "unknown"), (90 * DAY, "waited_out")]
)
def test_waiting_ends_90_days_after_the_view(age: timedelta, expected: str) -> None:
    there = known({"anna@acme.se": None}, {"acme.se": None})
    made = decide(a_view(received_at=NOW - age), there, BOTH, NOW)
    assert made.activity.code == expected
    assert made.again == (NOW + SECOND if expected == "unknown" else None)
    assert made.form.code == "pass"


@pytest.mark.parametrize(
    ("there", "needs"), [(known(), "email"), (known({"anna@acme.se": None}), "domain")]
)
def test_an_old_view_is_decided_once_before_it_has_waited_out(there: Known, needs: str) -> None:
    made = decide(a_view(received_at=NOW - 200 * DAY), there, BOTH, NOW)
    assert (made.activity.code, made.needs, made.again) == ("unknown", needs, None)


def test_an_old_view_with_a_contact_is_written() -> None:
    assert codes(a_view(received_at=NOW - 200 * DAY))[0] == "pass"


def test_an_ignored_viewer_is_left_out_of_the_activity_log_alone() -> None:
    ignored = {"anna@acme.se": Ignored("Eva", NOW)}
    assert codes(a_view(), replace(ANNA_KNOWN, ignored=ignored)) == ("ignored_viewer", "pass")
    made = decide(a_view(), known(ignored=ignored), BOTH, NOW)
    assert (made.needs, made.again) == ("", None)  # Nobody is asked for whom nobody wants.


def test_who_waits_no_day_has_waited_out_at_once() -> None:
    there = known({"anna@acme.se": None}, {"acme.se": None})
    assert codes(a_view(), there, replace(BOTH, waiting_days=0))[0] == "waited_out"


# ── answers of Upsales that are old ──


def test_an_old_answer_is_asked_for_again_before_it_is_written_by() -> None:
    there = known({"anna@acme.se": ANNA}, asked=NOW - HOUR - SECOND)
    made = decide(a_view(), there, BOTH, NOW)
    assert (made.activity.code, made.needs, made.activity.writes) == ("pass", "email", False)
    assert made.form.writes


def test_an_old_answer_is_not_asked_for_again_where_nothing_is_written() -> None:
    there = known({"anna@acme.se": ANNA}, asked=NOW - 9 * HOUR)
    assert decide(a_view("10"), there, STRICT, NOW).needs == ""


# ── the form goes first ──


def on_company(asked: datetime = NOW, **fields: Any) -> Known:
    return known({"anna@acme.se": None}, {"acme.se": ACME}, asked=asked, **fields)


def test_the_form_goes_before_an_activity_on_the_company() -> None:
    made = decide(a_view(), on_company(), BOTH, NOW)
    assert (made.activity.code, made.form.writes, made.again) == ("form_first", True, None)


@pytest.mark.parametrize("state", [State.PLANNED, State.RETRY, State.SENDING])
def test_a_form_on_its_way_is_waited_for(state: State) -> None:
    assert codes(a_view(), on_company(**sent(state, target=F)))[0] == "form_first"


@pytest.mark.parametrize("state", [State.FAILED, State.UNCERTAIN])
def test_a_form_that_failed_or_is_uncertain_is_not_waited_for(state: State) -> None:
    made = decide(a_view(), on_company(**sent(state, target=F)), BOTH, NOW)
    assert made.activity.writes
    assert made.activity.match is not None
    assert made.activity.match.contact is None


@pytest.mark.parametrize("state", [None, State.PLANNED, State.RETRY, State.SENDING])
def test_a_paused_form_is_not_waited_for(state: State | None) -> None:
    there = on_company(forms_paused=True, **(sent(state, target=F) if state else {}))
    assert codes(a_view(), there)[0] == "pass"


def test_without_forms_nothing_is_waited_for() -> None:
    assert codes(a_view(), on_company(), ACTIVITY)[0] == "pass"
    there = on_company(**sent(State.ACCEPTED, target=F))
    assert codes(a_view(), there, ACTIVITY)[0] == "pass"


def test_a_contact_does_not_wait_for_the_form() -> None:
    assert codes(a_view(), ANNA_KNOWN) == ("pass", "pass")


@pytest.mark.parametrize("state", [State.ACCEPTED, State.CONFIRMED])
@pytest.mark.parametrize(
    ("asked", "now", "expected"),
    [
        (NOW, NOW, ("form_first", "", NOW + LEAD)),
        (NOW, NOW + LEAD - SECOND, ("form_first", "", NOW + LEAD)),
        (NOW + LEAD - SECOND, NOW + LEAD, ("pass", "email", None)),
        (NOW + LEAD, NOW + LEAD, ("pass", "", None)),
        (NOW + LEAD + SECOND, NOW + 2 * LEAD, ("pass", "", None)),
    ],
)
def test_an_accepted_form_is_waited_for_60_minutes_and_then_the_contact_asked_for(
    state: State, asked: datetime, now: datetime, expected: tuple[str, str, datetime | None]
) -> None:
    there = on_company(asked, **sent(state, NOW, target=F))
    made = decide(a_view(), there, BOTH, now).activity
    assert (made.code, made.needs, made.again) == expected


def test_the_contact_made_of_the_form_gets_the_activity_within_the_hour() -> None:
    there = replace(ANNA_KNOWN, **sent(State.ACCEPTED, NOW, target=F))
    made = decide(a_view(), there, BOTH, NOW + SECOND).activity
    assert made.writes
    assert made.match is not None
    assert made.match.contact == 11


def test_a_free_mail_viewer_waits_as_such_after_the_form() -> None:
    there = known({"cia@gmail.com": None}, **sent(State.ACCEPTED, NOW, target=F))
    assert codes(a_view(email="cia@gmail.com"), there)[0] == "free_mail"


# ── what the outbox holds ──


@pytest.mark.parametrize("state", sorted(set(State) - UNSENT - {State.WITHDRAWN}))
def test_what_was_sent_stands_whatever_the_settings_say(state: State) -> None:
    for view in (a_view("0"), a_view(email="")):
        there = replace(ANNA_KNOWN, **sent(state))
        made = decide(view, there, STRICT, NOW)
        assert (made.activity.code, made.activity.needs) == ("pass", "")
        assert made.form.code in ("below_minimum", "no_email")


@pytest.mark.parametrize("state", [State.PLANNED, State.RETRY])
def test_what_was_not_sent_is_sieved_again(state: State) -> None:
    assert codes(a_view("0"), replace(ANNA_KNOWN, **sent(state)), STRICT)[0] == "below_minimum"


@pytest.mark.parametrize(
    ("state", "person", "this_run", "expected"),
    [
        (State.WRITTEN, False, True, "written"),
        (State.WRITTEN, False, False, "registered"),
        (State.ACCEPTED, False, True, "written"),
        (State.CONFIRMED, False, False, "registered"),
        (State.FAILED, False, False, "parked"),
        (State.UNCERTAIN, False, True, "uncertain"),
        (State.UNCERTAIN, True, True, "uncertain_you"),
        (State.SENDING, False, True, "uncertain"),
        (State.PLANNED, False, True, "retry"),
        (State.RETRY, False, True, "retry"),
        (State.LEFT, False, True, "left_by_hand"),
        (State.UNDONE, False, True, "undone"),
    ],
)
def test_the_outbox_names_the_reason(
    state: State, person: bool, this_run: bool, expected: str
) -> None:
    held = Sent(state, NOW, needs_person=person)
    assert outbox_reason(held, this_run=this_run) == expected
    assert reason_of(Outcome("settling"), held) == "settling"
    assert reason_of(Outcome("pass"), None) == "retry"


def test_each_view_is_decided_by_itself() -> None:
    views = [a_view(), a_view("10", event_key="ev2"), a_view(email="", event_key="ev3")]
    made = decide_all(views, ANNA_KNOWN, STRICT, NOW)
    assert [d.outcome(A).code for d in made] == ["pass", "below_minimum", "no_email"]
    assert [d.outcome(F) for d in made] == [d.form for d in made]


def test_conversions_are_those_of_the_visitor() -> None:
    view = a_view(email="")
    earlier = own_conversion(a_view(received_at=view.received_at - HOUR, event_key="ev0"))
    assert earlier is not None
    mine = replace(ANNA_KNOWN, conversions={"visitor1": (earlier,)})
    theirs = replace(ANNA_KNOWN, conversions={"visitor2": (earlier,)})
    assert codes(view, mine) == ("pass", "pass")
    assert codes(view, theirs) == ("no_email", "no_email")


def test_what_is_known_of_the_company_may_be_older_than_the_miss() -> None:
    there = replace(COMPANY_KNOWN, contacts={"anna@acme.se": Asked(None, NOW - 9 * HOUR)})
    made = decide(a_view(), there, ACTIVITY, NOW)
    assert (made.activity.code, made.needs) == ("pass", "email")
