"""Once a day a run looks for videos that ask nobody for an e-mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..store import customers, hints
from .work import Work

_DAY = timedelta(days=1)


def note_hints(work: Work) -> None:
    """Look again, when the last look was a day ago."""
    now = work.clock.now()
    looked = customers.setup(work.customer_id).get("hints_at")
    if looked is not None and now - datetime.fromisoformat(looked) < _DAY:
        return
    found = hints.find(work.customer_id, now)
    with work.lease.commit():
        hints.note(work.customer_id, found, now)
