"""The pages people look at, and the two addresses monitors ask."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map

from .. import __version__
from ..status import Document, RunShown, StatusData
from . import (
    app_json,
    errors,
    from_upsales,
    from_wistia,
    metrics,
    operator,
    ops,
    pages,
    security,
    wording,
)
from .contract import Services

__all__ = ["Document", "RunShown", "Services", "StatusData", "create_app", "templates_dir"]

MAX_BODY_BYTES = 1024 * 1024


def templates_dir() -> Path:
    """The folder of the pages: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def create_app(services: Services) -> Flask:
    """The web application on top of ``services``."""
    app = Flask(__name__, template_folder=str(templates_dir()))
    app.config.update(_settings(services))
    app.extensions["services"] = services
    app.url_map.converters["int"] = _StoredNumber
    app.jinja_env.globals.update(version=__version__)
    CSRFProtect(app)
    ways_in = (from_upsales, from_wistia)
    rooms = (security, errors, ops, metrics, operator, app_json, *ways_in, *pages.PAGES, wording)
    for module in rooms:
        module.init_app(app)
    return app


class _StoredNumber(IntegerConverter):
    """A number in an address: one that no column could hold is no address."""

    def __init__(self, map: Map, **given: Any) -> None:
        super().__init__(map, max=2**63 - 1, **given)


def _settings(services: Services) -> dict[str, object]:
    # A page may stand in a frame of Upsales: there a cookie is kept only when it is Secure,
    # SameSite=None and Partitioned. On plain http, as on this machine, none of that is possible.
    https = urlsplit(services.config.public_url).scheme == "https"
    return {
        "SECRET_KEY": services.config.secret_key,
        "SESSION_COOKIE_NAME": "__Host-upsales_wistia" if https else "upsales_wistia",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "None" if https else "Lax",
        "SESSION_COOKIE_PARTITIONED": https,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=security.SESSION_SECONDS),
        "WTF_CSRF_TIME_LIMIT": security.SESSION_SECONDS,
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        "MAX_FORM_PARTS": 200,
    }
