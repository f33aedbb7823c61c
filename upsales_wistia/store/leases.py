"""Who may work on a customer: a lease with a fence, kept by a heartbeat.

Every commit of a run renews the lease in its own transaction, on the condition that it is still
this run's; so a run that froze and was taken over cannot commit anything afterwards.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from peewee import IntegrityError, PeeweeException

from .. import clock
from ..errors import DeploymentError, LeaseBusy, LeaseLost
from . import customers
from .database import database, is_postgresql, session
from .sql import execute, fetch

Table = Literal["leases", "enrichment_leases", "job_leases"]
"""Polls and writes go on while Mavera is asked, and between the slices of a long job: each kind of
work has a lease of its own. Who carries out a long job also takes the first for each slice."""

LONGEST_PAUSE = 0.5  # seconds between two looks at a lease that is waited for


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a customer; ``seconds`` is how long it lasts without a renewal."""

    customer_id: int
    owner: str
    seconds: float
    table: Table = "leases"

    @contextmanager
    def commit(self) -> Iterator[None]:
        """A transaction that commits only while the lease is mine, and renews it.

        A lease that ran out but that nobody took is still mine. Raises LeaseLost, before the
        block, with nothing written. The renewed row stays locked until the commit, so nobody can
        take the lease in between.
        """
        with database.atomic():
            self.renew()
            yield

    def renew(self) -> None:
        """Make it last ``seconds`` from now. Raises LeaseLost when it is not mine any more."""
        now, moment = _clock()
        renewed = execute(
            f"UPDATE {self.table} SET until = {now} + ? WHERE customer_id = ? AND owner = ?",
            [*moment, self.seconds, self.customer_id, self.owner],
        )
        if not renewed:
            raise LeaseLost(
                f"Another process has taken over customer {self.customer_id}; this run stops here."
            )

    def tell(self, doing: str) -> None:
        """Say for the pages what is being done; nothing happens when it is not mine any more."""
        execute(
            f"UPDATE {self.table} SET doing = ? WHERE customer_id = ? AND owner = ?",
            [doing, self.customer_id, self.owner],
        )

    def release(self) -> None:
        """Give it back; nothing happens when it is not mine any more."""
        execute(
            f"DELETE FROM {self.table} WHERE customer_id = ? AND owner = ?",
            [self.customer_id, self.owner],
        )


def claim(customer_id: int, seconds: float, table: Table = "leases") -> Lease | None:
    """Take the customer's lease for ``seconds``; None when somebody holds one that has not run out.

    One conditional statement, so of any number that claim at once a single one wins. PostgreSQL
    measures with its own clock, because the machines' clocks may differ.
    """
    owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    now, moment = _clock()
    won = execute(
        f"INSERT INTO {table} (customer_id, owner, until, doing) VALUES (?, ?, {now} + ?, '') "
        "ON CONFLICT (customer_id) DO UPDATE SET owner = excluded.owner, until = excluded.until, "
        "doing = '' "
        f"WHERE {table}.until <= {now}",
        [customer_id, owner, *moment, seconds, *moment],
    )
    return Lease(customer_id, owner, seconds, table) if won else None


def keep_still(customer_id: int) -> None:
    """Within a transaction: no run of the customer commits anything until it ends."""
    execute("UPDATE leases SET until = until WHERE customer_id = ?", [customer_id])


def is_held(customer_id: int, table: Table = "leases") -> bool:
    """Whether somebody is at work on the customer just now."""
    now, moment = _clock()
    return bool(
        fetch(
            f"SELECT 1 FROM {table} WHERE customer_id = ? AND until > {now}",
            [customer_id, *moment],
        )
    )


def free(customer_ids: Iterable[int], table: Table = "leases") -> list[int]:
    """Those of the customers, in their order, at whose work nobody is just now.

    A backfill at work does not count: it gives the lease to whoever waits for it.
    """
    now, moment = _clock()
    at_work = fetch(
        f"SELECT customer_id FROM {table} WHERE until > {now} AND customer_id NOT IN "
        "(SELECT customer_id FROM jobs WHERE kind = 'backfill')",
        moment,
    )
    busy = {customer_id for (customer_id,) in at_work}
    return [customer_id for customer_id in customer_ids if customer_id not in busy]


def is_left_behind(customer_id: int, table: Table = "leases") -> bool:
    """Whether who holds the lease surely died: a process of this machine that is no more."""
    rows = fetch(f"SELECT owner FROM {table} WHERE customer_id = ?", [customer_id])
    host, _, rest = rows[0][0].rpartition("-")[0].rpartition("-") if rows else ("", "", "")
    if not rest.isdecimal() or host != socket.gethostname():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # It is there, and somebody else's.
    return False


def doing(customer_id: int, table: Table = "leases") -> str | None:
    """What is being done for the customer just now, "" when that is not told; None for nothing."""
    now, moment = _clock()
    rows = fetch(
        f"SELECT doing FROM {table} WHERE customer_id = ? AND until > {now}", [customer_id, *moment]
    )
    return rows[0][0] if rows else None


@contextmanager
def hold(
    customer_id: int,
    seconds: float,
    *,
    wait: bool,
    heartbeat: bool = True,
    table: Table = "leases",
) -> Iterator[Lease]:
    """The customer's lease while the block lasts, renewed every third of ``seconds``.

    With ``wait`` it waits for the present holder to end (or, if that one is dead, for its lease
    to run out); without, LeaseBusy is raised at once.
    """
    lease = _obtain(customer_id, seconds, wait, table)
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(lease, ended), name=f"lease-{customer_id}")
    if heartbeat:
        beating.start()
    try:
        yield lease
    finally:
        ended.set()
        if heartbeat:
            beating.join()
        lease.release()


def _obtain(customer_id: int, seconds: float, wait: bool, table: Table) -> Lease:
    while (lease := _claim_existing(customer_id, seconds, table)) is None:
        if not wait:
            raise LeaseBusy(f"Another run of customer {customer_id} is going on just now.")
        time.sleep(min(LONGEST_PAUSE, seconds / 10))
    return lease


def _claim_existing(customer_id: int, seconds: float, table: Table) -> Lease | None:
    try:
        return claim(customer_id, seconds, table)
    except IntegrityError:
        customers.load(customer_id)  # removed meanwhile: says so
        raise


def _beat(lease: Lease, ended: threading.Event) -> None:
    while not ended.wait(lease.seconds / 3):
        try:
            with session():
                lease.renew()
        except LeaseLost:
            return  # the run learns it at its next commit
        except (PeeweeException, DeploymentError):
            continue  # the database is busy or away; there are two more beats before it runs out


def _clock() -> tuple[str, list[float]]:
    """The SQL for the present moment in epoch seconds, and its parameters."""
    if is_postgresql():
        return "extract(epoch FROM clock_timestamp())", []
    return "?", [clock.epoch()]
