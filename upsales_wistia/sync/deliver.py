"""Phase 2: writes what was intended. One write in flight per customer.

Each item: intent committed (a conditional UPDATE that also renews the lease) ─▶ the call ─▶
outcome committed. A process that dies in between leaves the row in ``sending``, and the next
run takes it for uncertain: nothing is sent again in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..clients.upsales_schema import (
    FIELD_EMAIL,
    FIELD_FIRST_NAME,
    FIELD_LAST_NAME,
    FIELD_PAGE,
    FIELD_PERCENT,
    FIELD_PROJECT,
    FIELD_VIDEO,
    FIELD_VIEW_ID,
    FIELD_VIEWED_AT,
    EventDraft,
)
from ..clock import monotonic
from ..errors import UsedUp, VendorError
from ..funnel.view import State, Target
from ..store import checks, customers, outbox, people, sieve
from ..store.outbox import OutboxItem
from . import zone
from .forms import form_for
from .outcomes import Outcome, outcome, unsent
from .settle import first_look
from .work import Work

log = structlog.get_logger(__name__)

FORM_REFUSALS = 2
"""Refused submits in a row that pause a customer's forms."""

_ASK_AGAIN = timedelta(minutes=10)
_FRESH_SECONDS = 2.0
"""A row that was taken longer ago than this is taken once more before it is sent."""


def deliver(work: Work, target: Target, *, asked: bool = False) -> None:
    """Write all items of ``target`` that are due; ``asked`` also those whose time has not come.

    Raises VendorError when the run must end, UsedUp when our own limit ends it with nothing
    amiss, LeaseLost when another process has the customer.
    """
    if target is Target.FORM and _paused(work):
        return
    after, number, total = 0, 0, _due_count(work, target, asked)
    while batch := _due(work, target, after, asked):
        for item in batch:
            if work.breaks():
                return
            after, number = item.id, number + 1
            work.progress(f"Writing {number} of {total}")
            if target is Target.FORM and _may_be_submitted(work, item):
                _leave_to_person(work, item)
                continue
            result = _deliver_one(work, item)
            if target is Target.FORM and _refused_in_a_row(work, result) >= FORM_REFUSALS:
                _pause_forms(work)
                return
            work.share.step()


def _may_be_submitted(work: Work, item: OutboxItem) -> bool:
    """Whether an earlier database may have submitted it, and nobody has decided yet."""
    before = customers.setup(work.customer_id).get("forms_from")
    if before is None or item.doubts:
        return False
    return datetime.fromisoformat(item.payload["viewed_at"]) < datetime.fromisoformat(before)


def _leave_to_person(work: Work, item: OutboxItem) -> None:
    with work.lease.commit():
        outbox.finish(work.lease, item, State.UNCERTAIN, now=work.clock.now(), needs_person=True)


def _due(work: Work, target: Target, after: int, asked: bool) -> list[OutboxItem]:
    now = work.clock.now()
    return outbox.due(
        work.customer_id,
        target,
        now,
        asked=asked,
        after_id=after,
        only=work.only,
        of_run=_whose(work),
    )


def _whose(work: Work) -> str | None:
    return work.run_id if work.own_rows else None


def _due_count(work: Work, target: Target, asked: bool) -> int:
    return outbox.count_due(
        work.customer_id,
        target,
        work.clock.now(),
        asked=asked,
        only=work.only,
        of_run=_whose(work),
    )


def _paused(work: Work) -> bool:
    paused = customers.load(work.customer_id).forms_paused
    if paused and work.asked:
        with work.lease.commit():
            customers.resume_forms(work.customer_id)
        return False
    return paused


def _refused_in_a_row(work: Work, result: Outcome | None) -> int:
    """How many submits in a row were refused by now, over all runs."""
    before = int(customers.setup(work.customer_id).get("refused_submits", 0))
    count = before + 1 if result and result.refused else 0
    if count != before:
        with work.lease.commit():
            customers.update_setup(work.customer_id, refused_submits=count)
    return count


def _pause_forms(work: Work) -> None:
    log.warning("forms paused")
    with work.lease.commit():
        customers.pause_forms(work.customer_id)
        customers.update_setup(work.customer_id, refused_submits=0)
        sieve.reopen_code(work.customer_id, "form_first", work.clock.now())


