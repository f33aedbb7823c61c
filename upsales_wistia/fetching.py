"""Backfills as the command line and the page ask for them, and as they are carried out."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from .carrying import PREVIEW, Carrying
from .clock import monotonic
from .errors import LeaseBusy, LeaseLost, UsageError
from .opening import rules_of
from .queues import Kind
from .store import customers, database, jobs, runs, taken_back, versions
from .store.jobs import BACKFILL, Job
from .store.leases import Lease, hold, is_held, is_left_behind
from .sync.patience import Pause
from .sync.period import Period, Wanted, period_of
from .sync.queue import LocalQueue
from .sync.run import Document
from .sync.schedule import next_due
from .sync.scheduler import tick
from .sync.turns import End, Taken, Turns
from .sync.work import Progress

if TYPE_CHECKING:
    from .services import Services

log = structlog.get_logger(__name__)

KEY_WITHIN = 60.0
"""Seconds in which a command expects the key that Upsales was asked for."""

_KEYED_THREADS = 4
_ASK_AGAIN = timedelta(minutes=10)
_LOOK = 0.5
_SOON = 60.0
"""Seconds that are waited for by whoever carries a backfill out, rather than coming back later."""

_ONE_RUNS = "One is running already: see it."
_ANOTHER = "Other days were looked at meanwhile. Look at what would happen once more."
_NOT_COME = (
    "Upsales was asked for a key and has sent none within a minute. See that the app is being "
    "served, and that Upsales reaches it. Nothing is lost: the same command goes on."
)


class Fetching:
    """The backfills of a process; one of a customer at a time."""

    def __init__(self, services: Services) -> None:
        """``services`` is the object graph that this is a part of."""
        self._home = services
        self._keys: dict[int, str] = {}
        self._closing = False
        # A key lives in the memory of the process that received it: no other may do this work.
        self._keyed = LocalQueue(self._run_keyed, _KEYED_THREADS, repeats=True)

    def kind(self) -> Kind:
        """Backfills as work that is queued when it is due."""
        return Kind(
            BACKFILL,
            self._run_queued,
            partial(tick, kind=BACKFILL),
            repeats=True,
            done_anywhere=True,
        )

    def _run_queued(self, customer_id: int) -> None:
        with database.session():
            self.run_due(customer_id)

    def _wake(self, customer_id: int) -> None:
        self._home.queues.put(BACKFILL, customer_id)

    # ------------------------------------------------------------------ asking

    def ask(self, customer_id: int, wanted: Wanted, by: str) -> Job:
        """Let a backfill be carried out soon.

        Raises UsageError, with one sentence, for days that cannot be fetched, and while another
        is not done.
        """
        job = self._begin(customer_id, wanted, by, resume=False)
        self._wake(customer_id)
        return job

    def write(self, customer_id: int, seen: str, by: str) -> Job:
        """Let what a preview foresaw be written soon; ``seen`` is when that was asked for.

        Raises UsageError when it is not the one that is there, and while another is not done.
        """
        with database.transaction():
            versions.one_at_a_time(customer_id)
            before = jobs.load(customer_id, BACKFILL)
            told = before.progress if before else {}
            if told.get("state") != "done" or told.get("asked_at") != seen:
                raise UsageError(_ANOTHER if told.get("state") in (None, "done") else _ONE_RUNS)
            now = self._home.clock.now()
            foreseen = told["document"]["written"]
            fresh = {n: told[n] for n in ("since", "until", "from", "to", "forms")} | {
                "next": told["from"],
                "commit": True,
                "by": by,
                "asked_at": now.isoformat(),
                "state": "running",
                "expected": [foreseen["activities"], foreseen["forms"]],
            }
            period = Period(*(datetime.fromisoformat(told[name]) for name in ("from", "to")))
            job = self._open(customer_id, fresh, period, now)
        self._wake(customer_id)
        return job

    def run(self, customer_id: int, wanted: Wanted, by: str, progress: Progress) -> Document:
        """A backfill that a person waits for; one of the same days that died goes on.

        Returns its document. Raises UsageError as ``ask``.
        """
        customers.load(customer_id)
        period_of(wanted.since, wanted.until, self._home.clock.now())
        pace = self._home.pace
        try:
            with hold(
                customer_id,
                pace.lease_seconds,
                wait=is_left_behind(customer_id, "job_leases"),
                table="job_leases",
            ) as own:
                job = self._begin(customer_id, wanted, by, resume=True)
                carrying = Carrying(self._home, customer_id, job, "", progress)
                taken = self._take_here(own, carrying)
        except LeaseBusy:
            raise _running(jobs.load(customer_id, BACKFILL)) from None
        if taken.end is End.NO_KEY and self._home.asking.can_ask:
            return self._with_key_of_upsales(customer_id, carrying, progress)
        assert carrying.document is not None  # noqa: S101  (every other end makes one)
        return carrying.document

    def _take_here(self, own: Lease, carrying: Carrying) -> Taken:
        try:
            return self._turns(carrying, self._home.pause, most_waiting=None).take(own)
        except KeyboardInterrupt:
            carrying.put_aside("paused")
            raise

    def _begin(self, customer_id: int, wanted: Wanted, by: str, *, resume: bool) -> Job:
        now = self._home.clock.now()
        customers.load(customer_id)
        period = period_of(wanted.since, wanted.until, now)
        with database.transaction():
            versions.one_at_a_time(customer_id)
            before = jobs.load(customer_id, BACKFILL)
            if before and before.progress["state"] != "done":
                if resume and wanted.is_what(before.progress):
                    told = {**before.progress, "state": "running", "reason": None}
                    jobs.advance(customer_id, BACKFILL, told, now)
                    jobs.wish(customer_id, BACKFILL, "", now)
                    return Job(BACKFILL, before.run_id, now, told, "")
                if before.progress["state"] != "failed" and not _is_idle_preview(before, resume):
                    raise _running(before)
                self._give_up(customer_id, before, now)
            return self._open(customer_id, wanted.as_progress(period, by, now), period, now)

    def _open(self, customer_id: int, told: dict[str, Any], period: Period, now: datetime) -> Job:
        run_id = PREVIEW
        if told["commit"]:
            run_id = runs.open_run(
                customer_id,
                runs.BACKFILL,
                now=now,
                window_from=period.start,
                window_to=period.end,
                settings_version=rules_of(customer_id).version,
            )
        jobs.put(customer_id, BACKFILL, run_id, told, now)
        return Job(BACKFILL, run_id, now, told, "")

    def _give_up(self, customer_id: int, job: Job, now: datetime) -> None:
        """Another takes the place of one that could not go on."""
        if job.run_id == PREVIEW:
            return
        taken_back.withdraw_run(customer_id, job.run_id, now)
        runs.close_run(
            customer_id,
            job.run_id,
            status="failed",
            now=now,
            complete=False,
            report=None,
            reason=job.progress.get("reason") or "Another was asked for in its place.",
        )

    # ------------------------------------------------------------------ a person's wishes

    def pause(self, customer_id: int) -> None:
        """Let it end after the write that it is making; it can go on later."""
        jobs.wish(customer_id, BACKFILL, "pause", self._home.clock.now())
        self._wake(customer_id)

    def stop(self, customer_id: int) -> None:
        """Let it end for good: what is written stays, what is not is taken back."""
        jobs.wish(customer_id, BACKFILL, "stop", self._home.clock.now())
        self._wake(customer_id)

    def go_on(self, customer_id: int) -> None:
        """Let one that was paused, or could not go on, go on."""
        now = self._home.clock.now()
        with database.transaction():
            versions.one_at_a_time(customer_id)
            job = jobs.load(customer_id, BACKFILL)
            if job is None or job.progress["state"] == "done":
                return
            told = {**job.progress, "state": "running", "reason": None}
            jobs.advance(customer_id, BACKFILL, told, now)
            jobs.wish(customer_id, BACKFILL, "", now)
        self._wake(customer_id)

    # ------------------------------------------------------------------ carrying out

    def is_at_work(self, customer_id: int) -> bool:
        """Whether a backfill is being carried out: it gives the lease to a poll that waits."""
        return is_held(customer_id, "job_leases")

    def with_key(self, customer_id: int, key: str) -> None:
        """A key came with a request: what waits for one goes on, in this process."""
        job = jobs.load(customer_id, BACKFILL)
        if job and job.progress["state"] == "running":
            self._keys[customer_id] = key
            self._keyed.put(customer_id)

    def _run_keyed(self, customer_id: int) -> None:
        with database.session():
            self.run_due(customer_id, self._keys.pop(customer_id, ""))

    def join(self) -> None:
        """Wait until what goes on with a key of a request has ended."""
        self._keyed.join()

    def close(self) -> None:
        """Take on nothing more; what is going on ends after its write, and goes on elsewhere."""
        self._closing = True
        self._keyed.close()

    def run_due(self, customer_id: int, key: str = "") -> None:
        """Carry out what is due for a customer; nothing where another process is at it."""
        job = jobs.load(customer_id, BACKFILL)
        if job is None or (job.progress["state"] != "running" and not job.wish):
            return
        pace = self._home.pace
        try:
            with hold(customer_id, pace.lease_seconds, wait=False, table="job_leases") as own:
                carrying = Carrying(self._home, customer_id, job, key, lambda text: None)
                taken = self._turns(carrying, self._home.pause, most_waiting=_SOON).take(own)
                self._leave(customer_id, taken, carrying)
        except LeaseBusy:
            return
        except LeaseLost:
            log.info("backfill lease lost", customer=customer_id)

    def _leave(self, customer_id: int, taken: Taken, carrying: Carrying) -> None:
        """Say when what could not go on is due again."""
        now = self._home.clock.now()
        if taken.end is End.LATER:
            jobs.postpone(customer_id, BACKFILL, now + timedelta(seconds=taken.wait))
        elif taken.end is End.NO_KEY:
            jobs.postpone(customer_id, BACKFILL, now + _ASK_AGAIN)
            if not self._home.asking.ask(customer_id, asked=True):
                carrying.put_aside("failed", str(taken.error))
        elif taken.end is End.FAILED and taken.error and taken.error.exit_status == 4:
            minutes = self._home.config.poll_minutes
            carrying.put_aside("running", taken.error.sentence)
            jobs.postpone(customer_id, BACKFILL, next_due(customer_id, now, minutes))

    def _turns(self, carrying: Carrying, pause: Pause, most_waiting: float | None) -> Turns:
        home = self._home
        return Turns(
            carrying.customer_id,
            BACKFILL,
            carrying.turn,
            home.pace,
            home.clock,
            pause,
            most_waiting,
            lambda: self._closing,
        )

    def _with_key_of_upsales(
        self, customer_id: int, carrying: Carrying, progress: Progress
    ) -> Document:
        """The document of the backfill that goes on where Upsales sends the key."""
        progress("Asking Upsales for the key")
        taken = self._home.asking.ask(customer_id, asked=True)
        until = monotonic() + (KEY_WITHIN if taken else 0.0)
        while taken:
            done = _document_of(customer_id, carrying.job.run_id)
            if done:
                return done
            if monotonic() >= until and not self.is_at_work(customer_id):
                break
            self._home.pause(_LOOK)
        carrying.put_aside("failed", _NOT_COME)
        assert carrying.document is not None  # noqa: S101  (made when the key was missed)
        return carrying.document | {"reason": _NOT_COME}


def _is_idle_preview(job: Job, alone: bool) -> bool:
    """A preview that nobody carries out, as who asks holds its lease; it wrote nothing."""
    return alone and not job.progress["commit"]


def _running(job: Job | None) -> UsageError:
    if job is None:
        return UsageError("One is running already. Wait until it has ended.")
    since, until = job.progress["since"], job.progress["until"] or "now"
    return UsageError(
        f"One is running already, from {since} to {until}. Wait until it has ended, go on with it "
        "by the same command, or stop it on its page."
    )


def _document_of(customer_id: int, run_id: str) -> Document | None:
    """The document of a backfill that is done; None while it is not."""
    if run_id != PREVIEW:
        run = runs.load(customer_id, run_id)
        return run.report if run and run.ended_at else None
    job = jobs.load(customer_id, BACKFILL)
    return job.progress.get("document") if job and job.progress["state"] == "done" else None
