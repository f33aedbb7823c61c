"""Captions as Wistia keeps them, and what is passed over in odd ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.clients.captions import Cue, cues

TWO = """1
00:00:01,000 --> 00:00:03,500
Hello and welcome.

2
00:01:40,000 --> 00:01:42,250
Now to the price.
It is low.
"""
READ = [Cue(1.0, 3.5, "Hello and welcome."), Cue(100.0, 102.25, "Now to the price. It is low.")]


@pytest.mark.parametrize(
    "text",
    [
        TWO,
        TWO.replace("\n", "\r\n"),
        TWO.replace("\n", "\r"),
        "\ufeff" + TWO,
        "WEBVTT\n\n" + TWO.replace(",", "."),
        TWO.replace("Hello", "<i>Hello</i>"),
        TWO.replace("Hello", "{\\an8}Hello"),
        TWO.replace("1\n0", "0"),  # without its number
        TWO + "\n3\n00:02:00,000 --> 00:02:01,000\n\n",  # nothing is said
        TWO + "\n3\n00:02:02,000 --> 00:02:01,000\nbackwards\n",
    ],
)
def test_words_come_with_their_times(text: str) -> None:
    assert cues(text) == READ


def test_a_number_that_is_said_is_kept() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n1999\n\n2\n00:00:03,000 --> 00:00:04,000\nwas good\n"
    assert [cue.text for cue in cues(text)] == ["1999", "was good"]


@pytest.mark.parametrize("text", ["", "no times", "--> -->", "00:00:01 --> 00:00:02\nno fraction"])
def test_what_is_no_cue_is_passed_over(text: str) -> None:
    assert cues(text) == []


def test_a_million_words_are_read() -> None:
    piece = "\n\n".join(
        f"{n}\n{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},000 --> 99:00:00,000\n{'word ' * 50}"
        for n in range(20_000)
    )
    assert sum(len(cue.text.split()) for cue in cues(piece)) == 1_000_000


@given(st.text())
def test_any_text_is_read_without_failing(text: str) -> None:
    assert all(cue.text and cue.end >= cue.start for cue in cues(text + TWO))
