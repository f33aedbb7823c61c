"""Setting up Wistia's webhook: by hand in Wistia, with an address and a secret from here.

https://my.wistia.com/account/webhooks
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from .config import Config
from .store import customers, webhooks
from .store.keyring import Keyring

EVENTS = ("Turnstile converted", "Percent watched", "the media events")
"""What is to be ticked in Wistia, by the names it has there."""

_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookState:
    """How far the set-up is. Times are aware UTC, None for what has not happened.

    ``saved_at`` is when the present secret was saved, ``first_at`` when the first event signed
    with it came, ``last_at`` when the newest one came.
    """

    saved_at: datetime | None
    first_at: datetime | None
    last_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """Whether there is a secret, and no event signed with it yet."""
        return self.saved_at is not None and self.first_at is None


def address(config: Config, customer_id: int) -> str:
    """The address to paste into Wistia."""
    return f"{config.public_url}/webhooks/wistia/{customer_id}"


def make_secret(keyring: Keyring, customer_id: int, now: datetime, *, by: str = "") -> str:
    """Make a secret in the place of any older one; returns it, for the only time it is shown.

    One that is set in Upsales afterwards takes its place.
    """
    secret = secrets.token_urlsafe(_BYTES)
    customers.save_secret(keyring, customer_id, webhooks.SECRET, secret, now, by=by)
    return secret


def state(customer_id: int) -> WebhookState:
    """How far the set-up of a customer's webhook is."""
    saved = webhooks.secret_of(customer_id)
    if saved is None:
        return WebhookState(None, None, None)
    first = webhooks.first_heard(customer_id)
    return WebhookState(saved[1], first, webhooks.last_heard(customer_id) if first else None)
