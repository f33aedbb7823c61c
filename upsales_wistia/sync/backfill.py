"""Older views, because a person asked for them: the way of a poll, over another window.

    a day ─▶ read from page 1 ─▶ look up ─▶ decide ─▶ write ─▶ the next day
                                                └ without ``commit`` only counted, at the end

Days go from the oldest on, so that whoever left an e-mail is known in later views. Each day is
committed before the next: a process may die at any point, and whoever goes on begins with the day
that was not done. What is intended is the backfill's own until it is done (``store.outbox``), so
runs in between neither send nor change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..clock import monotonic
from ..errors import NotConfigured
from ..funnel.decide import decide_all
from ..funnel.view import Fetched, Target
from ..store import jobs, outbox, sieve
from .asked import Backfill
from .deliver import deliver
from .fetched import adopt_day, decisions, look_up, note_unknown_entries
from .knowledge import known_for
from .period import Period
from .poll import read_slice
from .run import after_the_dead, check
from .settle import settle
from .sieve import but_ignored, intend, sieved
from .work import Work


def carry_on(work: Work, backfill: Backfill) -> bool:
    """Do day after day until the last; False when others want the lease before.

    Raises AppError for what ends it, with all stored that is done.
    """
    check_asked(work, backfill)
    after_the_dead(work)
    if backfill.commit:
        settle(work)
    days = list(backfill.period.slices(backfill.next))
    for number, day in enumerate(days, backfill.period.days - len(days) + 1):
        work.progress(f"{day.start.day} {day.start:%b %Y}, day {number} of {backfill.period.days}")
        started = monotonic()
        if not _do_day(work, backfill, day):
            return False
        _keep(work, backfill, day, monotonic() - started)
        if work.breaks():
            return False
    if backfill.commit:
        settle(work)
        _deliver(work, backfill)
    return not work.breaks()


def check_asked(work: Work, backfill: Backfill) -> None:
    """Raise NotConfigured, with the next step, when what was asked for is off."""
    check(work)
    if backfill.forms and not work.settings.forms_enabled:
        raise NotConfigured("Forms are off. Turn them on in Settings first.")
    if not backfill.forms and not work.settings.activities_enabled:
        raise NotConfigured("The activity log is off. Turn it on in Settings, or fetch forms too.")


def _do_day(work: Work, backfill: Backfill, day: Period) -> bool:
    with _reading(work):
        read_slice(work, day.start, day.end)
        look_up(work, backfill, day)
        if not backfill.commit:
            note_unknown_entries(work, backfill, day)
            _sieve_aside(work, day)
            return True
        adopt_day(work, backfill, day)
    _sieve(work, backfill, day)
    for target in backfill.targets:
        deliver(work, target, asked=True)
        if work.breaks():
            return False
        with _reading(work):
            look_up(work, backfill, day)
        _sieve(work, backfill, day)
    deliver(work, Target.ACTIVITY, asked=True)  # what was decided once more on the way
    return not _left(work)


@contextmanager
def _reading(work: Work) -> Iterator[None]:
    """Reading well tells nothing of writing: what failed there in a row still counts."""
    failed = work.patience.in_a_row
    yield
    work.patience.in_a_row = failed


def _deliver(work: Work, backfill: Backfill) -> None:
    for target in backfill.targets:
        deliver(work, target, asked=True)


def _left(work: Work) -> bool:
    """Whether something is still to be sent: others wanted the lease between two writes."""
    now = work.clock.now()
    waiting = (
        outbox.count_due(work.customer_id, target, now, asked=False, of_run=work.run_id)
        for target in Target
    )
    return work.breaks() and any(waiting)


def _keep(work: Work, backfill: Backfill, day: Period, seconds: float) -> None:
    """Store that a day is done."""
    told = backfill.progress
    told["next"] = day.end.isoformat()
    told["seconds"] = round(told.get("seconds", 0.0) + seconds, 1)
    note_requests(work, backfill)
    with work.lease.commit():
        jobs.advance(work.customer_id, jobs.BACKFILL, told)


def note_requests(work: Work, backfill: Backfill) -> None:
    """Add to the progress what was asked of the vendors since the last time."""
    counted = {
        "wistia": work.wistia.requests,
        "upsales": work.client.requests if work.client else 0,
        "forms_created": work.counts["forms_created"],
        "healed": work.counts["healed"],
    }
    before = backfill.progress.setdefault("counts", {})
    for name, count in counted.items():
        before[name] = before.get(name, 0) + count - backfill.spent[name]
        backfill.spent[name] = count


def _sieve_aside(work: Work, day: Period) -> None:
    """Store what a run says of the views that are only looked at, so that lists can tell it."""
    for batch in sieve.received(work.customer_id, day.start, day.end):
        aside = [(n, view) for n, view in batch if view.fetched is Fetched.LOOKED_AT]
        views = [view for _, view in aside]
        known = known_for(work.customer_id, views, work.settings)
        now = work.clock.now()
        with work.lease.commit():
            decided = but_ignored(work, decide_all(views, known, work.settings, now), known, now)
            sieve.save_sieve(
                work.customer_id,
                [
                    sieved(work.settings, n, one, None)
                    for (n, _), one in zip(aside, decided, strict=True)
                ],
            )


def _sieve(work: Work, backfill: Backfill, day: Period) -> None:
    """Decide the views of a day; verdicts and intended writes are committed together."""
    for numbers, found, known in decisions(work, backfill, day):
        now = work.clock.now()
        with work.lease.commit():
            decided = but_ignored(work, found, known, now)
            rows = list(zip(numbers, decided, strict=True))
            sieve.fetch_as(work.customer_id, [(n, one.view.fetched) for n, one in rows])
            # What a run reads as well, it also decides: a form may not be asked for here.
            sieve.save_sieve(
                work.customer_id,
                [
                    sieved(work.settings, n, one, now if one.view.fetched is Fetched.NOT else None)
                    for n, one in rows
                ],
            )
            intend(work, decided, known, now, backfill.targets)
