"""What Upsales' requests set going: settings taken over, runs with the key they carry, callbacks.

tick ─▶ phase 1 (no key) ─▶ appHook ─▶ Upsales posts /external with the key ─▶ phase 2
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from . import details
from .clients.upsales_app import UpsalesApp
from .clock import Clock
from .errors import OldRequest, Rejected, UsageError, VendorError
from .funnel.domains import domain_of, registrable
from .funnel.identity import address
from .received import take_config
from .store import customers, database, instance, people, runs, sieve, versions
from .store.keyring import Keyring
from .store.leases import hold
from .sync.keyed import KeyedRun, KeyedRuns
from .sync.lookup import wants_upsales
from .sync.run import Document

log = structlog.get_logger(__name__)

REFUSALS = 10
"""Refused hooks in a row that suspend a customer."""

FORGOTTEN_AFTER = 90
"""Days on which Upsales was asked for a suspended customer and refused, until it is erased."""

JOB_GAP = timedelta(minutes=5)
"""A scheduled request so soon after the last run starts none."""

ASK_GAP = timedelta(minutes=2)
"""Webhooks lead to no more than one question to Upsales in this time."""

_FRESH = timedelta(minutes=5)
"""A read of Wistia so young need not be repeated for the phase that writes."""

_ASK = "ask"
_OVERTAKEN = timedelta(seconds=30)
_TALKERS = 2
_AT_ONCE = 5  # suspended customers asked in one tick: each may take as long as a time-out
_ERASING = 60.0
_REMEMBERED = 1000
_JUST_NOW = "The last run was just now."
_NOBODY = "Nobody waits for this contact."
_BROKE = "The run was broken off. The next one goes on and nothing is lost."
_DAY = timedelta(days=1)


class Request(Protocol):
    """A request of Upsales', its sender already proved."""

    @property
    def customer_id(self) -> int:
        """The customer it is about."""

    @property
    def customer_name(self) -> str:
        """Its name, as Upsales has it."""

    @property
    def config(self) -> Mapping[str, Any] | None:
        """What the admin saved, None when the request carries none."""

    @property
    def api_key(self) -> str:
        """The customer's key, "" when the request carries none."""

    @property
    def sent_at(self) -> datetime | None:
        """When Upsales sent it, aware UTC; None when it does not say."""

    @property
    def callback_url(self) -> str:
        """Where the outcome is to be told, "" for nowhere."""

    @property
    def data(self) -> Mapping[str, Any]:
        """What belongs to this kind of request."""


Run = Callable[[KeyedRun], Document | None]


