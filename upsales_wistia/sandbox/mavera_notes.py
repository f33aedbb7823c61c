"""What a prompt tells, read out of it: facts in JSON where it holds any, else telling lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_TIME = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\b")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?%")
_WORD = re.compile(r"[^\W\d_]{4,}")
_GAPS = ('"…"', '"..."')
_FACT = re.compile(r"[\d\"“”]")
_NAMED = re.compile(r'^"(\w+)":[ \t]*', re.M)
_ONE_TOO_MANY = re.compile(r",(\s*[\]}])")
MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is told of. ``row`` is empty where the prompt has no JSON.

    ``option`` is the choice it is, ``at`` its place in seconds, ``share`` its percentage as 0-1.
    """

    said: str
    row: Mapping[str, Any]
    option: str | None = None
    at: float | None = None
    share: float | None = None


@dataclass(frozen=True)
class Notes:
    """What a prompt tells ``speaker``. ``meanings`` says what an id in it stands for."""

    prompt: str
    meanings: Mapping[str, str]
    speaker: str = ""

    @cached_property
    def _objects(self) -> list[tuple[str, Mapping[str, Any]]]:
        return list(_json_in(self.prompt))

    @cached_property
    def example(self) -> Mapping[str, Any] | None:
        """The shape an answer is asked for in: the JSON with a gap in it, or the only one."""
        gaps = [of for text, of in self._objects if _has_gap(text)]
        return next(iter(gaps or [of for _, of in self._objects]), None)

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The facts in JSON, {} for none: one object, or a line (and more) for each by its name."""
        whole = [of for text, of in self._objects if not _has_gap(text)]
        named = dict(_named_in(self.prompt))
        return named or (whole[-1] if whole else {})

    @cached_property
    def subject(self) -> Subject:
        """All that is told, but for the personas that are offered."""
        if self.data:
            row = {key: value for key, value in self.data.items() if key != "personas"}
            return Subject(sentence(row), row, share=share_of(row))
        said = "; ".join(self.lines[:4])
        return Subject(said, {}, share=_percent(said))

    @property
    def tells(self) -> bool:
        """Whether the prompt holds any fact: JSON, a figure or a quotation."""
        return bool(self.data or self._telling)

    @cached_property
    def lines(self) -> list[str]:
        """The lines with a figure or a quotation in them; all of it when there is none."""
        return self._telling or [self.prompt.strip()]

    @cached_property
    def _telling(self) -> list[str]:
        stripped = (line.strip(" -*•\t") for line in self.prompt.splitlines())
        return [
            line
            for line in stripped
            if _FACT.search(line) and not line.startswith(("Reference:", "{", "```"))
        ]

    def offered(self) -> list[str]:
        """The ids in the prompt that mean something: the personas to choose from."""
        rows = self.data.get("personas")
        listed = [str(row.get("id")) for row in rows or [] if isinstance(row, Mapping)]
        return listed or [one for one in self.meanings if one in self.prompt]

    def fitting(self, options: Sequence[str]) -> str:
        """The option that fits: with the highest figure beside it, else with common words."""
        told = " ".join(_texts(self.subject.row)) if self.data else self.prompt

        def fit(option: str) -> tuple[float, int]:
            own = set(_WORD.findall(self.meanings.get(option, option).lower()))
            rest = set(_WORD.findall(told.replace(option, "").lower()))
            return _percent(self.about(option)) or 0.0, len(own & rest)

        return max(options, key=fit)

    def about(self, option: str) -> str:
        """What is told of an option, from its name to the end of the line, "" for nothing."""
        told = (line[line.index(option) :] for line in self.lines if option and option in line)
        return next(told, "")

    def rows_with(self, keys: set[str]) -> list[Subject]:
        """The things told of in a list whose rows share a key with ``keys``."""
        for rows in self.data.values():
            told = (
                [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
            )
            if told and keys & set(told[0]):
                return [
                    Subject(sentence(row), row, share=share_of(row), at=_time_in(sentence(row)))
                    for row in told[:MOST_TOLD]
                ]
        return []

    def times(self) -> list[Subject]:
        """Every place in a video that is told of, once."""
        found = {
            at: Subject(line, {}, at=at, share=_percent(line))
            for line in self.lines[::-1]
            for at in _times(line)
        }
        return [found[at] for at in sorted(found)][:MOST_TOLD]


def sentence(value: Any, name: str = "") -> str:
    """A fact in words: "percent leaving 20, spoken “Now to the price.”"."""
    called = name.replace("_", " ")
    if isinstance(value, Mapping):
        return ", ".join(filter(None, (sentence(inner, str(key)) for key, inner in value.items())))
    if isinstance(value, list):
        return "; ".join(filter(None, (sentence(inner, name) for inner in value[:MOST_TOLD])))
    if value is None or value == "":
        return ""
    return f"{called} “{value}”" if isinstance(value, str) else f"{called} {value}"


def _texts(value: Any) -> Iterator[str]:
    """The texts inside a fact; what a fact is called says nothing of whom it is about."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def share_of(row: Mapping[str, Any]) -> float | None:
    """The first percentage in a row, deep inside it too, as 0-1."""
    for key, value in row.items():
        found = share_of(value) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            found = _percent(value)
        elif "percent" in str(key) and isinstance(value, int | float):
            found = min(max(value / 100, 0.0), 1.0)
        if found is not None:
            return found
    return None


def _has_gap(text: str) -> bool:
    return any(gap in text for gap in _GAPS)


def _percent(line: str) -> float | None:
    found = _PERCENT.search(line)
    return min(float(found[1].replace(",", ".")) / 100, 1.0) if found else None


def _times(line: str) -> Iterator[float]:
    for hours, minutes, seconds in _TIME.findall(line):
        yield float(int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds))


def _time_in(line: str) -> float | None:
    return next(_times(line), None)


def _json_in(prompt: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The JSON objects that stand in a prompt, outermost only."""
    decoder, start = json.JSONDecoder(), prompt.find("{")
    while start >= 0:
        try:
            value, length = decoder.raw_decode(prompt[start:])
        except (ValueError, RecursionError):
            length = 1
        else:
            if isinstance(value, dict) and value:
                yield prompt[start : start + length], value
        start = prompt.find("{", start + length)


def _named_in(prompt: str) -> Iterator[tuple[str, Any]]:
    """Facts that stand on lines of their own, `"name": JSON,`; a comma too many is forgiven."""
    told = _ONE_TOO_MANY.sub(r"\1", prompt)
    decoder = json.JSONDecoder()
    for found in _NAMED.finditer(told):
        try:
            value, _ = decoder.raw_decode(told[found.end() :])
        except (ValueError, RecursionError):
            continue
        yield found[1], value
