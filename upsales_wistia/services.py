"""Builds the object graph of a process once. Tests pass another clock, other limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from .asking import KEY, Asking
from .callbacks import Callbacks
from .clients.limits import Limits
from .clients.upsales import UpsalesClient
from .clock import Clock, StandingClock, SystemClock, epoch
from .config import Config
from .connection import Connection
from .enriching import Enriching
from .enrichment.rules import DUE
from .errors import LeaseLost, NoUpsalesKey, ShareUsed, UsageError
from .fetching import Fetching
from .frame import Frame, frame_of
from .hooks import Hooks
from .links import sign_link
from .notices import Notices
from .opening import RESTORED_AT, Opening
from .parts import app_of, dialect_of, engine_of, limiters_of
from .privacy.erase import Erasing
from .privacy.replay import replay_tombstones
from .pruning import Pruning
from .queues import Kind, Queues
from .status import StatusData, status_data
from .store import customers, database, erasures, instance, runs, scratch, sessions, webhooks
from .store.keyring import Keyring
from .sync.keyed import KeyedRun
from .sync.patience import Pause
from .sync.rehearsal import RehearsedUpsales
from .sync.run import Document, Pace, run_customer
from .sync.schedule import others_wait
from .sync.scheduler import nobody_is_due, tick, tick_erasures, tick_webhooks
from .sync.share import Share
from .sync.webhook import work_off
from .sync.work import Progress
from .undoing import Undoing
from .videos import Videos
from .webhooks import Webhooks

DEMO_CLOCK = "demo.clock"
"""Where the demo keeps the moment at which its world stands."""

log = structlog.get_logger(__name__)

ENRICHMENT_THREADS = 2
"""A job waits for Mavera most of the time; the polls have threads of their own."""

ASKING_THREADS = 2
"""Upsales is asked for keys by few at once: its limit is not known."""

ASKED = "asked"
"""The queue of runs that people asked for: workers do them too."""
ERASING_THREADS = 2
"""An erasure waits for a run that is going on, and then is quick."""

_DRY_LEASE_SECONDS = 24 * 3600.0


@dataclass
class Services:
    """What every command, page and job of a process works with."""

    config: Config
    clock: Clock = field(default_factory=SystemClock)
    limits: Limits = field(default_factory=Limits)
    pause: Pause = time.sleep

    def __post_init__(self) -> None:
        """Make what is shared by all runs of this process; the database is bound already."""
        self.keyring = Keyring(self.config.encryption_keys)
        self.limiters = limiters_of(self.config, self.limits)
        dialect = dialect_of(self.config)
        self.connection = Connection(
            self.config.wistia_api_url,
            self.limiters,
            self.clock,
            self.config.mavera_api_url,
            dialect,
        )
        app, notices = app_of(self.config), Notices(self.config, self.clock)
        self.asking = Asking(app, self.clock, self.keyring, notices)
        self.hooks = Hooks(
            self.asking,
            Callbacks(app, notices, self.pause),
            self._run_with_key,
            self.clock,
            self.keyring,
            lambda customer_id, who: sign_link(self.config, customer_id, who),
            retain=self.config.retain_api_key,
        )
        self.webhooks = Webhooks(self.keyring, self.clock, self._soon)
        self.enriching = Enriching(
            self.config,
            self.clock,
            self.keyring,
            self.limiters,
            self.pause,
            dialect,
            self._enrich_soon,
        )
        self.videos = Videos(self.config.wistia_api_url, self.clock, self.keyring, self.limiters)
        self.erasing = Erasing(
            self.config,
            self.clock,
            self.keyring,
            self.pause,
            lambda customer_id, key: Opening(self, customer_id, UpsalesClient).upsales(
                key or customers.secrets(self.keyring, customer_id).get("apiKey", "")
            ),
            lambda customer_id: self.queues.put(erasures.JOB, customer_id),
        )
        self.pruning = Pruning(self.config, self.clock, self.keyring)
        self._stopping = threading.Event()
        self.fetching, self.undoing = Fetching(self), Undoing(self)
        kinds = self._kinds()
        self.engine = engine_of(self.config, kinds)
        self.queues = Queues(kinds, self.clock, self.engine)

    def _kinds(self) -> list[Kind]:
        kinds = [
            Kind(customers.POLL, self._run_due, tick),
            Kind(runs.WEBHOOK, self._work_off_some, tick_webhooks, repeats=True),
            Kind(KEY, self._ask_due, partial(tick, kind=KEY), ASKING_THREADS),
            Kind(
                DUE,
                self._enrich_due,
                partial(tick, kind=DUE, table="enrichment_leases"),
                ENRICHMENT_THREADS,
                repeats=True,
                done_anywhere=True,
            ),
            Kind(
                erasures.JOB,
                self._erase_due,
                tick_erasures,
                ERASING_THREADS,
                repeats=True,
                done_anywhere=True,
            ),
            self.fetching.kind(),
            self.pruning.kind(),
            self.undoing.kind(),
        ]
        if self.config.engine == "procrastinate":
            kinds.append(Kind(ASKED, self._run_asked, nobody_is_due))
        return kinds

    def start_tick(self) -> None:
        """Begin to queue due customers; without an engine they run in this process's threads."""
        self._stopping.clear()
        self.queues.start(self.config.poll_minutes, self.asking.ask_suspended)

    def work(self, ready: Callable[[], object] = lambda: None) -> None:
        """Be a worker: tick, and do what is queued, until the process is told to stop.

        ``ready`` is called before it begins. Raises UsageError where there is no engine: then
        whoever ticks does the work itself.
        """
        if self.engine is None:
            raise UsageError(
                "A worker needs ENGINE=procrastinate. Without it upsales-wistia serve does "
                "everything in one process."
            )
        ready()
        self.start_tick()
        try:
            self.engine.work(self._stopping.set)
        finally:
            self.stop()

    def _run_due(self, customer_id: int) -> bool:
        share = Share(lambda: self._makes_room(customer_id))
        opening = Opening(self, customer_id, UpsalesClient, share=share)
        made = None
        with database.session():
            try:
                # A backfill gives the lease back soon, for nobody but whoever waits for it then.
                wait = self.fetching.is_at_work(customer_id)
                now = self.clock.now()
                made = run_customer(customer_id, opening, self.pace, wait=wait, due_at=now)
            except ShareUsed:
                return not self._stopping.is_set()
            except LeaseLost:
                log.info("lease lost", customer=customer_id)
            # Whoever works on it just now asks for what it needs; each tick would ask again.
            if made is not None:
                self.asking.after_poll(customer_id)
                self._draft_soon(customer_id)
            self._soon_if_told(customer_id)
        return False

    def _makes_room(self, customer_id: int) -> bool:
        """Whether a long run ends for now: others wait, or this process is to stop."""
        return self._stopping.is_set() or others_wait(customer_id, self.clock.now())

    def _draft_soon(self, customer_id: int) -> None:
        """Views came in: follow-ups are drafted by a thread of their own."""
        self.enriching.queue_followup(customer_id)

    def _enrich_soon(self, customer_id: int) -> None:
        self.queues.put(DUE, customer_id)

    def join_jobs(self) -> None:
        """Wait until every job that was asked for has run."""
        self.queues.join(DUE)

    def _enrich_due(self, customer_id: int) -> None:
        with database.session():
            self.enriching.run_due(customer_id)

    def _erase_due(self, customer_id: int) -> None:
        with database.session():
            done = self.erasing.run_due(customer_id)
            if any(isinstance(one.error, NoUpsalesKey) for one in done.values()):
                self.asking.ask(customer_id)

    def _soon(self, customer_id: int) -> None:
        self.queues.put(runs.WEBHOOK, customer_id)

    def work_off(self, customer_id: int) -> None:
        """Do what Wistia's webhook has set going for a customer, until nothing is due."""
        while self._work_off_some(customer_id):
            pass

    def _work_off_some(self, customer_id: int) -> bool:
        opening = Opening(self, customer_id, UpsalesClient, kind=runs.WEBHOOK)
        more = False
        with database.session():
            try:
                more = work_off(customer_id, opening, self.pace, self.clock)
            except LeaseLost:
                log.info("lease lost", customer=customer_id)
            if more:
                self.asking.after_webhook(customer_id)
                self._draft_soon(customer_id)
        return more

    def _ask_due(self, customer_id: int) -> None:
        with database.session():
            self.asking.when_due(customer_id)

    def _run_with_key(self, wanted: KeyedRun) -> Document | None:
        opening = Opening(self, wanted.customer_id, UpsalesClient, wanted.key, wanted.reads)
        made = run_customer(wanted.customer_id, opening, self.pace, asked=wanted.asked, wait=True)
        self._draft_soon(wanted.customer_id)
        if wanted.key and customers.due_at(wanted.customer_id, erasures.JOB):
            self.erasing.run_due(wanted.customer_id, wanted.key)
        if wanted.key:
            self.fetching.with_key(wanted.customer_id, wanted.key)
            self.undoing.with_key(wanted.customer_id, wanted.key)
        self._soon_if_told(wanted.customer_id)
        return made

    def _soon_if_told(self, customer_id: int) -> None:
        if webhooks.pending(customer_id, self.clock.now(), 1):
            self._soon(customer_id)  # what a webhook started meanwhile

    def run_soon(self, customer_id: int) -> None:
        """A person asks for a run: it begins now, or when the present one has ended."""
        if self.engine:
            self.queues.put(ASKED, customer_id)
        else:
            self.hooks.run_soon(customer_id)

    def _run_asked(self, customer_id: int) -> None:
        with database.session():
            self._run_with_key(KeyedRun(customer_id, "", asked=True))
            self.asking.after_poll(customer_id, asked=True)

    def stop(self) -> None:
        """Stop ticking, and wait for the runs that are going on; what is long ends for now."""
        self._stopping.set()
        self.fetching.close()
        self.undoing.close()
        self.queues.stop()
        self.hooks.close()
        self.videos.close()

    def check_database(self) -> None:
        """Raise DeploymentError with the cause when the database does not answer."""
        database.check_version()

    def answering(self) -> AbstractContextManager[None]:
        """The database, for one request; DeploymentError when it does not answer."""
        return database.answering()

    def end_session(self, customer_id: int, session_id: str, until: float) -> None:
        """Let a session of the pages be over before ``until`` (epoch seconds).

        Raises DeploymentError when the database does not answer, as does the next.
        """
        with database.answering():
            sessions.end(customer_id, session_id, until, epoch())

    def is_session_ended(self, customer_id: int, session_id: str) -> bool:
        """Whether this session was ended before its time."""
        with database.answering():
            return sessions.is_ended(customer_id, session_id)

    def frame(self, customer_id: int) -> Frame | None:
        """What stands around a customer's pages; None when there is no such customer.

        Raises DeploymentError when the database does not answer.
        """
        with database.answering():
            return frame_of(customer_id)

    def status_page(self, customer_id: int) -> StatusData | None:
        """What the status page of a customer shows; None when there is no such customer.

        Raises DeploymentError when the database does not answer.
        """
        with database.answering():
            data = status_data(customer_id, self.clock.now(), self.config.window_days)
        if data and isinstance(self.clock, StandingClock):
            return replace(data, next_at=None)  # Where time stands no next run comes.
        return data

    def run_now(self, customer_id: int, *, progress: Progress = lambda text: None) -> Document:
        """A run that a person asks for: it waits for one that is going on.

        One that loses its lease, because this process slept, is begun once more.
        """
        try:
            made = self.run(customer_id, asked=True, progress=progress)
        except LeaseLost:
            made = self.run(customer_id, asked=True, progress=progress)
        assert made is not None  # noqa: S101  (a person's run waits, it is never skipped)
        return made

    def run(
        self, customer_id: int, *, asked: bool = False, progress: Progress = lambda text: None
    ) -> Document | None:
        """One run of a customer; see ``sync.run.run_customer``."""
        opening = Opening(self, customer_id, UpsalesClient)
        made = run_customer(customer_id, opening, self.pace, asked=asked, progress=progress)
        self._draft_soon(customer_id)
        self.join_jobs()  # a command ends with the process
        return made

    @property
    def pace(self) -> Pace:
        """How often customers are polled, and how long a lease lasts."""
        return Pace(self.config.poll_minutes, self.config.lease_seconds)

    def rehearse(self, customer_id: int, *, progress: Progress = lambda text: None) -> Document:
        """A dry run: the same way through the house on a copy, with nothing written anywhere.

        For the command line alone: while it lasts, the process works on the copy.
        """
        with scratch.scratch(customer_id):
            opening = Opening(self, customer_id, RehearsedUpsales)
            pace = Pace(self.config.poll_minutes, _DRY_LEASE_SECONDS, heartbeat=False)
            made = run_customer(customer_id, opening, pace, asked=True, progress=progress)
        assert made is not None  # noqa: S101  (a person's run waits, it is never skipped)
        return made


def build(config: Config) -> Services:
    """The object graph of a process; an embedded database is brought up to date.

    In the demo's database time stands where the demo's world stands.
    """
    if config.database_url.startswith("sqlite"):
        database.migrate(config.database_url)
    database.connect(config.database_url)
    database.check_version()
    if config.database_url.startswith("sqlite"):
        replay_tombstones(config)
    with database.session():
        stands_at = instance.read(DEMO_CLOCK)
    if stands_at is None:
        return Services(config)
    made = Services(config, clock=StandingClock(datetime.fromisoformat(stands_at)))
    made.videos.remembers = timedelta()  # Where time stands nothing grows old.
    return made


def mark_restored(config: Config) -> None:
    """A backup was put back: every customer's next run first looks for what is in Upsales."""
    services = build(config)
    with database.session():
        instance.write(RESTORED_AT, services.clock.now().isoformat())
