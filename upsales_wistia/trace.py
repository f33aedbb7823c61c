"""One view with all that is known of it: why it is, or is not, in Upsales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .funnel.decide import Decision, decide
from .funnel.explain import Explanation, explain, smallest_change
from .funnel.reasons import REASONS, WAITING
from .funnel.sentences import Times
from .funnel.settings import IdentityRule, Settings
from .funnel.steps import Marks, marks
from .funnel.view import Known, Target, Verdict
from .funnel.whatif import simulate
from .settings import typed
from .store import customers, found, runs, search, versions, views, webhooks
from .store.runs import Run
from .store.search import Details, Filter
from .store.webhooks import Word
from .sync.knowledge import known_for
from .viewlist import OFF, Row, Scene, rows, scene

SHOWN = 5
"""Other views of the same person that are shown."""

MOST_SIMULATED = 3000
"""Views of the window up to which a page tells how many others a change would let through."""

_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """What would let a view through.

    ``config`` is a change of settings by their names, {} where none helps. ``person`` tells that
    it takes a contact, ``unknown`` that it takes a look-up to know. ``others`` and ``lost``
    count the other views that the change lets through or leaves out, None where that was not
    reckoned. ``too_old`` for the next run.
    """

    config: Mapping[str, Any]
    person: bool = False
    unknown: bool = False
    others: int | None = None
    lost: int | None = None
    too_old: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """A view and why it is where it is; ``change`` is None where nothing needs to change.

    ``judge`` is the last run that decided it, ``words`` what the webhook told, ``also`` other
    views of the same person. ``next_at`` (aware UTC) is when the next run starts, if one does.
    """

    scene: Scene
    details: Details
    row: Row
    known: Known
    decision: Decision
    now: datetime
    explained: Mapping[Target, Explanation | None]
    marks: Marks
    change: Change | None
    version: int
    judge: Run | None
    words: list[Word]
    also: list[Row]
    next_at: datetime | None

    @property
    def target(self) -> Target:
        """The target that the page speaks of first."""
        on = self.scene.reading.on
        return Target.FORM if on == {Target.FORM} else Target.ACTIVITY


def trace(
    customer_id: int, event_key: str, now: datetime, window_days: int, times: Times
) -> Trace | None:
    """All that is known of a view at ``now`` (aware UTC); None when there is no such view.

    ``times`` are how its reader is told moments.
    """
    details = search.details(customer_id, event_key)
    if details is None:
        return None
    view = details.listed.view
    version = versions.current(customer_id)
    at = scene(customer_id)
    # Whoever is known another way may be somebody too: the smallest change asks for that.
    known = known_for(customer_id, [view], replace(at.settings, identity=IdentityRule.ANY))
    decision = decide(view, known, at.settings, now)
    (row,) = rows(at, [details.listed])
    customer = customers.load(customer_id)
    return Trace(
        scene=at,
        details=details,
        row=row,
        known=known,
        decision=decision,
        now=now,
        explained=explain(view, known, at.settings, now, times),
        marks=marks(decision, known, at.settings),
        change=_Changing(at, known, row, now, window_days).change(),
        version=version.number if version else 0,
        judge=runs.judge(customer_id, view.received_at, timedelta(days=window_days) + _LATE),
        words=webhooks.of_view(customer_id, event_key),
        also=_also(at, row),
        next_at=customers.due_at(customer_id, "poll") if customer.state == "active" else None,
    )


def _also(at: Scene, row: Row) -> list[Row]:
    if not row.viewer.email:
        return []
    whose = found.by_email(at.customer_id, row.viewer.email.lower())
    others = search.page(Filter(at.customer_id, whose=whose), at.reading, limit=SHOWN + 1)
    key = row.view.event_key
    return rows(at, [one for one in others if one.view.event_key != key][:SHOWN])


@dataclass(frozen=True, slots=True)
class _Changing:
    """Looks for the smallest change that lets a view through."""

    scene: Scene
    known: Known
    row: Row
    now: datetime
    window_days: int

    def change(self) -> Change | None:
        on = self.scene.reading.on
        target = Target.FORM if on == {Target.FORM} else Target.ACTIVITY
        code = self.row.codes[target]
        if code == OFF:
            return self._switched_on()
        verdict, _ = REASONS[code]
        if verdict not in (Verdict.DROPPED, Verdict.WAITING) or code in _DECIDED_BY_HAND:
            return None
        config = smallest_change(self.row.view, target, self.known, self.scene.settings, self.now)
        if config:
            return self._reckoned(config, old=verdict is Verdict.DROPPED)
        if code != "email_not_turnstile":
            return self._by_a_person({}, self.scene.settings, target)
        wider = replace(self.scene.settings, identity=IdentityRule.ANY)
        return self._by_a_person({"identity": "any"}, wider, target)

    def _by_a_person(self, config: Mapping[str, Any], settings: Settings, target: Target) -> Change:
        """Where no setting lets it through, or this one not alone: a contact may, or a look-up."""
        outcome = decide(self.row.view, self.known, settings, self.now).outcome(target)
        waits = outcome.code in WAITING
        if not waits:
            return Change({})
        return Change(config, person=not outcome.needs, unknown=bool(outcome.needs))

    def _switched_on(self) -> Change | None:
        """With nothing switched on: the activity log, and what else it takes."""
        view, target = self.row.view, Target.ACTIVITY
        after = replace(self.scene.settings, activities_enabled=True)
        switch = {"activitiesEnabled": True}
        explained = explain(view, self.known, after, self.now)[target]
        if explained is None or explained.verdict not in (Verdict.DROPPED, Verdict.WAITING):
            return self._reckoned(switch, old=True)
        if explained.would_pass_with and len(explained.would_pass_with) == 1:
            return self._reckoned(switch | dict(explained.would_pass_with), old=True)
        return Change({}, person=explained.verdict is Verdict.WAITING)

    def _reckoned(self, config: Mapping[str, Any], *, old: bool) -> Change:
        start = self.now - timedelta(days=self.window_days)
        too_old = old and self.row.view.received_at < start
        gained = self._touched(config, start)
        if gained is None:
            return Change(config, too_old=too_old)
        others, lost = gained
        return Change(config, others=others, lost=lost, too_old=too_old)

    def _touched(self, config: Mapping[str, Any], start: datetime) -> tuple[int, int] | None:
        """How many other views of the window a change lets through, and how many it leaves out."""
        customer_id = self.scene.customer_id
        window = Filter(customer_id, since=start)
        if search.count(window, self.scene.reading) > MOST_SIMULATED:
            return None
        before, after = self.scene.settings, _changed(customer_id, config)
        all_views = list(views.window_views(customer_id, start, self.now + timedelta(seconds=1)))
        known = known_for(customer_id, all_views, before)
        wider = known_for(customer_id, all_views, after)
        compared = simulate(all_views, known, wider, before, after, self.now).values()
        gained = {key for one in compared for key in one.gained} - {self.row.view.event_key}
        return len(gained), len({key for one in compared for key in one.lost})


def _changed(customer_id: int, config: Mapping[str, Any]) -> Settings:
    version = versions.current(customer_id)
    return typed({**(version.config if version else {}), **config})


_DECIDED_BY_HAND = frozenset({"form_first", "ignored_viewer", "left_by_hand", "undone"})
"""Codes that no setting changes."""
