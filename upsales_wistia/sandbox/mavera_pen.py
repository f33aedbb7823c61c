"""Writes the sandbox's Mavera answers out of what it was asked: no fact in, no fact out.

A JSON Schema, or an example in a message, says which shape; what the prompt tells fills it. So a
pattern that is planted in the data shows in the answer, and moves with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from .mavera_notes import Notes, Subject, sentence

Schema = Mapping[str, Any]

LONGEST_SENTENCE = 400
_TIMELY = frozenset({"at", "second", "seconds", "time", "start", "timestamp"})
_LETTERS = frozenset({"body", "text", "message", "email"})
_NO_MATTER = frozenset({"how_we_speak", "greeting", "viewer"})
_ABOUT = {"subject": "About “{}”", "call_to_action": "Book a visit, and see more than “{}”"}
_OPENINGS = {
    "edit": "Tighten this place",
    "why": "Because of what you tell",
    "rationale": "They watch as this persona does",
    "content_angle": "Begin with",
    "reason": "What moves me",
    "wording": "I would say it shorter",
    "placement": "Where it stands now is late",
    "subject": "About",
    "call_to_action": "Book a visit",
}


def compose(schema: Schema, notes: Notes) -> Any:
    """A value of ``schema`` that says what the notes tell."""
    return _value(schema, "", notes, notes.subject)


def from_example(notes: Notes) -> Any:
    """A value shaped as the example in a message, or None when it holds none."""
    return compose(schema_of(notes.example), notes) if notes.example else None


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


def letter(notes: Notes) -> str:
    """What a prompt tells as the text of an e-mail, in the voice it tells of."""
    voice = notes.subject.row.get("how_we_speak", {})
    row = notes.subject.row
    said = sentence({k: v for k, v in row.items() if k not in _NO_MATTER}) or notes.subject.said
    greeting = str(row.get("greeting") or "Hello {{first_name}},")
    phrases = re.findall(r"“([^”]+)”", " ".join(map(str, voice.get("dos", []))) if voice else "")
    ending = f"\n\n{phrases[0]}." if phrases else ""
    return f"{greeting}\n\nyou saw this: {said[:LONGEST_SENTENCE]}.{ending}"


def _value(schema: Schema, name: str, notes: Notes, about: Subject) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        options = [str(one) for one in schema["enum"]]
        own = next((one for one in (about.option, about.row.get(name)) if one in options), None)
        chosen = own or notes.fitting(options)
        return next(one for one in schema["enum"] if str(one) == chosen)
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {key: _value(one, key, notes, about) for key, one in properties.items()}
    if kind == "array":
        return _list(schema, name, notes, about)
    if kind in ("number", "integer"):
        number = _number(schema, name, notes, about)
        return round(number) if kind == "integer" else number
    return True if kind == "boolean" else _text(schema, name, notes, about)


def _list(schema: Schema, name: str, notes: Notes, about: Subject) -> list[Any]:
    items = schema.get("items", {"type": "string"})
    least, most = int(schema.get("minItems", 1)), int(schema.get("maxItems", 12))
    told = (subjects(items, notes) or [about])[:most]
    told += [about] * (least - len(told))
    return [_value(items, name, notes, one) for one in told]


def subjects(items: Schema, notes: Notes) -> list[Subject]:
    """What a list is about: the rows of the facts, every option of a choice, or every time."""
    properties = items.get("properties", {})
    rows = notes.rows_with(set(properties))
    if rows:
        return rows
    choices = next((p["enum"] for p in properties.values() if p.get("enum")), None)
    if choices:
        told = ((str(one), notes.about(str(one))) for one in choices)
        return [Subject(said or one, {}, one, share=_share(said)) for one, said in told]
    return notes.times() if _TIMELY & set(properties) else []


def _share(said: str) -> float | None:
    return Notes(said, {}).subject.share if said else None


def _number(schema: Schema, name: str, notes: Notes, about: Subject) -> float:
    least = float(schema.get("minimum", 0 if "confidence" in name else 1))
    most = float(schema.get("maximum", 1 if "confidence" in name else 10))
    told = about.row.get(name)
    if isinstance(told, int | float) and not isinstance(told, bool):
        return _within(float(told), schema)
    if name in _TIMELY and about.at is not None:
        return _within(about.at, schema)
    best = max((one.share or 0.0 for one in notes.rows_with(set(about.row))), default=0.0)
    share = 0.6 if about.share is None else about.share / best if best else about.share
    mood = crc32(notes.speaker.encode()) % 3 - 1 if name == "score" and notes.speaker else 0
    return _within(round(least + (most - least) * min(share, 1.0), 2) + mood, schema)


def _within(number: float, schema: Schema) -> float:
    least, most = schema.get("minimum", number), schema.get("maximum", number)
    return float(min(max(number, least), most))


def _text(schema: Schema, name: str, notes: Notes, about: Subject) -> str:
    if name == "persona_id" and notes.offered():
        return notes.fitting(notes.offered())
    if about is not notes.subject and isinstance(about.row.get(name), str):
        return str(about.row[name])  # what the row is known by
    if name in _ABOUT and isinstance(video := notes.subject.row.get("video"), str):
        return _ABOUT[name].format(video)
    if name in _LETTERS and "{{first_name}}" in notes.prompt:
        return letter(notes)
    most = min(int(schema.get("maxLength", LONGEST_SENTENCE)), LONGEST_SENTENCE)
    opening = _OPENINGS.get(name, name.replace("_", " ").capitalize())
    text = f"{opening}: {about.said}" if opening else about.said
    text = f"{notes.speaker}: {text}" if name == "reason" and notes.speaker else text
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
