"""Runs of the five jobs and their paid calls.

The intent is committed before a call, the answer after it, each only while the lease is mine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from peewee import fn
from uuid6 import uuid7

from ..errors import UsageError
from .leases import Lease
from .models_enrichment import CreditRow, EnrichmentRunRow, EnrichmentStepRow


class RunState(StrEnum):
    """Where a run stands. ``asks`` waits for a person's answer to a question of Mave's."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    ASKS = "asks"


UNFINISHED = frozenset(RunState) - {RunState.DONE}
"""What is gone on with instead of being begun anew."""

GOING = frozenset({RunState.QUEUED, RunState.RUNNING})
"""What is carried out now or soon, or was when its process died."""


class StepState(StrEnum):
    """Where a paid call stands.

    ``unreadable`` was answered, and charged; ``uncertain`` may have been; ``refused`` was not.
    """

    SENDING = "sending"
    ANSWERED = "answered"
    UNREADABLE = "unreadable"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class EnrichmentRun:
    """One run of a job. Times are aware UTC; ``about`` and ``most`` are credits.

    ``wanted`` is what was asked for with it, ``material`` what it asks Mavera about (None before
    it began and when it is done), ``result`` what it found so far.
    """

    id: str
    job: str
    subject: str
    state: RunState
    asked_by: str
    wanted: dict[str, Any]
    created_at: datetime
    ended_at: datetime | None
    about: int
    most: int
    code: str | None
    reason: str | None
    material: Any
    result: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One paid call; ``answer`` is the JSON as it came, ``problem`` why there is none."""

    id: int
    run_id: str
    key: str
    operation: str
    label: str
    body: Any
    state: StepState
    used_before: float | None
    sent_at: datetime
    done_at: datetime | None
    answer: Any
    credits: float | None
    problem: str


def create(
    customer_id: int,
    job: str,
    *,
    subject: str,
    asked_by: str,
    wanted: Mapping[str, Any],
    now: datetime,
) -> EnrichmentRun:
    """A run that is asked for; it begins when somebody takes it on."""
    run_id = str(uuid7())
    EnrichmentRunRow.insert(
        id=run_id,
        customer_id=customer_id,
        job=job,
        subject=subject,
        state=RunState.QUEUED,
        asked_by=asked_by,
        wanted=dict(wanted),
        created_at=now,
        about=0,
        most=0,
    ).execute()
    return load(customer_id, run_id)


def load(customer_id: int, run_id: str) -> EnrichmentRun:
    """A run. Raises UsageError for an unknown one."""
    row = EnrichmentRunRow.get_or_none(
        EnrichmentRunRow.customer_id == customer_id, EnrichmentRunRow.id == run_id
    )
    if row is None:
        raise UsageError("There is no such run.")
    return _run(row)


def runs(
    customer_id: int,
    job: str | None = None,
    *,
    subject: str | None = None,
    states: Sequence[RunState] = (),
    limit: int = 20,
) -> list[EnrichmentRun]:
    """The newest runs of a job, or of all; newest first."""
    query = EnrichmentRunRow.select().where(EnrichmentRunRow.customer_id == customer_id)
    if job is not None:
        query = query.where(EnrichmentRunRow.job == job)
    if subject is not None:
        query = query.where(EnrichmentRunRow.subject == subject)
    if states:
        query = query.where(EnrichmentRunRow.state.in_([state.value for state in states]))
    newest = query.order_by(EnrichmentRunRow.created_at.desc(), EnrichmentRunRow.id.desc())
    return [_run(row) for row in newest.limit(limit)]


def queue(customer_id: int, run_id: str, wanted: Mapping[str, Any]) -> None:
    """Let a run that ended early go on, with what is asked for now."""
    (
        EnrichmentRunRow.update(
            state=RunState.QUEUED, wanted=dict(wanted), ended_at=None, code=None, reason=None
        )
        .where(EnrichmentRunRow.customer_id == customer_id, EnrichmentRunRow.id == run_id)
        .execute()
    )


def want(customer_id: int, run_id: str, wanted: Mapping[str, Any]) -> None:
    """Store what is asked for with a run; it looks before each call."""
    (
        EnrichmentRunRow.update(wanted=dict(wanted))
        .where(EnrichmentRunRow.customer_id == customer_id, EnrichmentRunRow.id == run_id)
        .execute()
    )


def change(lease: Lease, run_id: str, **columns: Any) -> None:
    """Store how a run goes on. Raises LeaseLost, storing nothing, when it is not mine any more."""
    with lease.commit():
        (
            EnrichmentRunRow.update(**columns)
            .where(EnrichmentRunRow.customer_id == lease.customer_id, EnrichmentRunRow.id == run_id)
            .execute()
        )


def steps(customer_id: int, run_id: str) -> list[Step]:
    """The paid calls of a run, in the order in which they were made."""
    rows = EnrichmentStepRow.select().where(
        EnrichmentStepRow.customer_id == customer_id, EnrichmentStepRow.run_id == run_id
    )
    return [_step(row) for row in rows.order_by(EnrichmentStepRow.id)]


def step(customer_id: int, run_id: str, key: str) -> Step | None:
    """One paid call of a run; None when it was not made yet."""
    return next((one for one in steps(customer_id, run_id) if one.key == key), None)


def left_for_mavera(customer_id: int, before: int | None = None, limit: int = 50) -> list[Step]:
    """Bodies that left, newest first; ``before`` goes on after the step of that number."""
    rows = EnrichmentStepRow.select().where(EnrichmentStepRow.customer_id == customer_id)
    if before is not None:
        rows = rows.where(EnrichmentStepRow.id < before)
    return [_step(row) for row in rows.order_by(EnrichmentStepRow.id.desc()).limit(limit)]


def left_once(customer_id: int, number: int) -> Step:
    """One body that left, with what came back. Raises UsageError for an unknown one."""
    row = EnrichmentStepRow.get_or_none(
        EnrichmentStepRow.customer_id == customer_id, EnrichmentStepRow.id == number
    )
    if row is None:
        raise UsageError("There is no such step.")
    return _step(row)


def intend(
    lease: Lease,
    run_id: str,
    key: str,
    *,
    operation: str,
    label: str,
    body: Any,
    used_before: float | None,
    now: datetime,
) -> Step:
    """Commit the intent to make a call; one that surely was not made takes the new body."""
    with lease.commit():
        EnrichmentStepRow.delete().where(
            EnrichmentStepRow.customer_id == lease.customer_id,
            EnrichmentStepRow.run_id == run_id,
            EnrichmentStepRow.key == key,
        ).execute()
        EnrichmentStepRow.insert(
            customer_id=lease.customer_id,
            run_id=run_id,
            key=key,
            operation=operation,
            label=label,
            body=body,
            state=StepState.SENDING,
            used_before=used_before,
            sent_at=now,
            problem="",
        ).execute()
    made = step(lease.customer_id, run_id, key)
    assert made is not None  # noqa: S101  (inserted just now)
    return made


def withdraw(lease: Lease, step: Step) -> None:
    """The call was surely not made."""
    with lease.commit():
        EnrichmentStepRow.delete().where(EnrichmentStepRow.id == step.id).execute()


def conclude(
    lease: Lease,
    step: Step,
    state: StepState,
    *,
    now: datetime,
    answer: Any = None,
    problem: str = "",
) -> None:
    """Store what came of a call that was not charged, or of which that is not known."""
    with lease.commit():
        _conclude(step, state, now, answer, problem, None)


def charge(
    lease: Lease,
    step: Step,
    state: StepState,
    *,
    job: str,
    answer: Any,
    credits: float,
    how: str,
    now: datetime,
    problem: str = "",
) -> None:
    """Store the answer of a call and what it cost, both or neither."""
    with lease.commit():
        _conclude(step, state, now, answer, problem, credits)
        CreditRow.insert(
            customer_id=lease.customer_id,
            job=job,
            run_id=step.run_id,
            step=step.key,
            credits=credits,
            how=how,
            at=now,
        ).execute()


def forget_refused(lease: Lease, run_id: str) -> None:
    """Let what Mavera refused be asked once more: it was not charged."""
    with lease.commit():
        EnrichmentStepRow.delete().where(
            EnrichmentStepRow.customer_id == lease.customer_id,
            EnrichmentStepRow.run_id == run_id,
            EnrichmentStepRow.state == StepState.REFUSED,
        ).execute()


def spent(customer_id: int, since: datetime, *, job: str | None = None) -> dict[str, float]:
    """Credits spent since (aware UTC), by job."""
    query = CreditRow.select(CreditRow.job, fn.SUM(CreditRow.credits)).where(
        CreditRow.customer_id == customer_id, CreditRow.at >= since
    )
    if job is not None:
        query = query.where(CreditRow.job == job)
    rows = cast(Iterable[tuple[str, float]], query.group_by(CreditRow.job).tuples())
    return {name: float(total) for name, total in rows}


def spent_by(customer_id: int, run_id: str) -> float:
    """Credits that a run spent so far."""
    total = (
        CreditRow.select(fn.SUM(CreditRow.credits))
        .where(CreditRow.customer_id == customer_id, CreditRow.run_id == run_id)
        .scalar()
    )
    return float(total or 0)


def credit_rows(customer_id: int, since: datetime) -> list[dict[str, Any]]:
    """Each charge since (aware UTC), newest first."""
    rows = CreditRow.select().where(CreditRow.customer_id == customer_id, CreditRow.at >= since)
    return [
        {"at": r.at, "job": r.job, "step": r.step, "credits": r.credits, "how": r.how}
        for r in rows.order_by(CreditRow.id.desc())
    ]


def _conclude(
    step: Step, state: StepState, now: datetime, answer: Any, problem: str, cost: float | None
) -> None:
    (
        EnrichmentStepRow.update(
            state=state, done_at=now, answer=answer, problem=problem, credits=cost
        )
        .where(EnrichmentStepRow.id == step.id)
        .execute()
    )


def _run(row: Any) -> EnrichmentRun:
    return EnrichmentRun(
        row.id,
        row.job,
        row.subject,
        RunState(row.state),
        row.asked_by,
        row.wanted,
        row.created_at,
        row.ended_at,
        row.about,
        row.most,
        row.code,
        row.reason,
        row.material,
        row.result,
    )


def _step(row: Any) -> Step:
    return Step(
        row.id,
        row.run_id,
        row.key,
        row.operation,
        row.label,
        row.body,
        StepState(row.state),
        row.used_before,
        row.sent_at,
        row.done_at,
        row.answer,
        row.credits,
        row.problem,
    )
