"""Captions read, cleaned of people, and split into files."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.enrichment.docx import make_docx
from upsales_wistia.enrichment.traces import Known
from upsales_wistia.enrichment.transcripts import (
    MOST_SPOKEN,
    Cue,
    Transcript,
    content_hash,
    cues_of_srt,
    split,
    spoken_around,
    text_of,
    without_people,
)

SRT = (
    "1\r\n00:00:00,000 --> 00:00:04,000\r\n<v Anna Berg>Hello <i>there</i></v>\r\n\r\n"
    "2\r\n00:01:38,500 --> 00:01:41,000\r\nSo, what does\r\nit cost?\r\n\r\n"
    "not a cue at all\r\n\r\n"
    "3\r\n01:00:00.5 --> 01:00:02.25\r\nThe end\r\n"
)


def test_captions_are_read() -> None:
    assert cues_of_srt(SRT) == (
        Cue(0.0, 4.0, "Hello there"),
        Cue(98.5, 101.0, "So, what does it cost?"),
        Cue(3600.5, 3602.25, "The end"),
    )
    assert text_of(cues_of_srt(SRT)) == "Hello there\nSo, what does it cost?\nThe end"


@pytest.mark.parametrize(
    "srt", ["", "no captions", "1\n\n2\n\n", "00:00:01,000 --> 00:00:02,000\n"]
)
def test_none_are_none(srt: str) -> None:
    assert cues_of_srt(srt) == ()


def test_the_words_around_a_place_are_those_spoken_there() -> None:
    cues = cues_of_srt(SRT)
    assert spoken_around(cues, 100) == "So, what does it cost?"
    assert spoken_around(cues, 50) == ""
    long = [Cue(0, 5, "word " * 200)]
    assert len(spoken_around(long, 2)) <= MOST_SPOKEN


KNOWN = Known.of([("Xanthe", "Quill")], ["Oda Vik"])


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (">> ANNA BERG: We begin", "We begin"),
        ("- Bo: Yes\n- Cy: No", "Yes\n No"),
        ("[Speaker 2]: It costs 10", "It costs 10"),
        ("[music] and more", "and more"),
        ("Ask Oda Vik or Xanthe Quill, 070-123 45 67", "Ask [name] or [name], [number]"),
        ("Write to hi@acme.example", "Write to [address]"),
        ("At 10:30 we ship", "At 10:30 we ship"),
        ("Daan van Aerden: Yes", "Yes"),
        ("SPEAKER 2: Yes", "Yes"),
        ("(Bo): Yes", "Yes"),
        ("田中: はい", "はい"),
        ("- bo berg: Yes", "Yes"),
        ("We begin where it is warm: at home", "We begin where it is warm: at home"),
        ("Warm by nature: we only move it", "Warm by nature: we only move it"),
        ("Xanthe says so", "Xanthe says so"),
    ],
)
def test_people_are_taken_out_of_a_transcript(said: str, left: str) -> None:
    assert without_people(said, KNOWN) == left


def test_the_hash_is_that_of_the_words() -> None:
    one, other = Transcript("m1", "A", "words"), Transcript("m2", "B", "more words")
    assert content_hash([one, other]) == content_hash([other, one])
    assert content_hash([one]) != content_hash([other])


texts = st.lists(st.text(max_size=60), max_size=8)


@given(texts, st.integers(50, 200))
def test_files_are_small_and_hold_every_word(said: list[str], limit: int) -> None:
    files = split([Transcript("m", "", text) for text in said], limit)
    assert all(sum(len(part.encode()) + 1 for part in file) <= limit for file in files)
    assert "".join("".join(file) for file in files) == "".join(said).replace("\n", "")


def test_a_million_words_become_several_files() -> None:
    files = split([Transcript("m", "Long", "word " * 1_000_000)])
    assert len(files) == 2


def test_a_document_can_be_opened_and_holds_the_words() -> None:
    made = make_docx(["A & B <c>", "åäö\x00"])
    assert made == make_docx(["A & B <c>", "åäö\x00"])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        document = ET.fromstring(archive.read("word/document.xml"))
    assert [node.text for node in document.iter() if node.tag.endswith("}t")] == [
        "A & B <c>",
        "åäö",
    ]
