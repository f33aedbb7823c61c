"""The customers: who they are, their secrets, and when their work is due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from peewee import EXCLUDED

from ..errors import UsageError
from . import directory, erasures, tombstones
from .database import database, is_postgresql
from .fields import from_column, from_nullable
from .keyring import Keyring
from .models import Credential, Customer
from .models_work import JobRow
from .sql import fetch

CustomerState = Literal["active", "paused", "suspended"]
Origin = Literal["cli", "upsales"]

SECRET_NAMES = frozenset(
    {"apiKey", "wistiaApiPassword", "wistiaPublicToken", "wistiaWebhookSecret", "maveraApiKey"}
)
"""What is only ever stored encrypted."""

POLL = "poll"

FORGOTTEN_AFTER = 90
"""Days on which Upsales was asked for a suspended customer and refused, until it is erased."""

FORETOLD = 14
"""Days before a customer is erased from when on the operator is told."""


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A customer. ``setup`` is what was found out once: names, ids, what the key may do.

    ``last_complete_read`` is the start of the newest read that saw every page of its window.
    """

    id: int
    name: str
    state: CustomerState
    origin: Origin
    created_at: datetime
    setup: dict[str, Any]
    forms_paused: bool
    last_complete_read: datetime | None


def erased_in_days(customer: CustomerRecord) -> int | None:
    """After how many more days of refusals a suspended customer is erased; None for no such."""
    if customer.state != "suspended" or customer.origin != "upsales":
        return None
    return max(0, FORGOTTEN_AFTER - int(customer.setup.get("refused_days", 0)))


def add(customer_id: int, name: str, origin: Origin, now: datetime) -> None:
    """Add the customer; one that exists keeps everything but its name, where one is given.

    Whoever is added on the command line stays the operator's: never erased for being quiet.
    """
    new_name = [Customer.name] if name else [Customer.id]
    (
        Customer.insert(
            id=customer_id,
            name=name,
            state="active",
            origin=origin,
            created_at=now,
            setup={},
            forms_paused=False,
        )
        .on_conflict(conflict_target=[Customer.id], preserve=new_name)
        .execute()
    )
    if origin == "cli":
        _change(customer_id, origin=origin)


_COLUMNS = "id, name, state, origin, created_at, setup, forms_paused, last_complete_read"


def load(customer_id: int) -> CustomerRecord:
    """The customer. Raises UsageError when there is none of that number."""
    # By hand: a poll asks this nine times, and building the query costs ten times the query.
    rows = fetch(f"SELECT {_COLUMNS} FROM customers WHERE id = ?", [customer_id])
    if not rows:
        raise _unknown(customer_id)
    return _record(*rows[0])


def is_known(customer_id: int) -> bool:
    """Whether there is a customer of that number."""
    return bool(Customer.select().where(Customer.id == customer_id).exists())


def list_all() -> list[CustomerRecord]:
    """All customers, by number."""
    return [_record(*row) for row in fetch(f"SELECT {_COLUMNS} FROM customers ORDER BY id")]


def set_state(customer_id: int, state: CustomerState) -> None:
    """Let the customer be polled (``active``) or not. Raises UsageError for an unknown one."""
    _change(customer_id, state=state)


def remove(customer_id: int) -> None:
    """Delete the customer and all that is stored of it. Raises UsageError for an unknown one."""
    if not Customer.delete().where(Customer.id == customer_id).execute():
        raise _unknown(customer_id)


def setup(customer_id: int) -> dict[str, Any]:
    """What was found out about the customer once. Raises UsageError for an unknown one."""
    return load(customer_id).setup


def update_setup(customer_id: int, **facts: Any) -> None:
    """Add to ``setup`` or replace in it. Raises UsageError for an unknown customer."""
    with database.atomic():
        query = Customer.select().where(Customer.id == customer_id)
        row = (query.for_update() if is_postgresql() else query).first()
        if row is None:
            raise _unknown(customer_id)
        _change(customer_id, setup=row.setup | facts)


def forget_setup(customer_id: int, *names: str) -> None:
    """Find these facts out once more. Raises UsageError for an unknown customer."""
    with database.atomic():
        kept = {name: fact for name, fact in setup(customer_id).items() if name not in names}
        _change(customer_id, setup=kept)


def pause_forms(customer_id: int) -> None:
    """Submit no forms until resumed. Raises UsageError for an unknown customer."""
    _change(customer_id, forms_paused=True)


def resume_forms(customer_id: int) -> None:
    """Submit forms again. Raises UsageError for an unknown customer."""
    _change(customer_id, forms_paused=False)


def complete_read(customer_id: int, at: datetime) -> None:
    """Remember that a read begun at ``at`` saw every page. UsageError for an unknown customer."""
    _change(customer_id, last_complete_read=at)


@dataclass(frozen=True, slots=True)
class Saved:
    """When a secret was saved (aware UTC), and by whom ("" where that is not known)."""

    at: datetime
    by: str


