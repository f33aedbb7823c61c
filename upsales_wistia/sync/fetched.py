"""The views of a period as a backfill decides them, and all that must be known for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ..funnel.decide import Decision, decide_all
from ..funnel.domains import domain_of, registrable
from ..funnel.view import UNSENT, Fetched, Known, Target, View
from ..funnel.writes import external_id
from ..store import customers, sieve
from .adopt import adopt_entries, adopt_keys, listed, submitted_since
from .asked import Backfill
from .knowledge import known_for
from .lookup import look_up_domains, look_up_emails
from .period import Period
from .work import Work

_ROUNDS = 3
"""An e-mail, its domain, and once more what grew old meanwhile."""


def decisions(
    work: Work, backfill: Backfill, period: Period
) -> Iterator[tuple[list[int], list[Decision], Known]]:
    """The views of ``period`` decided as they are when they are fetched, in batches.

    Each batch comes with the rows' ids and with what is known.
    """
    now = work.clock.now()
    for batch in sieve.received(work.customer_id, period.start, period.end):
        known = _known(work, backfill, [view for _, view in batch])
        views = [_fetched(work, backfill, view, known) for _, view in batch]
        yield [number for number, _ in batch], decide_all(views, known, work.settings, now), known


def _known(work: Work, backfill: Backfill, views: Sequence[View]) -> Known:
    """What is known, but for those whom Upsales did not know before this was asked for."""
    known = known_for(work.customer_id, views, work.settings)
    since = backfill.asked_at
    return replace(
        known,
        contacts={e: a for e, a in known.contacts.items() if a.found or a.at >= since},
        companies={d: a for d, a in known.companies.items() if a.found or a.at >= since},
        forms_paused=known.forms_paused and not backfill.forms,
    )


def _fetched(work: Work, backfill: Backfill, view: View, known: Known) -> View:
    """The view as it is once it is fetched; of the runs' own window it stays the runs' own."""
    start = work.settings.start
    theirs = max(work.window.start, start) if start else work.window.start
    if view.received_at >= theirs or view.fetched is Fetched.ALL:
        return view
    under_way = (view.event_key, Target.FORM) in known.sent
    what = Fetched.ALL if backfill.forms or under_way else Fetched.ACTIVITY
    return replace(view, fetched=what)


def look_up(work: Work, backfill: Backfill, period: Period) -> None:
    """Ask Upsales for everybody who must be known to decide the views of ``period``."""
    if not work.settings.activities_enabled:
        return
    for _ in range(_ROUNDS):
        emails: set[str] = set()
        domains: set[str] = set()
        for _, decided, _known in decisions(work, backfill, period):
            for one in decided:
                if one.person and one.needs == "email":
                    emails.add(one.person.email)
                elif one.person and one.needs == "domain":
                    domains.add(one.person.email)
        if not emails and not domains:
            return
        if emails:
            look_up_emails(work, sorted(emails))
        if domains:
            look_up_domains(work, sorted(_companies(domains)))


def _companies(emails: set[str]) -> set[str]:
    return {domain for email in emails if (domain := registrable(domain_of(email)))}


def _is_known(work: Work, day: Period) -> bool:
    """Whether this database has known of all that was written since ``day`` began."""
    known_since = customers.load(work.customer_id).created_at
    if work.restored_at:
        known_since = max(known_since, datetime.fromisoformat(work.restored_at))
    return day.start >= known_since


def adopt_day(work: Work, backfill: Backfill, day: Period) -> None:
    """Take as registered what an earlier database wrote of the views of this day."""
    if _is_known(work, day):
        return
    keys = [key for key, target in to_write(work, backfill, day) if target is Target.ACTIVITY]
    if keys:
        adopt_entries(work, keys, listed(work, day.start, day.end) or ())
    if backfill.forms:
        adopt_keys(work, sorted(_submitted(work, backfill)))


def _submitted(work: Work, backfill: Backfill) -> frozenset[str]:
    if backfill.submitted is None:
        backfill.submitted = frozenset(submitted_since(work, backfill.period.start))
    return backfill.submitted


def note_unknown_entries(work: Work, backfill: Backfill, day: Period) -> None:
    """The same for a preview, which stores no write: it is kept with the progress."""
    if _is_known(work, day):
        return
    there = backfill.progress.setdefault("there", {target.value: [] for target in Target})
    written = list(to_write(work, backfill, day))
    keys = [key for key, target in written if target is Target.ACTIVITY]
    if keys:
        ids = {row.external_id for row in listed(work, day.start, day.end) or ()}
        there[Target.ACTIVITY] += [key for key in keys if external_id(key) in ids]
    if backfill.forms:
        submitted = _submitted(work, backfill)
        there[Target.FORM] += [k for k, t in written if t is Target.FORM and k in submitted]


def to_write(work: Work, backfill: Backfill, day: Period) -> Iterator[tuple[str, Target]]:
    """The views of a day that are to be written, as far as our own database knows."""
    for _, decided, known in decisions(work, backfill, day):
        for one in decided:
            for target in backfill.targets:
                if writes_now(one, known, target):
                    yield one.view.event_key, target


def writes_now(decision: Decision, known: Known, target: Target) -> bool:
    """Whether a commit sends this view's write for ``target``."""
    sent = known.sent.get((decision.view.event_key, target))
    return decision.outcome(target).writes and (sent is None or sent.state in UNSENT)
