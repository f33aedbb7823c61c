"""Looks again at writes whose outcome is in doubt, and removes doubles.

* An uncertain log entry that is found counts as written; one that is surely absent twice, one
  settling time apart, is planned again; else it stays uncertain, and a person can decide.
  Absence is sure once an entry that was sent later is shown; without one, after a day
  (``evidence``). So the next entry that is written makes us look again soon.
* An entry that was in doubt is looked at once more, and a day later: of two, the one with the
  lowest id stays. A look that tells nothing is repeated at growing intervals.
* A form is looked for among its submits after 1, 12 and 288 settling times (5 minutes, an hour,
  a day); it is planned again only when it is absent at the last, beside a control.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import structlog

from ..clients.upsales_schema import FIELD_VIEW_ID
from ..errors import Rejected, Unclear
from ..funnel.view import State, Target
from ..store import checks, forms, jobs, sieve
from ..store.checks import Look
from ..store.outbox import OutboxItem
from .evidence import LONG_AFTER, Evidence, evidence, long_after
from .work import Work

log = structlog.get_logger(__name__)

FORM_STEPS = (1, 12, 288)
"""When a form is looked for, in settling times after it was sent."""

LAST_LOOK = LONG_AFTER
"""When an entry that was in doubt is looked at for the last time, in settling times."""

_ABSENT_TWICE = 2
_UNCLEAR_FOR_PERSON = 3
_DOUBLINGS = 8
_GONE = 404


def settle(work: Work) -> None:
    """Look at every write whose time has come, while Upsales answers.

    What is not looked at because it does not answer is due in the next run.
    """
    due = checks.due(work.customer_id, work.clock.now())
    if work.own_rows:
        due = [item for item in due if item.run_id == work.run_id]
    if due:
        work.progress(f"Looking again at {len(due)} entries")
    by_form: dict[str, list[OutboxItem]] = defaultdict(list)
    known = checks.known_entries(work.customer_id) if due else []
    for item in due:
        if item.target is Target.FORM:
            by_form[item.payload["form"]].append(item)
        elif work.patience.worn:
            continue
        elif item.state is State.UNCERTAIN:
            _settle_entry(work, item, evidence(work, item, known))
        else:
            _heal_later(work, item, evidence(work, item, known))
    for name, items in by_form.items():
        if not work.patience.worn:
            _settle_forms(work, name, items)


def _keep(work: Work, item: OutboxItem, look: Look) -> None:
    now = work.clock.now()
    with work.lease.commit():
        checks.keep(work.lease, item, look, now)
        if look.state is not item.state:
            sieve.reopen_views(work.customer_id, [item.event_key], now)


def _settle_entry(work: Work, item: OutboxItem, found: Evidence) -> None:
    if found.rows:
        more = _last_look(work, item) if _remove_doubles(work, item, found) else _soon(work)
        first = found.rows[0].id
        _keep(
            work, item, Look(State.WRITTEN, more, upsales_id=first, run_id=_counts_for(work, item))
        )
    elif found.absent:
        _keep(work, item, _absent(work, item))
    elif found.early:
        again = min(_later(work, item), long_after(work, item))
        _keep(work, item, Look(State.UNCERTAIN, again, item.absences))
    else:
        person = item.checks + 1 >= _UNCLEAR_FOR_PERSON
        _keep(work, item, Look(State.UNCERTAIN, _later(work, item), item.absences, person))


def _counts_for(work: Work, item: OutboxItem) -> str:
    """The run that a write counts for which proves to be there: this one, or its own backfill."""
    job = jobs.load(work.customer_id, jobs.BACKFILL)
    return job.run_id if job and job.run_id == item.run_id else work.run_id


def _absent(work: Work, item: OutboxItem) -> Look:
    if item.absences + 1 >= _ABSENT_TWICE:
        return Look(State.PLANNED)
    return Look(State.UNCERTAIN, work.clock.now() + work.settle, item.absences + 1)


def _later(work: Work, item: OutboxItem) -> datetime:
    """When to look again after a look that told nothing: at growing intervals."""
    steps: int = 2 ** min(item.checks, _DOUBLINGS)
    return work.clock.now() + steps * work.settle


def _soon(work: Work) -> datetime:
    """When to look again after a double could not be removed."""
    return work.clock.now() + FORM_STEPS[1] * work.settle


def _last_look(work: Work, item: OutboxItem) -> datetime:
    return (item.sent_at or item.planned_at) + LAST_LOOK * work.settle


def _heal_later(work: Work, item: OutboxItem, found: Evidence) -> None:
    """A look at an entry that was in doubt before it was known to be there."""
    now, last = work.clock.now(), _last_look(work, item)
    told = found.rows or found.absent
    more = None if now >= last else last if told else min(_later(work, item), last)
    first = found.rows[0].id if found.rows else None
    if not _remove_doubles(work, item, found):
        more = _soon(work)
    _keep(work, item, Look(State.WRITTEN, more, upsales_id=first))


def _remove_doubles(work: Work, item: OutboxItem, found: Evidence) -> bool:
    """Delete all but the oldest; false when that failed for one of them.

    To be done before the look is noted: a process that dies in between looks again.
    """
    done = True
    for row in found.rows[1:]:
        if row.external_id == item.external_id:  # Alike is not the same: it may be another view's.
            done = _remove(work, row.id) and done
    return done


def _remove(work: Work, upsales_id: int) -> bool:
    """Delete an entry that is a double; false when it may be there still.

    One that is gone when asked again was deleted by the call whose answer was lost.
    """
    work.lease.renew()
    try:
        work.patience.read(lambda: work.upsales().delete_event(upsales_id))
    except (Rejected, Unclear) as error:
        if error.status != _GONE:
            log.warning("double not removed", entry=upsales_id, status=error.status)
            return False
    work.counts["healed"] += 1
    return True


def first_look(work: Work, item: OutboxItem, state: State) -> datetime | None:
    """When a write that has just come out is to be looked at, None for never."""
    wait = work.settle
    if state is State.UNCERTAIN or item.target is Target.FORM:
        return work.clock.now() + wait
    return work.clock.now() + wait if item.doubts else None


def _settle_forms(work: Work, name: str, items: list[OutboxItem]) -> None:
    submitted = _submitted(work, name, min(item.sent_at or item.planned_at for item in items))
    for item in items:
        if submitted is not None and item.event_key in submitted:
            run_id = _counts_for(work, item) if item.state is State.UNCERTAIN else None
            _keep(work, item, Look(State.CONFIRMED, run_id=run_id))
        else:
            _keep(work, item, _not_seen(work, item, submitted))


def _submitted(work: Work, name: str, since: datetime) -> set[str] | None:
    """The view ids among a form's submits, or None when they cannot be read."""
    form = forms.remembered(work.customer_id).get(name)
    if form is None:
        return set()  # It was never made, so nothing can have been submitted to it.
    rows = work.patience.ask(
        lambda: work.upsales().form_submits(form.form_id, since - timedelta(days=1))
    )
    return None if rows is None else {row.fields.get(FIELD_VIEW_ID, "") for row in rows}


def _not_seen(work: Work, item: OutboxItem, submitted: set[str] | None) -> Look:
    if item.checks + 1 < len(FORM_STEPS):
        step = FORM_STEPS[item.checks + 1]
        again = (item.sent_at or work.clock.now()) + step * work.settle
        unreadable = submitted is None and item.state is State.UNCERTAIN
        # A form that was taken and cannot be confirmed stays as it is, and costs no more calls.
        if submitted is None and item.state is State.ACCEPTED:
            return Look(State.ACCEPTED)
        return Look(item.state, again, needs_person=unreadable)
    if item.state is State.ACCEPTED:
        return Look(State.ACCEPTED)
    if submitted and submitted & set(checks.submitted_keys(work.customer_id)):
        return Look(State.PLANNED)
    return Look(State.UNCERTAIN, needs_person=True)
