"""What in a text could name a person, found and taken out. Pure.

Machine-readable traces (addresses, phone numbers, IP addresses) are found by their shape. Names
and visitor keys are found because we know them: those of viewers, and of contacts asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from itertools import pairwise
from typing import Final


class Kind(StrEnum):
    """What a trace is; its value is what stands in its place."""

    ADDRESS = "[address]"
    NUMBER = "[number]"
    NAME = "[name]"
    KEY = "[key]"


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace from character ``start`` up to ``end``."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Known:
    """Who must not be recognised: words of full names, first names, visitor keys.

    ``full`` holds the words of each full name in both orders, ``solid`` names of scripts that
    part no words.
    """

    full: frozenset[tuple[str, ...]] = frozenset()
    solid: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        viewers: Iterable[tuple[str, str]],
        contacts: Iterable[str] = (),
        visitor_keys: Iterable[str] = (),
    ) -> Known:
        """``viewers`` are pairs of first and last name, ``contacts`` full names."""
        people = list(viewers)
        names = [f"{first} {last}" for first, last in people if first.strip() and last.strip()]
        names += contacts
        words = {tuple(_words(name)) for name in names}
        # One word is no full name, unless it is written in a script that parts none.
        full = {name for name in words if 1 < len(name) <= _LONGEST_NAME}
        return cls(
            frozenset(full | {name[::-1] for name in full}),
            frozenset(
                "".join(order)
                for name in words
                for order in (name, name[::-1])
                if _is_solid("".join(name))
            ),
            frozenset(form for first, _ in people for form in _first_forms(first)),
            frozenset(key for key in visitor_keys if key),
        )


_LONGEST_NAME: Final = 6
_WIDEST_GAP: Final = 3
_WORD: Final = re.compile(r"[^\W_]+")
_PLACES: Final = re.compile("|".join(re.escape(kind) for kind in Kind))
_ESCAPES: Final = re.compile(r"\\[nrtbf]")
_MAIL: Final = re.compile(
    r"""[^\s@,;<>()"\[\]]+(?:@|＠|%40)[^\s@,;<>()"\[\]]+"""
    r"|\b[\w.-]+ (?:at|snabel-?a) [\w-]+(?: (?:dot|punkt|punktum) [\w-]+)+",
    re.IGNORECASE,
)
_STREET: Final = re.compile(
    r"\b\w*(?:gatan|gata|vägen|gränd|torget|vej|veien|gade|gate|straße|strasse) \d+\b"
    r"|\b\d+ (?:[A-Z]\w+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard)\b"
)
_UUID: Final = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_PHONE: Final = re.compile(
    r"(?<![\w.,/-])(?:"
    r"\+\d[\d\s().\-/]{5,18}\d"  # +46 70 123 45 67
    r"|0\d[\d\s().\-/]{5,16}\d"  # 070-123 45 67
    r"|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}"  # (555) 123-4567
    r"|\d{2,4}(?:[ -]\d{2,4}){3,6}"  # 46 70 123 45 67
    r"|\d{9,15}"
    r")(?!\w)"
)
_FEWEST_DIGITS: Final = 7
_MAYBE_IP: Final = re.compile(r"(?<![\w.:])[0-9A-Fa-f:.]{3,45}")
_KEY: Final = re.compile(r"[\w.+/=:~-]+")


def find(text: str, known: Known, *, first_names: bool) -> list[Trace]:
    """The traces in ``plain`` text, from left to right, none inside another.

    ``first_names`` says that a viewer's first name alone is one too.
    """
    # What stands in a trace's place is none; of a text inside a JSON text neither are the escapes.
    bare = _PLACES.sub(lambda place: "\0" * len(place[0]), text)
    bare = _ESCAPES.sub("  ", bare)
    found = sorted(
        (*_shapes(bare), *_keys(bare, known), *_names(bare, known, first_names)),
        key=lambda trace: (trace.start, -trace.end),
    )
    kept: list[Trace] = []
    for trace in found:
        if not kept or trace.start >= kept[-1].end:
            kept.append(trace)
        elif trace.end > kept[-1].end:
            kept[-1] = Trace(kept[-1].start, trace.end, kept[-1].kind)
    return kept


def scrub(text: str, known: Known, *, first_names: bool = True) -> str:
    """``text`` with what ``find`` finds replaced by the word for its kind."""
    clean = plain(text)
    while found := find(clean, known, first_names=first_names):
        ends = [0, *(trace.end for trace in found)]
        kept = [
            clean[end : trace.start] + trace.kind for end, trace in zip(ends, found, strict=False)
        ]
        clean = "".join([*kept, clean[ends[-1] :]])
    return clean


def plain(text: str) -> str:
    """``text`` with one spelling for what looks alike; ``find`` reads no other."""
    return unicodedata.normalize("NFKC", text)


def _shapes(text: str) -> Iterator[Trace]:
    for pattern in (_MAIL, _STREET):
        for match in pattern.finditer(text):
            yield Trace(*match.span(), Kind.ADDRESS)
    for match in _MAYBE_IP.finditer(text):
        inner = match[0].strip(".:")
        if _is_ip(match[0]) or _is_ip(inner):
            yield Trace(match.start(), match.end(), Kind.ADDRESS)
    # An id of 32 hexadecimal digits may look like a number in parts.
    numbers = _UUID.sub(lambda id_: "x" * len(id_[0]), text)
    for match in _PHONE.finditer(numbers):
        if sum(char.isdigit() for char in match[0]) >= _FEWEST_DIGITS:
            yield Trace(*match.span(), Kind.NUMBER)


def _is_ip(text: str) -> bool:
    if not ("." in text or ":" in text):
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _keys(text: str, known: Known) -> Iterator[Trace]:
    if not known.keys:
        return
    for match in _KEY.finditer(text):
        if match[0] in known.keys or match[0].strip(".:=/~+") in known.keys:
            yield Trace(*match.span(), Kind.KEY)


def _names(text: str, known: Known, first_names: bool) -> Iterator[Trace]:
    words = list(_WORD.finditer(text))
    said = [word[0].casefold() for word in words]
    lengths = sorted({len(name) for name in known.full})
    for runs in _runs(words):
        for start in runs:
            for length in lengths:
                end = start + length
                if end <= runs.stop and tuple(said[start:end]) in known.full:
                    yield Trace(words[start].start(), words[end - 1].end(), Kind.NAME)
    if first_names:
        for word in words:
            if word[0] in known.first:
                yield Trace(*word.span(), Kind.NAME)
    for name in known.solid:
        for match in re.finditer(re.escape(name), text):
            yield Trace(*match.span(), Kind.NAME)


def _runs(words: list[re.Match[str]]) -> Iterator[range]:
    """Words that stand close enough together to be one name."""
    start = 0
    for index, (word, after) in enumerate(pairwise(words), start=1):
        if after.start() - word.end() > _WIDEST_GAP:
            yield range(start, index)
            start = index
    if words:
        yield range(start, len(words))


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(plain(name))]


def _first_forms(name: str) -> set[str]:
    """How a first name is written; not in lower case, for "will" and "may" are words too."""
    parts = _WORD.findall(plain(name))
    if not parts or (len(parts) == 1 and len(parts[0]) == 1):
        return set()
    if len(parts) > 1:  # "Anna Karin", "anna-karin": each part that is longer than an initial
        return {form for part in parts if len(part) > 1 for form in _first_forms(part)}
    word = parts[0]
    forms = {word.capitalize(), word.upper()}
    return forms if word.islower() else {*forms, word}


def _is_solid(name: str) -> bool:
    return len(name) > 1 and all(ord(char) >= 0x2E80 for char in name)
