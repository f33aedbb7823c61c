"""Writes the sandbox's Mavera answers out of what it was asked: no fact in, no fact out.

A JSON Schema, or an example in a message, says which shape; the figures, times and quotations of
the prompt fill it. So a pattern that is planted in the data shows in the answer, and moves with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Schema = Mapping[str, Any]

_TIME = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\b")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?%")
_FENCED = re.compile(r"```(?:json)?[ \t]*\n(.*?)```", re.S)
_WORD = re.compile(r"[^\W\d_]{4,}")
_TIMELY = frozenset({"at", "second", "seconds", "time", "start", "timestamp", "at_seconds"})
LONGEST_SENTENCE = 280


@dataclass(frozen=True)
class Notes:
    """What a prompt tells. ``meanings`` says what an id in it stands for."""

    prompt: str
    meanings: Mapping[str, str]

    @cached_property
    def facts(self) -> list[str]:
        """The lines that tell something: with a figure or a quotation in them."""
        lines = (line.strip(" -*•\t") for line in self.prompt.splitlines())
        told = [
            line
            for line in lines
            if re.search(r"\d|[\"“”]", line) and not line.startswith("Reference:")
        ]
        return told or [self.prompt.strip()]

    @cached_property
    def times(self) -> list[tuple[float, str]]:
        """Each time in the prompt, in seconds, with the line it stands in."""
        found: dict[float, str] = {}
        for line in self.facts:
            for hours, minutes, seconds in _TIME.findall(line):
                at = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
                found.setdefault(float(at), line)
        return list(found.items())

    def about(self, option: str) -> str:
        """What is told of an option, from its name to the end of the line, "" for nothing."""
        told = (line[line.index(option) :] for line in self.facts if option and option in line)
        return next(told, "")

    def share(self, line: str) -> float | None:
        """The first percentage in a line as 0-1."""
        found = _PERCENT.search(line)
        return min(float(found[1].replace(",", ".")) / 100, 1.0) if found else None

    def best(self, options: Sequence[str]) -> str:
        """The option that fits the prompt: the highest figure beside it, else common words."""

        def fit(option: str) -> tuple[float, int]:
            own = set(_WORD.findall(self.meanings.get(option, option).lower()))
            rest = set(_WORD.findall(self.prompt.replace(option, "").lower()))
            return self.share(self.about(option)) or 0.0, len(own & rest)

        return max(options, key=fit)


def compose(schema: Schema, notes: Notes) -> Any:
    """A value of ``schema`` that says what the notes tell."""
    return _value(schema, "", notes, "; ".join(notes.facts[:4]), None)


def from_example(message: str, notes: Notes) -> Any:
    """A value shaped as the last JSON in a message, or None when it holds none."""
    for block in [*reversed(_FENCED.findall(message)), *_inline(message)]:
        try:
            example = json.loads(block)
        except ValueError:
            continue
        if isinstance(example, dict) and example:
            return compose(schema_of(example), notes)
    return None


def schema_of(example: Any) -> dict[str, Any]:
    """The schema that an example is of."""
    if isinstance(example, Mapping):
        inner = {str(key): schema_of(value) for key, value in example.items()}
        return {"type": "object", "properties": inner}
    if isinstance(example, list):
        return {"type": "array", "items": schema_of(example[0] if example else "")}
    if isinstance(example, bool):
        return {"type": "boolean"}
    return {"type": "number" if isinstance(example, int | float) else "string"}


def _inline(message: str) -> Iterator[str]:
    """JSON objects that stand open in a message, the last one first."""
    decoder = json.JSONDecoder()
    for start in [m.start() for m in re.finditer(r"\{", message)][::-1][:50]:
        try:
            _, length = decoder.raw_decode(message[start:])
        except ValueError:
            continue
        yield message[start : start + length]


def _value(schema: Schema, name: str, notes: Notes, line: str, option: str | None) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        options = [str(one) for one in schema["enum"]]
        chosen = option if option in options else notes.best(options)
        return next(one for one in schema["enum"] if str(one) == chosen)
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {key: _value(one, key, notes, line, option) for key, one in properties.items()}
    if kind == "array":
        return _list(schema, name, notes, line)
    if kind in ("number", "integer"):
        number = _number(schema, name, notes, line)
        return round(number) if kind == "integer" else number
    return True if kind == "boolean" else _sentence(schema, name, line)


def _list(schema: Schema, name: str, notes: Notes, line: str) -> list[Any]:
    items = schema.get("items", {"type": "string"})
    least, most = int(schema.get("minItems", 1)), int(schema.get("maxItems", 12))
    rows = [(told, option) for told, option in _subjects(items, notes)][:most]
    rows += [(line, None)] * max(0, least - len(rows))
    return [_value(items, name, notes, told, option) for told, option in rows]


def _subjects(items: Schema, notes: Notes) -> list[tuple[str, str | None]]:
    """What a list is about: every option of a choice, every time told, or the first facts."""
    properties = items.get("properties", {})
    choices = next((p["enum"] for p in properties.values() if p.get("enum")), None)
    if choices:
        return [(notes.about(str(one)) or str(one), str(one)) for one in choices]
    if any(key in _TIMELY for key in properties) and notes.times:
        return [(line, None) for _, line in notes.times]
    return [(line, None) for line in notes.facts[:3]]


def _number(schema: Schema, name: str, notes: Notes, line: str) -> float:
    if name in _TIMELY:
        return next((at for at, told in notes.times if told == line), 0.0)
    least = float(schema.get("minimum", 0 if "confidence" in name else 1))
    most = float(schema.get("maximum", 1 if "confidence" in name else 10))
    share = notes.share(line)
    return round(least + (most - least) * (0.6 if share is None else share), 2)


def _sentence(schema: Schema, name: str, line: str) -> str:
    most = min(int(schema.get("maxLength", LONGEST_SENTENCE)), LONGEST_SENTENCE)
    opening = name.replace("_", " ").capitalize()
    text = f"{opening}: {line}" if opening else line
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
