"""One run of one customer: the single way through the house.

    claim the lease ─▶ read all pages ─▶ sieve ─▶ look up who is not known ─▶ sieve
                    ─▶ write forms ─▶ sieve ─▶ write activities ─▶ close the report

Any process may die at any point; the next run goes on from what is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..clock import monotonic
from ..errors import (
    AppError,
    LeaseBusy,
    LeaseLost,
    NotConfigured,
    NoUpsalesKey,
    ShareUsed,
    Throttled,
    UsedUp,
)
from ..store import customers, outbox, runs, sieve
from ..store.leases import Lease, hold, is_held
from .adopt import note_gap
from .hints import note_hints
from .poll import read_window
from .report import document, spent
from .schedule import next_due
from .settle import settle
from .share import Part, forget, keep
from .sieve import reopen_after_change, reopen_ignored, reopen_unsent, sieve_views
from .todos import deliver_todos
from .work import Progress, Work
from .writing import sieve_and_look_up, write

log = structlog.get_logger(__name__)

Document = dict[str, Any]

_OF_WISTIA = frozenset(
    ["unauthorized_scope", "unauthorized_credentials", "account_inactive", "wistia_away"]
)
_BROKEN = "Something broke on our side. The next run goes on and nothing is lost."


@dataclass(frozen=True, slots=True)
class Pace:
    """How a deployment polls: the interval in minutes, the lease in seconds.

    Without ``heartbeat`` nothing renews the lease in the background (a dry run's own copy).
    """

    poll_minutes: float
    lease_seconds: float
    heartbeat: bool = True


OpenWork = Callable[[Lease, bool, Progress], Work]


def run_customer(
    customer_id: int,
    open_work: OpenWork,
    pace: Pace,
    *,
    asked: bool = False,
    wait: bool = False,
    due_at: datetime | None = None,
    progress: Progress = lambda text: None,
) -> Document | None:
    """Run one customer and return the run's document.

    ``asked`` says that a person asked for it: the run then waits for one that is going on, and
    also tries items whose time has not come; with ``wait`` it only waits. Otherwise None is
    returned when another process is at work on this customer, or, with ``due_at`` (aware UTC),
    when it is not due by then: several processes may have queued it. Raises UsageError for an
    unknown customer, ShareUsed when it made room for others and goes on later.
    """
    customers.load(customer_id)
    if (asked or wait) and is_held(customer_id):
        progress("Another run is going on; this one starts when it ends")
    try:
        with hold(
            customer_id, pace.lease_seconds, wait=asked or wait, heartbeat=pace.heartbeat
        ) as lease:
            if due_at is not None and not _is_due(customer_id, due_at):
                return None
            return _run(open_work(lease, asked, progress), pace)
    except LeaseBusy:
        return None


def _is_due(customer_id: int, now: datetime) -> bool:
    due = customers.due_at(customer_id, "poll")
    return due is not None and due <= now


def _run(work: Work, pace: Pace) -> Document:
    started = monotonic()
    with structlog.contextvars.bound_contextvars(customer=work.customer_id, run=work.run_id):
        try:
            error = _steps(work)
            note_hints(work)
            made = document(work, error, monotonic() - started)
            _close(work, made, error, pace)
        except LeaseLost:
            raise
        except ShareUsed:
            _make_room(work, monotonic() - started)
            raise
        except Exception:
            # Pushed out before it is raised: a customer that breaks us must not do so at once
            # again, nor stop the others.
            _put_off(work, pace)
            raise
        finally:
            work.close()
        log.info("run closed", status=made["status"], code=made["code"])
    return made


def _make_room(work: Work, seconds: float) -> None:
    """Keep how far the run is; it goes on after those who are due by now."""
    window = work.window
    part = Part(
        work.run_id,
        window.start,
        window.end,
        window.read_from,
        work.rules.version,
        work.reached,
        work.counts,
        spent(work, seconds),
    )
    with work.lease.commit():
        keep(work.customer_id, part)
        customers.set_due(work.customer_id, "poll", work.clock.now())
    log.info("run makes room", rows=work.reached.rows if work.reached else None)


def _put_off(work: Work, pace: Pace) -> None:
    now = work.clock.now()
    with work.lease.commit():
        runs.close_dead(work.customer_id, now, _BROKEN)
        forget(work.customer_id)
        customers.set_due(
            work.customer_id, "poll", next_due(work.customer_id, now, pace.poll_minutes)
        )


def _steps(work: Work) -> AppError | None:
    """All steps in order; returns what ended them early."""
    after_the_dead(work)
    note_gap(work)
    read = False
    try:
        check(work)
        reopen_after_change(work)
        if work.reads:
            read_window(work)
        read = True
        settle(work)
        reopen_unsent(work)
        reopen_ignored(work)
        sieve_and_look_up(work)
        write(work)
        deliver_todos(work)
    except LeaseLost:
        raise
    except AppError as error:
        if read and isinstance(error, NoUpsalesKey | UsedUp):
            sieve_views(work)  # It may have ended before anything was decided.
        if read and work.key_comes and isinstance(error, NoUpsalesKey):
            return None  # It is asked for, and what needs it is done where it arrives.
        if read and isinstance(error, UsedUp):
            work.resume_in = error.wait  # Nobody failed: the rest is written later.
            return None
        sieve_views(work, plan=read)
        return error
    return None if work.reads else _unread(work)


def _unread(work: Work) -> AppError | None:
    """What kept the run before from reading: one that does not read cannot say that it is over."""
    before = runs.before(work.customer_id, work.run_id)
    if before is None or before.code not in _OF_WISTIA:
        return None
    return AppError(before.reason or "", code=before.code)


def after_the_dead(work: Work) -> None:
    """What a run that died in its sending left behind: it may be there or not."""
    now = work.clock.now()
    with work.lease.commit():
        if outbox.orphans_to_uncertain(work.lease, now + work.settle):
            sieve.reopen_code(work.customer_id, "form_first", now)


def check(work: Work) -> None:
    """Raise NotConfigured, with the next step, when there is nothing a run may do."""
    if not work.connected:
        raise NotConfigured("Wistia is not connected yet. Paste an API token.")
    blocking = [problem for problem in work.rules.problems if problem.blocks]
    if blocking:
        raise NotConfigured(blocking[0].sentence)
    if not work.enabled_targets():
        raise NotConfigured("Nothing is switched on. Turn on the activity log, forms, or both.")


def _close(work: Work, made: Document, error: AppError | None, pace: Pace) -> None:
    now = work.clock.now()
    due = next_due(work.customer_id, now, pace.poll_minutes)
    wait = error.wait if isinstance(error, Throttled) else work.resume_in
    due = max(due, now + timedelta(seconds=wait))
    with work.lease.commit():
        runs.close_run(
            work.customer_id,
            work.run_id,
            status=made["status"],
            now=now,
            complete=error is None,
            report=made,
            code=made["code"],
            reason=made["reason"],
        )
        customers.set_due(work.customer_id, "poll", due)
        forget(work.customer_id)
        work.count_calls()
