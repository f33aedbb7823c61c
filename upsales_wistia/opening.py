"""What a run needs, put together once its lease is held."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .clients.upsales import UpsalesClient
from .clients.wistia import WistiaClient
from .clock import epoch
from .errors import DeploymentError, LeaseLost
from .funnel.lateness import WIDEST
from .settings import Problem, typed
from .store import arrivals, customers, database, instance, runs, thinned, tombstones, versions
from .store.leases import Lease
from .sync import share
from .sync.patience import Patience
from .sync.progress import Telling
from .sync.share import Reached, Share
from .sync.work import Progress, Rules, UpsalesSource, Window, Work, window_of

if TYPE_CHECKING:
    from .services import Services

RESTORED_AT = "restored_at"
"""Where ``migrate --restored`` keeps when a backup was put back."""

_UPSALES_TIMEOUT = 30.0
_CALLS = "calls"
_MANY_CALLS = 50  # so few of two processes stay below every limit
_DIED = "The run before this one died in its course."
_GAVE_WAY = "Another run took the place of this one."


@dataclass(frozen=True)
class Opening:
    """Opens a run's work once its lease is held."""

    services: Services
    customer_id: int
    upsales_class: type[UpsalesClient]
    key: str = field(default="", repr=False)
    reads: bool = True
    kind: str = runs.POLL
    share: Share | None = None
    """What the run may take of its worker at once; one that has a share goes on in parts."""
    run_id: str = ""
    """A run that was opened before and goes on; "" opens a new one."""

    def __call__(self, lease: Lease, asked: bool, progress: Progress) -> Work:
        """Open a run in the tables, and its clients."""
        home = self.services
        now = home.clock.now()
        secrets = customers.secrets(home.keyring, self.customer_id)
        rules = rules_of(self.customer_id)
        last_read = customers.load(self.customer_id).last_complete_read
        slowest = arrivals.slowest(self.customer_id, now - WIDEST)
        part = share.load(self.customer_id, now, rules.version) if self.share else None
        if part:
            window = Window(part.start, part.end, part.read_from)
        else:
            window = window_of(now, home.config.window_days, last_read, slowest)
        with lease.commit():
            run_id = self.run_id or (part.run_id if part else self._open_run(now, window, rules))
        token = secrets.get("wistiaApiPassword", "")
        key = self.key or secrets.get("apiKey", "")
        self._take_over(token, key)
        return Work(
            customer_id=self.customer_id,
            run_id=run_id,
            rules=rules,
            window=window,
            connected=bool(token),
            lease=lease,
            clock=home.clock,
            patience=Patience(home.pause),
            wistia=WistiaClient(home.config.wistia_api_url, token, limiters=home.limiters),
            upsales_source=self.upsales(key),
            event_zone=home.config.upsales_event_tz,
            app_id=home.config.upsales_app_id,
            asked=asked,
            progress=Telling(lease, progress),
            digest=lambda text: home.keyring.digest(self.customer_id, text),
            settle=timedelta(seconds=home.config.settle_seconds),
            interval=timedelta(minutes=home.config.poll_minutes),
            last_read=last_read,
            restored_at=instance.read(RESTORED_AT),
            reads=self.reads,
            forgotten=tombstones.load(home.keyring, self.customer_id),
            thinned=thinned.load(home.keyring, self.customer_id),
            share=self.share or Share(),
            reached=part.reached if part else Reached(),
            counts=part.counts if part else Counter(),
            spent=part.spent if part else {},
            hand_on=lambda: self._hand_on(lease, token, key),
            # To a dry run none comes: Upsales would send it to whoever serves the pages.
            key_comes=home.asking.can_ask and not self.key and self.upsales_class is UpsalesClient,
        )

    def _take_over(self, token: str, key: str) -> None:
        """Count the calls of the process that held the lease before: the limits go with it."""
        known = customers.setup(self.customer_id).get(_CALLS)
        if known and self.services.engine:
            age = max(0.0, epoch() - known["at"])
            self.services.limiters.take_over(token, key, known["used"], age)

    def _hand_on(self, lease: Lease, token: str, key: str) -> None:
        """Tell whoever holds the lease next how many calls count already, when they are many."""
        if not self.services.engine:
            return
        used = self.services.limiters.used(token, key)
        if max(used.values()) < _MANY_CALLS:
            return
        with suppress(LeaseLost, DeploymentError, *database.TROUBLE), lease.commit():
            customers.update_setup(self.customer_id, **{_CALLS: {"at": epoch(), "used": used}})

    def _open_run(self, now: datetime, window: Window, rules: Rules) -> str:
        """Open a run; what was left open before died, or gives way to this one."""
        reason = _DIED
        if self.kind == runs.POLL and share.forget(self.customer_id):
            reason = _GAVE_WAY
        runs.close_dead(self.customer_id, now, reason)
        return runs.open_run(
            self.customer_id,
            self.kind,
            now=now,
            window_from=window.start,
            window_to=window.end,
            settings_version=rules.version,
        )

    def upsales(self, key: str) -> UpsalesSource:
        """Where this customer's Upsales client comes from, with ``key`` ("" for none)."""
        config = self.services.config

        def source() -> UpsalesClient | None:
            if not key:
                return None
            known = customers.setup(self.customer_id).get("auth", "auto")
            return self.upsales_class(
                config.upsales_api_url,
                config.upsales_external_url,
                key,
                auth=known if config.upsales_auth == "auto" else config.upsales_auth,
                limiters=self.services.limiters,
                # A write must end well before its lease does.
                read_timeout=min(_UPSALES_TIMEOUT, config.lease_seconds / 4),
            )

        return source


def rules_of(customer_id: int) -> Rules:
    """The rules a customer's next run goes by."""
    version = versions.current(customer_id)
    if version is None:
        return Rules(typed({}), 0)
    problems = tuple(Problem(**problem) for problem in version.problems)
    return Rules(typed(version.config), version.number, problems)
