"""Erases a person: from every table at once, then from Upsales, and for good.

    asked (committed) ─▶ both leases ─▶ into the file of tombstones ─▶ one transaction: buried,
    every table clean, what is to be deleted in Upsales noted ─▶ deleted there, each committed

A process may die at any point; the next one goes on. From the transaction on nothing here names
the person, and no poll, webhook, replay or backfill brings the person back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from ..clients.upsales import UpsalesClient
from ..clock import Clock
from ..config import Config
from ..errors import AppError, LeaseLost, NoUpsalesKey
from ..funnel.view import Target
from ..store import customers, database, erasures, traces
from ..store.erasures import DELETING, JOB, Erasure
from ..store.erasures import DONE as IS_DONE
from ..store.keyring import Keyring
from ..store.leases import Lease, hold
from ..store.outbox import OutboxItem
from ..store.traces import Traces
from ..sync.patience import Patience, Pause
from ..sync.work import UpsalesSource, check_owner
from .burial import Burial, key_for, lift
from .certificate import Certificate
from .entries import Deletion, may_be_there, to_delete
from .export import export
from .person import checked
from .tombstone_file import TombstoneFile

log = structlog.get_logger(__name__)

LATER = timedelta(minutes=10)
"""When Upsales is tried again after it was away, or no key was at hand."""


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure as it stands. ``error`` is what keeps it from its end just now, if anything."""

    number: int
    done: bool
    certificate: Certificate
    left: int = 0
    error: AppError | None = None


@dataclass
class Erasing:
    """The erasures of a process. ``upsales`` gives a customer's client for a key that came."""

    config: Config
    clock: Clock
    keyring: Keyring = field(repr=False)
    pause: Pause
    upsales: Callable[[int, str], UpsalesSource]
    wake: Callable[[int], None] = lambda customer_id: None
    """Told of a customer whose erasure was asked for, so that it need not wait for the tick."""

    @property
    def file(self) -> TombstoneFile:
        """The tombstones outside the database."""
        return TombstoneFile(self.config.tombstones_file)

    def look(self, customer_id: int, email: str) -> Certificate:
        """What is kept of a person, counted; nothing is changed.

        Raises UsageError for what is no e-mail address.
        """
        return _counted(traces.find(customer_id, checked(email)))

    def export(self, customer_id: int, email: str) -> dict[str, Any]:
        """What is kept on a person as a JSON document; see ``export.export``. Raises as ``ask``."""
        return export(self.keyring, customer_id, checked(email), self.clock.now())

    def ask(self, customer_id: int, email: str, *, entries: bool, by: str) -> int:
        """Let a person be erased soon, with the entries in Upsales or without; its number.

        Raises UsageError for what is no e-mail address or no customer.
        """
        customers.load(customer_id)
        now = self.clock.now()
        with database.transaction():
            number = erasures.ask(
                self.keyring, customer_id, checked(email), entries=entries, by=by, now=now
            )
            customers.set_due(customer_id, JOB, now)
        return number

    def ask_soon(self, customer_id: int, email: str, *, entries: bool, by: str) -> int:
        """As ``ask``; it begins in the background, when a run that is going on has ended."""
        number = self.ask(customer_id, email, entries=entries, by=by)
        self.wake(customer_id)
        return number

    def unforget(self, customer_id: int, email: str) -> bool:
        """Take a person off the list; false when not on it. Raises as ``ask``."""
        customers.load(customer_id)
        with hold(customer_id, self.config.lease_seconds, wait=True) as lease, lease.commit():
            return lift(self.keyring, customer_id, checked(email), self.file, self.clock.now())

    def of(self, customer_id: int, number: int) -> Erased | None:
        """How far an erasure has come; None when there is none of that number."""
        found = erasures.load(self.keyring, customer_id, number)
        return None if found is None else _shown(found)

    def run_due(self, customer_id: int, key: str = "") -> dict[int, Erased]:
        """Carry out what was asked for, and what a process that died left; by number.

        ``key`` is Upsales', where one came with a request. Waits for a run that is going on.
        """
        done: dict[int, Erased] = {}
        seconds = self.config.lease_seconds
        with (
            hold(customer_id, seconds, wait=True, table="enrichment_leases"),
            hold(customer_id, seconds, wait=True) as lease,
        ):
            client = _Client(self.upsales(customer_id, key), lease, Patience(self.pause))
            try:
                for erasure in erasures.open_ones(self.keyring, customer_id):
                    done[erasure.id] = self._carry_out(lease, erasure, client)
                self._note_due(lease)
            finally:
                client.close()
        return done

    def _carry_out(self, lease: Lease, erasure: Erasure, client: _Client) -> Erased:
        if erasure.email:
            erasure = self._forget(lease, erasure)
            database.forget_deleted()
        return self._delete(lease, erasure, client)

    def _forget(self, lease: Lease, erasure: Erasure) -> Erasure:
        """Bury the person and clean every table, in one transaction."""
        number, now = lease.customer_id, self.clock.now()
        found = traces.find(number, erasure.email)
        stains = traces.look_for_stains(found)
        certificate = replace(_counted(found), asked=erasure.entries)
        items = [i for i in _entries(found) if erasure.entries]
        burial = Burial.of(key_for(self.keyring, number, self.file), found)
        burial.note(self.file, now)
        with lease.commit():
            burial.keep(self.keyring, now)
            digest = self.keyring.digest(number, found.email)
            removed = traces.remove(found, [digest], stains)
            certificate = replace(certificate, removed=removed)
            erasures.keep(
                number,
                erasure.id,
                state=DELETING if items else IS_DONE,
                left=[to_delete(item, now) for item in items],
                certificate=certificate.stored(),
                now=now,
            )
        log.info("person erased", customer=number, rows=sum(removed.values()))
        kept = erasures.load(self.keyring, number, erasure.id)
        assert kept is not None  # noqa: S101  (it was kept just now)
        return kept

    def _delete(self, lease: Lease, erasure: Erasure, client: _Client) -> Erased:
        if not erasure.left:
            return _shown(erasure)
        before = Certificate.of(erasure.certificate)

        def keep(deletion: Deletion) -> None:
            counted = replace(
                before,
                deleted=before.deleted + deletion.deleted,
                absent=before.absent + deletion.absent,
                refused=before.refused + deletion.refused,
            )
            with lease.commit():
                erasures.keep(
                    lease.customer_id,
                    erasure.id,
                    state=DELETING if deletion.left else IS_DONE,
                    left=deletion.left,
                    certificate=counted.stored(),
                    now=self.clock.now(),
                )

        settle = timedelta(seconds=self.config.settle_seconds)
        deletion = Deletion(
            lease, client, client.patience, self.clock, settle, list(erasure.left), keep=keep
        )
        error = None
        try:
            deletion.work_off()
        except LeaseLost:
            raise
        except AppError as trouble:
            error = trouble
        kept = erasures.load(self.keyring, lease.customer_id, erasure.id)
        assert kept is not None  # noqa: S101  (as above)
        return replace(_shown(kept), error=error)

    def _note_due(self, lease: Lease) -> None:
        """When to go on: there may be entries left that are due later, or that no key was for."""
        now = self.clock.now()
        left = [
            datetime.fromisoformat(entry["from"])
            for erasure in erasures.open_ones(self.keyring, lease.customer_id)
            for entry in erasure.left
        ]
        with lease.commit():
            if not left:
                customers.clear_due(lease.customer_id, JOB)
                return
            # What was due and is left met an Upsales that is away, or no key.
            at = min(moment if moment > now else now + LATER for moment in left)
            customers.set_due(lease.customer_id, JOB, at)


