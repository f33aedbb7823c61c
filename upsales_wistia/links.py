"""Links that open a customer's pages: signed, and good for a quarter of an hour."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeTimedSerializer

from .config import Config

LINK_SECONDS = 15 * 60
"""How long a link works, so that a forwarded one opens nothing."""

LINK_OF = "link of "
"""How a name begins that stands for a link without a person's name; an ISO time follows."""


def sign_link(config: Config, customer_id: int, who: str, *, admin: bool = False) -> str:
    """An address that opens the pages of ``customer_id`` for ``LINK_SECONDS``.

    ``who`` is the name of the person it is made for, never an e-mail address; "" where nobody
    knows it: the link is then told by the moment it was made. Without ``admin`` the session that
    it opens may look and run, and change nothing.
    """
    token = _serializer(config).dumps([customer_id, who, admin])
    return f"{config.public_url}/c/{customer_id}/enter?t={quote(token)}"


def read_link(config: Config, token: str) -> tuple[int, str, bool] | None:
    """Customer, name and rights in a link's token; None when it is old or altered."""
    try:
        (customer_id, who, admin), made_at = _serializer(config).loads(
            token, max_age=LINK_SECONDS, return_timestamp=True
        )
    except (BadSignature, ValueError):
        return None
    return customer_id, who or f"{LINK_OF}{made_at.isoformat()}", bool(admin)


def link_made_at(who: str) -> datetime | None:
    """When the link was made (aware UTC) of which ``who`` tells; None for a person's name."""
    try:
        moment = datetime.fromisoformat(who.removeprefix(LINK_OF))
    except ValueError:
        return None
    return moment if who.startswith(LINK_OF) and moment.tzinfo else None


def _serializer(config: Config) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config.secret_key, salt="enter")
