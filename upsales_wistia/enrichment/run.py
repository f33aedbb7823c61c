"""One run of a job, from what it reads to what it found; or from where it ended, when it did.

gather (free) ─▶ material stored ─▶ every body composed once, for the estimate ─▶ each call paid
for and stored ─▶ result stored after each. A run that died or stopped goes on with its stored
material and its stored answers, so nothing is paid twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from ..errors import AppError, LeaseLost
from ..store import enrichment as kept
from ..store import voices
from ..store.enrichment import GOING, UNFINISHED, EnrichmentRun, RunState, StepState
from . import brand_voice, cta, dropoff, followup, personas
from .budget import Estimate, Operation, Stopped
from .desk import Desk, Leaving
from .rules import JobName

log = structlog.get_logger(__name__)

Document = dict[str, Any]

SOME_FAILED = frozenset({StepState.UNREADABLE, StepState.UNCERTAIN, StepState.REFUSED})

_BROKEN = "Something broke on our side. Nothing is charged twice: going on starts where it stopped."


@dataclass(frozen=True, slots=True)
class Job:
    """What a job reads and what it asks; see its module."""

    gather: Callable[[Desk], dict[str, Any]]
    work: Callable[[Desk, Mapping[str, Any]], dict[str, Any]]


WORK: Mapping[str, Job] = {
    "personas": Job(personas.gather, personas.work),
    "dropoff": Job(dropoff.gather, dropoff.work),
    "cta": Job(cta.gather, cta.work),
    "brand-voice": Job(brand_voice.gather, brand_voice.work),
    "followup": Job(followup.gather, followup.work),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for with a run. ``max_credits`` None means the customer's own limit.

    ``answers`` are what an admin answered to questions of Mave's, in order; ``anew`` begins
    anew where another run ended early, though not beside one that goes on.
    """

    max_credits: int | None = None
    force: bool = False
    consent: bool = False
    custom_personas: bool = False
    answers: tuple[str, ...] = ()
    anew: bool = False

    def stored(self) -> dict[str, Any]:
        """As it is kept with the run."""
        return {
            "max_credits": self.max_credits,
            "force": self.force,
            "custom_personas": self.custom_personas,
            "answers": list(self.answers),
        }


@dataclass(frozen=True, slots=True)
class Offer:
    """What a run would cost, told before the first paid call; ``left`` None when unknown."""

    estimate: Estimate
    cap: float
    left: float | None
    auto_recharge: bool


Confirm = Callable[[Offer], bool]


def begin(
    customer_id: int, job: JobName, subject: str, wanted: Wanted, *, by: str, now: datetime
) -> EnrichmentRun:
    """The run to carry out: one that ended early goes on, else a new one.

    A consent is recorded with the run, in the words that were shown.
    """
    newest = kept.runs(customer_id, job, subject=subject, limit=1)
    if newest and newest[0].state in (GOING if wanted.anew else UNFINISHED):
        run = newest[0]
        kept.queue(customer_id, run.id, paid_before(customer_id, run.id, _more(run, wanted)))
    else:
        run = kept.create(
            customer_id,
            job,
            subject=subject,
            asked_by=by,
            wanted=wanted.stored(),
            now=now,
        )
    if wanted.consent:
        words = brand_voice.CONSENT
        voices.agree(customer_id, job, run.id, words=words, by=by, now=now)
    return kept.load(customer_id, run.id)


def _more(run: EnrichmentRun, wanted: Wanted) -> dict[str, Any]:
    """What is asked for now; what Mave was told before stays told."""
    now = wanted.stored()
    return {**now, "answers": now["answers"] or run.wanted.get("answers", [])}