class Hooks:
    """The app as Upsales drives it.

    ``run`` runs a customer with a key, ``link`` makes an address of a customer's pages for the
    person named, ``retain`` says that keys that are sent are to be stored.
    """

    def __init__(
        self,
        app: UpsalesApp | None,
        run: Run,
        clock: Clock,
        keyring: Keyring,
        link: Callable[[int, str], str],
        *,
        retain: bool,
    ) -> None:
        self._app = app
        self._make_link = link
        self._run = run
        self._clock = clock
        self._keyring = keyring
        self._retain = retain
        self._keyed = KeyedRuns(self._run_keyed)
        self._talking: deque[Future[None]] = deque(maxlen=_REMEMBERED)
        self._later = ThreadPoolExecutor(_TALKERS, thread_name_prefix="talk")

    @property
    def can_ask(self) -> bool:
        """Whether Upsales can be asked for a customer's key."""
        return self._app is not None

    def external(self, request: Request) -> None:
        """Upsales answers our call, or an admin started the app: always run."""
        self._take_over(request)
        last = customers.load(request.customer_id).last_complete_read
        ours = request.data.get("action") == "sync"
        fresh = last is not None and self._clock.now() - last <= _FRESH
        asked = ours and request.data.get("asked") is True
        self._queue(request, reads=not (ours and fresh), asked=asked)

    def job(self, request: Request) -> None:
        """Upsales' own schedule: run, unless a run was just there."""
        self._take_over(request)
        last = runs.last(request.customer_id)
        if last is not None and self._clock.now() - last.started_at < JOB_GAP:
            self._soon(self._answer, [request.callback_url], {"message": _JUST_NOW})
            return
        self._queue(request, reads=True)

    def contact_changed(self, request: Request, contact_id: int) -> None:
        """A contact is new or changed: whoever waits for it is looked up at once."""
        self._take_over(request)
        email = address(str(_object(request).get("email") or ""))
        if email is None or not self._released(request.customer_id, email):
            self._soon(self._answer, [request.callback_url], {"message": _NOBODY})
            return
        self._queue(request, reads=False)

    def event_details(self, request: Request) -> dict[str, Any]:
        """What an opened log entry shows."""
        return details.event_details(
            request.customer_id, request.data, self._public_token(request.customer_id)
        )

    def widget(self, request: Request, name: str) -> dict[str, Any]:
        """What the widget ``views`` shows on a contact's or company's card; None of another."""
        if name != "views":
            return {"rows": []}
        self._expect(request)
        return details.widget(
            request.customer_id,
            _object(request),
            self._make_link(request.customer_id, "Upsales"),
            self._public_token(request.customer_id),
        )

    def iframe(self, request: Request) -> str:
        """An opened log entry as an HTML document."""
        return details.iframe(
            request.customer_id, request.data, self._public_token(request.customer_id)
        )

    def unknown_path(self) -> None:
        """Upsales asks for an address that we do not have: it is counted."""
        instance.count(instance.UNKNOWN_PATHS)

    def _public_token(self, customer_id: int) -> str:
        return customers.secrets(self._keyring, customer_id).get("wistiaPublicToken", "")

    def _expect(self, request: Request) -> None:
        """There is no hook for an installation: a customer that shows itself is registered."""
        try:
            customers.load(request.customer_id)
        except UsageError:
            self.unknown(request.customer_id, request.customer_name)

    def unknown(self, customer_id: int, name: str) -> None:
        """A customer we have not heard of shows itself: keep its number and ask for its key."""
        with database.transaction():
            customers.add(customer_id, name, "upsales", self._clock.now())
        self._soon(self._ask_in_session, customer_id)

    def _soon(self, work: Callable[..., None], *arguments: object) -> None:
        """Speak with Upsales after its own request is answered: it waits for two seconds only."""
        self._talking.append(self._later.submit(work, *arguments))

    def _ask_in_session(self, customer_id: int) -> None:
        with database.session():
            self.ask(customer_id)

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
        """Phase 1 is done: ask for the key where something is to be looked up or written."""
        stored = customers.secrets(self._keyring, customer_id).get("apiKey")
        if not stored and self._app and wants_upsales(customer_id, self._clock.now()):
            self.ask(customer_id, asked=asked)

    def after_webhook(self, customer_id: int) -> None:
        """As ``after_poll``, but not for each webhook: what came since goes with the next."""
        asked = customers.setup(customer_id).get("asked_at")
        if asked and self._clock.now() - datetime.fromisoformat(asked) < ASK_GAP:
            return
        self.after_poll(customer_id)

    def ask_suspended(self) -> None:
        """Ask once a day for each suspended customer; erase those refused for 90 days."""
        now = self._clock.now()
        for customer_id in customers.due(now, kind=_ASK, state="suspended")[:_AT_ONCE]:
            customers.set_due(customer_id, _ASK, now + _DAY)
            self.ask(customer_id)
            known = customers.load(customer_id)
            days = known.setup.get("refused_days", 0)
            if known.origin == "upsales" and days >= FORGOTTEN_AFTER:
                log.warning("customer erased after 90 days of refusals", customer=customer_id)
                with hold(customer_id, _ERASING, wait=True, heartbeat=False):
                    customers.remove(customer_id)

    def join(self) -> None:
        """Wait for the runs that are going on, and for what is being said to Upsales."""
        while self._talking:
            self._talking.popleft().result()
        self._keyed.join()

    def close(self) -> None:
        """Take on nothing more, and wait for the runs that are going on."""
        self._later.shutdown(wait=True)
        self._keyed.close()

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

    def _take_over(self, request: Request) -> None:
        """Take over name and config; Upsales spoke of the customer, so it is not suspended."""
        now = self._clock.now()
        number = request.customer_id
        with database.transaction():
            customers.add(number, request.customer_name, "upsales", now)
            in_order = _refuse_replay(request, now)
            if customers.load(number).state == "suspended":
                customers.set_state(number, "active")
            customers.update_setup(number, hook_refusals=0, refused_days=0)
            if in_order and request.config is not None:
                take_config(self._keyring, number, request.config, now)
            if self._retain and request.api_key:
                customers.save_secret(self._keyring, number, "apiKey", request.api_key, now)
            if customers.due_at(number, "poll") is None:
                # Should the run that this request starts die with its process.
                customers.set_due(number, "poll", now + _FRESH)

    def run_soon(self, customer_id: int) -> None:
        """A person asks for a run: it begins now, or when the present one has ended."""
        self._keyed.put(KeyedRun(customer_id, "", asked=True))

    def _queue(self, request: Request, *, reads: bool, asked: bool = False) -> None:
        urls = [request.callback_url] if request.callback_url else []
        self._keyed.put(KeyedRun(request.customer_id, request.api_key, urls, reads, asked))

    def _run_keyed(self, wanted: KeyedRun) -> None:
        message: dict[str, Any] = {"message": _BROKE}
        try:
            with database.session():
                made = self._run(wanted)
                message = self._message(wanted.customer_id, made)
                if not wanted.key:
                    self.after_poll(wanted.customer_id, asked=wanted.asked)
        finally:
            self._answer(wanted.callbacks, message)

    def _message(self, customer_id: int, made: Document | None) -> dict[str, Any]:
        if made is None:
            return {"message": "Another process is at work on this customer."}
        message: dict[str, Any] = {"message": one_line(made)}
        users = _user_ids(customer_id)
        cause = str(made["code"] or "") if made["status"] == "failed" else ""
        if users and self._is_news(customer_id, cause):
            text = f"{made['reason']}" if cause else "Everything is in sync again."
            message |= {"notify": text, "notifyUserIds": users}
        return message

    def _is_news(self, customer_id: int, cause: str) -> bool:
        """Once a day for each cause, and once when it is well again."""
        told = customers.setup(customer_id).get("told", {})
        today = self._clock.now().date().isoformat()
        if told.get("cause", "") == cause and (not cause or told.get("on") == today):
            return False
        customers.update_setup(customer_id, told={"cause": cause, "on": today})
        return True

    def _answer(self, urls: list[str], message: Mapping[str, Any]) -> None:
        for url in urls:
            if not url or self._app is None:
                continue
            try:
                self._app.callback(url, {"status": 1, **message})
            except ValueError:
                log.warning("callback to another host refused")
            except VendorError as error:
                log.warning("callback not delivered", status=error.status)

    def _released(self, customer_id: int, email: str) -> bool:
        """Let whoever waits for ``email`` or its domain be looked up; false for nobody."""
        now = self._clock.now()
        domain = registrable(domain_of(email)) or ""
        with database.transaction():
            if not sieve.release(customer_id, email, domain, now):
                return False
            people.forget(customer_id, email)
            people.forget_domain(customer_id, domain)
            return True


