"""Whom in Upsales a viewer is: classes of domains, the tie-break, old answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.funnel_examples import ACME, ANNA, BOTH, HOUR, NOW, known
from upsales_wistia.funnel.domains import (
    classify,
    domain_of,
    is_disposable,
    is_free_mail,
    named_by,
    registrable,
)
from upsales_wistia.funnel.matching import Match, match, pick
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.funnel.view import Company, Known

RULES = Settings(
    ignored_domains=frozenset({"ignored.se", "part.acme.se"}),
    not_own_domains=frozenset({"notours.se"}),
)
OWN = {"own.se": 5, "notours.se": 2}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("acme.se", "acme.se"),
        ("mail.eu.acme.se", "acme.se"),
        ("acme.co.uk", "acme.co.uk"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("Acme.SE.", "acme.se"),
        ("xn--rksmrgs-5wao1o.se", "xn--rksmrgs-5wao1o.se"),
        ("co.uk", None),
        ("se", None),
        ("github.io", None),
        ("anna.github.io", "anna.github.io"),
        ("", None),
    ],
)
def test_the_registrable_part(domain: str, expected: str | None) -> None:
    assert registrable(domain) == expected


def test_a_domain_is_named_by_itself_and_what_is_above_it() -> None:
    assert named_by("a.b.acme.co.uk") == {"a.b.acme.co.uk", "b.acme.co.uk", "acme.co.uk"}
    assert named_by("acme.se") == {"acme.se"}
    assert named_by("co.uk") == {"co.uk"}


def test_the_domain_of_an_address() -> None:
    assert domain_of("anna@Acme.se") == "acme.se"
    assert domain_of("anna") == ""


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "icloud.com", "yahoo.co.uk",
        "hotmail.se", "live.se", "telia.com", "comhem.se", "bredband.net", "passagen.se",
        "tele2.se", "swipnet.se", "spray.se", "online.no", "mail.dk", "kolumbus.fi",
        "tutanota.com", "hey.com", "proton.me", "students.gmail.com", "mail.telia.com",
        "post.tele.dk", "hus.post.tele.dk",
    ],
)  # fmt: skip
def test_free_mail_never_stands_for_a_company(domain: str) -> None:
    assert is_free_mail(domain)
    assert classify(domain, RULES, OWN) == "free_mail"


@pytest.mark.parametrize("domain", ["acme.se", "volvo.com", "ikea.se", "kth.se", "notgmail.com"])
def test_a_company_is_not_free_mail(domain: str) -> None:
    assert not is_free_mail(domain)
    assert not is_disposable(domain)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("acme.se", "company"),
        ("eu.acme.se", "company"),
        ("10minutemail.com", "disposable"),
        ("sub.10minutemail.com", "disposable"),
        ("own.se", "own_domain"),
        ("eu.own.se", "own_domain"),
        ("notours.se", "company"),
        ("eu.notours.se", "company"),
        ("ignored.se", "ignored_domain"),
        ("eu.ignored.se", "ignored_domain"),
        ("part.acme.se", "ignored_domain"),
        ("x.part.acme.se", "ignored_domain"),
        ("co.uk", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_class_of_a_domain(domain: str, expected: str) -> None:
    assert classify(domain, RULES, OWN) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("acme.se", "matching_off"),
        ("gmail.com", "free_mail"),
        ("own.se", "own_domain"),
        ("ignored.se", "ignored_domain"),
    ],
)
def test_the_switch_is_named_only_where_it_would_help(domain: str, expected: str) -> None:
    assert classify(domain, replace(RULES, domain_matching=False), OWN) == expected


def test_no_setting_opens_free_mail() -> None:
    open_all = Settings(not_own_domains=frozenset({"gmail.com"}))
    assert classify("gmail.com", open_all, {}) == "free_mail"


@dataclass(frozen=True)
class Row:
    id: int
    journey_step: str = "lead"
    planned: bool = False


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        ([Row(7)], 7),
        ([Row(7, "lead"), Row(8, "customer")], 8),
        ([Row(7, "pipeline"), Row(8, "assigned", planned=True)], 7),
        ([Row(7), Row(8, planned=True)], 8),
        ([Row(9, planned=True), Row(8, planned=True)], 8),
        ([Row(9), Row(8), Row(10)], 8),
        ([Row(7, ""), Row(8, "lead")], 8),
        ([Row(7, "lost_customer"), Row(8, "lead")], 8),
        ([Row(7, "lead"), Row(8, "Customer")], 8),
    ],
)
def test_the_tie_break_of_upsales(rows: list[Row], expected: int | None) -> None:
    for candidates in (rows, rows[::-1]):
        best = pick(candidates)
        assert (best.id if best else None) == expected


@pytest.mark.parametrize("far", ["mql", "sql", "assigned", "pipeline", "customer"])
def test_the_journeys_order(far: str) -> None:
    steps = ["lead", "mql", "sql", "assigned", "pipeline", "customer"]
    nearer = [Row(n, step, planned=True) for n, step in enumerate(steps[: steps.index(far)])]
    best = pick([Row(99, far), *nearer])
    assert best == Row(99, far)


rows = st.lists(
    st.builds(
        Row,
        st.integers(1, 99),
        st.sampled_from(("", "lead", "sql", "customer", "?")),
        st.booleans(),
    ),
    unique_by=lambda row: row.id,
)


@given(rows, st.randoms(use_true_random=False))
def test_the_tie_break_does_not_depend_on_the_order(found: list[Row], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pick(found) == pick(shuffled)


ON_ANNA = Match(1, "Acme AB", 11, "Anna Berg")
ON_ACME = Match(1, "Acme AB", sharing=3)


def test_a_contact_goes_before_its_domain() -> None:
    other = Company(2, "Other AB", 9)
    found = match("anna@acme.se", known({"anna@acme.se": ANNA}, {"acme.se": other}), BOTH, NOW)
    assert (found.match, found.needs) == (ON_ANNA, "")


def test_a_contact_is_found_whatever_the_class_of_the_domain() -> None:
    for email in ("anna@gmail.com", "anna@own.se", "anna@mailinator.com"):
        found = match(email, known({email: ANNA}, own_domains=OWN), BOTH, NOW)
        assert found.match == ON_ANNA


def test_a_sub_domain_finds_the_company_of_the_registrable_one() -> None:
    there = known({"bo@mail.acme.se": None}, {"acme.se": ACME})
    assert match("bo@mail.acme.se", there, BOTH, NOW).match == ON_ACME


@pytest.mark.parametrize(
    ("there", "code", "needs"),
    [
        (Known(), "unknown", "email"),
        (known({"anna@acme.se": None}), "unknown", "domain"),
        (known({"anna@acme.se": None}, {"acme.se": None}), "unknown", ""),
        (known({"anna@acme.se": None}, {"acme.se": None}, asked=NOW - 9 * HOUR), "unknown", ""),
    ],
)
def test_what_must_be_asked(there: Known, code: str, needs: str) -> None:
    found = match("anna@acme.se", there, BOTH, NOW)
    assert (found.match, found.code, found.needs) == (None, code, needs)


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("cia@gmail.com", "free_mail"),
        ("cia@telia.com", "free_mail"),
        ("cia@10minutemail.com", "disposable"),
        ("cia@own.se", "own_domain"),
        ("cia@co.uk", "unknown"),
    ],
)
def test_no_company_is_asked_for_where_none_can_be_told(email: str, code: str) -> None:
    companies = {domain_of(email): ACME}
    found = match(email, known({email: None}, companies, own_domains=OWN), BOTH, NOW)
    assert (found.match, found.code, found.needs) == (None, code, "")


@pytest.mark.parametrize(
    ("age", "needs"),
    [(timedelta(0), ""), (HOUR, ""), (HOUR + timedelta(seconds=1), "email")],
)
def test_a_contact_found_more_than_an_hour_ago_is_asked_for_again(
    age: timedelta, needs: str
) -> None:
    found = match("anna@acme.se", known({"anna@acme.se": ANNA}, asked=NOW - age), BOTH, NOW)
    assert (found.match, found.needs) == (ON_ANNA, needs)


@pytest.mark.parametrize(
    ("contact_age", "company_age", "needs"),
    [(0, 0, ""), (0, 2, "domain"), (2, 0, "email"), (2, 2, "email")],
)
def test_a_company_needs_two_fresh_answers(contact_age: int, company_age: int, needs: str) -> None:
    missed = known({"anna@acme.se": None}, asked=NOW - contact_age * HOUR)
    there = known({}, {"acme.se": ACME}, asked=NOW - company_age * HOUR)
    found = match("anna@acme.se", replace(there, contacts=missed.contacts), BOTH, NOW)
    assert (found.match, found.needs) == (ON_ACME, needs)
