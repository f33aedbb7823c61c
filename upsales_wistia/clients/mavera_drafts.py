"""What Mavera is asked for money: each draft is a body that can be looked at before it leaves.

``label`` is ours, opaque, and alone among everything ever sent: after a call without an answer
it is what the work is found again by. It stands in the name, label or title of what is made, and
in the first line of what has none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from .mavera_dialect import Dialect, QuestionKind, filled

MOST_INPUT: Final = 100_000
"""Characters of a prompt: https://docs.mavera.io/api-reference/responses/create-a-response"""

MOST_MESSAGE: Final = 20_000
"""Characters of a message to Mave. No page tells: a limit of ours."""

LONGEST_TITLE: Final = 100
PERSONAS_A_GROUP: Final = 10
QUESTIONS_A_GROUP: Final = 20
SAMPLE: Final = (10, 50)


@dataclass(frozen=True, slots=True)
class ResponseDraft:
    """A question to one persona that is answered in JSON. 1 to 5 credits.

    ``schema`` is a JSON Schema of an object; ``schema_name`` has letters, digits, _ and -.
    """

    label: str
    persona_id: str
    prompt: str
    schema_name: str
    schema: Mapping[str, Any] = field(repr=False)
    instructions: str = ""

    def document(self, dialect: Dialect, workspace_id: str = "") -> dict[str, Any]:
        """The body of the call. Raises ValueError for a prompt over ``MOST_INPUT`` characters."""
        del workspace_id  # not seen on this endpoint
        prompt = _marked(self.label, self.prompt, MOST_INPUT)
        shape = {"name": self.schema_name, "schema": dict(self.schema), "strict": True}
        body = {"model": dialect.model, "persona_id": self.persona_id, "stream": False}
        if dialect.chat == "chat_completions":
            messages = [{"role": "system", "content": self.instructions}, _user(prompt)]
            format_ = {"type": "json_schema", "json_schema": shape}
            kept = messages if self.instructions else messages[1:]
            return {**body, "messages": kept, "response_format": format_}
        body |= {"instructions": self.instructions} if self.instructions else {}
        return {**body, "input": prompt, "text": {"format": {"type": "json_schema", **shape}}}


@dataclass(frozen=True, slots=True)
class MaveDraft:
    """A message to the Mave agent; with ``thread_id`` it goes on with a conversation.

    10 to 75 credits. Ask in it for a JSON block, for Mave's answers have no schema.
    """

    label: str
    message: str
    thread_id: str = ""

    def document(self, dialect: Dialect, workspace_id: str = "") -> dict[str, Any]:
        """The body. Raises ValueError for a message over ``MOST_MESSAGE`` characters."""
        del dialect
        told = {"thread_id": self.thread_id, "workspace_id": workspace_id}
        message = _marked(self.label, self.message, MOST_MESSAGE)
        return {"message": message, "stream": False, **{k: v for k, v in told.items() if v}}


@dataclass(frozen=True, slots=True)
class PersonaDraft:
    """A custom persona, from a name and a description alone. 300 credits.

    ``label`` is its name (2 to 100 characters): Mavera may refuse a second one of that name.
    """

    label: str
    description: str
    kind: Literal["B2B", "B2C"] = "B2B"

    def document(self, dialect: Dialect, workspace_id: str = "") -> dict[str, Any]:
        """The body of the call."""
        del dialect, workspace_id
        told = {"name": _title(self.label), "description": self.description}
        return {"pipeline_type": "north_star", "type": self.kind, **told}


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a focus group; ``options`` belong to a choice."""

    text: str
    kind: QuestionKind = "open"
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FocusGroupDraft:
    """Personas who answer questions. 50 to 200 credits, more for samples over 50.

    At most 10 personas and 20 questions are sent, and a ``sample_size`` of 10 to 50.
    """

    label: str
    persona_ids: Sequence[str]
    questions: Sequence[Question]
    sample_size: int = 10

    def document(self, dialect: Dialect, workspace_id: str = "") -> dict[str, Any]:
        """The body, by the dialect's templates."""
        asked = [
            filled(
                dialect.question,
                {
                    "type": dialect.question_types.get(one.kind, one.kind),
                    "text": one.text,
                    "options": list(one.options) or None,
                },
            )
            for one in self.questions[:QUESTIONS_A_GROUP]
        ]
        values = {
            "label": _title(self.label),
            "workspace_id": workspace_id,
            "persona_ids": list(self.persona_ids[:PERSONAS_A_GROUP]),
            "sample_size": min(max(self.sample_size, SAMPLE[0]), SAMPLE[1]),
            "questions": asked,
        }
        return filled(dialect.focus_group, values)


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """An uploaded file as the source of a brand voice. ``size`` is in bytes."""

    name: str
    url: str
    file_type: str
    size: int


@dataclass(frozen=True, slots=True)
class BrandVoiceDraft:
    """A brand voice made of uploaded files. 50 credits, once.

    ``label`` has 2 characters or more, ``usage_context`` 10 or more.
    """

    label: str
    usage_context: str
    documents: Sequence[SourceDocument]

    def document(self, dialect: Dialect, workspace_id: str = "") -> dict[str, Any]:
        """The body of the call."""
        del dialect
        sources = [
            {"name": d.name, "url": d.url, "file_type": d.file_type, "file_size": d.size}
            for d in self.documents
        ]
        body = {"label": _title(self.label), "usage_context": self.usage_context}
        body |= {"workspace_id": workspace_id} if workspace_id else {}
        return {**body, "documents": sources}


@dataclass(frozen=True, slots=True)
class GenerationDraft:
    """A text made by one of Mavera's apps; ``fields`` are keyed by the app's own field names.

    10 to 30 credits. ``label`` becomes the title.
    """

    label: str
    app_id: str
    fields: Mapping[str, Any]
    brand_voice_id: str = ""
    persona_id: str = ""

    def document(self, dialect: Dialect, workspace_id: str = "") -> dict[str, Any]:
        """The body of the call."""
        del dialect
        told = {
            "brand_voice_id": self.brand_voice_id,
            "persona_id": self.persona_id,
            "workspace_id": workspace_id,
        }
        body = {"app_id": self.app_id, "input_data": dict(self.fields), "stream": False}
        return {**body, "title": _title(self.label), **{k: v for k, v in told.items() if v}}


Draft: TypeAlias = (
    ResponseDraft | MaveDraft | PersonaDraft | FocusGroupDraft | BrandVoiceDraft | GenerationDraft
)


def marker(label: str) -> str:
    """The first line of a text that has no title of its own."""
    return f"Reference: {label}"


def _marked(label: str, text: str, most: int) -> str:
    marked = f"{marker(label)}\n\n{text}"
    if len(marked) > most:
        raise ValueError(f"{len(marked)} characters are more than Mavera takes ({most})")
    return marked


def _title(label: str) -> str:
    if not 2 <= len(label) <= LONGEST_TITLE:
        raise ValueError("a label has 2 to 100 characters")
    return label


def _user(content: str) -> dict[str, str]:
    return {"role": "user", "content": content}
