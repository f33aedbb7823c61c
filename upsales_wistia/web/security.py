"""Who may see a page, and what a browser may do with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request, session

from .. import clock
from ..config import Config
from ..links import read_link
from .contract import Services
from .errors import LinkExpired, MayNotChange, SignedOut

SESSION_SECONDS = 8 * 60 * 60
"""How long a session lasts from the moment it was opened, whatever is done in it."""

HEAT_MAP_HOSTS = ("https://api.wistia.com", "https://fast.wistia.net")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in, for which customer, and until when (aware UTC).

    Without ``admin`` a visitor may look and run, and change nothing.
    """

    customer_id: int
    who: str
    until: datetime
    admin: bool


def services() -> Services:
    """The object graph this application was made with."""
    return cast("Services", current_app.extensions["services"])


def open_session(customer_id: int, token: str) -> None:
    """Exchange a link's token for a session. Raises LinkExpired for an old or altered one."""
    read = read_link(services().config, token)
    if read is None or read[0] != customer_id:
        raise LinkExpired
    _, who, admin = read
    until = clock.epoch() + SESSION_SECONDS
    session.clear()
    session.permanent = True
    session_id = secrets.token_urlsafe(16)
    session.update(customer=customer_id, who=who, until=until, admin=admin, id=session_id)


def close_session(customer_id: int) -> None:
    """End the session of whoever is signed in, also for a cookie that was copied before.

    Raises SignedOut without a session, DeploymentError when the database does not answer.
    """
    visitor(customer_id)
    services().end_session(customer_id, session.get("id", ""), session["until"])
    session.clear()


def visitor(customer_id: int) -> Visitor:
    """Whoever is signed in for ``customer_id``.

    Raises SignedOut without a session, and answers 404 when it is another customer's.
    Raises DeploymentError when the database does not answer.
    """
    until = session.get("until", 0.0)
    if until <= clock.epoch():
        raise SignedOut
    if session["customer"] != customer_id:
        abort(404)
    if services().is_session_ended(customer_id, session.get("id", "")):
        raise SignedOut
    ends = datetime.fromtimestamp(until, UTC)
    return Visitor(customer_id, session["who"], ends, bool(session.get("admin")))


def administrator(customer_id: int) -> Visitor:
    """Whoever is signed in and wants to change something.

    Raises MayNotChange for a session that may only look and run; else as ``visitor``.
    """
    who = visitor(customer_id)
    if not who.admin:
        raise MayNotChange
    return who


def init_app(app: Flask) -> None:
    """Give every answer its headers."""
    config = cast("Services", app.extensions["services"]).config
    policy = content_security_policy(config)
    https = urlsplit(config.public_url).scheme == "https"

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Not no-referrer: the check of a form's origin needs it. Other sites get nothing.
        response.headers["Referrer-Policy"] = "same-origin"
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def content_security_policy(config: Config) -> str:
    """No script, style or frame but our own and Wistia's heat maps; framed by Upsales alone."""
    parts = urlsplit(config.wistia_api_url)
    frames = dict.fromkeys([*HEAT_MAP_HOSTS, f"{parts.scheme}://{parts.netloc}"])
    return "; ".join(
        [
            "default-src 'self'",
            "img-src 'self' data:",
            f"frame-src {' '.join(frames)}",
            "frame-ancestors 'self' https://*.upsales.com",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
        ]
    )
