"""What is said in a video: read from its captions, cleaned of people, split into files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from .traces import Known, scrub

BEFORE, AFTER = 6.0, 4.0
"""Seconds around a place whose words tell what is said there."""
MOST_SPOKEN = 240
LARGEST_FILE = 4 * 1024 * 1024
"""Bytes of text in one file: packed it stays far below the 10 MB that Mavera takes."""

_TIMES: Final = re.compile(
    r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})\s*-->\s*(?:(\d+):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
)
_TAG: Final = re.compile(r"</?[a-z][^>]{0,80}>|\{\\[^}]{0,40}\}", re.IGNORECASE)
# ">> ANNA BERG:", "- Bo:", "[Speaker 2]:", "Daan van Aerden:"
_SPEAKER: Final = re.compile(
    r"^(?P<mark>(?:[^\S\n]|[>\-–])*)"
    r"(?:\[[^\]\n]{1,40}\]\s*:?|\(?(?P<who>[^\W\d_][\w .'’\-]{0,40})\)?\s*:)(?=\s|$)",
    re.MULTILINE,
)
_PARTICLES: Final = frozenset(
    ("af", "al", "da", "de", "del", "den", "der", "di", "du", "el", "la", "le", "van", "von", "zu")
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words spoken from ``start`` to ``end`` (seconds)."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in one video, as plain text."""

    media_id: str
    title: str
    text: str


def cues_of_srt(srt: str) -> tuple[Cue, ...]:
    """The cues of captions in SRT (or WebVTT); what is none of it is passed over."""
    found: list[Cue] = []
    blocks = re.split(r"\n\s*\n", srt.replace("\r\n", "\n").replace("\r", "\n"))
    for block in blocks:
        times = _TIMES.search(block)
        if times is None:
            continue
        said = " ".join(_TAG.sub("", block[times.end() :]).split())
        if said:
            found.append(Cue(_seconds(*times.groups()[:4]), _seconds(*times.groups()[4:]), said))
    return tuple(found)


def text_of(cues: Sequence[Cue]) -> str:
    """All that is said, a line a cue."""
    return "\n".join(cue.text for cue in cues)


def spoken_around(cues: Sequence[Cue], at: float) -> str:
    """The words spoken around second ``at``; at most 240 characters, "" when nothing is said."""
    near = [cue for cue in cues if cue.end > at - BEFORE and cue.start < at + AFTER]
    said = " ".join(_without_labels(cue.text).strip() for cue in near)
    return said if len(said) <= MOST_SPOKEN else said[: MOST_SPOKEN - 1].rstrip() + "…"


def without_people(text: str, known: Known) -> str:
    """A transcript without speaker labels, addresses, phone numbers and full names we know."""
    return scrub(_without_labels(text), known, first_names=False).strip()


def _without_labels(text: str) -> str:
    return _SPEAKER.sub(lambda found: "" if _is_label(found) else found[0], text)


def _is_label(found: re.Match[str]) -> bool:
    """Whether what stands before a colon is a name: "It is simple:" is not, "Anna Berg:" is."""
    if found["who"] is None or found["mark"].strip():
        return True
    words = found["who"].split()
    return all(word in _PARTICLES or word[0] == word[0].upper() for word in words)


def content_hash(transcripts: Iterable[Transcript]) -> str:
    """The same for the same words, whatever the order of the videos."""
    of_each = sorted(sha256(each.text.encode()).hexdigest() for each in transcripts)
    return sha256("".join(of_each).encode()).hexdigest()


def split(transcripts: Sequence[Transcript], limit: int = LARGEST_FILE) -> list[list[str]]:
    """The paragraphs of each file; none has more than ``limit`` bytes of text."""
    files: list[list[str]] = [[]]
    room = limit
    for transcript in transcripts:
        for line in (transcript.title, *transcript.text.split("\n"), ""):
            for part in _parts(line, limit):
                size = len(part.encode()) + 1
                if size > room and files[-1]:
                    files.append([])
                    room = limit
                files[-1].append(part)
                room -= size
    return [file for file in files if any(file)]


def _parts(line: str, limit: int) -> Iterable[str]:
    """A line in parts that fit into a file of their own."""
    most = max(1, (limit - 1) // 4)  # a character has at most 4 bytes
    return (line[start : start + most] for start in range(0, len(line) or 1, most))


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}")
