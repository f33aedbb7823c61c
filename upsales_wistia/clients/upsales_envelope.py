"""The envelope around Upsales' answers, and what is wrong with one that does not fit."""

from __future__ import annotations

from typing import Any, TypeVar

from ..errors import CredentialRefused, VendorError
from .answers import Answer, unclear
from .fields import VendorSchema

T = TypeVar("T")


def refused(answer: Answer | None) -> CredentialRefused:
    """The key is refused; ``answer`` is None when it could not even be sent."""
    return CredentialRefused(
        "Upsales refuses the app's key. Open the app in Upsales and save its settings once; that "
        "renews the key. Where you run the app yourself, give the new key with: upsales-wistia "
        "customers add. Nothing is lost.",
        vendor="upsales",
        code="upsales_key_refused",
        answer=answer.words if answer else "",
        request_id=answer.request_id if answer else "",
    )


def ignored(answer: Answer) -> VendorError:
    """A filter was ignored, so what came is not what was asked for."""
    return VendorError(
        "Upsales does not search as it was asked to.",
        vendor="upsales",
        status=answer.status,
        request_id=answer.request_id,
        code="upsales_away",
    )


def envelope_data(answer: Answer) -> Any:
    """What the envelope holds. Raises Unclear when it is none, or holds an error, even on 200."""
    try:
        envelope = answer.json()
    except ValueError:
        envelope = None
    fine = isinstance(envelope, dict) and ("error" in envelope or "errors" in envelope)
    if not fine or (envelope.get("error"), envelope.get("errors")) != (None, None):
        raise unclear(answer, "upsales")
    return envelope.get("data")


def row_list(answer: Answer) -> list[Any]:
    """The rows of a list. Raises Unclear when there are none to be read."""
    listed = envelope_data(answer)
    if not isinstance(listed, list):
        raise unclear(answer, "upsales")
    return listed


def single(answer: Answer, schema: VendorSchema[T]) -> T:
    """What a single answer says. Raises Unclear when it lacks what it is known by."""
    loaded = schema.one(envelope_data(answer))
    if loaded is None:
        raise unclear(answer, "upsales")
    return loaded
