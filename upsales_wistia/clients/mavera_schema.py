"""What Mavera sends, as the rest of the house knows it. All text in it is hostile.

Field names: https://docs.mavera.io/api-reference. Guides and older copies of the pages spell some
otherwise; both are read. ``raw`` is always the JSON as it came, to be kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from marshmallow import ValidationError, fields, post_load, pre_load

from .fields import Flag, Number, Text, Tolerant, VendorSchema, Within, finite
from .text import KEY, NAME, clean

State = Literal["running", "done", "failed"]

WORDS: Final = 2_000
ADDRESS: Final = 2_000
_DONE: Final = frozenset({"completed", "complete", "ready", "done", "succeeded"})
_FAILED: Final = frozenset({"failed", "error", "cancelled", "canceled"})


@dataclass(frozen=True, slots=True)
class Usage:
    """The credits of the key's account in this billing period; None for what is not told.

    ``auto_recharge`` means that more credits are bought, not refused, when they run out.
    """

    used: float | None
    included: float | None
    remaining: float | None
    usage_limit: float | None
    requests_per_minute: float | None
    auto_recharge: bool
    raw: Any = field(repr=False)

    @property
    def left(self) -> float | None:
        """Credits that may still be spent, at least 0; None when that is not told."""
        told = [] if self.remaining is None else [self.remaining]
        if self.usage_limit is not None and self.used is not None:
            told.append(self.usage_limit - self.used)
        return max(0.0, min(told)) if told else None


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace of the account."""

    workspace_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Persona:
    """A synthetic persona. ``credits`` is what making it cost, None for a listed one."""

    persona_id: str
    name: str
    category: str
    description: str
    is_custom: bool
    is_expert: bool
    credits: float | None
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class BrandVoice:
    """A voice made of uploaded texts. ``error`` says why it failed, "" otherwise.

    ``preferred`` and ``avoided`` are words, ``examples`` phrases in the voice.
    """

    voice_id: str
    label: str
    state: State
    error: str
    summary: str
    adjectives: tuple[str, ...]
    dos: tuple[str, ...]
    donts: tuple[str, ...]
    sentence_structure: str
    jargon: str
    preferred: tuple[str, ...]
    avoided: tuple[str, ...]
    examples: tuple[str, ...]
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file at Mavera. ``url`` is public: whoever has it can read the file. ``size`` in bytes."""

    file_id: str
    name: str
    url: str
    file_type: str
    size: int
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class GenerationApp:
    """An app that writes; ``fields`` are the names that its input takes."""

    app_id: str
    name: str
    category: str
    description: str
    fields: tuple[str, ...]
    raw: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Generation:
    """A text that was written; ``output`` is "" while the app still writes."""

    generation_id: str
    title: str
    output: str
    state: State
    credits: float | None
    raw: Any = field(repr=False)


def state(value: object) -> State:
    """What a status word says; pages spell and capitalise them in several ways."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return "done" if word in _DONE else "failed" if word in _FAILED else "running"


def credits_of(document: Any) -> float | None:
    """What an answer says it cost, None when it does not."""
    if not isinstance(document, Mapping):
        return None
    usage = document.get("usage")
    told = [usage.get("credits_used")] if isinstance(usage, Mapping) else []
    told += [document.get("credits_charged"), document.get("credits_used")]
    return next((number for number in map(finite, told) if number is not None), None)


def listed(document: Any, name: str) -> list[Any] | None:
    """The rows of a list: bare, under ``data`` or under their own name; None when it is no list."""
    if isinstance(document, Mapping):
        document = document.get("data", document.get(name))
    return document if isinstance(document, list) else None


class Identity(fields.Field[str]):
    """What something is known by at Mavera: never cut or cleaned."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value or clean(value, KEY) != value:
            raise ValidationError("not an id")
        return value


class Texts(Tolerant[tuple[str, ...]]):
    """A list of texts, at most 100; of objects their ``keys`` are tried in turn."""

    def __init__(self, *keys: str, limit: int = WORDS, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keys = keys
        self._limit = limit

    def read(self, value: Any) -> tuple[str, ...]:
        """The texts that are any."""
        rows = value[:100] if isinstance(value, list) else [value] if value else []
        texts = (clean(self._text(row), self._limit) for row in rows)
        return tuple(text for text in texts if text)

    def _text(self, row: Any) -> Any:
        if not isinstance(row, Mapping):
            return row
        return next((row[key] for key in self._keys if row.get(key)), None)


class LongText(Tolerant[str]):
    """Text of any length with its line ends; NUL goes, for no database takes it."""

    def read(self, value: Any) -> str:
        """Return the text, "" for anything else."""
        return long_text(value)


def long_text(value: object) -> str:
    """``value`` as text that can be stored, "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class _State(Tolerant[State]):
    def read(self, value: Any) -> State:
        return state(value)


class _Fields(Tolerant[tuple[str, ...]]):
    """The names of an app's input, from a list, a list of objects, or a JSON Schema."""

    def read(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, Mapping):
            properties = value.get("properties", value)
            return tuple(clean(name, KEY) for name in properties) if properties else ()
        return Texts("name", "key", "id", limit=KEY).read(value)


