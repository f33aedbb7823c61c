"""Links that open a customer's pages: signed, and good for a quarter of an hour."""

from __future__ import annotations

from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeTimedSerializer

from .config import Config

LINK_SECONDS = 15 * 60
"""How long a link works, so that a forwarded one opens nothing."""


def sign_link(config: Config, customer_id: int, who: str, *, admin: bool = False) -> str:
    """An address that opens the pages of ``customer_id`` for ``LINK_SECONDS``.

    ``who`` is the name shown to whoever opens it: the link's maker, never an e-mail address.
    Without ``admin`` the session that it opens may look and run, and change nothing.
    """
    token = _serializer(config).dumps([customer_id, who, admin])
    return f"{config.public_url}/c/{customer_id}/enter?t={quote(token)}"


def read_link(config: Config, token: str) -> tuple[int, str, bool] | None:
    """Customer, name and rights in a link's token; None when it is old or altered."""
    try:
        customer_id, who, admin = _serializer(config).loads(token, max_age=LINK_SECONDS)
    except (BadSignature, ValueError):
        return None
    return customer_id, who, bool(admin)


def _serializer(config: Config) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config.secret_key, salt="enter")
