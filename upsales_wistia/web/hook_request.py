"""A request of Upsales' as the rest of the house sees it, and how its body is read.

https://support.upsales.com/hc/en-us/articles/360001705067-Request-body
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

DEEPEST = 50
"""How deep a body may be nested. Upsales' own are not deeper than a handful."""

LONGEST_LINE = 200
_LARGEST = 2**63 - 1


class BadBody(ValueError):
    """A body that is no request of Upsales'. Its text is a sentence with nothing of the body."""


@dataclass(frozen=True, slots=True)
class HookUser:
    """Who sat at Upsales. ``admin`` is true only when the request says so."""

    id: int
    name: str
    admin: bool


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request whose sender has proved to be Upsales. "" and {} stand for what was not sent.

    ``config`` is None when the request carries none; ``sent_at`` (aware UTC) when its date is
    not told or cannot be read. What may hold a secret or a person is left out of the text form.
    """

    customer_id: int
    customer_name: str = field(repr=False)
    config: Mapping[str, Any] | None = field(repr=False)
    version: str
    api_key: str = field(repr=False)
    callback_url: str = field(repr=False)
    user: HookUser | None = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    app_data: Mapping[str, Any] = field(repr=False)
    sent_at: datetime | None


def read_json(raw: bytes) -> dict[str, Any]:
    """The JSON object in ``raw``.

    Raises BadBody for anything else: a name that stands twice means two things, a nesting
    without end means none.
    """
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        raise BadBody("The body must be a JSON object that names each thing once.") from None
    if not isinstance(document, dict):
        raise BadBody("The body must be a JSON object.")
    if _is_deep(document):
        raise BadBody("The body is nested too deep.")
    cleaned: dict[str, Any] = _clean(document)
    return cleaned


def _clean(value: Any) -> Any:
    """``value`` without halves of characters and NULs, which no database takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, dict):
        return {_clean(name): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value


def load(document: Mapping[str, Any]) -> HookRequest:
    """The request in a body. Raises BadBody, naming what is wrong, never its value."""
    try:
        loaded: HookRequest = _SCHEMA.load(document)
    except ValidationError as error:
        wrong = ", ".join(sorted(map(str, error.messages_dict)))
        raise BadBody(f"This cannot be read: {wrong}.") from None
    return loaded


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = {_clean(name): value for name, value in pairs}
    if len(document) < len(pairs):
        raise ValueError("a name stands twice")
    return document


def _refuse_constant(_: str) -> Any:
    raise ValueError("no number of JSON")


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in inner if isinstance(one, dict | list)]


class _Number(fields.Field[int]):
    """A number of Upsales': whole, above 0, and one that a database can hold."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if type(value) is not int or not 0 < value <= _LARGEST:
            raise ValidationError("not a number of Upsales'")
        return value


class _Line(fields.Field[str]):
    """One line of text without control characters, cut; anything else is ""."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            return ""
        kept = "".join(char for char in value[: 4 * LONGEST_LINE] if char.isprintable())
        return kept.strip()[:LONGEST_LINE]


class _Secret(fields.Field[str]):
    """Text that can stand in a header; "" for nothing."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value.isascii():
            raise ValidationError("not a key")
        return value.strip()


class _Object(fields.Field[dict[str, Any]]):
    """An object; what was never saved may come as an empty text or list."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if value in ("", []):
            return {}
        if not isinstance(value, dict):
            raise ValidationError("not an object")
        return value


class _Config(_Object):
    """A config, which the API elsewhere sends as JSON text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if isinstance(value, str) and value.strip():
            try:
                return read_json(value.encode("utf-8", "replace"))
            except BadBody:
                raise ValidationError("not an object") from None
        return super()._deserialize(value)


class _Moment(fields.Field[datetime | None]):
    """A moment in ISO 8601, in UTC where it names no zone; its format is not documented."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (TypeError, ValueError, OverflowError):
            return None


class _Tolerant(Schema):
    class Meta:
        unknown = EXCLUDE


class _CustomerSchema(_Tolerant):
    id = _Number(required=True)
    name = _Line(load_default="", allow_none=True)


class _UserSchema(_Tolerant):
    id = _Number(required=True)
    name = _Line(load_default="", allow_none=True)
    administrator = fields.Raw(load_default=False, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> HookUser:
        return HookUser(data["id"], data["name"] or "", data["administrator"] is True)


class _RequestSchema(_Tolerant):
    customer = fields.Nested(_CustomerSchema, required=True)
    config = _Config(load_default=None, allow_none=True)
    version = _Line(load_default="", allow_none=True)
    api_key = _Secret(data_key="apiKey", load_default="", allow_none=True)
    callback_url = fields.String(data_key="callbackUrl", load_default="", allow_none=True)
    user = fields.Nested(_UserSchema, load_default=None, allow_none=True)
    data = _Object(load_default=dict, allow_none=True)
    app_data = _Object(data_key="appData", load_default=dict, allow_none=True)
    sent_at = _Moment(data_key="date", load_default=None, allow_none=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> HookRequest:
        customer = data["customer"]
        return HookRequest(
            customer_id=customer["id"],
            customer_name=customer["name"] or "",
            config=data["config"],
            version=data["version"] or "",
            api_key=data["api_key"] or "",
            callback_url=(data["callback_url"] or "").strip(),
            user=data["user"],
            data=data["data"] or {},
            app_data=data["app_data"] or {},
            sent_at=data["sent_at"],
        )


_SCHEMA = _RequestSchema()
