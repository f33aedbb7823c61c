"""Asks Upsales to call us for a customer, and notices when it does so no more.

There is no hook for an installation nor for its end: a customer whose hook is refused again and
again is suspended until Upsales speaks of it, and erased when it was refused for 90 days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from .clients.upsales_app import UpsalesApp
from .clock import Clock
from .errors import Rejected, VendorError
from .notices import Notices
from .store import customers, database
from .store.keyring import Keyring
from .store.leases import hold
from .sync.lookup import wants_upsales

log = structlog.get_logger(__name__)

REFUSALS = 10
"""Refused hooks in a row that suspend a customer."""

KEY = "key"
"""The kind of work that asks for a key once the time for it has come."""

ASK_GAP = timedelta(minutes=2)
"""How long Upsales may take to call us before a webhook lets it be asked once more."""

ANSWERED_GAP = timedelta(seconds=5)
"""Webhooks lead to no more than one question to Upsales in this time."""

NOTICE_GAP = timedelta(hours=1)
"""A notice alone leads to no more than one question to Upsales in this time."""

_ASK = "ask"
_AT_ONCE = 5  # suspended customers asked in one tick: each may take as long as a time-out
_ERASING = 60.0
_DAY = timedelta(days=1)


class Asking:
    """Asks for customers' keys. ``app`` is None when the app is not in Upsales' directory."""

    def __init__(
        self, app: UpsalesApp | None, clock: Clock, keyring: Keyring, notices: Notices
    ) -> None:
        self._app = app
        self._clock = clock
        self._keyring = keyring
        self._notices = notices

    @property
    def can_ask(self) -> bool:
        """Whether Upsales can be asked for a customer's key."""
        return self._app is not None

    def ask(self, customer_id: int, *, asked: bool = False, read: bool = False) -> bool:
        """Ask Upsales to call us for a customer; ten refusals in a row suspend it.

        ``asked`` by a person: the run that its call brings is that person's. With ``read`` what
        that run is about was read already. Returns whether Upsales took it.
        """
        if self._app is None:
            return False
        customers.update_setup(customer_id, asked_at=self._clock.now().isoformat())
        about = {name: True for name, so in (("asked", asked), ("read", read)) if so}
        try:
            self._app.hook(customer_id, {"action": "sync", **about})
        except Rejected as error:
            log.warning("hook refused", customer=customer_id, status=error.status)
            self._refused(customer_id)
        except VendorError as error:
            log.warning("hook not delivered", customer=customer_id, status=error.status)
        else:
            customers.update_setup(customer_id, hook_refusals=0, refused_days=0)
            return True
        return False

    def after_poll(self, customer_id: int, *, asked: bool = False) -> None:
        """Phase 1 is done: ask for the key where something is to be looked up or written.

        Ask too where somebody is to be told something: only the callback of what Upsales posts
        then can carry it.
        """
        if self._app is None:
            return
        if self._needs_key(customer_id):
            self.ask(customer_id, asked=asked)
        elif self._rests_until(customer_id, NOTICE_GAP) is None and self._notices.due(customer_id):
            self.ask(customer_id)

    def after_webhook(self, customer_id: int) -> None:
        """As ``after_poll``, but while Upsales has just been asked what is needed waits a little.

        The tick brings it back then.
        """
        if self._app is None or not self._needs_key(customer_id):
            return
        rests_until = self._rests_until(customer_id, ASK_GAP, answered=ANSWERED_GAP)
        if rests_until:
            customers.set_due(customer_id, KEY, rests_until)
        else:
            self.ask(customer_id, read=True)

    def when_due(self, customer_id: int) -> None:
        """Ask for what a webhook needed and had to wait for."""
        if customers.take_due(customer_id, KEY, self._clock.now()):
            self.after_webhook(customer_id)

    def answered(self, customer_id: int) -> None:
        """Upsales has called us with the key."""
        customers.update_setup(customer_id, answered_at=self._clock.now().isoformat())

    def ask_suspended(self) -> None:
        """Ask once a day for each suspended customer; erase those refused for 90 days."""
        now = self._clock.now()
        for customer_id in customers.due(now, kind=_ASK, state="suspended")[:_AT_ONCE]:
            customers.set_due(customer_id, _ASK, now + _DAY)
            self.ask(customer_id)
            left = customers.erased_in_days(customers.load(customer_id))
            if left == 0:
                log.warning("customer erased after 90 days of refusals", customer=customer_id)
                with hold(customer_id, _ERASING, wait=True, heartbeat=False):
                    customers.remove(customer_id)
                database.forget_deleted()
            elif left is not None and left <= customers.FORETOLD:
                log.warning("customer will be erased", customer=customer_id, days=left)

    def _needs_key(self, customer_id: int) -> bool:
        stored = customers.secrets(self._keyring, customer_id).get("apiKey")
        return not stored and wants_upsales(customer_id, self._clock.now())

    def _rests_until(
        self, customer_id: int, gap: timedelta, *, answered: timedelta | None = None
    ) -> datetime | None:
        """Until when Upsales is not to be asked again, or None; ``answered`` is the gap if it is.

        The gap counts from the last question.
        """
        known = customers.setup(customer_id)
        asked_at, answered_at = (_moment(known.get(n)) for n in ("asked_at", "answered_at"))
        if asked_at is None:
            return None
        if answered is not None and answered_at is not None and answered_at >= asked_at:
            gap = answered
        return asked_at + gap if asked_at + gap > self._clock.now() else None

    def _refused(self, customer_id: int) -> None:
        known = customers.load(customer_id)
        today = self._clock.now().date().isoformat()
        count = known.setup.get("hook_refusals", 0) + 1
        days = known.setup.get("refused_days", 0) + (known.setup.get("refused_on") != today)
        with database.transaction():
            customers.update_setup(
                customer_id, hook_refusals=count, refused_days=days, refused_on=today
            )
            if count >= REFUSALS and known.state == "active":
                log.warning("customer suspended", customer=customer_id)
                customers.set_state(customer_id, "suspended")
                customers.set_due(customer_id, _ASK, self._clock.now() + _DAY)


def _moment(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)
