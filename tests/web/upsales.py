"""Upsales as it posts to the app: a body as documented, a key, and a verb for each address."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from upsales_wistia.web import create_app

from .pages import CUSTOMER, House, config

APP_ID = 300
APP_KEY = "current-app-key"
OLD_KEY = "previous-app-key"
API_KEY = "upsales-api-key-of-4711"
TOKEN = "wistia-token-of-4711"
EMAIL = "eva@nordlys.example"
CALLBACK = "https://integration.upsales.com/api/external/callback/x"
SECRETS = (APP_KEY, OLD_KEY, API_KEY, TOKEN, CALLBACK, EMAIL)

ENVIRON = {
    "UPSALES_APP_ID": str(APP_ID),
    "UPSALES_APP_KEY": APP_KEY,
    "UPSALES_APP_KEY_PREVIOUS": OLD_KEY,
}


def body(**changes: Any) -> dict[str, Any]:
    """A request's body; a part that is changed to ... is left out."""
    whole = {
        "appId": APP_ID,
        "date": "2026-11-21T13:24:00.000Z",
        "authenticationKey": APP_KEY,
        "customer": {"id": CUSTOMER, "name": "Nordlys Industri AB"},
        "config": {"wistiaApiPassword": TOKEN, "activitiesEnabled": True},
        "version": "1.0.0",
        "appData": {},
        "apiKey": API_KEY,
        "user": {"id": 7, "name": "Eva Lind", "email": EMAIL, "language": "sv-SE"},
        "callbackUrl": CALLBACK,
        "data": {"action": "sync"},
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not ...}


class Upsales:
    """Posts to an app of its own, set up with ``environ``."""

    def __init__(self, **environ: str) -> None:
        self.house = House(config(**{**ENVIRON, **environ}))
        self.app: FlaskClient = create_app(self.house).test_client()

    def posts(self, path: str, **changes: Any) -> TestResponse:
        """Post a body as documented, but for ``changes``."""
        return self.sends(path, json.dumps(body(**changes)).encode())

    def sends(self, path: str, raw: bytes, **headers: str) -> TestResponse:
        """Post these bytes."""
        return self.app.post(
            path, data=raw, headers={"Content-Type": "application/json", **headers}, buffered=True
        )

    @property
    def done(self) -> list[str]:
        """What was set going."""
        return [name for name, _ in self.house.hooks.calls]
