"""Follow-up drafts as to-dos in Upsales, each at most once: an uncertain one is never sent again.

Intent committed ─▶ the call ─▶ outcome committed, as with everything that is written.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog

from ..clients.upsales_todos import TodoDraft
from ..errors import UsedUp, VendorError
from ..funnel.view import State
from ..store import customers, drafts
from ..store.drafts import Draft
from . import zone
from .outcomes import outcome, unsent
from .work import Work

log = structlog.get_logger(__name__)

NO_MANAGER = "The company has no account manager in Upsales, so there is nobody to give it to."
_TYPE = "todo_type"


def deliver_todos(work: Work) -> None:
    """Make the to-dos that are due. Raises VendorError when the run must end."""
    drafts.orphans_to_uncertain(work.lease)
    due = drafts.todos_due(work.customer_id, work.clock.now())
    if not due:
        return
    work.progress(f"Making {len(due)} to-dos")
    managers = _managers(work, due)
    for draft in due:
        manager = managers.get(draft.company_id or 0)
        if manager is None:
            drafts.finish_todo(work.lease, draft, State.FAILED, answer=NO_MANAGER)
            continue
        _deliver(work, draft, manager)


def _managers(work: Work, due: list[Draft]) -> dict[int, int]:
    """The first account manager of each company that has one."""
    ids = sorted({draft.company_id for draft in due if draft.company_id is not None})
    rows = work.patience.read(lambda: work.upsales().accounts(ids))
    return {row.id: row.managers[0] for row in rows if row.managers}


def _deliver(work: Work, draft: Draft, manager: int) -> None:
    sent = False
    try:
        call = _prepare(work, draft, manager)
        if not drafts.begin_todo(work.lease, draft, work.clock.now()):
            return
        sent = True
        todo_id = call()
    except UsedUp:
        raise
    except VendorError as error:
        result = (outcome if sent else unsent)(error, draft.todo_refusals, work.clock.now())
        drafts.finish_todo(
            work.lease,
            draft,
            result.state,
            retry_at=result.retry_at,
            refusals=result.refusals,
            answer=error.answer or error.sentence,
        )
        log.warning("to-do not made", status=error.status, kept=result.state)
        if result.stop:
            raise
        if result.trouble:
            work.patience.bear(error)
    else:
        drafts.finish_todo(work.lease, draft, State.WRITTEN, todo_id=todo_id)


def _prepare(work: Work, draft: Draft, manager: int) -> Callable[[], int]:
    """All that may wait or fail before the to-do itself is sent; the call that sends it."""
    client = work.upsales()
    type_id = _type(work)
    permit = client.write_permit()
    today = work.clock.now().astimezone(ZoneInfo(zone.of_customer(work))).date()
    todo = TodoDraft(
        description=f"Follow up: {draft.subject}",
        notes="\n\n".join(filter(None, [draft.subject, draft.body, draft.action])),
        day=today,
        user_id=manager,
        client_id=draft.company_id or 0,
        contact_id=draft.contact_id,
        type_id=type_id,
    )
    return lambda: client.create_todo(todo, permit)


def _type(work: Work) -> int:
    """The kind of activity that is a to-do; it differs from account to account."""
    known = customers.setup(work.customer_id).get(_TYPE)
    if isinstance(known, int):
        return known
    found = work.patience.read(work.upsales().todo_type)
    with work.lease.commit():
        customers.update_setup(work.customer_id, **{_TYPE: found})
    return found
