"""Who a viewer is: an e-mail left in a Turnstile, in this view or an earlier one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.funnel_examples import HOUR, NOW, a_view, conversions
from upsales_wistia.funnel.identity import (
    Person,
    address,
    domain_ascii,
    identify,
    own_conversion,
    spellings,
)
from upsales_wistia.funnel.settings import IdentityRule
from upsales_wistia.funnel.view import Conversion

TURNSTILE, ANY = IdentityRule.TURNSTILE, IdentityRule.ANY


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("anna@acme.se", "anna@acme.se"),
        ("Anna.Berg@ACME.se", "anna.berg@acme.se"),
        ("  anna@acme.se\n", "anna@acme.se"),
        ("anna%40acme.se", "anna@acme.se"),
        ("%20anna%40acme.se%20", "anna@acme.se"),
        ("anna&#64;acme.se", "anna@acme.se"),
        ("o&#39;neil@acme.se", "o'neil@acme.se"),
        ("r&amp;d@acme.se", "r&d@acme.se"),
        ("anna+tour@acme.se", "anna+tour@acme.se"),
        ("anna%2Btour@acme.se", "anna+tour@acme.se"),
        ("anna@räksmörgås.se", "anna@xn--rksmrgs-5wao1o.se"),
        ("anna@RÄKSMÖRGÅS.se", "anna@xn--rksmrgs-5wao1o.se"),
        ("anna@xn--rksmrgs-5wao1o.se", "anna@xn--rksmrgs-5wao1o.se"),
        ("åsa@acme.se", "åsa@acme.se"),
        ("{{contact.email}}", None),
        ("*|EMAIL|*", None),
        ("%%emailaddr%%", None),
        ("[email]", None),
        ("undefined", None),
        ("anna@", None),
        ("@acme.se", None),
        ("anna@acme", None),
        ("anna@acme..se", None),
        ("anna berg@acme.se", None),
        ("anna@acme.se, bo@acme.se", None),
        ("Anna <anna@acme.se>", None),
        ("anna@[10.0.0.1]", None),
        ("an\x00na@acme.se", None),
        ("an\ufffdna@acme.se", None),
        ("an%FFna@acme.se", None),
        ("", None),
    ],
)
def test_addresses_are_compared_in_one_spelling(raw: str, expected: str | None) -> None:
    assert address(raw) == expected


@given(st.text() | st.builds("{}@{}.se".format, st.text(max_size=8), st.text(max_size=8)))
@example("a@\ud800.se")
@example("%ff@acme.se")
def test_an_address_is_none_or_lower_case_with_an_ascii_domain(raw: str) -> None:
    found = address(raw)
    if found is not None:
        assert found == found.lower()
        assert found.rpartition("@")[0]
        assert found.rpartition("@")[2].isascii()
        assert all(address(one) == found for one in spellings(found) if not set(one) & {"%", "&"})


def test_an_international_address_is_asked_for_in_both_spellings() -> None:
    assert spellings("anna@xn--rksmrgs-5wao1o.se") == [
        "anna@xn--rksmrgs-5wao1o.se",
        "anna@räksmörgås.se",
    ]
    assert spellings("anna@acme.se") == ["anna@acme.se"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Acme.SE", "acme.se"),
        (" @acme.se. ", "acme.se"),
        ("anna@acme.se", "acme.se"),
        ("Räksmörgås.se", "xn--rksmrgs-5wao1o.se"),
        ("@", ""),
        ("no domain", "nodomain"),
    ],
)
def test_domains_are_compared_in_one_spelling(raw: str, expected: str) -> None:
    assert domain_ascii(raw) == expected


@given(st.text())
def test_a_domain_is_spelled_so_once_and_for_all(raw: str) -> None:
    assert domain_ascii(domain_ascii(raw)) == domain_ascii(raw)


@pytest.mark.parametrize(
    "kind",
    ["1", "2", "3", "pre-roll-email", "mid-roll-email", "post-roll-email", "Post-Roll-Email "],
)
def test_an_email_conversion_counts_with_the_views_email(kind: str) -> None:
    view = a_view(conversion_email="", conversion_type=kind)
    assert identify(view, (), TURNSTILE) == Person("anna@acme.se", "Anna", "Berg")


@pytest.mark.parametrize(
    "kind", ["", "0", "4", "5", "6", "10", "mid-roll-click", "post-roll-click", "non-video"]
)
def test_another_conversion_does_not_count(kind: str) -> None:
    view = a_view(conversion_email="", conversion_type=kind)
    assert own_conversion(view) is None
    assert identify(view, (), TURNSTILE) == "email_not_turnstile"
    assert identify(view, (), ANY) == Person("anna@acme.se", "Anna", "Berg")


def test_what_was_typed_goes_before_what_wistia_knew() -> None:
    view = a_view(email="tag@mail.se", conversion_email="Anna@Acme.se", conversion_type="")
    for rule in IdentityRule:
        assert identify(view, (), rule) == Person("anna@acme.se", "Anna", "Berg")


@pytest.mark.parametrize(
    ("email", "typed", "kind", "turnstile", "anyhow"),
    [
        ("", "", "", "no_email", "no_email"),
        ("  ", "", "", "no_email", "no_email"),
        ("", " ", "1", "no_email", "no_email"),
        ("", "", "1", "no_email", "no_email"),
        ("{{email}}", "", "", "not_an_email", "not_an_email"),
        ("", "asdf", "1", "not_an_email", "not_an_email"),
        ("bo@acme.se", "asdf", "1", "email_not_turnstile", "bo@acme.se"),
        ("bo@acme.se", " ", "1", "bo@acme.se", "bo@acme.se"),
        ("bo@acme.se", "", "", "email_not_turnstile", "bo@acme.se"),
    ],
)
def test_why_nobody_can_be_told(
    email: str, typed: str, kind: str, turnstile: str, anyhow: str
) -> None:
    view = a_view(email=email, conversion_email=typed, conversion_type=kind)
    for rule, expected in ((TURNSTILE, turnstile), (ANY, anyhow)):
        who = identify(view, (), rule)
        assert (who.email if isinstance(who, Person) else who) == expected


@pytest.mark.parametrize(
    ("after_it", "expected"),
    [
        (timedelta(days=-300), "anna@acme.se"),
        (timedelta(microseconds=-1), "anna@acme.se"),
        (timedelta(0), "anna@acme.se"),
        (timedelta(microseconds=1), "no_email"),
        (HOUR, "no_email"),
    ],
)
def test_an_earlier_conversion_of_the_visitor_counts(after_it: timedelta, expected: str) -> None:
    view = a_view(email="")
    converted = Conversion(view.received_at + after_it, "ev0", "anna@acme.se", "Anna", "Berg")
    who = identify(view, [converted], TURNSTILE)
    assert (who.email if isinstance(who, Person) else who) == expected


def test_of_several_conversions_the_latest_before_the_view_counts() -> None:
    view = a_view(email="")
    at = view.received_at
    found = [
        Conversion(at - 2 * HOUR, "ev8", "old@acme.se"),
        Conversion(at - HOUR, "ev7", "new@acme.se", "New", "Name"),
        Conversion(at + HOUR, "ev9", "later@acme.se"),
    ]
    assert identify(view, found, TURNSTILE) == Person("new@acme.se", "New", "Name")


def test_the_views_own_conversion_goes_before_an_earlier_one() -> None:
    earlier = [Conversion(NOW - 5 * HOUR, "ev0", "old@acme.se")]
    assert identify(a_view(), earlier, TURNSTILE) == Person("anna@acme.se", "Anna", "Berg")


def test_an_earlier_conversion_goes_before_an_email_known_another_way() -> None:
    earlier = [Conversion(NOW - 5 * HOUR, "ev0", "old@acme.se")]
    view = a_view(conversion_email="", conversion_type="")
    assert identify(view, earlier, ANY) == Person("old@acme.se")


def test_views_without_a_visitor_have_nothing_in_common() -> None:
    earlier = [Conversion(NOW - 5 * HOUR, "ev0", "old@acme.se")]
    assert identify(a_view(email="", visitor_key=""), earlier, TURNSTILE) == "no_email"


@given(st.lists(conversions, max_size=5), st.randoms(use_true_random=False))
def test_the_order_and_number_of_conversions_change_nothing(
    found: list[Conversion], random: object
) -> None:
    shuffled = found + found[:2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    view = a_view(email="")
    assert identify(view, found, TURNSTILE) == identify(view, shuffled, TURNSTILE)
