"""A backfill in the hands of the process that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from .clients.upsales import UpsalesClient
from .errors import AppError, LeaseLost, NoUpsalesKey, Throttled, UsedUp
from .opening import Opening
from .store import checks, jobs, runs, taken_back
from .store.jobs import BACKFILL, NEVER, Job
from .store.leases import Lease
from .sync.asked import Backfill
from .sync.backfill import carry_on, note_requests
from .sync.foreseen import foresee
from .sync.period import seconds_for
from .sync.report import document_of, standing
from .sync.run import Document
from .sync.turns import End, Taken
from .sync.work import Progress, Work

if TYPE_CHECKING:
    from .services import Services

PREVIEW = "preview"
"""The run that is none: a preview writes nothing, so nothing needs to say that it did."""

_ONE_LOOK = 30.0
_LOOKS = 120.0
_LEAST = 0.1
"""Seconds: how long a backfill waits at its end for a look at what is in doubt, and in all."""


@dataclass
class Carrying:
    """A backfill in the hands of this process, turn after turn."""

    home: Services
    customer_id: int
    job: Job
    key: str = field(repr=False)
    progress: Progress
    document: Document | None = None
    waited: float = 0.0

    def turn(self, lease: Lease, over: Callable[[], bool]) -> Taken:
        """Do days until the last, or until others want the lease."""
        job = jobs.load(self.customer_id, BACKFILL)
        if job is None or job.progress["state"] == "done":
            return Taken(End.DONE)
        self.job = job
        opening = Opening(self.home, self.customer_id, UpsalesClient, self.key, run_id=job.run_id)
        work = opening(lease, True, self.progress)
        work.own_rows, work.breaks = True, over
        backfill = Backfill.of(job)
        with structlog.contextvars.bound_contextvars(customer=self.customer_id, run=job.run_id):
            try:
                return self._turn(work, backfill)
            finally:
                work.close()

    def _turn(self, work: Work, backfill: Backfill) -> Taken:
        if self.job.wish == "stop":
            return self._stop(work, backfill)
        if self.job.wish == "pause":
            self.put_aside("paused")
            return Taken(End.PAUSED)
        try:
            if not carry_on(work, backfill):
                return Taken(End.MORE)
        except LeaseLost:
            raise
        except UsedUp as error:
            return Taken(End.LATER, error.wait)
        except AppError as error:
            self.document = self._made(work, backfill, error)
            if isinstance(error, NoUpsalesKey):
                return Taken(End.NO_KEY, error=error)
            self.put_aside("failed", error.sentence)
            return Taken(End.FAILED, error.wait if isinstance(error, Throttled) else 0.0, error)
        finally:
            note_requests(work, backfill)
        look = self._wait_to_look(work) if backfill.commit else 0.0
        if look:
            return Taken(End.LATER, look)
        self._end(work, backfill)
        return Taken(End.DONE)

    def _wait_to_look(self, work: Work) -> float:
        """Seconds until a write in doubt can be looked at; 0 when that is left to the runs.

        One that was being sent when a process died is soon known to be there, or not.
        """
        moment = checks.next_look(self.customer_id, work.run_id)
        if moment is None:
            return 0.0
        wait = max((moment - work.clock.now()).total_seconds(), _LEAST)
        if wait > _ONE_LOOK or self.waited + wait > _LOOKS:
            return 0.0
        self.waited += wait
        return wait

    def _made(self, work: Work, backfill: Backfill, error: AppError | None) -> Document:
        """The document as things stand; of a preview what it would write, and how long it takes."""
        if backfill.commit:
            period = backfill.period
            return document_of(work, backfill, standing(work, period.start, period.end), error)
        found = foresee(work, backfill)
        made = document_of(work, backfill, found.tallies, error)
        written = made["written"]
        return made | {
            "points": found.companies,
            "seconds_to_write": round(seconds_for(written["activities"], written["forms"])),
        }

    def _end(self, work: Work, backfill: Backfill) -> None:
        self.document = self._made(work, backfill, None)
        with work.lease.commit():
            if backfill.commit:
                self._close(work, self.document)
            else:
                told = {**backfill.progress, "state": "done", "document": self.document}
                jobs.advance(self.customer_id, BACKFILL, told, NEVER)

    def _stop(self, work: Work, backfill: Backfill) -> Taken:
        """End it where it stands: what is written stays."""
        now = work.clock.now()
        with work.lease.commit():
            taken_back.withdraw_run(self.customer_id, work.run_id, now)
        if backfill.commit:
            made = self._made(work, backfill, None)
            self.document = made | {"status": "partial", "reason": "It was stopped by a person."}
            with work.lease.commit():
                self._close(work, self.document)
        else:
            jobs.drop(self.customer_id, BACKFILL)
        return Taken(End.DONE)

    def _close(self, work: Work, made: Document) -> None:
        runs.close_run(
            self.customer_id,
            work.run_id,
            status=made["status"],
            now=work.clock.now(),
            complete=made["reason"] is None,
            report=made,
            code=made["code"],
            reason=made["reason"],
        )
        jobs.drop(self.customer_id, BACKFILL)

    def put_aside(self, state: str, reason: str | None = None) -> None:
        """Keep it for later: ``paused`` and ``failed`` wait for a person."""
        job = jobs.load(self.customer_id, BACKFILL)
        if job is None or job.progress["state"] == "done":
            return
        told = {**job.progress, "state": state, "reason": reason}
        due = None if state == "running" else NEVER
        jobs.advance(self.customer_id, BACKFILL, told, due)
        if state != "running":
            jobs.wish(self.customer_id, BACKFILL, "", NEVER)
