"""*Why is it not here?* The sentence of each reason, and the smallest change of a setting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.funnel_examples import (
    ACME,
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
from upsales_wistia.funnel.explain import Explanation, explain, smallest_change
from upsales_wistia.funnel.reasons import REASONS
from upsales_wistia.funnel.sentences import SENTENCES, cut
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.funnel.view import Conversion, Ignored, Known, State, Target, View

STRICT = replace(BOTH, min_percent=Decimal(50), projects=frozenset({"prj1"}))
NEVER = known({"anna@acme.se": None}, {"acme.se": None})
UNTIL = "It waits until 18 Feb 2027"
CAME = {"email": "anna@acme.se", "conversion_email": "", "conversion_type": ""}


def why(
    view: View, there: Known = ANNA_KNOWN, rules: Settings = BOTH, target: Target = A
) -> Explanation:
    found = explain(view, there, rules, NOW)[target]
    assert found is not None
    return found


def waiting(email: str, **fields: Any) -> tuple[View, Known]:
    return a_view(email=email), known({email: None}, **fields)


@pytest.mark.parametrize(
    ("code", "view", "there", "rules", "told"),
    [
        ("no_email", a_view(email=""), ANNA_KNOWN, BOTH, "did not leave an e-mail"),
        (
            "email_not_turnstile",
            a_view(**{**CAME, "conversion_email": "asdf"}),
            ANNA_KNOWN,
            BOTH,
            "Wistia knows anna@acme.se another way",
        ),
        ("not_an_email", a_view(email="asdf"), ANNA_KNOWN, BOTH, "“asdf” is not an e-mail"),
        ("unknown", a_view(), NEVER, BOTH, f"at acme.se. {UNTIL}: add the contact"),
        ("unknown", a_view(), known(), BOTH, "known after a look-up in Upsales"),
        ("free_mail", *waiting("cia@gmail.com"), BOTH, f"says nothing about a company. {UNTIL}"),
        ("disposable", *waiting("cia@10minutemail.com"), BOTH, "throw-away addresses"),
        (
            "own_domain",
            *waiting("cia@own.se", own_domains={"own.se": 5}),
            BOTH,
            "own.se is your own: 5 of",
        ),
        ("own_domain", *waiting("cia@eu.own.se", own_domains={"own.se": 5}), BOTH, ": 5 of your"),
        (
            "ignored_domain",
            a_view(),
            COMPANY_KNOWN,
            replace(BOTH, ignored_domains=frozenset({"acme.se"})),
            "your list of ignored domains",
        ),
        (
            "matching_off",
            a_view(),
            COMPANY_KNOWN,
            replace(BOTH, domain_matching=False),
            "matching by domain is off",
        ),
        ("form_first", a_view(), COMPANY_KNOWN, BOTH, "on Acme AB an hour after the form"),
        (
            "form_first",
            a_view(),
            replace(COMPANY_KNOWN, **sent(State.ACCEPTED, target=F)),
            BOTH,
            "on Acme AB at 20 Nov 13:00 UTC at the latest",
        ),
        (
            "waited_out",
            a_view(received_at=NOW - 91 * DAY),
            NEVER,
            BOTH,
            "It waited 90 days for a contact with anna@acme.se",
        ),
        ("below_minimum", a_view("49.99"), ANNA_KNOWN, STRICT, "Watched 49%; your minimum is 50%."),
        (
            "other_project",
            a_view(video=replace(TOUR, project_id="p2", project_name="Sales")),
            ANNA_KNOWN,
            STRICT,
            "“Product tour” is in Sales, which is not among the 1 project you chose",
        ),
        (
            "project_unknown",
            a_view(video=replace(TOUR, project_id=None)),
            ANNA_KNOWN,
            STRICT,
            "most likely it was deleted",
        ),
        (
            "before_start",
            a_view(),
            ANNA_KNOWN,
            replace(BOTH, start=NOW + DAY),
            "Watched on 20 Nov 2026, before your start date 21 Nov 2026",
        ),
        (
            "settling",
            a_view(received_at=NOW),
            ANNA_KNOWN,
            BOTH,
            "written at about 20 Nov 12:11 UTC",
        ),
        (
            "registered",
            a_view(),
            replace(ANNA_KNOWN, **sent(State.WRITTEN, where="Anna Berg at Acme AB")),
            BOTH,
            "Written on 20 Nov 12:00 UTC on Anna Berg at Acme AB.",
        ),
        ("retry", a_view(), ANNA_KNOWN, BOTH, "The next run writes it"),
        (
            "retry",
            a_view(),
            replace(ANNA_KNOWN, **sent(State.RETRY, answer="Busy", retry_at=NOW + HOUR)),
            BOTH,
            "“Busy” at 20 Nov 12:00 UTC. It is tried again at 20 Nov 13:00 UTC",
        ),
        (
            "parked",
            a_view(),
            replace(ANNA_KNOWN, **sent(State.FAILED, answer="No", tries=8)),
            BOTH,
            "refused it 8 times, last with “No”",
        ),
        (
            "uncertain",
            a_view(),
            replace(ANNA_KNOWN, **sent(State.UNCERTAIN)),
            BOTH,
            "it may be there already",
        ),
        (
            "uncertain_you",
            a_view(),
            replace(ANNA_KNOWN, **sent(State.UNCERTAIN, needs_person=True)),
            BOTH,
            "Look at the contact, then press It is there",
        ),
        (
            "left_by_hand",
            a_view("10"),
            replace(ANNA_KNOWN, **sent(State.LEFT, by="Eva")),
            STRICT,
            "Eva left it out on 20 Nov 12:00 UTC, after Upsales refused it.",
        ),
        (
            "undone",
            a_view("10"),
            replace(ANNA_KNOWN, **sent(State.UNDONE, by="Eva")),
            STRICT,
            "Eva took it back on 20 Nov 12:00 UTC. It is not written again until you press",
        ),
        (
            "ignored_viewer",
            a_view(),
            replace(ANNA_KNOWN, ignored={"anna@acme.se": Ignored("Eva", NOW)}),
            BOTH,
            "Eva chose on 20 Nov 2026 to ignore this viewer.",
        ),
    ],
)
def test_the_sentence_of_each_reason(
    code: str, view: View, there: Known, rules: Settings, told: str
) -> None:
    found = why(view, there, rules)
    assert found.code == code
    assert told in found.reason
    assert (found.verdict, found.stage) == REASONS[code]


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) <= set(SENTENCES)


@pytest.mark.parametrize(
    "there",
    [
        replace(ANNA_KNOWN, **sent(State.LEFT)),
        replace(ANNA_KNOWN, ignored={"anna@acme.se": Ignored("Eva", NOW)}),
    ],
)
def test_what_a_person_left_out_no_setting_lets_through(there: Known) -> None:
    assert why(a_view("10"), there, STRICT).would_pass_with is None


def test_a_form_is_submitted() -> None:
    there = replace(ANNA_KNOWN, **sent(State.ACCEPTED, target=F, where="Wistia: video views"))
    found = why(a_view(), there, target=F)
    assert found.code == "registered"
    assert found.reason == "Submitted on 20 Nov 12:00 UTC as Wistia: video views."


def test_a_target_that_is_off_is_null() -> None:
    assert explain(a_view(), ANNA_KNOWN, Settings(), NOW) == {A: None, F: None}


def test_hostile_text_stays_text_and_short() -> None:
    video = replace(TOUR, name="{email} %s \n" + "<b>" * 99, project_id="p2", project_name="{x}")
    found = why(a_view(video=video), rules=STRICT)
    assert "{email} %s <b>" in found.reason
    assert "is in {x}" in found.reason
    assert len(found.reason) < 200
    assert "\n" not in found.reason
    assert cut("x" * 81) == "x" * 79 + "…"
    assert cut("x" * 80) == "x" * 80


# ── the smallest change ──

P2 = replace(TOUR, project_id="prj2")
IGNORED = replace(BOTH, ignored_domains=frozenset({"acme.se", "other.se"}))
LATE_START = replace(BOTH, start=datetime(2026, 11, 21, tzinfo=UTC))
OFF = replace(BOTH, domain_matching=False)


@pytest.mark.parametrize(
    ("view", "there", "rules", "activity", "form"),
    [
        (a_view("41.9"), ANNA_KNOWN, STRICT, {"activityMinPercent": 41}, "same"),
        (a_view("0.4"), ANNA_KNOWN, STRICT, {"activityMinPercent": 0}, "same"),
        (a_view("41", received_at=NOW), ANNA_KNOWN, STRICT, {"activityMinPercent": 41}, "same"),
        (a_view("41"), COMPANY_KNOWN, STRICT, {"activityMinPercent": 41}, "same"),
        (a_view(video=P2), ANNA_KNOWN, STRICT, {"activityProjects": ["prj1", "prj2"]}, "same"),
        (a_view(video=replace(TOUR, project_id=None)), ANNA_KNOWN, STRICT, None, "same"),
        (a_view(), COMPANY_KNOWN, IGNORED, {"ignoredDomains": ["other.se"]}, None),
        (a_view(), COMPANY_KNOWN, OFF, {"domainMatching": True}, None),
        (a_view(**CAME), ANNA_KNOWN, BOTH, {"identity": "any"}, "same"),
        (a_view(), ANNA_KNOWN, LATE_START, {"startDate": "2026-11-20"}, "same"),
        (
            a_view("41", video=P2),
            ANNA_KNOWN,
            STRICT,
            {"activityMinPercent": 41, "activityProjects": ["prj1", "prj2"]},
            "same",
        ),
        (
            a_view("41", **CAME),
            ANNA_KNOWN,
            STRICT,
            {"activityMinPercent": 41, "identity": "any"},
            "same",
        ),
        (
            a_view(),
            COMPANY_KNOWN,
            replace(IGNORED, domain_matching=False),
            {"ignoredDomains": ["other.se"], "domainMatching": True},
            None,
        ),
        (a_view("41", video=P2, **CAME), ANNA_KNOWN, STRICT, None, "same"),
        (a_view(email=""), ANNA_KNOWN, STRICT, None, "same"),
        (a_view(), NEVER, BOTH, None, None),
        (a_view(), known(), BOTH, None, None),
        (a_view(**CAME), known(), BOTH, None, {"identity": "any"}),
        (a_view(), ANNA_KNOWN, BOTH, None, None),
        (a_view(received_at=NOW), ANNA_KNOWN, BOTH, None, None),
        (a_view(), COMPANY_KNOWN, BOTH, None, None),
    ],
)
def test_the_smallest_change(
    view: View,
    there: Known,
    rules: Settings,
    activity: dict[str, Any] | None,
    form: dict[str, Any] | str | None,
) -> None:
    assert why(view, there, rules).would_pass_with == activity
    expected = activity if form == "same" else form
    assert why(view, there, rules, F).would_pass_with == expected


def test_an_answer_that_is_old_is_a_match_all_the_same() -> None:
    there = known({"anna@acme.se": ANNA}, asked=NOW - 9 * HOUR)
    assert why(a_view("41"), there, STRICT).would_pass_with == {"activityMinPercent": 41}


def test_the_domain_is_that_of_the_person_not_of_the_view() -> None:
    email = "bo@xn--rksmrgs-5wao1o.se"  # räksmörgås.se
    there = known(
        {email: None},
        {"xn--rksmrgs-5wao1o.se": ACME},
        conversions={"visitor1": (Conversion(NOW - 9 * HOUR, "ev0", email),)},
    )
    rules = replace(BOTH, ignored_domains=frozenset({"xn--rksmrgs-5wao1o.se"}))
    found = why(a_view(email=""), there, rules)
    assert (found.code, found.would_pass_with) == ("ignored_domain", {"ignoredDomains": []})


def test_a_sub_domain_comes_off_with_the_domain_that_names_it() -> None:
    email = "bo@a.b.acme.se"
    there = known({email: None}, {"acme.se": ACME})
    rules = replace(BOTH, ignored_domains=frozenset({"b.acme.se", "other.se"}))
    assert why(a_view(email=email), there, rules).would_pass_with == {
        "ignoredDomains": ["other.se"]
    }


def test_nothing_opens_a_domain_of_ones_own_or_free_mail() -> None:
    for email in ("cia@own.se", "cia@gmail.com", "cia@10minutemail.com"):
        there = known({email: None}, {"own.se": ACME}, own_domains={"own.se": 2})
        assert why(a_view(email=email), there, OFF).would_pass_with is None


def test_forms_without_filters_are_not_told_to_lower_the_minimum() -> None:
    rules = replace(STRICT, form_filters=False)
    change = smallest_change(a_view("10", **CAME), F, ANNA_KNOWN, rules, NOW)
    assert change == {"identity": "any"}


def test_a_start_date_is_moved_to_the_views_own_day() -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    for moment in (midnight, midnight + DAY - timedelta(microseconds=1)):
        rules = replace(BOTH, start=midnight + 9 * DAY)
        change = smallest_change(a_view(received_at=moment), A, ANNA_KNOWN, rules, NOW + 5 * DAY)
        assert change == {"startDate": "2026-11-20"}
