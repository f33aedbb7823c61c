"""Views that were kept as long as they may be: recognised by a keyed hash, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from . import tombstones
from .keyring import Keyring
from .sql import among, batches, execute_each, fetch
from .tombstones import hashed


@dataclass(frozen=True, slots=True)
class Thinned:
    """The thinned views of one customer; without keys there are none."""

    customer_id: int
    keys: tuple[str, ...] = field(default=(), repr=False)

    def among(self, event_keys: Iterable[str]) -> set[str]:
        """Those of these views that were thinned: each was decided, and written if it was to be."""
        if not self.keys:
            return set()
        by_hash = {hashed(key, "event", one): one for one in event_keys for key in self.keys}
        found: set[str] = set()
        for batch in batches(by_hash):
            condition, values = among("hash", batch)
            rows = fetch(
                f"SELECT hash FROM thinned WHERE customer_id = ? AND {condition}",
                [self.customer_id, *values],
            )
            found |= {by_hash[one] for (one,) in rows}
        return found


def load(keyring: Keyring, customer_id: int) -> Thinned:
    """The customer's thinned views. Raises DeploymentError when their key cannot be opened."""
    if not fetch("SELECT 1 FROM thinned WHERE customer_id = ? LIMIT 1", [customer_id]):
        return Thinned(customer_id)
    return Thinned(customer_id, tuple(tombstones.keys(keyring, customer_id)))


def add(customer_id: int, rows: Sequence[tuple[str, str, str]]) -> None:
    """Keep hash and outcomes (activity, form) of views."""
    execute_each(
        "INSERT INTO thinned (customer_id, hash, activity, form) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (customer_id, hash) DO NOTHING",
        [(customer_id, *row) for row in rows],
    )


def count(customer_id: int) -> int:
    """How many views were thinned."""
    ((number,),) = fetch("SELECT count(*) FROM thinned WHERE customer_id = ?", [customer_id])
    return int(number)
