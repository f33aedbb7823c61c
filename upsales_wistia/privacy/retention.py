"""What is kept no longer than it may be: taken away in small steps that no run waits for.

what was sent, and what was answered        30 days
e-mails of viewers whom nobody knows        ``waitingDays``
everything else of a view                   ``retentionDays``; then a hash and the outcomes
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..settings import LATER_DEFAULTS, typed
from ..store import retention, tombstones, versions
from ..store.keyring import Keyring
from ..store.leases import Lease
from ..store.tombstones import hashed
from .burial import key_for
from .tombstone_file import TombstoneFile

PAYLOADS = timedelta(days=30)
"""How long what was sent to Upsales and to Mavera is kept, with the answers."""

MARGIN = timedelta(days=2)
"""How long after the window of the runs an e-mail stays at least, whatever ``waitingDays`` says."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Before when (aware UTC) each kind of thing has been kept long enough."""

    payloads: datetime
    nobodies: datetime
    views: datetime

    @classmethod
    def of(cls, customer_id: int, now: datetime, window_days: int) -> Limits:
        """Those that the customer chose."""
        version = versions.current(customer_id)
        config = version.config if version else {}
        kept = timedelta(days=int(config.get("retentionDays", LATER_DEFAULTS["retentionDays"])))
        waiting = timedelta(days=typed(config).waiting_days)
        shortest = timedelta(days=window_days) + MARGIN
        return cls(now - PAYLOADS, now - max(waiting, shortest), now - kept)


def step(
    lease: Lease, keyring: Keyring, file: TombstoneFile, limits: Limits, now: datetime
) -> bool:
    """One small batch of each kind, each in a transaction of its own; whether there is more.

    Raises LeaseLost when another process has the customer.
    """
    number = lease.customer_id
    batches: list[Callable[[], int]] = [
        lambda: retention.drop_payloads(number, limits.payloads),
        lambda: retention.drop_answers(number, limits.payloads),
        lambda: retention.drop_drafts(number, limits.views),
        lambda: retention.unname(number, limits.nobodies),
        lambda: _thin(keyring, number, file, limits.views),
    ]
    more = False
    for batch in batches:
        with lease.commit():
            more |= batch() >= retention.BATCH
    return more


def _thin(keyring: Keyring, customer_id: int, file: TombstoneFile, before: datetime) -> int:
    key = key_for(keyring, customer_id, file)
    done = retention.thin(customer_id, before, lambda event_key: hashed(key, "event", event_key))
    if done:
        tombstones.add_key(keyring, customer_id, key)
    return done
