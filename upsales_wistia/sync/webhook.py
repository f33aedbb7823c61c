"""What Wistia's webhook sets going: single views, read at once, on the way of all views.

    told ─▶ ask for that one view ─▶ ledger ─▶ sieve ─▶ look up ─▶ write

A webhook is only ever a reason to look: what is decided and written comes from Wistia's own
answer, so events that are late, doubled, lost or out of order lead to the same. The customer's
lease is held meanwhile. The poll's times are left alone: what is not found here, it finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from ..clock import Clock
from ..errors import (
    AppError,
    CredentialRefused,
    LeaseBusy,
    LeaseLost,
    NotConfigured,
    NoUpsalesKey,
    Rejected,
    Throttled,
)
from ..funnel.identity import typed_email
from ..store import customers, ledger, runs, sieve, webhooks
from ..store.leases import Lease, hold
from ..store.ledger import Snapshot
from ..store.webhooks import Stored
from .poll import keep_rows, read_media, read_videos, read_visitors
from .report import code_of
from .run import OpenWork, Pace, after_the_dead, check
from .schedule import poll_comes
from .sieve import sieve_views
from .witness import watched_as_told
from .work import Work
from .writing import sieve_and_look_up, write

log = structlog.get_logger(__name__)

WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
"""How long to wait before asking again for a view that is not there yet; then the poll has it."""

_TELLINGS = 500
_VIEWS = 25
"""Views asked for under one lease: a poll that is due must not wait long."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that was told of one view and is not done yet; see ``Stored``."""

    event_key: str
    ids: tuple[int, ...]
    fraction: float | None
    left_email: bool
    tries: int

    def shown_by(self, view: Snapshot) -> bool:
        """Whether what Wistia answered so far shows it."""
        left = bool(typed_email(view)) or not self.left_email
        return left and watched_as_told(view, self.fraction)


def work_off(customer_id: int, open_work: OpenWork, pace: Pace, clock: Clock) -> bool:
    """Do what the webhook has set going; returns whether there is more to do at once.

    Nothing is done while another run goes on, or a poll is about to.
    """
    now = clock.now()
    if not webhooks.pending(customer_id, now, 1) or not _is_its_turn(customer_id, now):
        return False
    try:
        with hold(customer_id, pace.lease_seconds, wait=False, heartbeat=pace.heartbeat) as lease:
            return _work_off(lease, open_work, clock.now())
    except LeaseBusy:
        return False


def _is_its_turn(customer_id: int, now: datetime) -> bool:
    return customers.load(customer_id).state == "active" and not poll_comes(customer_id, now)


def _work_off(lease: Lease, open_work: OpenWork, now: datetime) -> bool:
    stored = webhooks.pending(lease.customer_id, now, _TELLINGS)
    told = _by_view(stored)
    known = _known(lease.customer_id, told, now)
    with lease.commit():
        webhooks.leave(lease.customer_id, [i for one in known for i in one.ids])
    wanted = [one for one in told if one not in known][:_VIEWS]
    videos = {s.media_id: s.id for s in stored if not s.event_key}
    if wanted or videos:
        _run(open_work(lease, False, lambda text: None), wanted, videos)
    return bool(wanted or videos) or len(stored) == _TELLINGS


def _by_view(stored: Iterable[Stored]) -> list[Told]:
    """What was told, one by one view, in the order in which it became due."""
    views: dict[str, list[Stored]] = defaultdict(list)
    for one in stored:
        if one.event_key:
            views[one.event_key].append(one)
    return [
        Told(
            key,
            tuple(one.id for one in some),
            max((one.fraction for one in some if one.fraction is not None), default=None),
            any(one.email_digest for one in some),
            max(one.tries for one in some),
        )
        for key, some in views.items()
    ]


def _known(customer_id: int, told: Sequence[Told], now: datetime) -> list[Told]:
    """What the ledger shows already and that is decided: a poll was quicker."""
    keys = [one.event_key for one in told]
    shown = ledger.snapshots(customer_id, keys)
    open_ones = sieve.to_be_decided(customer_id, keys, now)
    return [
        one
        for one in told
        if one.event_key in shown
        and one.event_key not in open_ones
        and one.shown_by(shown[one.event_key])
    ]


def _run(work: Work, wanted: Sequence[Told], videos: dict[str, int]) -> None:
    with structlog.contextvars.bound_contextvars(customer=work.customer_id, run=work.run_id):
        try:
            error = _steps(work, wanted, videos)
        except LeaseLost:
            raise
        except Exception:
            # Pushed out before it is raised: it must not come back at once.
            _put_off(work, wanted, videos, timedelta())
            raise
        finally:
            work.close()
        log.info("webhook worked off", views=len(wanted), code=code_of(error))


