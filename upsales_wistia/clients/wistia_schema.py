"""What Wistia sends, as the rest of the house knows it.

Facts: https://docs.wistia.com/reference/statsevents (no field of it is promised to be there).
The viewer's address on the net and place on the map are never kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from marshmallow import ValidationError, fields, post_load

from .fields import (
    Email,
    Flag,
    Moment,
    Number,
    Text,
    Tolerant,
    VendorSchema,
    Whole,
    Within,
    finite,
    moment,
)
from .text import KEY, NAME, clean, heatmap_address, page_address
from .text import URL as ADDRESS

WISTIA: Final = "https://api.wistia.com"
LONGEST_VIDEO: Final = 30 * 86_400.0
"""Seconds: a length above it is taken for a mistake."""


class BadRow(ValueError):
    """A row without a usable event key, time or share watched. Its text holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One viewing session. ``received_at`` is aware UTC, ``fraction`` 0–1; "" stands for none.

    ``email`` is whatever e-mail Wistia knows, ``conversion_email`` what the viewer typed in this
    session; ``conversion_type`` is a name or a number as text. ``page`` and ``heatmap_url`` are
    without secrets.
    """

    event_key: str
    visitor_key: str
    received_at: datetime
    fraction: float
    email: str
    conversion_type: str
    conversion_email: str
    first_name: str
    last_name: str
    media_id: str
    media_name: str
    page: str
    heatmap_url: str
    country: str
    device: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that Wistia knows; ``email`` and ``name`` are "" when it knows none."""

    visitor_key: str
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Media:
    """A video; None for what is unknown, ids are the hashed ones.

    ``duration`` is in seconds, at most ``LONGEST_VIDEO``. ``created_at`` (aware UTC) is when it
    was put up: v1 knows no other day of publishing. ``status`` is queued, processing, ready,
    failed or "". Whether it has a password is not told here: ``WistiaClient.is_protected``.
    """

    media_id: str
    name: str
    project_id: str | None
    project_name: str | None
    duration: float | None
    created_at: datetime | None = None
    status: str = ""
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of videos. ``project_id`` is the hashed id."""

    project_id: str
    name: str
    media_count: int


@dataclass(frozen=True, slots=True)
class Account:
    """The account a token belongs to. ``id`` is Wistia's number, 0 when it gave none."""

    id: int
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class TokenScopes:
    """What a token may do. ``kind`` is permanent, expiring or oauth."""

    scopes: tuple[str, ...]
    name: str
    kind: str


class Key(fields.Field[str]):
    """An identity: never cut or cleaned, or two views would become one."""

    @staticmethod
    def fits(value: str) -> bool:
        """Whether ``value`` can be a key."""
        return value != "" and clean(value, KEY) == value

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not self.fits(value):
            raise ValidationError("not a key")
        return value


