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

ASK_GAP = timedelta(minutes=2)
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

    def ask(self, customer_id: int, *, asked: bool = False) -> bool:
        """Ask Upsales to call us for a customer; ten refusals in a row suspend it.

        ``asked`` by a person: the run that its call brings is that person's. Returns whether
        Upsales took it.
        """
        if self._app is None:
            return False
        customers.update_setup(customer_id, asked_at=self._clock.now().isoformat())
        try:
            self._app.hook(customer_id, {"action": "sync", **({"asked": True} if asked else {})})
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
        elif not self._asked_within(customer_id, NOTICE_GAP) and self._notices.due(customer_id):
            self.ask(customer_id)

    def after_webhook(self, customer_id: int) -> None:
        """As ``after_poll``, but not for each webhook: what came since goes with the next."""
        if self._asked_within(customer_id, ASK_GAP):
            return
        if self._app and self._needs_key(customer_id):
            self.ask(customer_id)

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
            elif left is not None and left <= customers.FORETOLD:
                log.warning("customer will be erased", customer=customer_id, days=left)

    def _needs_key(self, customer_id: int) -> bool:
        stored = customers.secrets(self._keyring, customer_id).get("apiKey")
        return not stored and wants_upsales(customer_id, self._clock.now())

    def _asked_within(self, customer_id: int, gap: timedelta) -> bool:
        asked = customers.setup(customer_id).get("asked_at")
        return asked is not None and self._clock.now() - datetime.fromisoformat(asked) < gap

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