class _UsageSchema(VendorSchema[Usage]):
    used = Within(Number(), "used", data_key="credits")
    included = Within(Number(), "included", data_key="credits_included")
    remaining = Within(Number(), "remaining", data_key="credits_remaining")
    usage_limit = Within(Number(), "usage_limit", data_key="limits")
    requests_per_minute = Within(Number(), "requests_per_minute", data_key="rate_limit")
    auto_recharge = Within(Flag(default=False), "enabled")

    @pre_load
    def _apart(self, row: Any, **_: Any) -> Any:
        # One object feeds three fields, and each needs a key of its own to be read from.
        credits = row.get("credits") if isinstance(row, Mapping) else None
        if not isinstance(credits, Mapping):
            raise ValidationError("no credits")
        return {**row, "credits_included": credits, "credits_remaining": credits}

    @post_load(pass_original=True)
    def _make(self, data: dict[str, Any], raw: Any, **_: Any) -> Usage:
        return Usage(**data, raw=raw)


class _WorkspaceSchema(VendorSchema[Workspace]):
    workspace_id = Identity(required=True, data_key="id")
    name = Text(NAME)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Workspace:
        return Workspace(**data)


class _PersonaSchema(VendorSchema[Persona]):
    persona_id = Identity(required=True, data_key="id")
    name = Text(NAME)
    category = Text(KEY)
    description = Text(WORDS)
    is_custom = Flag(default=False)
    is_expert = Flag(default=False)
    credits = Number(data_key="credits_charged")

    @post_load(pass_original=True)
    def _make(self, data: dict[str, Any], raw: Any, **_: Any) -> Persona:
        return Persona(**data, raw=raw)


class _VoiceSchema(VendorSchema[BrandVoice]):
    """Nested as the reference has it; the flat names are those of an older summary."""

    voice_id = Identity(required=True, data_key="id")
    label = Text(NAME)
    state = _State(data_key="status")
    error = Text(WORDS)
    summary = LongText(data_key="voice_summary")
    adjectives = Texts(data_key="tone_adjectives")
    dos = Texts(data_key="tone_dos")
    donts = Texts(data_key="tone_donts")
    sentence_structure = Text(WORDS)
    jargon = Text(WORDS, data_key="jargon_usage")
    preferred = Texts(data_key="preferred_terms")
    avoided = Texts(data_key="avoid_terms")
    examples = Texts("example", "text", data_key="example_phrases")

    @pre_load
    def _flatten(self, row: Any, **_: Any) -> Any:
        if not isinstance(row, Mapping):
            return row
        flat = dict(row)
        for group, prefix in (("tone", "tone_"), ("writing_style", ""), ("vocabulary", "")):
            inner = row.get(group)
            if isinstance(inner, Mapping):
                flat |= {f"{prefix}{key}": value for key, value in inner.items()}
        return flat

    @post_load(pass_original=True)
    def _make(self, data: dict[str, Any], raw: Any, **_: Any) -> BrandVoice:
        return BrandVoice(**data, raw=raw)


class _FileSchema(VendorSchema[UploadedFile]):
    file_id = Identity(required=True, data_key="id")
    name = Text(NAME)
    url = Text(ADDRESS)
    file_type = Text(KEY, data_key="type")
    size = Number()

    @post_load(pass_original=True)
    def _make(self, data: dict[str, Any], raw: Any, **_: Any) -> UploadedFile:
        return UploadedFile(**data | {"size": int(data["size"] or 0)}, raw=raw)


class _AppSchema(VendorSchema[GenerationApp]):
    app_id = Identity(required=True, data_key="id")
    name = Text(NAME)
    category = Text(KEY)
    description = Text(WORDS)
    fields_ = _Fields(data_key="input_fields")

    @pre_load
    def _either(self, row: Any, **_: Any) -> Any:
        if not isinstance(row, Mapping):
            return row
        named = ("input_fields", "input_schema", "input_data")
        return {**row, "input_fields": next((row[key] for key in named if row.get(key)), None)}

    @post_load(pass_original=True)
    def _make(self, data: dict[str, Any], raw: Any, **_: Any) -> GenerationApp:
        return GenerationApp(fields=data.pop("fields_"), **data, raw=raw)


class _GenerationSchema(VendorSchema[Generation]):
    generation_id = Identity(required=True, data_key="id")
    title = Text(NAME)
    output = LongText()
    state = _State(data_key="status")

    @pre_load
    def _either(self, row: Any, **_: Any) -> Any:
        if not isinstance(row, Mapping):
            return row
        named = (long_text(row.get(key)) for key in ("output", "content", "markdown"))
        return {**row, "output": next((text for text in named if text.strip()), "")}

    @post_load(pass_original=True)
    def _make(self, data: dict[str, Any], raw: Any, **_: Any) -> Generation:
        if data["output"]:
            data["state"] = "done"  # the reference has no status: what is written is done
        return Generation(**data, credits=credits_of(raw), raw=raw)


USAGE: Final = _UsageSchema()
WORKSPACE: Final = _WorkspaceSchema()
PERSONA: Final = _PersonaSchema()
BRAND_VOICE: Final = _VoiceSchema()
FILE: Final = _FileSchema()
APP: Final = _AppSchema()
GENERATION: Final = _GenerationSchema()