def save_secret(
    keyring: Keyring, customer_id: int, name: str, value: str, now: datetime, *, by: str = ""
) -> None:
    """Store a secret encrypted, in the place of an older one; an empty ``value`` deletes it.

    Raises ValueError for a name that is not in ``SECRET_NAMES``, and DeploymentError when the
    keys were rotated since ``keyring`` was made.
    """
    if name not in SECRET_NAMES:
        raise ValueError(f"not the name of a secret: {name!r}")
    if not value:
        Credential.delete().where(
            Credential.customer_id == customer_id, Credential.name == name
        ).execute()
        return
    with database.atomic():
        (
            Credential.insert(
                customer_id=customer_id,
                name=name,
                sealed=keyring.seal(customer_id, value),
                saved_at=now,
                saved_by=by,
            )
            .on_conflict(
                conflict_target=[Credential.customer_id, Credential.name],
                update={
                    Credential.sealed: EXCLUDED.sealed,
                    Credential.saved_at: EXCLUDED.saved_at,
                    Credential.saved_by: EXCLUDED.saved_by,
                },
            )
            .execute()
        )
        # After the insert, which a rotation that begins waits for, or makes wait: ``rotate_to``.
        keyring.check_current()


def secrets(keyring: Keyring, customer_id: int) -> dict[str, str]:
    """The customer's secrets in clear, by name. Raises DeploymentError when one cannot be read."""
    rows = Credential.select().where(Credential.customer_id == customer_id)
    return {row.name: keyring.open(customer_id, row.sealed) for row in rows}


def saved_secrets(customer_id: int) -> dict[str, Saved]:
    """When each of the customer's secrets was saved and by whom, by name."""
    rows = Credential.select().where(Credential.customer_id == customer_id)
    return {row.name: Saved(row.saved_at, row.saved_by) for row in rows}


def rotate_to(keyring: Keyring) -> None:
    """Begin to seal everything anew: nobody seals with an older key than the newest from now on.

    To be followed by ``reseal`` of every customer, outside any transaction.
    """
    if not is_postgresql():
        # The old key may be dropped as soon as we are done: what is committed must be on the disk.
        database.execute_sql("PRAGMA synchronous=FULL")
    with database.atomic():
        if is_postgresql():
            database.execute_sql("LOCK TABLE credentials IN SHARE MODE")
        if not keyring.take_over():
            _forget_directories()


def reseal(keyring: Keyring, customer_id: int) -> int:
    """Seal the customer's secrets with the newest key; returns how many were sealed otherwise.

    Raises DeploymentError, changing nothing, when one of them cannot be read.
    """
    with database.atomic():
        rows = list(Credential.select().where(Credential.customer_id == customer_id))
        fresh = [(row, keyring.reseal(customer_id, row.sealed)) for row in rows]
        tombstones.reseal(keyring, customer_id)
        erasures.reseal(keyring, customer_id)
        return sum(
            Credential.update(sealed=sealed)
            .where(Credential.id == row.id, Credential.sealed == row.sealed)
            .execute()
            for row, sealed in fresh
            if sealed is not None
        )


def due(now: datetime, *, kind: str = POLL, state: CustomerState = "active") -> list[int]:
    """Numbers of the customers in ``state`` whose work is due at ``now``, the most late first."""
    rows = (
        JobRow.select(JobRow.customer_id)
        .join(Customer, on=(Customer.id == JobRow.customer_id))
        .where(JobRow.kind == kind, JobRow.due_at <= now, Customer.state == state)
        .order_by(JobRow.due_at, JobRow.customer_id)
        .tuples()
    )
    return [customer_id for (customer_id,) in cast(Iterator[tuple[int]], rows)]


def set_due(customer_id: int, kind: str, due_at: datetime) -> None:
    """Set when the customer's work of this kind is due."""
    (
        JobRow.insert(customer_id=customer_id, kind=kind, due_at=due_at)
        .on_conflict(
            conflict_target=[JobRow.customer_id, JobRow.kind],
            update={JobRow.due_at: EXCLUDED.due_at},
        )
        .execute()
    )


def take_due(customer_id: int, kind: str, now: datetime) -> bool:
    """Take due work of this kind upon oneself; of several processes one is given it."""
    gone = JobRow.delete().where(
        JobRow.customer_id == customer_id, JobRow.kind == kind, JobRow.due_at <= now
    )
    return bool(gone.execute())


def clear_due(customer_id: int, kind: str) -> None:
    """There is no more work of this kind."""
    JobRow.delete().where(JobRow.customer_id == customer_id, JobRow.kind == kind).execute()


def due_at(customer_id: int, kind: str) -> datetime | None:
    """When the customer's work of this kind is due; None when it was never set."""
    row = JobRow.get_or_none(JobRow.customer_id == customer_id, JobRow.kind == kind)
    return None if row is None else row.due_at


def _forget_directories() -> None:
    """The digests in all directories are void: let the next run that needs one read it anew."""
    for customer in list_all():
        directory.clear(customer.id)
        update_setup(customer.id, directory_read_at=None, directory_seen_at=None)


def _change(customer_id: int, **columns: Any) -> None:
    if not Customer.update(**columns).where(Customer.id == customer_id).execute():
        raise _unknown(customer_id)


def _unknown(customer_id: int) -> UsageError:
    return UsageError(
        f"No customer has the number {customer_id}. See: upsales-wistia customers list."
    )


def _record(
    number: int,
    name: str,
    state: CustomerState,
    origin: Origin,
    created_at: Any,
    setup: str,
    forms_paused: bool,
    last_complete_read: Any,
) -> CustomerRecord:
    return CustomerRecord(
        id=number,
        name=name,
        state=state,
        origin=origin,
        created_at=from_column(created_at),
        setup=json.loads(setup),
        forms_paused=bool(forms_paused),
        last_complete_read=from_nullable(last_complete_read),
    )
