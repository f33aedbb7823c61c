"""*What if?*: the run's own sieve under two settings, and what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .decide import Decision, decide
from .reasons import PASS, REASONS
from .settings import Settings
from .stages import before_start, project_reason, watched_enough
from .view import CLOSED, UNSENT, Known, Stage, State, Target, Verdict, View


@dataclass(frozen=True, slots=True)
class Simulation:
    """Event keys that a change of settings would gain, lose, or need a look-up to know."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """What the sieve says of a view under one of the two settings."""

    decision: Decision
    settings: Settings

    def writes(self, target: Target, known: Known, now: datetime) -> bool:
        """Whether a run at ``now`` (aware UTC) writes the view to ``target``."""
        if not self.settings.enabled(target) or self.decision.outcome(target).code != PASS:
            return False
        if target is Target.FORM and known.forms_paused:
            return False
        sent = known.sent.get((self.decision.view.event_key, target))
        if sent is None or sent.state not in UNSENT:
            return sent is None
        return sent.state is State.PLANNED or sent.retry_at is None or sent.retry_at <= now


def simulate(
    views: Iterable[View],
    known: Known,
    known_after: Known,
    before: Settings,
    after: Settings,
    now: datetime,
) -> dict[Target, Simulation]:
    """Compare the sieves before ``new`` under two settings; a registered view is on both sides.

    ``known_after`` also holds what is known of the people whom only ``after`` counts.
    """
    found: dict[Target, dict[str, list[str]]] = {
        target: {"gained": [], "lost": [], "unknown": []} for target in Target
    }
    for view in views:
        old = Side(decide(view, known, before, now), before)
        new = Side(decide(view, known_after, after, now), after)
        for target in Target:
            change = compare(known, target, old, new)
            if change:
                found[target][change].append(view.event_key)
    return {t: Simulation(*(tuple(sorted(keys)) for keys in f.values())) for t, f in found.items()}


def compare(known: Known, target: Target, old: Side, new: Side, *, start: bool = False) -> str:
    """``gained``, ``lost`` or ``unknown``; "" where nothing changes for one view and target.

    With ``start`` a view from before the start date counts as left out, as a run does it.
    """
    sent = known.sent.get((old.decision.view.event_key, target))
    if sent is not None and sent.state in CLOSED:
        return ""
    was, _ = _passes(old, target, start)
    will, sure = _passes(new, target, start)
    if not sure:
        return "unknown"
    if was == will:
        return ""
    return "gained" if will else "lost"


def _passes(side: Side, target: Target, start: bool) -> tuple[bool, bool]:
    """Whether the sieves before ``new`` let it through, and whether that is known for sure."""
    outcome = side.decision.outcome(target)
    if not side.settings.enabled(target):
        return False, True
    if outcome.code == PASS:
        return True, True
    if outcome.code == "before_start":
        return not start, True
    verdict, stage = REASONS[outcome.code]
    through = stage is Stage.NEW or outcome.code == "form_first"
    open_question = bool(outcome.needs) and verdict is Verdict.WAITING
    return through, not (open_question and _would_go_on(side.decision.view, side.settings, start))


def _would_go_on(view: View, settings: Settings, start: bool) -> bool:
    if start and before_start(view, settings):
        return False
    return watched_enough(view, settings) and not project_reason(view, settings)
