"""What every step of one run is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ..clients.upsales import UpsalesClient
from ..clients.wistia import WistiaClient
from ..clock import Clock
from ..errors import CredentialRefused, NoUpsalesKey
from ..funnel.lateness import look_back
from ..funnel.settings import Settings
from ..funnel.view import Target
from ..settings import Problem
from ..store import calls, customers
from ..store.calls import Calls
from ..store.leases import Lease
from ..store.thinned import Thinned
from ..store.tombstones import Forgotten
from .patience import Patience
from .share import Reached, Share

Progress = Callable[[str], None]

RETENTION = timedelta(days=730)
"""Wistia keeps events for two years. https://docs.wistia.com/reference/statsevents"""


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings a run goes by, their version, and what could not be read of them."""

    settings: Settings
    version: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """The views a run is about: received from ``start`` to ``end``, all aware UTC.

    Read are those from ``read_from`` on: after a pause also views that may have grown since the
    last complete run looked at them, and older ones while views come late.
    """

    start: datetime
    end: datetime
    read_from: datetime


def window_of(
    now: datetime,
    days: int,
    last_read: datetime | None = None,
    slowest: timedelta = timedelta(),
) -> Window:
    """The window of a run that starts ``now`` (aware UTC) and looks ``days`` back.

    When the last complete run (``last_read``, aware UTC) is longer ago than that, back to it, as
    far as Wistia keeps views. Read is from further back when of late a view took ``slowest``.
    """
    back = timedelta(days=days)
    reach = look_back(back, slowest)
    if last_read is None or last_read >= now - back:
        return Window(now - back, now, now - reach)
    oldest = now - RETENTION
    return Window(max(last_read, oldest), now, max(last_read - reach, oldest))


class UpsalesSource(Protocol):
    """Where a run gets its Upsales client from, once it needs one."""

    def __call__(self) -> UpsalesClient | None:
        """A client, or None when no key is at hand."""


@dataclass
class Work:
    """One run of one customer.

    ``window.end`` is the run's start; ``connected`` tells whether a Wistia token is there.
    ``counts`` holds what is neither in the ledger nor in the outbox: forms made, rows that could
    not be read. ``last_read`` is the start of the last complete run before this one, ``settle``
    the settling time, ``interval`` that of the polls, ``restored_at`` (ISO) when a backup was put
    back. ``resume_in`` is in seconds: when our own limits let the rest be written. ``reads`` is
    false when Wistia was read just before, ``key_comes`` true when Upsales can be asked for a key,
    ``has_control`` once this run wrote an entry by which the absence of an earlier one is told.
    ``only`` are the event keys of the views this run is about, None for all; with ``own_rows`` it
    sends alone what itself intends. ``breaks`` tells that others want the lease: a backfill then
    ends between two writes, and goes on later. ``share`` is what it may take of its worker at once,
    ``reached`` how far it is in Wistia's list (None: all is read), ``spent`` what its earlier parts
    took. ``forgotten`` is who was erased and must not come back, ``thinned`` which views were kept
    as long as they may be.
    """

    customer_id: int
    run_id: str
    rules: Rules
    window: Window
    connected: bool
    lease: Lease
    clock: Clock
    patience: Patience
    wistia: WistiaClient
    upsales_source: UpsalesSource
    event_zone: str
    app_id: int | None
    asked: bool
    progress: Progress
    digest: Callable[[str], str]
    settle: timedelta
    interval: timedelta
    last_read: datetime | None
    restored_at: str | None
    forgotten: Forgotten
    thinned: Thinned
    counts: Counter[str] = field(default_factory=Counter)
    client: UpsalesClient | None = None
    resume_in: float = 0.0
    trusts_search: bool | None = None
    reads: bool = True
    key_comes: bool = False
    only: frozenset[str] | None = None
    own_rows: bool = False
    breaks: Callable[[], bool] = lambda: False
    has_control: bool = False
    share: Share = field(default_factory=Share)
    reached: Reached | None = field(default_factory=Reached)
    spent: Mapping[str, float] = field(default_factory=dict)
    hand_on: Callable[[], None] = lambda: None

    @property
    def settings(self) -> Settings:
        """The settings this run goes by."""
        return self.rules.settings

    def upsales(self) -> UpsalesClient:
        """The Upsales client, once its key is known to be this customer's.

        Raises NoUpsalesKey when no key is at hand, CredentialRefused when it is another's.
        """
        if self.client is None:
            self.client = self.upsales_source()
            if self.client is None:
                raise NoUpsalesKey(
                    "There is something to look up or write, and no Upsales key is at hand. Add "
                    f"one: upsales-wistia customers add {self.customer_id} … with an apiKey."
                )
            check_owner(self.client, self.lease, self.patience)
        return self.client

    def enabled_targets(self) -> tuple[Target, ...]:
        """The targets that are on; the form goes first."""
        return tuple(t for t in (Target.FORM, Target.ACTIVITY) if self.settings.enabled(t))

    def count_calls(self) -> None:
        """Add what this work has sent to the customer's calls of today."""
        clients = {"wistia": self.wistia, "upsales": self.client}
        sent = {n: Calls(c.requests, c.failures) for n, c in clients.items() if c is not None}
        calls.count(self.customer_id, self.clock.now(), sent)

    def close(self) -> None:
        """Give back the connections, and hand on what our limits have counted."""
        self.hand_on()
        self.wistia.close()
        if self.client:
            self.client.close()


def check_owner(client: UpsalesClient, lease: Lease, patience: Patience) -> None:
    """See once that a key is this customer's; raises CredentialRefused when it is another's."""
    if "auth" in customers.setup(lease.customer_id):
        return
    me = patience.read(client.self_)
    if me.client_id != lease.customer_id:
        raise CredentialRefused(
            f"The Upsales key belongs to account {me.client_id}, not to {lease.customer_id}. "
            "Nothing was written. Add the right key.",
            vendor="upsales",
            code="upsales_key_refused",
            status=200,
        )
    with lease.commit():
        customers.update_setup(lease.customer_id, auth=client.auth)