def _refuse_replay(request: Request, now: datetime) -> bool:
    """Whether its config is the newest; requests that overtake each other are all served.

    Raises OldRequest for an old body, storing nothing.
    """
    if request.sent_at is None:
        return True
    heard = customers.setup(request.customer_id).get("heard_at")
    if heard is not None and request.sent_at < datetime.fromisoformat(heard):
        if request.sent_at < datetime.fromisoformat(heard) - _OVERTAKEN:
            raise OldRequest("A newer request was taken over already.")
        return False
    customers.update_setup(request.customer_id, heard_at=min(request.sent_at, now).isoformat())
    return True


def _object(request: Request) -> Mapping[str, Any]:
    found = request.data.get("object")
    return found if isinstance(found, Mapping) else {}


def _user_ids(customer_id: int) -> list[int]:
    version = versions.current(customer_id)
    wanted = version.config.get("notifyUsers") if version else None
    items = wanted if isinstance(wanted, list) else [wanted]
    ids = (i.get("id") or i.get("value") if isinstance(i, Mapping) else i for i in items)
    return [int(str(number)) for number in ids if str(number).isdecimal()]


def one_line(made: Document) -> str:
    """A run in one line, as the log in Upsales shows it."""
    if made["status"] == "failed":
        return f"Failed: {made['reason']}"
    written = made["written"]
    late = written["late"]
    return (
        f"{written['activities'] + late['activities']} activities and "
        f"{written['forms'] + late['forms']} forms written; {made['funnel']['views']} views read; "
        f"{made['waiting']} waiting."
    )
