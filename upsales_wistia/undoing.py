"""Taking back what a run, a version of the settings or one view wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from .clients.upsales import UpsalesClient
from .clock import monotonic
from .errors import AppError, LeaseBusy, LeaseLost, NoUpsalesKey, UsageError, UsedUp
from .opening import Opening
from .queues import Kind
from .store import customers, database, jobs, runs, taken_back, versions
from .store.jobs import NEVER, UNDO, Job
from .store.leases import Lease, hold, is_held, is_left_behind
from .store.taken_back import Chosen, Standing
from .sync.queue import LocalQueue
from .sync.report import code_of
from .sync.run import Document
from .sync.schedule import next_due
from .sync.scheduler import tick
from .sync.turns import End, Taken, Turns
from .sync.undo import Undo, take_back
from .sync.work import Progress

if TYPE_CHECKING:
    from .services import Services

log = structlog.get_logger(__name__)

_KEY_WITHIN = 60.0
_LOOK = 0.5
_SOON = 60.0
_ASK_AGAIN = timedelta(minutes=10)
_KEYED_THREADS = 2
_ONE_RUNS = "Something is being taken back already. Wait until it has ended."
_NOTHING = "Nothing of it is in Upsales, so there is nothing to take back."
_NO_KEY = (
    "Upsales was asked for a key and has sent none within a minute. See that the app is being "
    "served, and that Upsales reaches it. Nothing is lost: the same command goes on."
)


class Undoing:
    """What is taken back in a process; one thing of a customer at a time."""

    def __init__(self, services: Services) -> None:
        """``services`` is the object graph that this is a part of."""
        self._home = services
        self._keys: dict[int, str] = {}
        self._closing = False
        self._keyed = LocalQueue(self._run_keyed, _KEYED_THREADS, repeats=True)

    def kind(self) -> Kind:
        """This as work that is queued when it is due."""
        return Kind(
            UNDO, self._run_queued, partial(tick, kind=UNDO), repeats=True, done_anywhere=True
        )

    def foresee(self, customer_id: int, chosen: Chosen) -> Standing:
        """What would be taken back. Raises UsageError where there is nothing, or no more."""
        customers.load(customer_id)
        _check_known(customer_id, chosen)
        found = taken_back.standing(customer_id, chosen)
        if not found.entries and found.undone and found.at:
            raise UsageError(f"Already taken back on {found.at.day} {found.at:%b %Y}.")
        if not found.entries:
            raise UsageError(_NOTHING)
        return found

    def ask(self, customer_id: int, chosen: Chosen, by: str) -> None:
        """Let it be taken back soon. Raises UsageError as ``foresee``, and while one goes on."""
        self._begin(customer_id, chosen, by, resume=False)
        self._home.queues.put(UNDO, customer_id)

    def run(self, customer_id: int, chosen: Chosen, by: str, progress: Progress) -> Document:
        """Take it back now; one of the same that died goes on. Returns what was done."""
        customers.load(customer_id)
        pace = self._home.pace
        wait = is_left_behind(customer_id, "job_leases")
        try:
            with hold(customer_id, pace.lease_seconds, wait=wait, table="job_leases") as own:
                self._begin(customer_id, chosen, by, resume=True)
                taking = _Taking(self._home, customer_id, "", progress)
                taken = self._turns(taking, most_waiting=None).take(own)
        except LeaseBusy:
            raise UsageError(_ONE_RUNS) from None
        if taken.end is End.NO_KEY and self._home.asking.can_ask:
            return self._with_key_of_upsales(customer_id, progress)
        return document(customer_id, taken.error)

    def go_on(self, customer_id: int) -> None:
        """Let what could not go on go on."""
        job = jobs.load(customer_id, UNDO)
        if job and job.progress["state"] == "failed":
            told = {**job.progress, "state": "running", "reason": None}
            jobs.advance(customer_id, UNDO, told, self._home.clock.now())
            self._home.queues.put(UNDO, customer_id)

    def write_again(self, customer_id: int, chosen: Chosen, by: str) -> int:
        """Let what was taken back be written by the next run; returns how many entries."""
        count = taken_back.write_again(customer_id, chosen, by, self._home.clock.now())
        if count:
            self._home.run_soon(customer_id)
        return count

    def with_key(self, customer_id: int, key: str) -> None:
        """A key came with a request: what waits for one goes on, in this process."""
        job = jobs.load(customer_id, UNDO)
        if job and job.progress["state"] == "running":
            self._keys[customer_id] = key
            self._keyed.put(customer_id)

    def close(self) -> None:
        """Take on nothing more; what is going on ends after its entry, and goes on elsewhere."""
        self._closing = True
        self._keyed.close()

    def run_due(self, customer_id: int, key: str = "") -> None:
        """Carry out what is due for a customer; nothing where another process is at it."""
        job = jobs.load(customer_id, UNDO)
        if job is None or job.progress["state"] != "running":
            return
        seconds = self._home.pace.lease_seconds
        try:
            with hold(customer_id, seconds, wait=False, table="job_leases") as own:
                taking = _Taking(self._home, customer_id, key, lambda text: None)
                self._leave(customer_id, self._turns(taking, most_waiting=_SOON).take(own))
        except LeaseBusy:
            return
        except LeaseLost:
            log.info("undo lease lost", customer=customer_id)

    def _run_keyed(self, customer_id: int) -> None:
        with database.session():
            self.run_due(customer_id, self._keys.pop(customer_id, ""))

    def _run_queued(self, customer_id: int) -> None:
        with database.session():
            self.run_due(customer_id)

    def _leave(self, customer_id: int, taken: Taken) -> None:
        """Say when what could not go on is due again."""
        now = self._home.clock.now()
        if taken.end is End.LATER:
            jobs.postpone(customer_id, UNDO, now + timedelta(seconds=taken.wait))
        elif taken.end is End.NO_KEY:
            jobs.postpone(customer_id, UNDO, now + _ASK_AGAIN)
            self._home.asking.ask(customer_id, asked=True)
        elif taken.end is End.FAILED and taken.error and taken.error.exit_status == 4:
            minutes = self._home.config.poll_minutes
            put_aside(customer_id, "running", taken.error.sentence)
            jobs.postpone(customer_id, UNDO, next_due(customer_id, now, minutes))

    def _begin(self, customer_id: int, chosen: Chosen, by: str, *, resume: bool) -> None:
        now = self._home.clock.now()
        with database.transaction():
            versions.one_at_a_time(customer_id)
            before = jobs.load(customer_id, UNDO)
            told = before.progress if before else {"state": "done"}
            if told["state"] == "running" or (resume and told["state"] == "failed"):
                if not (resume and Undo.of(before).chosen == chosen if before else False):
                    raise UsageError(_ONE_RUNS)
                jobs.advance(customer_id, UNDO, {**told, "state": "running", "reason": None}, now)
                return
            found = self.foresee(customer_id, chosen)
            told = {
                "column": chosen.column,
                "value": chosen.value,
                "by": by,
                "asked_at": now.isoformat(),
                "state": "running",
                "entries": found.entries,
                "forms": found.forms,
                "after": 0,
                "done": 0,
                "refused": 0,
                "answers": [],
            }
            jobs.put(customer_id, UNDO, "", told, now)

    def _turns(self, taking: _Taking, most_waiting: float | None) -> Turns:
        home = self._home
        return Turns(
            taking.customer_id,
            UNDO,
            taking.turn,
            home.pace,
            home.clock,
            home.pause,
            most_waiting,
            lambda: self._closing,
        )

    def _with_key_of_upsales(self, customer_id: int, progress: Progress) -> Document:
        progress("Asking Upsales for the key")
        taken = self._home.asking.ask(customer_id, asked=True)
        until = monotonic() + (_KEY_WITHIN if taken else 0.0)
        while taken:
            job = jobs.load(customer_id, UNDO)
            if job and job.progress["state"] == "done":
                return document(customer_id, None)
            if monotonic() >= until and not is_held(customer_id, "job_leases"):
                break
            self._home.pause(_LOOK)
        put_aside(customer_id, "failed", _NO_KEY)
        return document(customer_id, NoUpsalesKey(_NO_KEY))


def _check_known(customer_id: int, chosen: Chosen) -> None:
    if chosen.column == "run_id" and runs.load(customer_id, str(chosen.value)) is None:
        raise UsageError("No run has this number. See the runs on the status page.")
    if chosen.column == "settings_version":
        number = int(chosen.value)
        if number >= 10**9 or versions.numbered(customer_id, number) is None:
            raise UsageError("The settings have no version of this number.")


def put_aside(customer_id: int, state: str, reason: str | None = None) -> None:
    """Keep what could not go on; ``failed`` waits for a person."""
    job = jobs.load(customer_id, UNDO)
    if job is not None and job.progress["state"] != "done":
        due = None if state == "running" else NEVER
        jobs.advance(customer_id, UNDO, {**job.progress, "state": state, "reason": reason}, due)


def document(customer_id: int, error: AppError | None) -> Document:
    """What was taken back, and what Upsales refused."""
    job = jobs.load(customer_id, UNDO)
    told: dict[str, Any] = job.progress if job else {}
    status = "failed" if error else "partial" if told.get("refused") else "ok"
    return {
        "customer": customer_id,
        told.get("column", "run_id"): told.get("value"),
        "commit": True,
        "status": status,
        "reason": error.sentence if error else None,
        "code": code_of(error),
        "entries": told.get("entries", 0),
        "forms": told.get("forms", 0),
        "taken_back": told.get("done", 0),
        "refused": [
            {"event_key": key, "answer": answer} for key, answer in told.get("answers", [])
        ],
    }


@dataclass
class _Taking:
    """Something that is being taken back, in the hands of this process."""

    home: Services
    customer_id: int
    key: str = field(repr=False)
    progress: Progress

    def turn(self, lease: Lease, over: Callable[[], bool]) -> Taken:
        """Take back entries until the last, or until others want the lease."""
        job = jobs.load(self.customer_id, UNDO)
        if job is None or job.progress["state"] == "done":
            return Taken(End.DONE)
        opening = Opening(self.home, self.customer_id, UpsalesClient, self.key, run_id="undo")
        work = opening(lease, True, self.progress)
        work.breaks = over
        try:
            return self._turn(work, job)
        finally:
            work.close()

    def _turn(self, work: Any, job: Job) -> Taken:
        undo = Undo.of(job)
        try:
            if not take_back(work, undo):
                return Taken(End.MORE)
        except LeaseLost:
            raise
        except UsedUp as error:
            return Taken(End.LATER, error.wait)
        except NoUpsalesKey as error:
            return Taken(End.NO_KEY, error=error)
        except AppError as error:
            put_aside(self.customer_id, "failed", error.sentence)
            return Taken(End.FAILED, error=error)
        with work.lease.commit():
            jobs.advance(self.customer_id, UNDO, {**undo.progress, "state": "done"}, NEVER)
        return Taken(End.DONE)
