"""Every way a request can fail, as one kind page each."""

from __future__ import annotations

import uuid

from flask import Flask, current_app, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, Gone, HTTPException

from .. import clock, logs
from ..errors import DeploymentError
from . import texts

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]

log = logs.get(__name__)


class LinkExpired(Forbidden):
    """A signed link that is too old, altered, or another customer's."""


class SignedOut(Forbidden):
    """No session, or one that is over."""


class Erased(Gone):
    """The old address of something of a person who was erased."""


class MayNotChange(Forbidden):
    """A session that may look and run wants to change something."""


def init_app(app: Flask) -> None:
    """Answer every error with its page."""
    app.register_error_handler(LinkExpired, lambda _: _page(403, texts.LINK_EXPIRED))
    app.register_error_handler(SignedOut, lambda _: _page(403, texts.SIGNED_OUT))
    app.register_error_handler(MayNotChange, lambda _: _page(403, texts.REFUSED_CHANGE))
    app.register_error_handler(Erased, lambda _: _page(410, texts.ERASED))
    app.register_error_handler(CSRFError, lambda _: _page(400, texts.STALE_FORM))
    app.register_error_handler(DeploymentError, _away)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _broken)


def _page(status: int, words: texts.ErrorWords, **shown: object) -> Answer:
    return render_template("error.html", words=words, **shown), status


def _refused(error: HTTPException) -> Answer:
    status = error.code or 500
    if status >= 500:
        return _broken(error)
    if status != 429:
        words = texts.ERRORS.get(status, texts.NOT_UNDERSTOOD)
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
        onward = _all_views() if status == 404 else ""
        page = _page(status, words, onward=onward, onward_says=texts.SEARCH_ALL)
        return (*page[:2], headers)
    wait = getattr(error, "retry_after", None) or 60
    text, _ = _page(429, texts.too_many(wait))[:2]
    return text, 429, {"Retry-After": str(wait)}


def _away(error: DeploymentError) -> Answer:
    log.error("away", cause=error.sentence)
    looks = request.method in ("GET", "HEAD")  # What was sent is not sent again by itself.
    words = texts.AWAY if looks else texts.AWAY_FOR_NOW
    text, _ = _page(503, words, again=30 if looks else 0)[:2]
    return text, 503, {"Retry-After": "30"}


def _all_views() -> str:
    """The views of the customer that the session is for; "" without a session."""
    customer_id = session.get("customer")
    over = session.get("until", 0.0) <= clock.epoch()
    if over or "views.page" not in current_app.view_functions:
        return ""
    return url_for("views.page", customer_id=customer_id)


def _broken(error: Exception) -> Answer:
    number = uuid.uuid4().hex[:12]
    log.error("broke", number=number, exc_info=error)
    return _page(500, texts.broken(number))
