"""How Mavera is spoken with, where its own pages disagree. The defaults are its API reference's.

https://docs.mavera.io/api-reference/introduction
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, cast

QuestionKind = Literal["open", "choice", "rating", "yes_no"]

_FOCUS_GROUP: Final[Mapping[str, Any]] = {
    "name": "$label",
    "workspace_id": "$workspace_id",
    "persona_ids": "$persona_ids",
    "sample_size": "$sample_size",
    "questions": "$questions",
}
_QUESTION: Final[Mapping[str, Any]] = {"type": "$type", "text": "$text", "options": "$options"}
_TYPES: Final[Mapping[str, str]] = {
    "open": "open_ended",
    "choice": "multiple_choice",
    "rating": "rating",
    "yes_no": "yes_no",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Paths, words and bodies. A value that is ``$name`` in a body stands for what we put in.

    The body of a focus group is on no page that can be read: ``focus_group`` (with ``$label
    $workspace_id $persona_ids $sample_size $questions``), ``question`` (``$type $text $options``)
    and ``question_types`` are inferred from its siblings. ``chat`` is the endpoint that answers
    for a persona: ``chat_completions`` is that of the older pages.
    """

    chat: Literal["responses", "chat_completions"] = "responses"
    model: str = "mavera-1"
    responses: str = "/responses"
    chat_completions: str = "/chat/completions"
    personas: str = "/personas"
    mave_chat: str = "/mave/chat"
    mave_threads: str = "/mave/threads"
    focus_groups: str = "/focus-groups"
    brand_voices: str = "/brand-voices"
    generations: str = "/generations"
    generation_apps: str = "/generation-apps"
    files: str = "/files"
    upload_url: str = "/files/upload-url"
    usage: str = "/usage"
    workspaces: str = "/workspaces"
    focus_group: Mapping[str, Any] = field(default_factory=lambda: _FOCUS_GROUP)
    question: Mapping[str, Any] = field(default_factory=lambda: _QUESTION)
    question_types: Mapping[str, str] = field(default_factory=lambda: _TYPES)

    @classmethod
    def of(cls, changes: Mapping[str, Any]) -> Dialect:
        """The reference's dialect with ``changes``. Raises ValueError for what cannot be one."""
        known = {one.name: one for one in fields(cls)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"Mavera's dialect has no {name}")
            is_text = known[name].type == "str" or name == "chat"
            if not isinstance(value, str if is_text else Mapping):
                raise ValueError(f"{name} must be {'a text' if is_text else 'a JSON object'}")
            if is_text and name not in _WORDS and not str(value).startswith("/"):
                raise ValueError(f"{name} must be a path such as {known[name].default}")
        if changes.get("chat", "responses") not in ("responses", "chat_completions"):
            raise ValueError("chat must be responses or chat_completions")
        return cls(**changes)

    @property
    def chat_path(self) -> str:
        """Where a persona is asked."""
        return self.responses if self.chat == "responses" else self.chat_completions


_WORDS: Final = frozenset({"chat", "model"})

REFERENCE: Final = Dialect()


def filled(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``template`` with its ``$name`` values put in; what is None or "" is left out."""
    put = {key: _put(value, values) for key, value in template.items()}
    return {key: value for key, value in put.items() if value is not None and value != ""}


def _put(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return values.get(value[1:])
    if isinstance(value, Mapping):
        return filled(cast("Mapping[str, Any]", value), values)
    return value
