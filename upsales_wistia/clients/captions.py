"""Captions in SRT, as Wistia keeps them: who reads them gets words with their times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .text import clean

LONGEST_CUE: Final = 2_000
"""Characters: a cue is a line or two; what is longer is cut."""

_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})"
_SPAN: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
_MARKUP: Final = re.compile(r"<[^<>]{0,100}>|\{\\[^{}]{0,100}\}")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from ``start`` to ``end``, in seconds from the beginning of the video."""

    start: float
    end: float
    text: str


def cues(srt: str) -> list[Cue]:
    """The cues of a text in SRT (or WebVTT), in their order; what is none is passed over.

    Empty ones and ones that end before they start are left out. Line ends may be of any kind.
    """
    return [cue for cue in _read(srt) if cue.text and cue.end >= cue.start]


def _read(srt: str) -> Iterator[Cue]:
    """Each timing line begins a cue; the bare number before the next one is no words of it."""
    span: re.Match[str] | None = None
    said: list[str] = []
    for line in (*srt.splitlines(), "0:00:00,000 --> 0:00:00,000"):
        found = _SPAN.match(line)
        if found is None:
            said.append(line.strip())
            continue
        if span is not None:
            yield Cue(_seconds(span, 1), _seconds(span, 5), _words(said))
        span, said = found, []


def _words(said: list[str]) -> str:
    kept = said.copy()
    while kept and not kept[-1]:
        kept.pop()
    # "…words / empty / 12 / timing": the number belongs to the cue that follows.
    if len(kept) > 1 and kept[-1].isdigit() and not kept[-2]:
        kept.pop()
    return clean(_MARKUP.sub("", " ".join(filter(None, kept))), LONGEST_CUE)


def _seconds(span: re.Match[str], first: int) -> float:
    hours, minutes, seconds, fraction = span.group(first, first + 1, first + 2, first + 3)
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + int(fraction.ljust(3, "0")) / 1000