def _deliver_one(work: Work, item: OutboxItem) -> Outcome | None:
    """Send one item, again after a short wait where that is safe. None when it was written."""
    while True:
        sent = False
        try:
            call = _prepare(work, item)
            if not _take(work, item):
                return None  # Somebody settled it by hand meanwhile.
            sent = True
            call()
        except UsedUp:
            raise
        except VendorError as error:
            now = work.clock.now()
            result = (outcome if sent else unsent)(error, item.refusals, now)
            _keep_outcome(work, item, result, error)
            if result.stop:
                raise
            if not result.trouble:
                work.patience.in_a_row = 0  # It answered.
                return result
            work.patience.bear(error)
            if result.state is not State.RETRY:
                return result
        else:
            work.patience.in_a_row = 0
            return None


def _take(work: Work, item: OutboxItem) -> bool:
    """Commit the intent to send ``item``; once more when that took too long to be fresh."""
    again = False
    while True:
        before = monotonic()
        now = work.clock.now()
        if not outbox.begin(work.lease, item, now, run_id=work.run_id, again=again):
            return False
        if monotonic() - before <= _FRESH_SECONDS:
            return True
        again = True


def _prepare(work: Work, item: OutboxItem) -> Callable[[], None]:
    """All that may wait or fail before the item itself is sent; the call that sends it."""
    if item.target is Target.ACTIVITY:
        client, permit = work.upsales(), work.upsales().write_permit()
        draft = _draft(work, item.payload)

        def write() -> None:
            row = client.create_event(draft, permit)
            _done(work, item, State.WRITTEN, row.id, item.where)
            zone.learn(work, draft.date, row.date)

        return write

    form = form_for(work, item.payload["form"], item.payload["title"])
    client, submit_permit = work.upsales(), work.upsales().submit_permit()

    def submit() -> None:
        client.submit_form(form.uuid, form_fields(item.payload), submit_permit)
        _done(work, item, State.ACCEPTED, None, form.name)
        _expect_contact(work, item.payload["email"])

    return submit


def _draft(work: Work, payload: Mapping[str, Any]) -> EventDraft:
    return EventDraft(
        client_id=payload["company"],
        contact_id=payload["contact"],
        score=payload["score"],
        value=payload["text"],
        date=datetime.fromisoformat(payload["date"]),
        zone=zone.of_customer(work),
        external_id=payload["external_id"],
        integration_id=work.app_id,
    )


def form_fields(payload: Mapping[str, Any]) -> dict[str, str]:
    """A planned submit as the fields of the form."""
    return {
        FIELD_EMAIL: payload["email"],
        FIELD_FIRST_NAME: payload["first_name"],
        FIELD_LAST_NAME: payload["last_name"],
        FIELD_VIDEO: payload["video"],
        FIELD_PROJECT: payload["project"],
        FIELD_PERCENT: str(payload["percent"]),
        FIELD_VIEWED_AT: payload["viewed_at"],
        FIELD_PAGE: payload["page"],
        FIELD_VIEW_ID: payload["view_id"],
    }


def _done(work: Work, item: OutboxItem, state: State, upsales_id: int | None, where: str) -> None:
    now = work.clock.now()
    with work.lease.commit():
        outbox.finish(
            work.lease,
            item,
            state,
            now=now,
            upsales_id=upsales_id,
            where=where,
            check_at=first_look(work, item, state),
        )
        if item.target is Target.FORM:
            sieve.reopen_views(work.customer_id, [item.event_key], now)
        elif not item.doubts and not work.has_control:
            checks.bring_forward(work.lease, now + work.settle)
            work.has_control = True


def _expect_contact(work: Work, email: str) -> None:
    """Upsales may make a contact of the submit: ask for it soon."""
    with work.lease.commit():
        people.ask_again(work.customer_id, email, work.clock.now() + _ASK_AGAIN)


def _keep_outcome(work: Work, item: OutboxItem, result: Outcome, error: VendorError) -> None:
    now = work.clock.now()
    log.warning("not written", target=item.target.value, status=error.status, kept=result.state)
    with work.lease.commit():
        outbox.finish(
            work.lease,
            item,
            result.state,
            now=now,
            retry_at=result.retry_at,
            refusals=result.refusals,
            answer=error.answer or error.sentence,
            request_id=error.request_id,
            check_at=first_look(work, item, result.state)
            if result.state is State.UNCERTAIN
            else None,
        )
        if result.forget and item.target is Target.ACTIVITY:
            sieve.forget_person(work.customer_id, item.event_key)
        sieve.reopen_views(work.customer_id, [item.event_key], now)
