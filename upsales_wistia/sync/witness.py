"""Holds what the webhook told against what Wistia's list shows an hour later."""

from __future__ import annotations

from datetime import timedelta

from ..funnel.identity import address, typed_email
from ..store import ledger, webhooks
from ..store.ledger import Snapshot
from ..store.webhooks import Stored
from .work import Work

COMPARED_AFTER = timedelta(hours=1)
"""How long the list may take to show what the webhook told."""

NEAR = 0.01
"""By how much the share that the list shows may stay below a mark that was passed."""

_AT_ONCE = 500


def normalised(email: str) -> str:
    """What was left in a Turnstile, in the form in which two tellings of it are the same."""
    return address(email) or email.strip().lower()


def compare_told(work: Work) -> None:
    """Compare each telling once; to be called when the list was read to its end."""
    while told := webhooks.to_compare(work.customer_id, work.window.end, _AT_ONCE):
        shown = ledger.snapshots(work.customer_id, sorted({one.event_key for one in told}))
        webhooks.compared(
            work.customer_id,
            [one.id for one in told],
            [one.id for one in told if not _agrees(work, one, shown.get(one.event_key))],
            work.window.end,
        )


def _agrees(work: Work, told: Stored, shown: Snapshot | None) -> bool:
    if shown is None or not watched_as_told(shown, told.fraction):
        return False
    return not told.email_digest or work.digest(normalised(typed_email(shown))) == told.email_digest


def watched_as_told(view: Snapshot, fraction: float | None) -> bool:
    """Whether as much (0-1) is shown to be watched as the webhook told."""
    return fraction is None or view.fraction >= fraction - NEAR