def _steps(work: Work, wanted: Sequence[Told], videos: dict[str, int]) -> AppError | None:
    """All steps in order; returns what ended them early."""
    after_the_dead(work)
    try:
        check(work)
        read_videos(work, sorted(videos))
        found = _read(work, wanted)
    except LeaseLost:
        raise
    except AppError as error:
        wait = timedelta(seconds=error.wait) if isinstance(error, Throttled) else timedelta()
        if isinstance(error, CredentialRefused | NotConfigured):
            _leave(work, wanted, videos)  # The poll says so, and finds everything.
        else:
            _put_off(work, wanted, videos, wait)
        return _closed(work, error)
    ended = _decide_and_write(work) if _is_in_step(work) else None
    _conclude(work, wanted, found, videos)
    return _closed(work, ended)


def _read(work: Work, wanted: Sequence[Told]) -> dict[str, Snapshot]:
    """Ask for each view and keep it; those that Wistia does not know are left out."""
    rows = [row for told in wanted if (row := _row(work, told.event_key)) is not None]
    there = keep_rows(work, rows) & {told.event_key for told in wanted}
    with work.lease.commit():
        sieve.reopen_views(work.customer_id, sorted(there), work.window.end)
    work.only = frozenset(there)
    return ledger.snapshots(work.customer_id, sorted(there))


def _row(work: Work, event_key: str) -> dict[str, object] | None:
    try:
        return work.patience.read(lambda: work.wistia.event(event_key))
    except Rejected:
        return None


def _is_in_step(work: Work) -> bool:
    """Whether a poll has read the window of late: what an old ledger lacks is not written twice."""
    if work.last_read is None or work.window.end - work.last_read > 2 * work.interval:
        return False
    put_back = work.restored_at and datetime.fromisoformat(work.restored_at)
    return not put_back or work.last_read >= put_back


def _decide_and_write(work: Work) -> AppError | None:
    """Decide and write the views that were read; what ends it early is left to the next run."""
    try:
        read_visitors(work)
        read_media(work, work.window.end)
        sieve_and_look_up(work)
        write(work)
    except LeaseLost:
        raise
    except AppError as error:
        sieve_views(work)
        key_is_asked_for = work.key_comes and isinstance(error, NoUpsalesKey)
        return None if key_is_asked_for else error
    return None


def _conclude(
    work: Work, wanted: Sequence[Told], found: dict[str, Snapshot], videos: dict[str, int]
) -> None:
    """Say when to look again: at what is not there yet, and when a viewing is over."""
    now = work.clock.now()
    held = sieve.settling(work.customer_id, list(found), now)
    with work.lease.commit():
        webhooks.leave(work.customer_id, list(videos.values()))
        for told in wanted:
            view = found.get(told.event_key)
            if (view is None or not told.shown_by(view)) and told.tries < len(WAITS):
                _ask_again(work, told, now + WAITS[told.tries], told.tries + 1)
            elif told.event_key in held:
                _ask_again(work, told, held[told.event_key], told.tries)
            else:
                webhooks.leave(work.customer_id, told.ids)


def _ask_again(work: Work, told: Told, at: datetime, tries: int) -> None:
    webhooks.ask_again(work.customer_id, told.ids, at, tries)


def _put_off(work: Work, wanted: Sequence[Told], videos: dict[str, int], wait: timedelta) -> None:
    """Try all of it again later, a few times; then it is left to the poll."""
    now = work.clock.now()
    with work.lease.commit():
        webhooks.leave(work.customer_id, list(videos.values()))
        for told in wanted:
            if told.tries < len(WAITS):
                _ask_again(work, told, now + max(wait, WAITS[told.tries]), told.tries + 1)
            else:
                webhooks.leave(work.customer_id, told.ids)
        runs.close_dead(work.customer_id, now, "It is tried again, and the next poll finds it.")


def _leave(work: Work, wanted: Sequence[Told], videos: dict[str, int]) -> None:
    with work.lease.commit():
        webhooks.leave(work.customer_id, [*videos.values(), *(i for t in wanted for i in t.ids)])


def _closed(work: Work, error: AppError | None) -> AppError | None:
    with work.lease.commit():
        runs.close_run(
            work.customer_id,
            work.run_id,
            status="failed" if error else "ok",
            now=work.clock.now(),
            complete=False,
            report=None,
            code=code_of(error),
            reason=error.sentence if error else None,
        )
        work.count_calls()
    return error
