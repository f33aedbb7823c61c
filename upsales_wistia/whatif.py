"""*What if?* on what is stored: what the next run does under other settings. No vendor is called.

The next run decides the views of its window once more, and the older ones that wait or are not
sent; so does this, with the same sieve.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .funnel.decide import Decision, decide
from .funnel.matching import Match
from .funnel.report import Place, Tally, counts
from .funnel.score import activity_score
from .funnel.settings import Settings
from .funnel.view import Known, Sent, Target, View
from .funnel.whatif import Side, compare
from .store import customers
from .store import whatif as store
from .store.sql import batches
from .sync.knowledge import known_for
from .sync.work import Window, window_of


@dataclass(frozen=True, slots=True)
class Touched:
    """A view that a change gains, loses or cannot tell; who watched, and where it would go.

    ``code`` is the sieve's under the new settings, or under the old ones for a lost view.
    """

    view: View
    name: str
    email: str
    match: Match | None
    code: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of the views for one target."""

    gained: tuple[Touched, ...] = ()
    lost: tuple[Touched, ...] = ()
    unknown: tuple[Touched, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """How many views pass each stage of a target, and how many the next run writes."""

    matched: int
    watched: int
    project: int
    writes: int


@dataclass(frozen=True, slots=True)
class Points:
    """By how much the next run's lead score of a company differs."""

    company: str
    points: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for a change of settings.

    ``views`` are those that were looked at. ``now`` and ``then`` are None for a target that is
    off. ``at_once`` counts the gained views that the next run writes; the others still wait for
    the end of the viewing, or for the form's contact.
    """

    views: int
    now: Mapping[Target, Steps | None]
    then: Mapping[Target, Steps | None]
    changes: Mapping[Target, Changes]
    at_once: Mapping[Target, int]
    points: tuple[Points, ...]

    @property
    def lost(self) -> int:
        """How many views are lost, for each target they are lost for."""
        return sum(len(one.lost) for one in self.changes.values())

    @property
    def nothing(self) -> bool:
        """Whether no stored view is touched."""
        touched = any(c.gained or c.lost or c.unknown for c in self.changes.values())
        return not touched and self.now == self.then and not self.points


def what_if(
    customer_id: int, before: Settings, after: Settings, now: datetime, window_days: int
) -> WhatIf:
    """What the next run, if it came ``now`` (aware UTC), would do otherwise under ``after``.

    Raises UsageError for an unknown customer.
    """
    window = window_of(now, window_days, customers.load(customer_id).last_complete_read)
    found = _Findings(before, after, now)
    for batch in views_to_decide(customer_id, window):
        found.add(customer_id, batch)
    nobody = store.count_nobody(customer_id, window.start, window.end)
    return found.answer(nobody)


def views_to_decide(customer_id: int, window: Window) -> Iterator[Sequence[View]]:
    """What a run with ``window`` decides once more when the settings change, in batches.

    Left out are the views whose viewer is nobody, whatever the settings.
    """
    yield from store.window_views(customer_id, window.start, window.end)
    yield from batches(store.older_views(customer_id, window.start))


@dataclass
class _Findings:
    """What is found view by view. Lists are in the order of finding."""

    before: Settings
    after: Settings
    now: datetime
    old: Counter[tuple[Place, Place]] = field(default_factory=Counter)
    new: Counter[tuple[Place, Place]] = field(default_factory=Counter)
    old_writes: Counter[Target] = field(default_factory=Counter)
    new_writes: Counter[Target] = field(default_factory=Counter)
    at_once: Counter[Target] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    touched: defaultdict[tuple[Target, str], list[Touched]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, customer_id: int, batch: Sequence[View]) -> None:
        """Look at some views."""
        known = known_for(customer_id, batch, self.before)
        wider = known
        if self.after.identity is not self.before.identity:
            wider = known_for(customer_id, batch, self.after)
        for view in batch:
            self._compare(
                known,
                Side(decide(view, known, self.before, self.now), self.before),
                Side(decide(view, wider, self.after, self.now), self.after),
            )

    def _compare(self, known: Known, old: Side, new: Side) -> None:
        self.old[_places(old.decision, known)] += 1
        self.new[_places(new.decision, known)] += 1
        for target in Target:
            was, will = (side.writes(target, known, self.now) for side in (old, new))
            self.old_writes[target] += was
            self.new_writes[target] += will
            if target is Target.ACTIVITY:
                self._score(old, -was)
                self._score(new, will)
            change = compare(known, target, old, new, start=True)
            if change:
                self.touched[target, change].append(
                    _touched(old if change == "lost" else new, target)
                )
                self.at_once[target] += change == "gained" and will

    def _score(self, side: Side, sign: int) -> None:
        match = side.decision.activity.match
        if sign and match:
            score = activity_score(side.decision.view.percent, side.settings)
            self.points[match.company_name] += sign * score

    def answer(self, nobody: int) -> WhatIf:
        """All of it; ``nobody`` counts the views that no setting touches."""
        differing = [Points(name, n) for name, n in self.points.items() if n]
        return WhatIf(
            nobody + self.old.total(),
            _steps(self.old, self.before, self.old_writes),
            _steps(self.new, self.after, self.new_writes),
            {
                target: Changes(*(tuple(self.touched[target, kind]) for kind in _KINDS))
                for target in Target
            },
            self.at_once,
            tuple(sorted(differing, key=lambda one: (-abs(one.points), one.company))),
        )


_KINDS = ("gained", "lost", "unknown")
_SOMETIME = datetime.min.replace(tzinfo=UTC)


def _places(decision: Decision, known: Known) -> tuple[Place, Place]:
    key = decision.view.event_key
    activity, form = (
        Place(_stage_code(decision.outcome(target).code), _alike(known.sent.get((key, target))))
        for target in Target
    )
    return activity, form


def _stage_code(code: str) -> str:
    """Whoever waits for the form's contact went through all stages, and is written later."""
    return "settling" if code == "form_first" else code


def _alike(sent: Sent | None) -> Sent | None:
    """What the outbox holds, without what differs from one view to the next."""
    return Sent(sent.state, _SOMETIME, needs_person=sent.needs_person) if sent else None


def _steps(
    found: Counter[tuple[Place, Place]], settings: Settings, writes: Mapping[Target, int]
) -> dict[Target, Steps | None]:
    tallies = [Tally(count, *places) for places, count in found.items()]
    funnel = counts(tallies, settings)["funnel"]
    return {
        target: Steps(
            int(funnel[target].get("matched", 0)),
            int(funnel[target]["watched"]),
            int(funnel[target]["project"]),
            writes[target],
        )
        if settings.enabled(target)
        else None
        for target in Target
    }


def _touched(side: Side, target: Target) -> Touched:
    decision = side.decision
    person = decision.person
    view = decision.view
    first = person.first_name if person else view.first_name
    last = person.last_name if person else view.last_name
    return Touched(
        view,
        " ".join(filter(None, (first.strip(), last.strip()))),
        person.email if person else view.email,
        decision.activity.match if target is Target.ACTIVITY else None,
        decision.outcome(target).code,
    )