def paid_before(customer_id: int, run_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for now may cost as much as a run of its own.

    One that dies and goes on by itself was not asked for again: its limit stays.
    """
    return {**wanted, "paid_before": kept.spent_by(customer_id, run_id)}


def preview(desk: Desk) -> tuple[list[Leaving], Estimate]:
    """Every body that would leave, and what it would cost. Nothing is sent or stored."""
    job = WORK[desk.run.job]
    job.work(desk, job.gather(desk))
    return desk.leaving, Estimate.of(leaving.operation for leaving in desk.leaving)


def carry_out(desk: Desk, confirm: Confirm) -> Document:
    """Do a run to its end, or to where it must stop; returns its document.

    Raises LeaseLost when another process took it over, and whatever is a fault of ours.
    """
    error: AppError | None = None
    try:
        _work(desk, confirm)
    except LeaseLost:
        raise
    except AppError as trouble:
        error = trouble
        _close(desk, RunState.STOPPED if isinstance(error, Stopped) else RunState.FAILED, error)
    except Exception:
        kept.change(
            desk.held, desk.run.id, state=RunState.FAILED, reason=_BROKEN, ended_at=desk.now
        )
        raise
    made = document(desk, error)
    log.info("job closed", job=desk.run.job, status=made["status"], code=made["code"])
    return made


def _work(desk: Desk, confirm: Confirm) -> None:
    lease, run, job = desk.held, desk.run, WORK[desk.run.job]
    kept.change(lease, run.id, state=RunState.RUNNING, code=None, reason=None, ended_at=None)
    kept.forget_refused(lease, run.id)
    material = run.material
    if material is None:
        material = job.gather(desk)
        kept.change(lease, run.id, material=material)
    _agree_on_price(desk, job, material, confirm)
    result = job.work(desk, material)
    asks = result.get("end") == "asks"
    kept.change(
        lease,
        run.id,
        state=RunState.ASKS if asks else RunState.DONE,
        ended_at=desk.now,
        result=result,
        material=material if asks else None,
    )


def _agree_on_price(desk: Desk, job: Job, material: Mapping[str, Any], confirm: Confirm) -> None:
    """Compose everything that is still to be asked, and see that it may be paid for."""
    desk.preview = True
    desk.leaving.clear()
    job.work(desk, material)
    desk.preview = False
    made = {step.key for step in kept.steps(desk.customer_id, desk.run.id)}
    operations = [one.operation for one in desk.leaving if one.key not in made]
    estimate = Estimate.of(operations)
    kept.change(desk.held, desk.run.id, about=estimate.about, most=estimate.most)
    if not estimate.most:
        return
    usage = desk.usage()
    paid = [one for one in operations if one is not Operation.UPLOAD]
    desk.budget.check(paid[0])
    offer = Offer(
        estimate, desk.budget.cap, desk.budget.left, usage is not None and usage.auto_recharge
    )
    if not confirm(offer):
        raise Stopped("Nothing was asked, and nothing was paid.", code="not_confirmed")


def _close(desk: Desk, state: RunState, error: AppError) -> None:
    kept.change(
        desk.held,
        desk.run.id,
        state=state,
        ended_at=desk.now,
        code=error.code,
        reason=error.sentence,
    )


def document(desk: Desk, error: AppError | None) -> Document:
    """What ``enrich --json`` prints of a run."""
    run = kept.load(desk.customer_id, desk.run.id)
    steps = kept.steps(desk.customer_id, run.id)
    status = run.state.value
    if run.state is RunState.DONE and (
        _is_partial(run.result) or any(step.state in SOME_FAILED for step in steps)
    ):
        status = "partial"
    return {
        "customer": desk.customer_id,
        "job": run.job,
        "run": run.id,
        "media": run.subject or None,
        "status": status,
        "code": run.code,
        "reason": run.reason,
        "credits": {
            "spent": kept.spent_by(desk.customer_id, run.id),
            "about": run.about,
            "most": run.most,
            "cap": desk.budget.cap,
            "left": desk.budget.remaining,
        },
        "steps": [
            {
                "step": step.key,
                "operation": step.operation,
                "state": step.state.value,
                "credits": step.credits,
                "problem": step.problem or None,
            }
            for step in steps
        ],
        "result": run.result,
        "requests": {"wistia": desk.wistia.requests, "mavera": desk.mavera.requests},
        "exit_status": _exit_status(status, error),
    }


def not_begun(customer_id: int, job: JobName, subject: str, error: AppError) -> Document:
    """The document of a run that could not begin: nothing was asked, nothing is kept."""
    return {
        "customer": customer_id,
        "job": job,
        "run": None,
        "media": subject or None,
        "status": "failed",
        "code": error.code,
        "reason": error.sentence,
        "credits": {"spent": 0, "about": 0, "most": 0, "cap": None, "left": None},
        "steps": [],
        "result": None,
        "requests": {"wistia": 0, "mavera": 0},
        "exit_status": error.exit_status,
    }


def _is_partial(result: Mapping[str, Any] | None) -> bool:
    """Whether some of what was asked for has no answer that can be used."""
    lists = (result.get(name, ()) for name in ("groups", "panel", "drafts")) if result else ()
    return any(item.get("end") in SOME_FAILED for items in lists for item in items)


def exit_status(made: Document) -> int:
    """That of the command line: see ``docs/reference.md``."""
    return int(made["exit_status"])


def _exit_status(status: str, error: AppError | None) -> int:
    if error is not None:
        return error.exit_status
    return {"partial": 1, "asks": 3}.get(status, 0)
