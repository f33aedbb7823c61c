"""What Mavera's personas, agent and focus groups say, read from the shapes their pages show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from .fields import finite
from .mavera_drafts import marker
from .mavera_schema import WORDS, State, credits_of, long_text, state
from .text import KEY, NAME, clean

_FENCED: Final = re.compile(r"```[a-zA-Z0-9]*[ \t]*\r?\n(.*?)```", re.S)
_ASKS: Final = frozenset({"clarifying_question", "clarification", "needs_clarification"})


@dataclass(frozen=True, slots=True)
class Reply:
    """A persona's answer: ``data`` is the JSON object it was asked for, not yet held against it."""

    reply_id: str
    data: Mapping[str, Any]
    credits: float | None
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """A page that Mave says it used."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class MaveResult:
    """Mave's answer: Markdown, and the JSON block in it (None when it holds none)."""

    thread_id: str
    text: str
    data: Any
    sources: tuple[Source, ...]
    credits: float | None
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class MaveQuestion:
    """Mave asks back before it works. It is answered by a draft with this ``thread_id``."""

    thread_id: str
    text: str
    credits: float | None
    raw: Any = field(repr=False)


MaveAnswer: TypeAlias = MaveResult | MaveQuestion


@dataclass(frozen=True, slots=True)
class MaveThread:
    """A conversation with Mave. ``credits`` is what our message cost.

    It is None where the conversation holds others too: only what all of it cost is told.
    ``answer`` is what Mave said to the message with our label, None while it says nothing yet.
    """

    thread_id: str
    title: str
    credits: float | None
    answer: MaveAnswer | None
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a focus group says to one question.

    ``score`` is the mean where there is one; ``shares`` counts or shares by answer, as they came;
    ``voices`` pairs of a persona's name and its words.
    """

    question: str
    score: float | None
    shares: tuple[tuple[str, float], ...]
    voices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FocusGroup:
    """A focus group; its ``findings`` are there when it is done. ``raw`` may hold more.

    The shape of its results is on no page that can be read: what is recognised is here.
    """

    group_id: str
    label: str
    state: State
    error: str
    summary: str
    findings: tuple[Finding, ...]
    credits: float | None
    raw: Any = field(repr=False)


def reply_text(document: Mapping[str, Any]) -> str:
    """The text of an answer, whichever of three dialects it is in; "" for none."""
    parts = [
        long_text(part.get("text"))
        for item in _rows(document.get("output"))
        for part in _rows(item.get("content"))
        if part.get("type") in ("output_text", "text", None)
    ]
    text = "".join(parts) or long_text(document.get("output_text"))
    if text:
        return text
    choice = next(_rows(document.get("choices")), {})
    message = choice.get("message")
    return long_text(message.get("content")) if isinstance(message, Mapping) else ""


def is_finished(document: Mapping[str, Any]) -> bool:
    """Whether an answer is whole, and no refusal to answer."""
    refused = any(
        part.get("type") == "refusal"
        for item in _rows(document.get("output"))
        for part in _rows(item.get("content"))
    )
    return not refused and state(document.get("status", "completed")) == "done"


def object_in(text: str) -> Mapping[str, Any] | None:
    """The JSON object that a text is or holds in a fence, or None."""
    for candidate in (text, *(match[1] for match in _FENCED.finditer(text))):
        try:
            read = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(read, Mapping):
            return read
    return None


def reply_of(document: Any) -> Reply | None:
    """The answer, or None when it is refused, unfinished, empty or not the JSON asked for."""
    if not isinstance(document, Mapping) or not is_finished(document):
        return None
    data = object_in(reply_text(document)) or document.get("parsed")
    if not data or not isinstance(data, Mapping):
        return None
    return Reply(clean(document.get("id"), KEY), data, credits_of(document), document)


def mave_answer(document: Any) -> MaveAnswer | None:
    """What Mave says, or None when it says nothing."""
    if not isinstance(document, Mapping):
        return None
    text = long_text(document.get("content")).strip()
    if not text:
        return None
    thread, credits = clean(document.get("thread_id"), KEY), credits_of(document)
    data = object_in(text)
    if data is None and _asks_back(document, text):
        return MaveQuestion(thread, text, credits, document)
    sources = tuple(
        Source(clean(row.get("title"), NAME), clean(row.get("url"), WORDS))
        for row in _rows(document.get("sources"))
    )
    return MaveResult(thread, text, data, sources, credits, document)


def _asks_back(document: Mapping[str, Any], text: str) -> bool:
    """Whether this is a question in place of a result.

    Its triage may ask one (https://docs.mavera.io/features/mave-agent), but no page tells what
    marks it: a word for it where one stands, else a text that ends by asking.
    """
    told = {clean(document.get(key), KEY).lower() for key in ("type", "status", "phase")}
    flagged = any(document.get(key) is True for key in _ASKS)
    return flagged or bool(told & _ASKS) or text.rstrip("*_ )\"'").endswith("?")


def mave_thread(document: Any, label: str) -> MaveThread | None:
    """The conversation, when one of its messages begins with the label's first line."""
    if not isinstance(document, Mapping):
        return None
    messages = list(_rows(document.get("messages")))
    first = marker(label)
    asked = [number for number, told in enumerate(messages) if told.get("role") == "user"]
    mine = [n for n in asked if long_text(messages[n].get("content")).startswith(first)]
    if not mine or not clean(document.get("id"), KEY):
        return None
    thread = clean(document.get("id"), KEY)
    after = (m for m in messages[mine[-1] + 1 :] if m.get("role") == "assistant")
    spoken = next(after, {})
    said = mave_answer({"sources": document.get("sources"), **spoken, "thread_id": thread})
    cost = credits_of(document) if len(asked) == 1 else None
    return MaveThread(thread, clean(document.get("title"), NAME), cost, said, document)


def focus_group(document: Any) -> FocusGroup | None:
    """The focus group, or None when it has no id."""
    if not isinstance(document, Mapping) or not clean(document.get("id"), KEY):
        return None
    results = document.get("results") or document.get("result") or {}
    inner = results if isinstance(results, Mapping) else {"questions": results}
    rows = inner.get("questions") or inner.get("responses") or document.get("questions_results")
    summary = inner.get("summary") or inner.get("analysis") or document.get("summary")
    return FocusGroup(
        group_id=clean(document.get("id"), KEY),
        label=clean(document.get("name") or document.get("label"), NAME),
        state=state(document.get("status")),
        error=clean(document.get("error"), WORDS),
        summary=long_text(summary),
        findings=tuple(map(_finding, _rows(rows))),
        credits=credits_of(document),
        raw=document,
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    figures = next(
        (
            row[key]
            for key in ("aggregate", "aggregates", "summary", "stats")
            if _is_object(row, key)
        ),
        row,
    )
    score = next(
        (n for n in map(finite, map(figures.get, ("mean", "average", "score"))) if n), None
    )
    shares = figures.get("distribution")
    voices = tuple(
        (
            clean(voice.get("persona_name") or voice.get("persona"), NAME),
            clean(_first(voice, "reasoning", "answer", "response", "text"), WORDS),
        )
        for voice in _rows(row.get("responses") or row.get("answers"))
    )
    return Finding(
        question=clean(_first(row, "text", "question", "title"), WORDS),
        score=score,
        shares=tuple(_numbers(shares)),
        voices=voices,
    )


def _numbers(shares: Any) -> Iterator[tuple[str, float]]:
    for name, value in shares.items() if isinstance(shares, Mapping) else ():
        number = finite(value)
        if number is not None:
            yield clean(name, WORDS), number


def _is_object(row: Mapping[str, Any], key: str) -> bool:
    return isinstance(row.get(key), Mapping)


def _first(row: Mapping[str, Any], *keys: str) -> Any:
    return next((row[key] for key in keys if row.get(key)), None)


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in what should be a list of them."""
    return (row for row in (value if isinstance(value, list) else ()) if isinstance(row, Mapping))
