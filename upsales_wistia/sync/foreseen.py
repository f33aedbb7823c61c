"""What a backfill would do, counted on the views that were read; nothing is asked or stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..funnel.decide import Decision
from ..funnel.matching import Match, match
from ..funnel.report import Place, Tally
from ..funnel.settings import Settings
from ..funnel.view import Known, Sent, State, Target
from ..funnel.writes import log_entry
from ..store import customers
from .asked import Backfill
from .fetched import decisions, writes_now
from .work import Work

_COMPANIES = 500
"""Of so many companies a preview tells the points."""


@dataclass
class Foreseen:
    """How many views stand where, and what each company gets."""

    places: Counter[tuple[Place, Place]] = field(default_factory=Counter)
    points: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def tallies(self) -> list[Tally]:
        """The views that stand at the same two places, counted."""
        return [Tally(count, *places) for places, count in self.places.items()]

    @property
    def companies(self) -> list[dict[str, Any]]:
        """The companies that get points, the most first."""
        most = sorted(self.points.values(), key=lambda one: (-one["points"], one["company"]))
        return most[:_COMPANIES]

    def add(
        self,
        decision: Decision,
        activity: Place,
        form: Place,
        where: Match | None,
        settings: Settings,
    ) -> None:
        """Count a view; what is written of it now gives its company, ``where``, points."""
        self.places[activity, form] += 1
        if where is None or not (activity.this_run or form.this_run):
            return
        company = self.points.setdefault(
            where.company,
            {"company": where.company, "name": where.company_name, "points": 0}
            | {"activities": 0, "forms": 0},
        )
        if activity.this_run:
            company["activities"] += 1
            company["points"] += log_entry(decision.view, where, settings).score
        if form.this_run:
            company["forms"] += 1
            company["points"] += settings.form_score


def foresee(work: Work, backfill: Backfill) -> Foreseen:
    """What a commit would do with the views of the period."""
    found = Foreseen()
    held = customers.setup(work.customer_id).get("forms_from")
    at = _Placing(
        backfill,
        frozenset(
            (key, Target(target))
            for target, keys in backfill.progress.get("there", {}).items()
            for key in keys
        ),
        datetime.fromisoformat(held) if held else None,
    )
    for _, decided, known in decisions(work, backfill, backfill.period):
        for one in decided:
            activity, form = (at.place(one, known, target) for target in Target)
            where = one.activity.match
            if where is None and form.this_run and one.person:  # Its entry is there already.
                where = match(one.person.email, known, work.settings, work.clock.now()).match
            found.add(one, activity, form, where, work.settings)
    return found


@dataclass(frozen=True)
class _Placing:
    """Where views stand when the backfill is done.

    ``there`` is in Upsales without our knowing; forms of views from before ``held_before`` wait
    for a person. When a write was sent is left out: it would tell equal places apart.
    """

    backfill: Backfill
    there: frozenset[tuple[str, Target]]
    held_before: datetime | None

    def place(self, decision: Decision, known: Known, target: Target) -> Place:
        code, key = decision.outcome(target).code, (decision.view.event_key, target)
        sent = known.sent.get(key)
        if target not in self.backfill.targets or not writes_now(decision, known, target):
            known_state = sent and self._sent(sent.state, person=sent.needs_person)
            return Place(code, known_state or None)
        if key in self.there:
            return Place(code, self._sent(State.WRITTEN))
        if sent is None and target is Target.FORM and self._is_held(decision):
            return Place(code, self._sent(State.UNCERTAIN, person=True))
        return Place(code, self._sent(State.WRITTEN), this_run=True)

    def _sent(self, state: State, *, person: bool = False) -> Sent:
        return Sent(state, self.backfill.asked_at, needs_person=person)

    def _is_held(self, decision: Decision) -> bool:
        return self.held_before is not None and decision.view.received_at < self.held_before
