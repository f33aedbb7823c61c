"""*Why is it not here?*: the run's own sieve, asked another question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations
from typing import Any

from .decide import Decision, Outcome, decide, reason_of
from .domains import domain_of, named_by
from .identity import Person, identify
from .reasons import PASS, REASONS
from .sentences import Situation, Times, sentence
from .settings import IdentityRule, Settings
from .view import Known, Stage, Target, Verdict, View


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one view is where it is for one target.

    ``would_pass_with`` is the smallest change of settings, by config name, that lets it
    through; None when it needs none or none is known.
    """

    verdict: Verdict
    stage: Stage
    code: str
    reason: str
    would_pass_with: Mapping[str, Any] | None


def explain(
    view: View, known: Known, settings: Settings, now: datetime, times: Times | None = None
) -> dict[Target, Explanation | None]:
    """Explain one view for both targets; None for a target that is off.

    ``now`` is aware UTC; ``times`` are how its reader is told moments.
    """
    decision = decide(view, known, settings, now)
    return {
        t: _explain(decision, t, known, settings, now, times) if settings.enabled(t) else None
        for t in Target
    }


def _explain(
    decision: Decision,
    target: Target,
    known: Known,
    settings: Settings,
    now: datetime,
    times: Times | None,
) -> Explanation:
    view, outcome = decision.view, decision.outcome(target)
    sent = known.sent.get((view.event_key, target))
    paused = known.forms_paused and target is Target.FORM
    code = reason_of(outcome, sent, paused=paused)
    verdict, stage = REASONS[code]
    email = decision.person.email if decision.person else ""
    at = Situation(
        view, target, code, email, outcome.match, sent, outcome.again, asked=not outcome.needs
    )
    sieved = code == outcome.code != "form_first"  # Else no setting is what holds it back.
    stuck = sieved and verdict in (Verdict.DROPPED, Verdict.WAITING)
    change = smallest_change(view, target, known, settings, now) if stuck else None
    return Explanation(verdict, stage, code, sentence(at, known, settings, times), change)


def smallest_change(
    view: View, target: Target, known: Known, settings: Settings, now: datetime
) -> dict[str, Any] | None:
    """The first single change of a setting, else the first two, that let ``view`` through."""
    candidates = list(_changes(view, target, known, settings))
    for size in (1, 2):
        for group in combinations(candidates, size):
            changed = settings
            for _, fields in group:
                changed = replace(changed, **fields)
            if _lets_through(decide(view, known, changed, now).outcome(target)):
                return {name: value for config, _ in group for name, value in config.items()}
    return None


def _lets_through(outcome: Outcome) -> bool:
    # A match that must be looked up afresh before it is written by is a match all the same.
    return outcome.code in (PASS, "settling", "form_first")


_Change = tuple[dict[str, Any], dict[str, Any]]


def _changes(view: View, target: Target, known: Known, settings: Settings) -> Iterator[_Change]:
    """Candidate changes, the mildest first: (by config name, by field of Settings)."""
    if view.percent < settings.min_percent:
        low = view.percent.to_integral_value(rounding=ROUND_FLOOR)
        yield {"activityMinPercent": int(low)}, {"min_percent": Decimal(low)}
    project = view.video.project_id
    if settings.projects and project and project not in settings.projects:
        wider = settings.projects | {project}
        yield {"activityProjects": sorted(wider)}, {"projects": wider}
    if target is Target.ACTIVITY:
        yield from _domain_changes(view, known, settings)
    if settings.identity is not IdentityRule.ANY:
        yield {"identity": "any"}, {"identity": IdentityRule.ANY}
    if settings.start and view.received_at < settings.start:
        start = view.received_at.replace(hour=0, minute=0, second=0, microsecond=0)
        yield {"startDate": start.date().isoformat()}, {"start": start}


def _domain_changes(view: View, known: Known, settings: Settings) -> Iterator[_Change]:
    conversions = known.conversions.get(view.visitor_key, ())
    who = identify(view, conversions, IdentityRule.ANY)
    names = named_by(domain_of(who.email)) if isinstance(who, Person) else frozenset()
    if names & settings.ignored_domains:
        fewer = settings.ignored_domains - names
        yield {"ignoredDomains": sorted(fewer)}, {"ignored_domains": fewer}
    if not settings.domain_matching:
        yield {"domainMatching": True}, {"domain_matching": True}
