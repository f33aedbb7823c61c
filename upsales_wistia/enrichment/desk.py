"""Where one run of a job sits: what it may read, what it may ask, and what that may cost.

Every call that costs credits goes through ``Desk.buy``: looked through by the gate, intended in
the database, made, and stored with its answer. A call that was made before is not made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ..clients.mavera import MaveraClient
from ..clients.mavera_drafts import Draft
from ..clients.mavera_schema import Usage
from ..clients.wistia import WistiaClient
from ..clock import Clock
from ..errors import (
    AppError,
    NoCredits,
    NotFound,
    NotSent,
    Rejected,
    Throttled,
    Uncertain,
    Unusable,
    VendorError,
)
from ..funnel.settings import Settings
from ..store import customers
from ..store import enrichment as kept
from ..store.enrichment import EnrichmentRun, Step, StepState
from ..store.leases import Lease
from ..sync.patience import Patience
from .answers import text
from .budget import PRICES, Budget, Operation, Stopped
from .gate import check_body
from .operations import KINDS, Found
from .rules import EnrichmentRules
from .traces import Known, scrub

REFUSALS_IN_A_ROW = 2
"""Refused calls one after another that end a run: the next would be refused too."""

IN_WORK = timedelta(minutes=10)
"""Mavera may be at work on a call for so long, though nobody listens any more: its agent's answers
take minutes, and what it charges shows when it has answered."""
WORK_PAUSE = 30.0
"""Seconds between looks for what it may still make."""

LOOKS = 3
LOOK_PAUSE = 5.0
"""Seconds between looks for what a call without an answer made."""


class End(StrEnum):
    """What came of a call."""

    ANSWERED = "answered"
    UNREADABLE = "unreadable"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Ask:
    """A call to come. ``key`` tells it from the others of its run; a second one is the same call.

    ``draft`` has an empty label, which the desk fills in, unless ``named`` says that the label is
    a name people will see. ``facts`` is everything in the draft that is no constant text of ours,
    ``theirs`` the ids and addresses in it that Mavera gave us.
    """

    key: str
    operation: Operation
    draft: Draft
    facts: Any
    named: bool = False
    theirs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bought:
    """What came of a call: ``value`` is what the client gives for it, None without an answer."""

    end: End
    value: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A body that would leave, as ``--dry-run`` and the page show it."""

    key: str
    operation: Operation
    body: Any


class Failed(AppError):
    """A run cannot go on for a cause that is not the vendor's being away."""

    exit_status = 3


