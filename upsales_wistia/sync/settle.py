"""Looks again at writes whose outcome is in doubt, and removes doubles.

* An uncertain log entry that is found counts as written; one that is surely absent twice, one
  settling time apart, is planned again; else it stays uncertain, and a person can decide.
* An entry that was in doubt is looked at once more, and a day later: of two, the one with the
  lowest id stays.
* A form is looked for among its submits after 1, 12 and 288 settling times (5 minutes, an hour,
  a day); it is planned again only when it is absent at the last, beside a control.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import structlog

from ..clients.upsales_schema import FIELD_VIEW_ID
from ..errors import NotFound, Rejected, Unclear
from ..funnel.view import State, Target
from ..store import checks, forms, sieve
from ..store.checks import Look
from ..store.outbox import OutboxItem
from .evidence import Evidence, evidence
from .work import Work

log = structlog.get_logger(__name__)

FORM_STEPS = (1, 12, 288)
"""When a form is looked for, in settling times after it was sent."""

LAST_LOOK = 288
"""When an entry that was in doubt is looked at for the last time, in settling times."""

_ABSENT_TWICE = 2
_UNCLEAR_FOR_PERSON = 3


def settle(work: Work) -> None:
    """Look at every write whose time has come."""
    due = checks.due(work.customer_id, work.clock.now())
    if due:
        work.progress(f"Looking again at {len(due)} entries")
    by_form: dict[str, list[OutboxItem]] = defaultdict(list)
    for item in due:
        if item.target is Target.FORM:
            by_form[item.payload["form"]].append(item)
        elif item.state is State.UNCERTAIN:
            _settle_entry(work, item)
        else:
            _heal_later(work, item)
    for name, items in by_form.items():
        _settle_forms(work, name, items)


def _keep(work: Work, item: OutboxItem, look: Look) -> None:
    now = work.clock.now()
    with work.lease.commit():
        checks.keep(work.lease, item, look, now)
        if look.state is not item.state:
            sieve.reopen_views(work.customer_id, [item.event_key], now)


def _settle_entry(work: Work, item: OutboxItem) -> None:
    found = evidence(work, item)
    if found.rows:
        _keep(
            work,
            item,
            Look(
                State.WRITTEN,
                check_at=_last_look(work, item),
                upsales_id=found.rows[0].id,
                run_id=work.run_id,
            ),
        )
        _remove_doubles(work, item, found)
    elif found.absent:
        _keep(work, item, _absent(work, item))
    else:
        again = work.clock.now() + work.settle * 2 ** min(item.checks, 8)
        person = item.checks + 1 >= _UNCLEAR_FOR_PERSON
        _keep(work, item, Look(State.UNCERTAIN, again, item.absences, person))


def _absent(work: Work, item: OutboxItem) -> Look:
    if item.absences + 1 >= _ABSENT_TWICE:
        return Look(State.PLANNED)
    return Look(State.UNCERTAIN, work.clock.now() + work.settle, item.absences + 1)


def _last_look(work: Work, item: OutboxItem) -> datetime:
    return (item.sent_at or work.clock.now()) + LAST_LOOK * work.settle


def _heal_later(work: Work, item: OutboxItem) -> None:
    """A look at an entry that was in doubt before it was known to be there."""
    found = evidence(work, item)
    last = _last_look(work, item)
    more = last if work.clock.now() < last else None
    first = found.rows[0].id if found.rows else None
    # Before the last look is noted: what fails is tried again.
    if not _remove_doubles(work, item, found):
        more = work.clock.now() + FORM_STEPS[1] * work.settle
    _keep(work, item, Look(State.WRITTEN, more, upsales_id=first))


def _remove_doubles(work: Work, item: OutboxItem, found: Evidence) -> bool:
    """Delete all but the oldest; false when Upsales refused one of them."""
    done = True
    for row in found.rows[1:]:
        if row.external_id != item.external_id:
            continue  # Alike is not the same: it may be another view's.
        work.lease.renew()
        try:
            work.upsales().delete_event(row.id)
        except (NotFound, Rejected) as error:
            log.warning("double not removed", entry=row.id, status=error.status)
            done = done and isinstance(error, NotFound)
        else:
            work.counts["healed"] += 1
    return done


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
            run_id = work.run_id if item.state is State.UNCERTAIN else None
            _keep(work, item, Look(State.CONFIRMED, run_id=run_id))
        else:
            _keep(work, item, _not_seen(work, item, submitted))


def _submitted(work: Work, name: str, since: datetime) -> set[str] | None:
    """The view ids among a form's submits, or None when they cannot be read."""
    form = forms.remembered(work.customer_id).get(name)
    if form is None:
        return set()  # It was never made, so nothing can have been submitted to it.
    try:
        rows = work.upsales().form_submits(form.form_id, since - timedelta(days=1))
    except (Rejected, NotFound, Unclear):
        return None
    return {row.fields.get(FIELD_VIEW_ID, "") for row in rows}


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