class _Time(fields.Field[datetime]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        read = moment(value)
        if read is None:
            raise ValidationError("not a time")
        return read


class _Fraction(fields.Field[float]):
    """0–1. What is no number is not 0: a view would be dropped as hardly watched."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> float:
        number = finite(value)
        if number is None:
            raise ValidationError("not a number")
        return min(max(number, 0.0), 1.0)


class _Page(Tolerant[str]):
    def read(self, value: Any) -> str:
        return page_address(value)


class _Device(Tolerant[str]):
    """A short text such as ``Chrome 141, iOS (iPhone)``."""

    def read(self, value: Any) -> str:
        if not isinstance(value, Mapping):
            return ""
        browser, version = clean(value.get("browser"), 60), clean(value.get("browser_version"), 20)
        if browser.lower().startswith("unknown"):
            browser = ""
        elif version not in {"", "0"}:
            browser = f"{browser} {version}"
        return ", ".join(part for part in (browser, clean(value.get("platform"), 60)) if part)


class _EventSchema(VendorSchema[dict[str, Any]]):
    event_key = Key(required=True)
    received_at = _Time(required=True)
    visitor_key = Text(KEY)
    fraction = _Fraction(required=True, data_key="percent_viewed")
    email = Email()
    conversion_type = Text(KEY)
    conversion_email = Within(Email(), "email", data_key="conversion_data")
    first_name = Within(Text(KEY), "first_name", data_key="conversion_data")
    last_name = Within(Text(KEY), "last_name", data_key="conversion_data")
    media_id = Text(KEY)
    media_name = Text(NAME)
    page = _Page(data_key="embed_url")
    heatmap_url = Text(ADDRESS, data_key="iframe_heatmap_url")
    country = Text(KEY)
    device = _Device(data_key="user_agent_details")


class _VisitorSchema(VendorSchema[Visitor]):
    visitor_key = Key(required=True)
    email = Within(Email(), "email", data_key="visitor_identity")
    name = Within(Text(NAME), "name", data_key="visitor_identity")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Visitor:
        return Visitor(**data)


class _MediaSchema(VendorSchema[Media]):
    """The parent's hashed id is spelt in two ways: the description's and the real answers'."""

    media_id = Key(required=True, data_key="hashed_id")
    name = Text(NAME)
    project_id = Within(Text(KEY), "hashed_id", "hashedId", data_key="project")
    project_name = Within(Text(NAME), "name", data_key="project")
    duration = Number()
    created_at = Moment(data_key="created")
    status = Text(KEY)
    archived = Flag(default=False)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Media:
        data["project_id"] = data["project_id"] or None
        data["project_name"] = data["project_name"] or None
        if data["duration"] is not None and not 0 <= data["duration"] <= LONGEST_VIDEO:
            data["duration"] = None
        return Media(**data)


class _ProjectSchema(VendorSchema[Project]):
    project_id = Key(required=True, data_key="hashedId")
    name = Text(NAME)
    media_count = Whole(data_key="mediaCount")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Project:
        return Project(**data | {"media_count": data["media_count"] or 0})


class _AccountSchema(VendorSchema[Account]):
    id = Whole()
    name = Text(NAME)
    url = Text(ADDRESS)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Account:
        return Account(**data | {"id": data["id"] or 0})


class _Scopes(Tolerant[tuple[str, ...]]):
    def read(self, value: Any) -> tuple[str, ...]:
        scopes = value if isinstance(value, list) else ()
        return tuple(scope for scope in (clean(one, KEY) for one in scopes) if scope)


class _TokenSchema(VendorSchema[TokenScopes]):
    scopes = _Scopes()
    name = Text(NAME)
    kind = Text(KEY, data_key="type")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> TokenScopes:
        return TokenScopes(**data)


_EVENT: Final = _EventSchema()
VISITOR: Final = _VisitorSchema()
MEDIA: Final = _MediaSchema()
PROJECT: Final = _ProjectSchema()
ACCOUNT: Final = _AccountSchema()
TOKEN: Final = _TokenSchema()

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, check_circular=False, separators=(",", ":"))


def load_event(row: Mapping[str, Any], *, origin: str = WISTIA) -> Event:
    """The view in a row of ``/stats/events``.

    Raises BadRow without a usable event key, time or share watched. ``origin`` is the configured
    address of Wistia: a heat map is kept when it lives there or at Wistia's own hosts.
    """
    try:
        data: Any = _EVENT.load(row)
    except ValidationError as error:
        fault = ", ".join(sorted(map(str, error.messages_dict)))
        raise BadRow(f"a view without a usable {fault}") from None
    data["heatmap_url"] = heatmap_address(data["heatmap_url"], origin)
    return Event(**data)


def event_key(row: Mapping[str, Any]) -> str:
    """The raw row's event key where it can be one, else ""; before any schema."""
    value = row.get("event_key")
    return value if isinstance(value, str) and clean(value, KEY) == value else ""


def fingerprint(row: Mapping[str, Any]) -> str:
    """32 hexadecimal digits for the raw content of a row; the order of its keys is no matter."""
    try:
        # Every row of every poll comes through here: four times as fast as the standard library.
        content = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # half a character, or a number of more than 64 bits
        content = _CANONICAL.encode(row).encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()
