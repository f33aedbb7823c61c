"""What Wistia's webhook posts: one or several events in a signed body.

https://docs.wistia.com/docs/webhooks
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from marshmallow import post_load

from .fields import Email, Moment, Tolerant, VendorSchema, Within, finite
from .wistia_schema import Key

PLAY: Final = "viewing_session.play"
PERCENT_WATCHED: Final = "viewing_session.percent_watched"
TURNSTILE: Final = "viewing_session.turnstile.converted"
CONVERSIONS: Final = frozenset(
    {
        TURNSTILE,
        "viewing_session.call_to_action.converted",
        "viewing_session.annotation.converted",
    }
)
MEDIA: Final = frozenset(
    {
        "media.created",
        "media.processing",
        "media.ready",
        "media.failed",
        "media.updated",
        "media.deleted",
        "media.transcript_updated",
        "media.transcript_failed",
        "media.translation_created",
        "media.localization_created",
        "media.localization_failed",
    }
)
KINDS: Final = frozenset({PLAY, PERCENT_WATCHED, "live_event.registration"}) | CONVERSIONS | MEDIA
"""The types that Wistia documents. There may be more."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event; "" and None stand for what it does not tell.

    ``fraction`` is 0–1, ``email`` what was left in a Turnstile, as it came. ``generated_at`` is
    aware UTC.
    """

    uuid: str
    kind: str
    event_key: str
    visitor_key: str
    media_id: str
    fraction: float | None
    email: str = field(repr=False)
    generated_at: datetime | None


class _Watched(Tolerant["float | None"]):
    """0–1. Wistia's sample says 25, others saw 0.75: what is above 1 is taken for percent."""

    def read(self, value: Any) -> float | None:
        number = finite(value)
        if number is None or number < 0:
            return None
        return min(number / 100 if number > 1 else number, 1.0)


class _Inside(Tolerant[str]):
    """The ``id`` of an object within the payload. Never cut: two views would become one."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(load_only=True, **kwargs)
        self._name = name

    def read(self, value: Any) -> str:
        inner = value.get(self._name) if isinstance(value, Mapping) else None
        found = inner.get("id") if isinstance(inner, Mapping) else None
        return found if isinstance(found, str) and Key.fits(found) else ""


class _EventSchema(VendorSchema[WebhookEvent]):
    uuid = Key(required=True)
    kind = Key(required=True, data_key="type")
    event_key = _Inside("viewing_session", data_key="payload")
    visitor_key = _Inside("visitor", data_key="payload")
    media_id = _Inside("media", data_key="payload")
    fraction = Within(_Watched(), "percent_watched", data_key="payload")
    email = Within(Email(), "email", data_key="payload")
    generated_at = Moment()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> WebhookEvent:
        return WebhookEvent(**data)


_EVENT: Final = _EventSchema()


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether ``signature`` is that of the raw ``body`` under ``secret``.

    It is compared in a time that tells nothing of what was expected.
    """
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode())


def load_delivery(body: bytes) -> tuple[list[WebhookEvent], int]:
    """The events in a body, and how many of them cannot be read (1 for a body that is none)."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return [], 1
    rows = document.get("events") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return [], 1
    events = _EVENT.several(rows)
    return events, len(rows) - len(events)
