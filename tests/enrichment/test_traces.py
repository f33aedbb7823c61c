"""What names a person is found in any text, and taken out of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.enrichment.gate import Withheld, check_body, check_document
from upsales_wistia.enrichment.traces import Known, scrub

KNOWN = Known.of(
    [("Anna", "Berg"), ("will", "Smith"), ("Björn", ""), ("太郎", "田中"), ("Anna-Karin", "Öst")],
    ["Cy van der Ek"],
    ["v1_abc-123"],
)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Write to anna@acme.example today", "Write to [address] today"),
        ("mailto:anna%40acme.example", "[address]"),
        ("it is anna.berg at acme dot com", "it is [address]"),
        ("an IP, 10.20.30.40.", "an IP, [address]"),
        ("and 2001:db8::1 too", "and [address] too"),
        ("we live at Storgatan 12", "we live at [address]"),
        ("12 Long Hill Road", "[address]"),
        ("Ring 070-123 45 67 or +46 (0)70 123 45 67", "Ring [number] or [number]"),
        ("(555) 123-4567", "[number]"),
        ("0701234567", "[number]"),
        ("said Anna Berg, and BERG ANNA", "said [name], and [name]"),
        ("Anna\nBerg", "[name]"),
        ("Anna\\nBerg", "[name]"),
        ("Cy van der Ek spoke", "[name] spoke"),
        ("Anna-Karin Öst", "[name]"),
        ("Hello Anna and BJÖRN", "Hello [name] and [name]"),
        ("will you, Will?", "will you, [name]?"),
        ("田中太郎です", "[name]です"),
        ("key v1_abc-123 it is", "key [key] it is"),
        ("Ａｎｎａ Ｂｅｒｇ", "[name]"),
    ],
)
def test_it_is_taken_out(said: str, left: str) -> None:
    assert scrub(said, KNOWN) == left


@pytest.mark.parametrize(
    "said",
    [
        "At 1:40 20 % leave, 00:01:40,500 --> 00:01:44,000",
        "On 2026-11-20 the price was 1,234,567.89",
        "Version 2.10.3 of 12 videos, 0.25 or 25 %",
        "01980000-0000-7000-8000-000000000001",
        "Annabel met a Bergman in Bergen; Björnson too",
        "we will, and may, and can; Smith & Co",
        "[name] and [number]",
        "",
    ],
)
def test_it_stays(said: str) -> None:
    assert scrub(said, KNOWN) == said


def test_a_first_name_may_be_spoken_in_a_transcript() -> None:
    assert scrub("Hello Anna", KNOWN, first_names=False) == "Hello Anna"
    check_document("Hello Anna", KNOWN)


def test_who_is_called_as_a_word_of_ours_closes_nothing() -> None:
    prankster = Known.of([("Most", "Watched")])
    facts = {"videos": ["Product tour"], "most watched": 3}
    check_body({"input": "Most watched: " + json.dumps(facts)}, facts, prankster)


WHO = Known.of([("Xanthe", "Quill")], ["Oda Vik"], ["viewer-77"])


@pytest.mark.parametrize(
    "planted", ["x@y.example", "070-123 45 67", "10.0.0.1", "Xanthe", "Oda Vik", "viewer-77"]
)
def test_the_gate_refuses_without_repeating_it(planted: str) -> None:
    facts = {"titles": [{"title": f"A talk ({planted})"}]}
    with pytest.raises(Withheld) as refused:
        check_body({"input": json.dumps(facts)}, facts, WHO)
    assert planted not in str(refused.value)
    assert refused.value.code == "withheld"


def test_the_gate_looks_at_what_is_no_fact_too() -> None:
    with pytest.raises(Withheld):
        check_body({"thread_id": "viewer-77"}, {}, WHO)
    with pytest.raises(Withheld):
        check_document("as Xanthe Quill said", WHO)


names = st.text("abcdefghijklmnopqrstuvwxyzåäöéñč", min_size=3, max_size=9).map(str.title)
digits = st.text("0123456789", min_size=7, max_size=7)
traces = st.one_of(
    st.tuples(names, names).map(" ".join),
    st.builds("{}@{}.example".format, names, names),
    st.tuples(st.sampled_from(["070-{}", "+46 70 {}", "0046{}", "(070) {}"]), digits).map(
        lambda made: made[0].format(made[1])
    ),
    st.ip_addresses().map(str).filter(lambda address: len(address) > 2),
)


@given(st.lists(st.tuples(st.text(max_size=30), traces), max_size=4), st.booleans())
def test_after_scrubbing_nothing_is_left(parts: list[tuple[str, str]], first_names: bool) -> None:
    halves = [trace.partition(" ") for _, trace in parts if trace.replace(" ", "").isalpha()]
    known = Known.of([(first, last) for first, _, last in halves])
    text = " ".join(f"{said} {trace}" for said, trace in parts)
    clean = scrub(text, known, first_names=first_names)
    facts = {"said": clean}
    if first_names:
        check_body({"input": json.dumps(facts, ensure_ascii=False)}, facts, known)
    check_document(clean, known)
    for _, trace in parts:
        assert trace not in clean
