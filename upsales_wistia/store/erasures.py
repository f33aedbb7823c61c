"""Erasures: asked for, carried out, and what each removed. None names anybody once it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from .keyring import Keyring
from .models import Customer
from .models_privacy import ErasureRow
from .models_work import JobRow

ASKED = "asked"
DELETING = "deleting"
DONE = "done"

JOB = "erase"
"""The kind of work in the jobs table."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. ``email`` is "" once the tables are clean; times are aware UTC.

    ``left`` are entries in Upsales that are still to be deleted; ``entries`` whether that was
    asked for.
    """

    id: int
    state: str
    email: str
    entries: bool
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    left: tuple[Mapping[str, Any], ...]
    certificate: Mapping[str, Any]


def ask(
    keyring: Keyring, customer_id: int, email: str, *, entries: bool, by: str, now: datetime
) -> int:
    """Keep that somebody is to be erased; returns the erasure's number."""
    return int(
        ErasureRow.insert(
            customer_id=customer_id,
            state=ASKED,
            sealed=keyring.seal(customer_id, email),
            entries=entries,
            asked_by=by,
            asked_at=now,
            left=[],
            certificate={},
        ).execute()
    )


def load(keyring: Keyring, customer_id: int, number: int) -> Erasure | None:
    """An erasure of this customer's; None when there is none of that number."""
    row = ErasureRow.get_or_none(ErasureRow.customer_id == customer_id, ErasureRow.id == number)
    return None if row is None else _erasure(keyring, row)


def open_ones(keyring: Keyring, customer_id: int) -> list[Erasure]:
    """What is not done yet, the oldest first."""
    rows = ErasureRow.select().where(
        ErasureRow.customer_id == customer_id, ErasureRow.state != DONE
    )
    return [_erasure(keyring, row) for row in rows.order_by(ErasureRow.id)]


def keep(
    customer_id: int,
    number: int,
    *,
    state: str,
    left: Sequence[Mapping[str, Any]],
    certificate: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep how far it came; of whom it was, nothing from now on."""
    (
        ErasureRow.update(
            state=state,
            sealed="",
            left=list(left),
            certificate=dict(certificate),
            done_at=now if state == DONE else None,
        )
        .where(ErasureRow.customer_id == customer_id, ErasureRow.id == number)
        .execute()
    )


def reseal(keyring: Keyring, customer_id: int) -> None:
    """Seal what is still sealed with the newest encryption key."""
    rows = ErasureRow.select().where(ErasureRow.customer_id == customer_id, ErasureRow.sealed != "")
    for row in rows:
        fresh = keyring.reseal(customer_id, row.sealed)
        if fresh is not None:
            ErasureRow.update(sealed=fresh).where(ErasureRow.id == row.id).execute()


def due(now: datetime) -> list[int]:
    """The customers with an erasure to go on with, whatever their state: nobody waits for that."""
    rows = (
        JobRow.select(JobRow.customer_id)
        .join(Customer, on=(Customer.id == JobRow.customer_id))
        .where(JobRow.kind == JOB, JobRow.due_at <= now)
        .order_by(JobRow.due_at, JobRow.customer_id)
        .tuples()
    )
    return [customer_id for (customer_id,) in cast(Iterator[tuple[int]], rows)]


def _erasure(keyring: Keyring, row: Any) -> Erasure:
    return Erasure(
        row.id,
        row.state,
        keyring.open(row.customer_id, row.sealed) if row.sealed else "",
        row.entries,
        row.asked_by,
        row.asked_at,
        row.done_at,
        tuple(row.left),
        row.certificate,
    )