@dataclass
class Desk:
    """One run of a job. In ``preview`` nothing is sent or stored: ``leaving`` gathers the bodies.

    ``pause`` sleeps for seconds; ``progress`` tells people what is being done.
    """

    customer_id: int
    run: EnrichmentRun
    rules: EnrichmentRules
    settings: Settings
    window: timedelta
    mavera: MaveraClient
    wistia: WistiaClient
    known: Known
    budget: Budget
    clock: Clock
    patience: Patience
    progress: Callable[[str], None]
    lease: Lease | None = None
    preview: bool = True
    leaving: list[Leaving] = field(default_factory=list)
    refusals: int = 0
    purse: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return self.clock.now()

    @property
    def held(self) -> Lease:
        """The lease of this run; there is none in a preview."""
        assert self.lease is not None  # noqa: S101  (only a preview has none)
        return self.lease

    def clean(self, facts: Any) -> Any:
        """``facts`` (JSON) without whatever names a person in any of its texts."""
        if isinstance(facts, str):
            return scrub(facts, self.known)
        if isinstance(facts, Mapping):
            return {name: self.clean(value) for name, value in facts.items()}
        if isinstance(facts, Sequence):
            return [self.clean(value) for value in facts]
        return facts

    def tell(self, doing: str) -> None:
        """Say what is being done."""
        self.progress(doing)
        if self.lease:
            self.lease.tell(f"{doing}, {self.budget.spent:g} credits so far")

    def keep(self, result: Mapping[str, Any]) -> None:
        """Store what was found so far."""
        if self.lease:
            kept.change(self.lease, self.run.id, result=dict(result))

    def buy(self, ask: Ask) -> Bought:
        """Make a call that costs credits, unless it was made before.

        Raises Stopped at the cap and without credits, Withheld from the gate, Failed when Mavera
        refuses one call after another, and VendorError when it is away or refuses the key.
        """
        draft = ask.draft if ask.named else replace(ask.draft, label=self.label(ask.key))
        if self.preview:
            body = self.mavera.body(draft)
            check_body(body, ask.facts, self.known, ask.theirs)
            self.leaving.append(Leaving(ask.key, ask.operation, body))
            return Bought(End.PREVIEW)
        before = kept.step(self.customer_id, self.run.id, ask.key)
        if before and before.state in (StepState.SENDING, StepState.UNCERTAIN):
            settled = self._settle(before, ask)
            if settled:
                return settled
        elif before:
            return _as_bought(before, ask.operation)
        while True:
            try:
                bought = self._send(replace(ask, draft=draft), draft.label)
            except (Throttled, NotSent) as trouble:
                self.patience.bear(trouble)
            else:
                self.patience.in_a_row = 0
                return bought

    def _send(self, ask: Ask, label: str) -> Bought:
        self._heed_stop()
        used = self.look_at_credits()
        self.budget.check(ask.operation)
        body = self.mavera.body(ask.draft)
        check_body(body, ask.facts, self.known, ask.theirs)
        permit = self.mavera.permit()
        step = kept.intend(
            self.held,
            self.run.id,
            ask.key,
            operation=ask.operation,
            label=label,
            body=body,
            used_before=used,
            now=self.now,
        )
        kind = KINDS[ask.operation]
        try:
            value = kind.call(self.mavera)(ask.draft, permit)
        except Uncertain as lost:
            return self._in_doubt(step, ask, lost)
        except Unusable as odd:
            return self._unreadable(step, ask.operation, odd)
        except Rejected as refusal:
            return self._refused(step, refusal)
        except NoCredits as out:
            kept.withdraw(self.held, step)
            raise Stopped(
                f"Mavera says: no credits left ({out.answer or 'used up'}). What is done is kept. "
                "Go on when there are credits.",
                code="no_credits",
            ) from None
        except AppError:
            kept.withdraw(self.held, step)
            raise
        self.refusals = 0
        self._charge(step, StepState.ANSWERED, value.raw, getattr(value, "credits", None))
        return Bought(End.ANSWERED, value)

    def _charge(
        self, step: Step, state: StepState, answer: Any, told: float | None, problem: str = ""
    ) -> None:
        """Store the answer with its cost: as told, else as used meanwhile, else the dearest."""
        cost, how = told, "told"
        if cost is None and step.used_before is not None:
            used = self._used()
            cost = None if used is None or used < step.used_before else used - step.used_before
            how = "measured"
        if cost is None:
            cost, how = float(PRICES[Operation(step.operation)].most), "reckoned"
        self.budget.pay(cost)
        kept.charge(
            self.held,
            step,
            state,
            job=self.run.job,
            answer=answer,
            credits=cost,
            how=how,
            now=self.now,
            problem=problem,
        )
        self._keep_purse()

    def _unreadable(self, step: Step, operation: Operation, odd: Unusable) -> Bought:
        """An answer that cannot be used; what it was about may stand in a list all the same."""
        found = self._find(step, operation)
        if found and found.answer is not None and KINDS[operation].read(found.answer):
            return self._keep_found(step, operation, found)
        self._charge(step, StepState.UNREADABLE, odd.raw, odd.credits, odd.sentence)
        return Bought(End.UNREADABLE, problem=odd.sentence)

    def _refused(self, step: Step, refusal: Rejected) -> Bought:
        problem = f"{refusal.sentence} Mavera said: {refusal.answer or 'nothing'}"
        kept.conclude(
            self.held, step, StepState.REFUSED, now=self.now, answer=None, problem=problem
        )
        self.refusals += 1
        if self.refusals >= REFUSALS_IN_A_ROW:
            raise Failed(problem, code="mavera_refuses")
        return Bought(End.REFUSED, problem=problem)

    def _in_doubt(self, step: Step, ask: Ask, lost: Uncertain) -> Bought:
        kept.conclude(self.held, step, StepState.UNCERTAIN, now=self.now, problem=lost.sentence)
        for look in range(LOOKS):
            if look:
                self.patience.pause(LOOK_PAUSE)
            found = self._find(step, ask.operation)
            if found and found.answer is not None:
                return self._keep_found(step, ask.operation, found)
        return Bought(End.UNCERTAIN, problem=lost.sentence)

    def _settle(self, step: Step, ask: Ask) -> Bought | None:
        """What became of a call whose answer nobody kept; None when it was surely not charged.

        Waits as long as Mavera may still be at work on it: whoever asked may have died just now.
        """
        waiting = (step.sent_at + IN_WORK - self.now).total_seconds()
        while True:
            found = self._find(step, ask.operation)
            if found and found.answer is not None:
                return self._keep_found(step, ask.operation, found)
            free = not found and self._surely_free(step)
            if not free or waiting <= 0:
                break
            self.tell("Waiting for a question that was asked before")
            self._heed_stop()
            self.patience.pause(WORK_PAUSE)
            waiting -= WORK_PAUSE
        if free:
            return None
        problem = _STILL_AT_WORK if found else _LOST
        kept.conclude(self.held, step, StepState.UNCERTAIN, now=self.now, problem=problem)
        return Bought(End.UNCERTAIN, problem=problem)

    def _heed_stop(self) -> None:
        """Raises Stopped when somebody pressed Stop meanwhile."""
        if kept.load(self.customer_id, self.run.id).wanted.get("stop"):
            raise Stopped("You stopped it. What is done is kept.", code="stopped_by_you")

    def _surely_free(self, step: Step) -> bool:
        """Whether Mavera has charged nothing since just before the call."""
        return step.used_before is not None and self._used() == step.used_before

    def _find(self, step: Step, operation: Operation) -> Found | None:
        find = KINDS[operation].find
        if find is None:
            return None
        try:
            return self.patience.read(lambda: find(self.mavera, step.label))
        except NotFound:
            return None  # no page documents this list

    def _keep_found(self, step: Step, operation: Operation, found: Found) -> Bought:
        value = KINDS[operation].read(found.answer)
        state = StepState.UNREADABLE if value is None else StepState.ANSWERED
        problem = "" if value else "Mavera has it, but no answer that can be read."
        self._charge(step, state, found.answer, found.credits, problem)
        return Bought(End(state.value), value, problem)

    def look_at_credits(self) -> float | None:
        """What Mavera says was used by now; notes what is left."""
        usage = self.usage()
        return None if usage is None else usage.used

    def usage(self) -> Usage | None:
        """What Mavera says was used and is left, noted for this run and for the page."""
        usage = self.patience.read(self.mavera.usage)
        self.budget.note_left(None if usage is None else usage.left)
        if usage is not None and usage.left is not None and self.lease:
            period = usage.raw.get("billing_period")
            told = {
                "left": usage.left,
                "included": usage.included,
                "ends": text(period.get("end")) if isinstance(period, Mapping) else "",
                "at": self.now.isoformat(),
            }
            self.purse = told
            self._keep_purse()
        return usage

    def _keep_purse(self) -> None:
        """Let the page show what is left by now."""
        if not self.purse:
            return
        with self.held.commit():
            customers.update_setup(
                self.customer_id, mavera_usage={**self.purse, "left": self.budget.remaining}
            )

    def _used(self) -> float | None:
        try:
            usage = self.mavera.usage()
        except VendorError:
            return None
        return None if usage is None else usage.used

    def label(self, key: str) -> str:
        """A name for a call that says nothing, in letters: digits might look like a number."""
        digest = hashlib.blake2b(f"{self.run.id} {key}".encode(), digest_size=8).hexdigest()
        return "uw-" + digest.translate(_LETTERS)


_LOST = (
    "The answer was lost on its way, and Mavera may have charged for it. It is not asked for again "
    "by itself."
)
_STILL_AT_WORK = "Mavera has the question, and no answer yet. Go on later: nothing is asked twice."
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")


def _as_bought(step: Step, operation: Operation) -> Bought:
    value = KINDS[operation].read(step.answer) if step.state is StepState.ANSWERED else None
    return Bought(End(step.state.value), value, step.problem)
