"""Takes what is in Upsales already as registered, before a run writes for the first time.

After a lost or restored database, or a long pause, our own ledger cannot be trusted to know all
that was written. So our entries are listed and found again by their external ids, our submits by
their view ids. Where Upsales will not list them, that is said in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import structlog

from ..clients.upsales_schema import FIELD_VIEW_ID, EventRow, FormRow
from ..errors import NotFound, Rejected, TooMany, Unclear, VendorError
from ..funnel.view import State, Target
from ..funnel.writes import external_id
from ..store import checks, customers, forms, views
from .work import Work

log = structlog.get_logger(__name__)

PATIENT_RUNS = 6
"""Runs that write nothing while Upsales does not list what is there."""

_AT_ONCE = 500
_OURS = "wistia:"
_SUB_TYPE = "Wistia"


def needs_adoption(work: Work) -> bool:
    """Whether Upsales must be asked for what is there before this run writes anything."""
    return bool(customers.setup(work.customer_id).get("adopt"))


def note_gap(work: Work) -> None:
    """Remember that adoption is due, when our knowledge may have a gap.

    That is when the last complete run is longer ago than two poll intervals (or never was), and
    after a restored backup. It stays remembered until a run that writes has adopted.
    """
    known = customers.setup(work.customer_id)
    restored = work.restored_at is not None and known.get("restored_at") != work.restored_at
    gap = work.last_read is None or work.window.end - work.last_read > 2 * work.interval
    if not (restored or gap) or known.get("adopt"):
        return
    with work.lease.commit():
        why = "lost" if restored or work.last_read is None else "gap"
        customers.update_setup(work.customer_id, adopt=why, restored_at=work.restored_at)


def adopt(work: Work) -> None:
    """List what is ours in Upsales and take it as registered."""
    work.progress("Looking for what is in Upsales already")
    since = work.window.end - max(
        work.window.end - work.window.read_from, timedelta(days=work.settings.waiting_days)
    )
    if work.settings.activities_enabled:
        _adopt_entries(work, since)
    if work.settings.forms_enabled:
        _adopt_submits(work, since)
    with work.lease.commit():
        customers.update_setup(work.customer_id, adopt=False, adopt_tries=0)


def _adopt_entries(work: Work, since: datetime) -> None:
    rows = listed(work, since)
    if rows is None:
        log.warning("entries cannot be listed")
        return
    for keys in _keys_since(work, since) if rows else ():
        adopt_entries(work, keys, rows)


def adopt_entries(work: Work, keys: Iterable[str], rows: Iterable[EventRow]) -> None:
    """Take as registered the entries of these views that are among what was listed."""
    ids: dict[str, int] = {}
    for row in rows:
        ids[row.external_id] = min(row.id, ids.get(row.external_id, row.id))
    found = {key: ids[external_id(key)] for key in keys if external_id(key) in ids}
    if found:
        work.counts["adopted"] += checks.adopt(
            work.lease, Target.ACTIVITY, State.WRITTEN, dict(found), work.clock.now()
        )


def listed(work: Work, since: datetime, until: datetime | None = None) -> list[EventRow] | None:
    """Our entries since ``since``, by the first filter that Upsales takes; None when by none.

    Those after ``until`` (both aware) need not be among them.
    """
    mine = ("integrationId", "eq", work.app_id) if work.app_id else ("subType", "eq", _SUB_TYPE)
    recent = ("date", "gte", f"{since - timedelta(days=1):%Y-%m-%d}")
    between = (recent, ("date", "lte", f"{until + timedelta(days=1):%Y-%m-%d}")) if until else ()
    away: VendorError | None = None
    narrow = [(mine, *between)] if between else []
    for filters in (*narrow, (mine, recent), (mine,), (("subType", "eq", _SUB_TYPE),)):
        try:
            return _every_row(work, filters)
        except (Rejected, NotFound):
            continue
        except (TooMany, Unclear) as error:
            away = error
    if away and _waits_for_listing(work):
        raise away  # It may list them in the next run; nothing is written before.
    return None


def _every_row(work: Work, filters: Iterable[tuple[str, str, Any]]) -> list[EventRow]:
    pages = iter(work.upsales().event_pages(*filters))
    rows: list[EventRow] = []
    while (page := work.patience.read(lambda: next(pages, None))) is not None:
        rows += [row for row in page if row.external_id]
    return rows


def _waits_for_listing(work: Work) -> bool:
    """Whether this run rather writes nothing than what may be there already.

    After a mere pause our own database knows what was written. A customer who is new here may
    have lost one; but an Upsales that never lists must not keep a customer from writing for ever.
    """
    known = customers.setup(work.customer_id)
    tries = int(known.get("adopt_tries", 0)) + 1
    if known.get("adopt") == "gap" or tries > PATIENT_RUNS:
        return False
    with work.lease.commit():
        customers.update_setup(work.customer_id, adopt_tries=tries)
    return True


def _keys_since(work: Work, since: datetime) -> Iterator[list[str]]:
    until = work.window.end + timedelta(days=1)
    stored = (view.event_key for view in views.window_views(work.customer_id, since, until))
    while batch := list(islice(stored, _AT_ONCE)):
        yield batch


def _adopt_submits(work: Work, since: datetime) -> None:
    adopt_keys(work, submitted_since(work, since))


def submitted_since(work: Work, since: datetime) -> list[str]:
    """The view ids among the submits of our forms since ``since`` (aware).

    Where they cannot be read, it is noted that older views wait for a person.
    """
    remembered = {form.form_id for form in forms.remembered(work.customer_id).values()}
    ours = [row for row in work.patience.read(work.upsales().forms) if _is_ours(row)]
    found: list[str] = []
    for row in ours:
        submitted = _submitted(work, row.id, since)
        if submitted is not None:
            found += submitted
        elif row.id not in remembered or work.restored_at:
            _hold_back(work)
    return found


def _is_ours(row: FormRow) -> bool:
    return row.internal_name.startswith(_OURS)


def _submitted(work: Work, form_id: int, since: datetime) -> list[str] | None:
    rows = work.patience.ask(lambda: work.upsales().form_submits(form_id, since))
    if rows is None:
        return None
    return [key for row in rows if (key := row.fields.get(FIELD_VIEW_ID))]


def adopt_keys(work: Work, keys: Iterable[str]) -> None:
    """Take the submits of these views as confirmed."""
    found = dict.fromkeys(v.event_key for v in views.views(work.customer_id, list(keys)))
    if found:
        now = work.clock.now()
        work.counts["adopted"] += checks.adopt(work.lease, Target.FORM, State.CONFIRMED, found, now)


def _hold_back(work: Work) -> None:
    """Submits cannot be read: views older than this database wait for a person to decide."""
    created = customers.load(work.customer_id).created_at
    before = max(created, datetime.fromisoformat(work.restored_at)) if work.restored_at else created
    with work.lease.commit():
        customers.update_setup(work.customer_id, forms_from=before.isoformat())
