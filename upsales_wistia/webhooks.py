"""Takes in what Wistia's webhook posts, and lets the work that it starts be done soon.

https://docs.wistia.com/docs/webhooks
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

import structlog

from .clients.wistia_webhook import (
    CONVERSIONS,
    KINDS,
    MEDIA,
    PERCENT_WATCHED,
    TURNSTILE,
    WebhookEvent,
    is_signed,
    load_delivery,
)
from .clock import Clock
from .store import database, instance, media, tombstones, visitors, webhooks
from .store.keyring import Keyring
from .store.webhooks import KEPT, Telling
from .sync.witness import COMPARED_AFTER, normalised

log = structlog.get_logger(__name__)

WORTH_A_LOOK = 0.75
"""The mark (0-1) from which on the view of a visitor who has converted is looked at."""

UNKNOWN_KIND = "unknown"
UNREADABLE = "unreadable"

_LARGEST_ID = 2**63 - 1
_NOBODY = 0


class Webhooks:
    """The webhook's way in. ``soon`` lets a customer's work be done as soon as may be."""

    def __init__(self, keyring: Keyring, clock: Clock, soon: Callable[[int], object]) -> None:
        self._keyring = keyring
        self._clock = clock
        self._soon = soon
        self._decoy = keyring.seal(_NOBODY, "a secret that nobody has")

    def receive(self, customer: str, body: bytes, signature: str) -> bool:
        """Take in a body that Wistia posted for a customer; False when it is not signed by it.

        A customer that is not known, or has no secret, takes as long to refuse as a wrong
        signature. What is signed is taken in, whatever it says: sent again it would say the same.
        """
        customer_id = _number(customer)
        found = webhooks.secret_of(customer_id)
        sealed, saved_at = found or (self._decoy, None)
        secret = self._keyring.open(customer_id if found else _NOBODY, sealed)
        if not is_signed(body, signature, secret) or saved_at is None:
            return False
        events, unreadable = load_delivery(body)
        if self._take_in(customer_id, events, unreadable, saved_at):
            self._soon(customer_id)
        return True

    def _take_in(
        self, customer_id: int, events: list[WebhookEvent], unreadable: int, saved_at: datetime
    ) -> bool:
        """Store what came, with the work it starts; whether there is some."""
        now = self._clock.now()
        with database.transaction():
            webhooks.hear(customer_id, saved_at, now)
            kept = self._of_nobody_erased(customer_id, events, now)
            tellings = self._tellings(customer_id, kept, now)
            new = webhooks.keep(customer_id, tellings, now)
            fresh = [telling for telling in tellings if telling.uuid in new]
            _count(fresh, unreadable)
        if unreadable:
            log.warning("webhook not understood", customer=customer_id, events=unreadable)
        return any(telling.fetch_at for telling in fresh)

    def _of_nobody_erased(
        self, customer_id: int, events: list[WebhookEvent], now: datetime
    ) -> list[WebhookEvent]:
        """The events but for those of people who were erased: of their views nothing is kept."""
        forgotten = tombstones.load(self._keyring, customer_id)
        theirs = {
            event.event_key
            for event in events
            if forgotten.is_of_erased(event.event_key, event.visitor_key, event.email)
        }
        if theirs:  # Something may have been told before it was known whose the view is.
            webhooks.erase(customer_id, sorted(theirs - {""}))
            views = [(e.event_key, e.email) for e in events if e.event_key in theirs]
            forgotten.bury_views(customer_id, views, now)
        return [event for event in events if event.event_key not in theirs]

    def _tellings(
        self, customer_id: int, events: list[WebhookEvent], now: datetime
    ) -> list[Telling]:
        """Each event as it is stored, with what is to be done on its account."""
        once = {event.uuid: event for event in events}.values()
        known = media.known(customer_id, sorted({e.media_id for e in once} - {""}))
        converted = _converted(customer_id, once)
        return [
            self._telling(customer_id, event, now, known_video=event.media_id in known)
            if event.kind in MEDIA
            else self._telling(customer_id, event, now, has_converted=event.event_key in converted)
            for event in once
        ]

    def _telling(
        self,
        customer_id: int,
        event: WebhookEvent,
        now: datetime,
        *,
        known_video: bool = False,
        has_converted: bool = False,
    ) -> Telling:
        left = event.email if event.kind == TURNSTILE else ""
        fraction = event.fraction if event.kind == PERCENT_WATCHED else None
        recent = event.generated_at is None or event.generated_at > now - KEPT
        look = known_video or _is_worth_a_look(event, has_converted)
        tells = bool(event.event_key and (left or fraction is not None))
        return Telling(
            event.uuid,
            event.kind,
            event.event_key,
            event.media_id if event.kind in MEDIA else "",
            fraction,
            self._keyring.digest(customer_id, normalised(left)) if left else "",
            event.generated_at,
            now if recent and look else None,
            now + COMPARED_AFTER if recent and tells else None,
        )


def _is_worth_a_look(event: WebhookEvent, has_converted: bool) -> bool:
    """Whether Wistia is asked for the view: a conversion, or nearly all of it by somebody known."""
    if not event.event_key:
        return False
    far = event.kind == PERCENT_WATCHED and (event.fraction or 0.0) >= WORTH_A_LOOK
    return event.kind in CONVERSIONS or (far and has_converted)


def _converted(customer_id: int, events: Collection[WebhookEvent]) -> set[str]:
    """Those of these events' views whose visitor left an e-mail, here or in another view."""
    keys = {event.event_key for event in events if event.event_key}
    people = visitors.converted(customer_id, sorted({e.visitor_key for e in events} - {""}))
    told = webhooks.told_turnstile(customer_id, sorted(keys))
    told |= {event.event_key for event in events if event.kind == TURNSTILE}
    return told | {event.event_key for event in events if event.visitor_key in people}


def _count(tellings: Iterable[Telling], unreadable: int) -> None:
    counts = Counter(t.kind if t.kind in KINDS else UNKNOWN_KIND for t in tellings)
    counts[UNREADABLE] += unreadable
    # In one order, so that two requests at once never wait for each other.
    for kind, n in sorted(counts.items()):
        if n:
            instance.count(instance.WEBHOOK_EVENTS + kind, n)


def _number(customer: str) -> int:
    """The customer's number, 0 (nobody's) for what is none."""
    is_number = customer.isascii() and customer.isdecimal() and len(customer) < 20
    number = int(customer) if is_number else _NOBODY
    return number if number <= _LARGEST_ID else _NOBODY
