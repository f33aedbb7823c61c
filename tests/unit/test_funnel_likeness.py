"""Domains that are one letter apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.funnel.likeness import lookalikes


@pytest.mark.parametrize(
    "typed",
    [
        "acm.example",  # one too few
        "acmee.example",  # one too many
        "acne.example",  # another one
        "amce.example",  # two changed places
        "acme.exampl",
    ],
)
def test_one_letter_away(typed: str) -> None:
    assert lookalikes([typed], ["acme.example", "birch.example"]) == {typed: ["acme.example"]}


@pytest.mark.parametrize(
    "typed", ["acme.example", "amec.example", "acm.exampl", "ecma.example", "acmeee.example", ""]
)
def test_the_same_and_whatever_is_further_away(typed: str) -> None:
    assert lookalikes([typed], ["acme.example"]) == {}


def test_letters_are_counted_as_they_are_typed() -> None:
    asa, ask = (name.encode("idna").decode() for name in ("blåbär.example", "blåbar.example"))
    assert lookalikes([ask], [asa]) == {ask: [asa]}


def test_several_known_ones_come_in_order() -> None:
    known = ["acme.example", "acne.example", "far.example"]
    assert lookalikes(["ace.example"], known) == {"ace.example": ["acme.example", "acne.example"]}


@given(st.text(alphabet="abc.", max_size=8), st.text(alphabet="abc.", max_size=8))
def test_it_goes_both_ways(one: str, other: str) -> None:
    assert bool(lookalikes([one], [other])) == bool(lookalikes([other], [one]))
