"""Lets in what Upsales sends, and nothing else: each request proves itself by the app's key.

No signature and no list of addresses is known.
https://support.upsales.com/hc/en-us/articles/360001705067-Request-body
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import current_app, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, Unauthorized

from ..config import Config
from . import hook_request
from .hook_request import BadBody, HookRequest
from .security import services


def admit() -> HookRequest:
    """The present request, if it is from Upsales and can be read.

    Raises RequestEntityTooLarge above 1 MiB, BadRequest for a body that is no request of
    Upsales' or names an address that is not Upsales', Unauthorized for a forged one.
    """
    try:
        loaded = hook_request.load(proved_body())
    except BadBody as error:
        raise BadRequest(str(error)) from None
    if loaded.callback_url and not services().config.trusts(loaded.callback_url):
        raise BadRequest("The callbackUrl is not an address of Upsales.")
    return loaded


def proved_body() -> dict[str, Any]:
    """The present request's JSON object, with the app's key in it. Raises as ``admit`` does."""
    try:
        document = hook_request.read_json(posted())
    except BadBody as error:
        raise BadRequest(str(error)) from None
    if not is_genuine(document, services().config):
        raise Unauthorized
    return document


def posted() -> bytes:
    """What was posted. A body that is sent in chunks tells its size only by being read.

    Raises RequestEntityTooLarge above 1 MiB, BadRequest for one that breaks off.
    """
    most = current_app.config["MAX_CONTENT_LENGTH"]
    request.max_content_length = most + 1
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise
    except (HTTPException, OSError, ParseException):
        raise BadRequest("The body broke off.") from None
    if len(raw) > most:
        raise RequestEntityTooLarge
    return raw


def is_genuine(document: Mapping[str, Any], config: Config) -> bool:
    """Whether a body carries the app's number and its key, or the key before it.

    Every comparison is always made, each in a time that tells nothing of what was expected.
    """
    key, app_id = document.get("authenticationKey"), document.get("appId")
    is_text, is_number = isinstance(key, str), type(app_id) is int
    found = [
        _is_same(key if is_text else "", config.upsales_app_key),
        _is_same(key if is_text else "", config.upsales_app_key_previous),
    ]
    wanted = None if config.upsales_app_id is None else str(config.upsales_app_id)
    for_us = _is_same(str(app_id) if is_number else "", wanted)
    return any(found) and for_us


def _is_same(given: Any, wanted: str | None) -> bool:
    same = hmac.compare_digest(_digest(str(given)), _digest(wanted or ""))
    return same and bool(wanted)


def _digest(text: str) -> bytes:
    # Of equal length whatever the text; half a character is none that a key could have.
    return sha256(text.encode("utf-8", "replace")).digest()
