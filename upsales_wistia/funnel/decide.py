"""One verdict with one reason for each view and target.

    view ─▶ identify ─▶ match ─▶ watched ─▶ project ─▶ start ─▶ over ─▶ pass
             turnstile   matched   (the activity needs a match, the form does not)

A view that is in Upsales already is registered whatever the settings say now; one whose
write is still unsent is sieved again, so that a changed setting takes effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .identity import Person, identify
from .matching import Match, match
from .reasons import PASS, outbox_reason
from .settings import Settings
from .stages import before_start, over_at, project_reason, watched_enough
from .view import DONE, UNSENT, Fetched, Known, Sent, State, Target, View

FORM_LEAD = timedelta(minutes=60)
"""How long the contact that Upsales makes of a form submit is waited for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the sieve says of a view for one target.

    ``code`` is ``PASS`` or a reason code; ``needs`` "email" or "domain" when Upsales must be
    asked before it is final; ``again`` (aware UTC) is when time alone may change it.
    """

    code: str
    needs: str = ""
    again: datetime | None = None
    match: Match | None = None

    @property
    def writes(self) -> bool:
        """Whether a write is to be planned now."""
        return self.code == PASS and not self.needs


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcomes of one view. ``person`` is None when nobody can be told."""

    view: View
    person: Person | None
    activity: Outcome
    form: Outcome

    def outcome(self, target: Target) -> Outcome:
        """The outcome for ``target``."""
        return self.activity if target is Target.ACTIVITY else self.form

    @property
    def again(self) -> datetime | None:
        """The earliest moment at which time alone may change the decision, aware UTC."""
        return min((o.again for o in (self.activity, self.form) if o.again), default=None)

    @property
    def needs(self) -> str:
        """What Upsales must be asked first: "email", "domain" or ""."""
        return self.activity.needs


def decide(view: View, known: Known, settings: Settings, now: datetime) -> Decision:
    """Sieve one view for both targets; targets that are off are sieved as if they were on.

    ``now`` is aware UTC.
    """
    who = identify(view, known.conversions.get(view.visitor_key, ()), settings.identity)
    if isinstance(who, str):
        return Decision(view, None, *(_sent_or(view, known, t, Outcome(who)) for t in Target))
    form = _sent_or(view, known, Target.FORM, _form(view, known, settings, now))
    activity = _activity(view, who, form, known, settings, now)
    return Decision(view, who, _sent_or(view, known, Target.ACTIVITY, activity), form)


def decide_all(
    views: Iterable[View], known: Known, settings: Settings, now: datetime
) -> list[Decision]:
    """``decide`` for several views; their order changes nothing."""
    return [decide(view, known, settings, now) for view in views]


def _sent_or(view: View, known: Known, target: Target, sieved: Outcome) -> Outcome:
    sent = known.sent.get((view.event_key, target))
    if sent is None or sent.state in UNSENT:
        return sieved
    return Outcome(PASS)


def _form(view: View, known: Known, settings: Settings, now: datetime) -> Outcome:
    return _later_stages(view, known, settings, now, Target.FORM, filters=settings.form_filters)


def _later_stages(
    view: View, known: Known, settings: Settings, now: datetime, target: Target, *, filters: bool
) -> Outcome:
    if filters and not watched_enough(view, settings):
        return Outcome("below_minimum")
    if filters and (reason := project_reason(view, settings)):
        return Outcome(reason)
    if before_start(view, settings, target):
        return Outcome("before_start")
    end = over_at(view, now, known.last_read)
    return Outcome("settling", again=end) if end else Outcome(PASS)


def _activity(
    view: View, who: Person, form: Outcome, known: Known, settings: Settings, now: datetime
) -> Outcome:
    if who.email in known.ignored:
        return Outcome("ignored_viewer")
    found = match(who.email, known, settings, now)
    if found.match is None:
        if view.fetched is Fetched.LOOKED_AT:
            return Outcome("before_start")  # Who it is is asked once it is to be written.
        return _waits(view, found.code, found.needs, settings, now)
    later = _later_stages(view, known, settings, now, Target.ACTIVITY, filters=True)
    if later.code != PASS:
        return replace(later, match=found.match)
    if found.match.contact is None and settings.forms_enabled:
        held = _form_first(view, who, form, known, now)
        if held:
            return replace(held, match=found.match)
    return Outcome(PASS, needs=found.needs, match=found.match)


def _waits(view: View, code: str, needs: str, settings: Settings, now: datetime) -> Outcome:
    until = view.received_at + timedelta(days=settings.waiting_days)
    if now >= until and not needs:
        return Outcome("waited_out")
    return Outcome(code, needs=needs, again=until if now < until else None)


def _form_first(
    view: View, who: Person, form: Outcome, known: Known, now: datetime
) -> Outcome | None:
    """The activity's outcome while the form's contact is waited for, or None to go on."""
    sent = known.sent.get((view.event_key, Target.FORM))
    if sent is None or sent.state in UNSENT or sent.state is State.SENDING:
        waits = form.code == PASS and not known.forms_paused
        return Outcome("form_first") if waits else None
    if sent.state not in DONE:
        return None
    until = sent.at + FORM_LEAD
    if now < until:
        return Outcome("form_first", again=until)
    asked = known.contacts.get(who.email)
    fresh = asked is not None and asked.at >= until
    return None if fresh else Outcome(PASS, needs="email")


def reason_of(outcome: Outcome, sent: Sent | None, *, paused: bool = False) -> str:
    """The one reason code of a view and target, the outbox included."""
    if outcome.code != PASS:
        return outcome.code
    return outbox_reason(sent, paused=paused) if sent else "retry"
