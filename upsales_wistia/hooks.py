"""What Upsales' requests set going: settings taken over, runs with the key they carry, callbacks.

tick ─▶ phase 1 (no key) ─▶ appHook ─▶ Upsales posts /external with the key ─▶ phase 2
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Protocol

from . import callbacks, details
from .asking import Asking
from .callbacks import Callbacks
from .clock import Clock
from .errors import OldRequest
from .funnel.domains import domain_of, registrable
from .funnel.identity import address
from .received import take_config
from .store import customers, database, instance, people, runs, sieve
from .store.keyring import Keyring
from .sync.keyed import KeyedRun, KeyedRuns
from .sync.run import Document

JOB_GAP = timedelta(minutes=5)
"""A scheduled request so soon after the last run starts none."""

_FRESH = timedelta(minutes=5)
"""A read of Wistia so young need not be repeated for the phase that writes."""

_OVERTAKEN = timedelta(seconds=30)
_TALKERS = 2
_REMEMBERED = 1000


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
        asking: Asking,
        closing: Callbacks,
        run: Run,
        clock: Clock,
        keyring: Keyring,
        link: Callable[[int, str], str],
        *,
        retain: bool,
    ) -> None:
        self._asking = asking
        self._closing = closing
        self._make_link = link
        self._run = run
        self._clock = clock
        self._keyring = keyring
        self._retain = retain
        self._keyed = KeyedRuns(self._run_keyed)
        self._talking: deque[Future[None]] = deque(maxlen=_REMEMBERED)
        self._later = ThreadPoolExecutor(_TALKERS, thread_name_prefix="talk")

    def external(self, request: Request) -> None:
        """Upsales answers our call, or an admin started the app: always run."""
        self._take_over(request)
        ours = request.data.get("action") == "sync"
        asked = ours and request.data.get("asked") is True
        if ours and not asked and self._is_paused(request):
            return
        was_read = request.data.get("read") is True or self._was_just_read(request.customer_id)
        reads = not (ours and was_read)
        self._queue(request, reads=reads, asked=asked)

    def _is_paused(self, request: Request) -> bool:
        """Whether the operator has paused the customer: then no run starts by itself."""
        paused = customers.load(request.customer_id).state == "paused"
        if paused:
            self._close(request, callbacks.PAUSED)
        return paused

    def _was_just_read(self, customer_id: int) -> bool:
        last, at = runs.last(customer_id), customers.load(customer_id).last_complete_read
        good = last is not None and last.complete
        return good and at is not None and self._clock.now() - at <= _FRESH

    def job(self, request: Request) -> None:
        """Upsales' own schedule: run, unless a run was just there."""
        self._take_over(request)
        if self._is_paused(request):
            return
        last = runs.last(request.customer_id)
        if last is not None and self._clock.now() - last.started_at < JOB_GAP:
            self._close(request, callbacks.JUST_NOW)
            return
        self._queue(request, reads=True)

    def contact_changed(self, request: Request, contact_id: int) -> None:
        """A contact is new or changed: whoever waits for it is looked up at once."""
        self._take_over(request)
        email = address(str(_object(request).get("email") or ""))
        if email is None or not self._released(request.customer_id, email):
            self._close(request, callbacks.NOBODY)
            return
        if self._is_paused(request):
            return  # The next run writes it.
        self._queue(request, reads=False)

    def event_details(self, request: Request) -> dict[str, Any]:
        """What an opened log entry shows."""
        self.spoken_of(request)
        return details.event_details(
            request.customer_id, request.data, self._public_token(request.customer_id)
        )

    def widget(self, request: Request, name: str) -> dict[str, Any]:
        """What the widget ``views`` shows on a contact's or company's card; None of another."""
        self.spoken_of(request)
        if name != "views":
            return {"rows": []}
        return details.widget(
            request.customer_id,
            _object(request),
            self._make_link(request.customer_id, "Upsales"),
            self._public_token(request.customer_id),
        )

    def iframe(self, request: Request) -> str:
        """An opened log entry as an HTML document."""
        self.spoken_of(request)
        return details.iframe(
            request.customer_id, request.data, self._public_token(request.customer_id)
        )

    def unknown_path(self) -> None:
        """Upsales asks for an address that we do not have: it is counted."""
        instance.count(instance.UNKNOWN_PATHS)

    def _public_token(self, customer_id: int) -> str:
        return customers.secrets(self._keyring, customer_id).get("wistiaPublicToken", "")

    def spoken_of(self, request: Request) -> bool:
        """Somebody in Upsales looks at the app: a suspended customer is polled again.

        There is no hook for an installation: one that we have not heard of is registered, and
        Upsales is asked for its key once. Returns whether it was known.
        """
        number, now = request.customer_id, self._clock.now()
        with database.transaction():
            known = customers.is_known(number)
            if not known:
                customers.add(number, request.customer_name, "upsales", now)
            else:
                _wake(number)
        if not known:
            self._soon(self._ask_in_session, number)
        return known

    def _soon(self, work: Callable[..., None], *arguments: object) -> None:
        """Speak with Upsales after its own request is answered: it waits for two seconds only."""
        self._talking.append(self._later.submit(work, *arguments))

    def _close(self, request: Request, message: str) -> None:
        urls = [request.callback_url]
        self._soon(self._closing.close, request.customer_id, urls, message)

    def _ask_in_session(self, customer_id: int) -> None:
        with database.session():
            self._asking.ask(customer_id)

    def join(self) -> None:
        """Wait for the runs that are going on, and for what is being said to Upsales."""
        while self._talking:
            self._talking.popleft().result()
        self._keyed.join()

    def close(self) -> None:
        """Take on nothing more, and wait for the runs that are going on."""
        self._later.shutdown(wait=True)
        for wanted in self._keyed.close():
            self._closing.close(wanted.customer_id, wanted.callbacks, callbacks.BROKE)

    def _take_over(self, request: Request) -> None:
        """Take over name and config; Upsales spoke of the customer, so it is not suspended."""
        now = self._clock.now()
        number = request.customer_id
        with database.transaction():
            customers.add(number, request.customer_name, "upsales", now)
            in_order = _refuse_replay(request, now)
            _wake(number)
            if request.api_key:
                self._asking.answered(number)
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
        message = callbacks.BROKE
        try:
            with database.session():
                message = callbacks.one_line(self._run(wanted))
                if not wanted.key:
                    self._asking.after_poll(wanted.customer_id, asked=wanted.asked)
        finally:
            self._closing.close(wanted.customer_id, wanted.callbacks, message)

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


def _wake(customer_id: int) -> None:
    """Upsales speaks of the customer, so the app is not switched off there."""
    known = customers.load(customer_id)
    if known.state == "suspended":
        customers.set_state(customer_id, "active")
    if known.setup.get("hook_refusals") or known.setup.get("refused_days"):
        customers.update_setup(customer_id, hook_refusals=0, refused_days=0)


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
