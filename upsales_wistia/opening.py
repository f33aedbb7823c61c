"""What a run needs, put together once its lease is held."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from .clients.upsales import UpsalesClient
from .clients.wistia import WistiaClient
from .funnel.lateness import WIDEST
from .settings import Problem, typed
from .store import arrivals, customers, instance, runs, tombstones, versions
from .store.leases import Lease
from .sync.patience import Patience
from .sync.progress import Telling
from .sync.work import Progress, Rules, UpsalesSource, Work, window_of

if TYPE_CHECKING:
    from .services import Services

RESTORED_AT = "restored_at"
"""Where ``migrate --restored`` keeps when a backup was put back."""

_UPSALES_TIMEOUT = 30.0


@dataclass(frozen=True)
class Opening:
    """Opens a run's work once its lease is held."""

    services: Services
    customer_id: int
    upsales_class: type[UpsalesClient]
    key: str = field(default="", repr=False)
    reads: bool = True
    kind: str = runs.POLL

    def __call__(self, lease: Lease, asked: bool, progress: Progress) -> Work:
        """Open a run in the tables, and its clients."""
        home = self.services
        now = home.clock.now()
        secrets = customers.secrets(home.keyring, self.customer_id)
        rules = rules_of(self.customer_id)
        last_read = customers.load(self.customer_id).last_complete_read
        slowest = arrivals.slowest(self.customer_id, now - WIDEST)
        window = window_of(now, home.config.window_days, last_read, slowest)
        with lease.commit():
            runs.close_dead(self.customer_id, now, "The run before this one died in its course.")
            run_id = runs.open_run(
                self.customer_id,
                self.kind,
                now=now,
                window_from=window.start,
                window_to=window.end,
                settings_version=rules.version,
            )
        token = secrets.get("wistiaApiPassword", "")
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
            upsales_source=self.upsales(self.key or secrets.get("apiKey", "")),
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
            # To a dry run none comes: Upsales would send it to whoever serves the pages.
            key_comes=home.asking.can_ask and not self.key and self.upsales_class is UpsalesClient,
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
