"""The five jobs as the command line, the pages and the polls set them going."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from .clients.limits import Limiters
from .clients.mavera import MaveraClient
from .clients.mavera_dialect import Dialect
from .clients.wistia import WistiaClient
from .clock import Clock
from .config import Config
from .enrichment import followup
from .enrichment.budget import PRICES, Budget, Operation
from .enrichment.desk import Desk
from .enrichment.rules import DUE, EnrichmentRules, JobName
from .enrichment.run import Confirm, Document, Offer, Wanted, begin, carry_out, paid_before, preview
from .enrichment.traces import Known
from .errors import LeaseBusy, LeaseLost, NotConfigured
from .settings import typed
from .store import audience, customers, enrichment, versions
from .store.enrichment import EnrichmentRun, RunState
from .store.keyring import Keyring
from .store.leases import Lease, hold, is_held
from .sync.patience import Patience, Pause

log = structlog.get_logger(__name__)

AFTER_POLL = "after a poll"
"""By whom a run is asked for that nobody asked for."""

Progress = Callable[[str], None]


@dataclass
class Enriching:
    """The jobs of a process. One job of a customer runs at a time; polls go on meanwhile."""

    config: Config
    clock: Clock
    keyring: Keyring = field(repr=False)
    limiters: Limiters = field(repr=False)
    pause: Pause
    dialect: Dialect
    wake: Callable[[int], None] = lambda customer_id: None
    """Told of a customer whose work was queued, so that it need not wait for the tick."""

    def has_key(self, customer_id: int) -> bool:
        """Whether the customer gave a Mavera key."""
        return bool(self._key(customer_id))

    def switch(self, customer_id: int, *, drafts: bool, todos: bool, by: str) -> None:
        """Let follow-ups be drafted after each poll, and become to-dos, or not."""
        version = versions.current(customer_id)
        config = dict(version.config) if version else {}
        jobs = set(self.rules(customer_id).jobs) - {"followup"}
        config["maveraJobs"] = sorted(jobs | ({"followup"} if drafts else set()))
        config["followupTodo"] = todos
        problems = version.problems if version else []
        versions.save(customer_id, config, problems, by, self.clock.now())

    def rules(self, customer_id: int) -> EnrichmentRules:
        """What the customer chose."""
        version = versions.current(customer_id)
        return EnrichmentRules.of(version.config if version else {})

    def run(
        self,
        customer_id: int,
        job: JobName,
        subject: str = "",
        wanted: Wanted | None = None,
        *,
        by: str,
        confirm: Confirm = lambda offer: True,
        progress: Progress = lambda text: None,
    ) -> Document:
        """A run that a person waits for; one that ended early goes on.

        Raises NotConfigured without a key, UsageError for an unknown customer.
        """
        self._check(customer_id)
        asked = wanted or Wanted()
        with hold(
            customer_id, self.config.lease_seconds, wait=True, table="enrichment_leases"
        ) as lease:
            run = begin(customer_id, job, subject, asked, by=by, now=self.clock.now())
            return self._carry_out(lease, run, confirm, progress)

    def preview(
        self,
        customer_id: int,
        job: JobName,
        subject: str = "",
        wanted: Wanted | None = None,
        *,
        progress: Progress = lambda text: None,
    ) -> Document:
        """Every body that a run would send, and what it would cost; nothing is sent or stored."""
        self._check(customer_id)
        run = EnrichmentRun(
            id="preview",
            job=job,
            subject=subject,
            state=RunState.QUEUED,
            asked_by="",
            wanted=(wanted or Wanted()).stored(),
            created_at=self.clock.now(),
            ended_at=None,
            about=0,
            most=0,
            code=None,
            reason=None,
            material=None,
            result=None,
        )
        with ExitStack() as stack:
            desk = self._desk(stack, customer_id, run, progress)
            leaving, estimate = preview(desk)
        return {
            "customer": customer_id,
            "job": job,
            "media": subject or None,
            "dry_run": True,
            "status": "done",
            "code": None,
            "reason": None,
            "credits": {"about": estimate.about, "most": estimate.most, "cap": desk.budget.cap},
            "bodies": [
                {"step": one.key, "operation": one.operation.value, "body": one.body}
                for one in leaving
            ],
            "exit_status": 0,
        }

    def queue(
        self, customer_id: int, job: JobName, subject: str, wanted: Wanted, *, by: str
    ) -> EnrichmentRun:
        """Let a job run in the background soon; returns its run, one that goes on as it is."""
        self._check(customer_id)
        going = enrichment.runs(customer_id, job, subject=subject, states=(RunState.RUNNING,))
        if going and is_held(customer_id, "enrichment_leases"):
            return going[0]
        run = begin(customer_id, job, subject, wanted, by=by, now=self.clock.now())
        self._soon(customer_id)
        return run

    def stop(self, customer_id: int, run_id: str) -> None:
        """Let a run end after the call that it is making."""
        run = enrichment.load(customer_id, run_id)
        enrichment.want(customer_id, run_id, {**run.wanted, "stop": True})

    def answer(self, customer_id: int, run_id: str, said: str) -> None:
        """Answer Mave's question; the run goes on soon. A second click answers nothing more."""
        run = enrichment.load(customer_id, run_id)
        if run.state is not RunState.ASKS:
            return
        answers = [*run.wanted.get("answers", []), said]
        wanted = {**run.wanted, "answers": answers, "stop": False}
        enrichment.queue(customer_id, run_id, paid_before(customer_id, run_id, wanted))
        self._soon(customer_id)

    def _soon(self, customer_id: int) -> None:
        customers.set_due(customer_id, DUE, self.clock.now())
        self.wake(customer_id)

    def run_due(self, customer_id: int) -> None:
        """Carry out what was queued for a customer, and what died in its course."""
        try:
            with hold(
                customer_id, self.config.lease_seconds, wait=False, table="enrichment_leases"
            ) as lease:
                while run := _oldest_open(customer_id):
                    self._carry_out(lease, run, lambda offer: True, lambda text: None)
                with lease.commit():
                    customers.clear_due(customer_id, DUE)
        except LeaseBusy:
            return  # whoever is at work takes it on
        except LeaseLost:
            log.info("enrichment lease lost", customer=customer_id)

    def wants_followup(self, customer_id: int) -> Wanted | None:
        """What a poll may draft now: None when that is off, or there is nobody, or no credits.

        What runs by itself may spend in a day what a person may in one run.
        """
        rules = self.rules(customer_id)
        if "followup" not in rules.jobs or not self._key(customer_id):
            return None
        now = self.clock.now()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        spent = enrichment.spent(customer_id, today, job="followup").get("followup", 0)
        left = int(rules.max_credits - spent)
        operation = Operation.GENERATION if rules.app_id else Operation.RESPONSE
        if left < PRICES[operation].most:
            return None
        due = followup.anybody_due(customer_id, rules, now, self._window)
        return Wanted(max_credits=left) if due else None

    def queue_followup(self, customer_id: int) -> bool:
        """A poll has ended: let follow-ups be drafted soon, where that is switched on."""
        wanted = self.wants_followup(customer_id)
        if wanted:
            self.queue(customer_id, "followup", "", wanted, by=AFTER_POLL)
        return wanted is not None

    @property
    def _window(self) -> timedelta:
        return timedelta(days=self.config.window_days)

    def _carry_out(
        self, lease: Lease, run: EnrichmentRun, confirm: Confirm, progress: Progress
    ) -> Document:
        with ExitStack() as stack:
            desk = self._desk(stack, lease.customer_id, run, progress)
            desk.lease = lease
            return carry_out(desk, confirm)

    def _desk(
        self, stack: ExitStack, customer_id: int, run: EnrichmentRun, progress: Progress
    ) -> Desk:
        secrets = customers.secrets(self.keyring, customer_id)
        version = versions.current(customer_id)
        config = version.config if version else {}
        rules = EnrichmentRules.of(config)
        cap = run.wanted.get("max_credits")
        paid = enrichment.spent_by(customer_id, run.id) - run.wanted.get("paid_before", 0)
        known = Known.of(
            audience.names(customer_id),
            audience.contact_names(customer_id),
            audience.visitor_keys(customer_id),
        )
        mavera = MaveraClient(
            self.config.mavera_api_url,
            secrets.get("maveraApiKey", ""),
            limiters=self.limiters,
            workspace_id=rules.workspace_id,
            dialect=self.dialect,
        )
        token = secrets.get("wistiaApiPassword", "")
        return Desk(
            customer_id=customer_id,
            run=run,
            rules=rules,
            settings=typed(config),
            window=self._window,
            mavera=stack.enter_context(mavera),
            wistia=stack.enter_context(
                WistiaClient(self.config.wistia_api_url, token, limiters=self.limiters)
            ),
            known=known,
            budget=Budget(rules.max_credits if cap is None else cap, paid),
            clock=self.clock,
            patience=Patience(self.pause),
            progress=progress,
        )

    def _check(self, customer_id: int) -> None:
        customers.load(customer_id)
        if not self._key(customer_id):
            raise NotConfigured(
                "There is no Mavera key. Add one in the settings (maveraApiKey); nothing leaves "
                "before you run a job."
            )

    def _key(self, customer_id: int) -> str:
        return customers.secrets(self.keyring, customer_id).get("maveraApiKey", "")


def _oldest_open(customer_id: int) -> EnrichmentRun | None:
    """The next run to take on: queued, or left behind by a process that died."""
    found = enrichment.runs(customer_id, states=(RunState.QUEUED, RunState.RUNNING))
    return found[-1] if found else None


def price_of(offer: Offer) -> str:
    """What a run costs, as a person is asked before it pays."""
    left = "" if offer.left is None else f" You have {offer.left:g}."
    billed = " Mavera buys more credits by itself when they run out." if offer.auto_recharge else ""
    most = min(offer.estimate.most, offer.cap)
    return f"About {offer.estimate.about} credits, at most {most:g}.{left}{billed}"
