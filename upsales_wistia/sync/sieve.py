"""Decides the views that something happened to, and commits verdicts and intended writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from ..funnel.decide import Decision, decide_all
from ..funnel.domains import domain_of, registrable
from ..funnel.reasons import WAITING
from ..funnel.settings import Settings
from ..funnel.view import UNSENT, Known, Target, View
from ..funnel.writes import LogEntry, Submit, log_entry, submit
from ..store import customers, ignored, outbox, sieve
from ..store.outbox import Planned
from ..store.sieve import Sieved
from .knowledge import known_for
from .work import Work

_AT_ONCE = 500


def reopen_after_change(work: Work) -> None:
    """Decide the whole window once more when the settings are others than those last used."""
    if customers.setup(work.customer_id).get("sieved_version") == work.rules.version:
        return
    with work.lease.commit():
        sieve.reopen(
            work.customer_id,
            work.window.end,
            since=work.window.start,
            waiting_codes=sorted(WAITING),
        )
        customers.update_setup(work.customer_id, sieved_version=work.rules.version)


def reopen_unsent(work: Work) -> None:
    """Decide once more what was intended and not sent: its contact may be gone by now."""
    with work.lease.commit():
        sieve.reopen_unsent(work.customer_id, work.clock.now(), asked=work.asked)


def reopen_ignored(work: Work) -> None:
    """Decide once more who was chosen to be ignored, or not any more, during another run."""
    with work.lease.commit():
        ignored.reopen(work.customer_id, work.clock.now())


def sieve_views(work: Work, *, plan: bool = True) -> None:
    """Decide every view that is due.

    Without ``plan`` (the window was not read to its end) verdicts are kept for the report
    alone: nothing is intended, and the next run decides these views again.
    """
    after, now = 0, work.clock.now()
    while batch := _next_batch(work, now, after):
        after = batch[-1][0]
        views = [view for _, view in batch]
        known = known_for(work.customer_id, views, work.settings)
        decisions = decide_all(views, known, work.settings, now)
        with work.lease.commit():
            decisions = but_ignored(work, decisions, known, now)
            rows = [
                sieved(work.settings, row_id, decision, None if plan else now)
                for (row_id, _), decision in zip(batch, decisions, strict=True)
            ]
            sieve.save_sieve(work.customer_id, rows)
            if plan:
                intend(work, decisions, known, now)


def _next_batch(work: Work, now: datetime, after: int) -> list[tuple[int, View]]:
    return sieve.undecided(
        work.customer_id,
        now,
        until=work.window.end,
        after_id=after,
        limit=_AT_ONCE,
        only=work.only,
    )


def but_ignored(
    work: Work, decisions: list[Decision], known: Known, now: datetime
) -> list[Decision]:
    """The decisions, made once more where somebody chose meanwhile whom to ignore."""
    emails = {decision.person.email for decision in decisions if decision.person}
    present = ignored.of_emails(work.customer_id, sorted(emails))
    if present == known.ignored:
        return decisions
    views = [decision.view for decision in decisions]
    return decide_all(views, replace(known, ignored=present), work.settings, now)


def sieved(settings: Settings, row_id: int, decision: Decision, again: datetime | None) -> Sieved:
    """What a decision says of the view in a row, to be decided ``again`` (aware) if that is set."""
    person = decision.person.email if decision.person else ""
    on = settings.activities_enabled
    return Sieved(
        id=row_id,
        person=person,
        domain=registrable(domain_of(person)) or domain_of(person),
        activity_code=decision.activity.code,
        form_code=decision.form.code,
        needs=decision.needs if on else "",
        decide_at=again or decision.again,
    )


def intend(
    work: Work,
    decisions: Sequence[Decision],
    known: Known,
    now: datetime,
    targets: Iterable[Target] = tuple(Target),
) -> None:
    """Intend what these decisions let through for ``targets``, and take back what they do not."""
    planned: list[Planned] = []
    for target in targets:
        on = work.settings.enabled(target)
        gone = []
        for decision in decisions:
            sent = known.sent.get((decision.view.event_key, target))
            if sent and sent.state not in UNSENT:
                continue
            if on and decision.outcome(target).writes:
                planned.append(_planned(work, decision, target))
            elif sent and not (on and decision.outcome(target).needs):
                gone.append(decision.view.event_key)
        if gone:
            outbox.withdraw(work.customer_id, target, gone, run_id=work.run_id)
    outbox.plan(
        work.customer_id,
        planned,
        run_id=work.run_id,
        settings_version=work.rules.version,
        now=now,
    )


def _planned(work: Work, decision: Decision, target: Target) -> Planned:
    view = decision.view
    if target is Target.ACTIVITY:
        assert decision.activity.match is not None  # noqa: S101  (the sieve passed it)
        entry = log_entry(view, decision.activity.match, work.settings)
        return Planned(view.event_key, target, entry.external_id, _plain(entry), entry.where)
    assert decision.person is not None  # noqa: S101  (the sieve passed it)
    made = submit(view, decision.person, work.settings)
    return Planned(view.event_key, target, "", _plain(made), made.title)


def _plain(payload: LogEntry | Submit) -> dict[str, Any]:
    """``payload`` as a dictionary with its moments as ISO text, fit for JSON."""
    values = {field.name: getattr(payload, field.name) for field in fields(payload)}
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in values.items()}