@dataclass
class _Client:
    """The customer's Upsales client, opened once something is to be deleted."""

    source: UpsalesSource
    lease: Lease
    patience: Patience
    opened: UpsalesClient | None = None

    def __call__(self) -> UpsalesClient:
        if self.opened is None:
            client = self.source()
            if client is None:
                raise NoUpsalesKey(
                    "The tables are clean. To delete the entries in Upsales a key is needed, and "
                    "none is at hand: they are deleted when the next one comes."
                )
            try:
                check_owner(client, self.lease, self.patience)
            except AppError:
                client.close()
                raise
            self.opened = client
        return self.opened

    def close(self) -> None:
        """Give back the connections."""
        if self.opened:
            self.opened.close()


def _entries(found: Traces) -> list[OutboxItem]:
    return [
        item
        for item in traces.writes(found)
        if item.target is Target.ACTIVITY and may_be_there(item)
    ]


def _counted(found: Traces) -> Certificate:
    written = traces.writes(found)
    drafts = traces.drafts(found)
    return Certificate(
        views=len(found.views),
        activities=len(_entries(found)),
        forms=sum(i.target is Target.FORM and may_be_there(i) for i in written),
        drafts=len(drafts),
        todos=sum(bool(made) for (made,) in drafts),
        known=traces.is_known(found),
    )


def _shown(erasure: Erasure) -> Erased:
    return Erased(
        erasure.id,
        erasure.state == IS_DONE,
        Certificate.of(erasure.certificate),
        len(erasure.left),
    )
