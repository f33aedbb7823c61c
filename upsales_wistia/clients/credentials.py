"""How a secret is put on a request: only here, and only on the request itself."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from requests import PreparedRequest
from requests.auth import AuthBase

_SENDABLE: Final = re.compile(r"[!-:<-~]+")


class Credential(AuthBase):
    """A secret and the way to send it. Its text form never shows the secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.strip()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the secret on ``request``."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def sendable(self) -> bool:
        """Whether it can stand in a header: visible ASCII without a semicolon."""
        return _SENDABLE.fullmatch(self._secret) is not None

    def redact(self, text: str) -> str:
        """``text`` without the secret, in case a vendor says it back to us."""
        if not self._secret:
            return text
        return text.replace(self._secret, "…").replace(quote(self._secret, safe=""), "…")


class Nobody(Credential):
    """No secret at all. It also keeps ``requests`` from looking into a .netrc file."""

    def __init__(self) -> None:
        super().__init__("")

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Leave ``request`` as it is."""
        return request


class Bearer(Credential):
    """Wistia's way.

    https://docs.wistia.com/docs/making-api-requests
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Send the token in the Authorization header."""
        request.headers["Authorization"] = f"Bearer {self._secret}"
        return request


class KeyInCookie(Credential):
    """The way of Upsales' own apps.

    https://github.com/upsales/upsales-node-integration-template
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Send the key as the cookie ``token``."""
        request.headers["Cookie"] = f"token={self._secret}"
        return request


class KeyInQuery(Credential):
    """The way that Upsales documents.

    https://api.upsales.com
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Send the key as the query parameter ``token``."""
        request.prepare_url(request.url, {"token": self._secret})
        return request
