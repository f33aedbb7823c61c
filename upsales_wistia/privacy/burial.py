"""Puts a person on the list of those who stay forgotten, and takes one off it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ..store import tombstones
from ..store.keyring import Keyring
from ..store.tombstones import hashed
from ..store.traces import Traces
from .tombstone_file import TombstoneFile


@dataclass(frozen=True, slots=True)
class Burial:
    """The hashes of a person under a key of the customer's."""

    customer_id: int
    key: str = field(repr=False)
    person: str
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, key: str, traces: Traces) -> Burial:
        """All that names this person."""
        person = hashed(key, "email", traces.email)
        return cls(
            traces.customer_id,
            key,
            person,
            (
                person,
                *(hashed(key, "visitor", one) for one in sorted(traces.visitors)),
                *(hashed(key, "event", one) for one in traces.event_keys),
            ),
        )

    def note(self, file: TombstoneFile, now: datetime) -> None:
        """Write it into the file, before the database forgets; raises DeploymentError."""
        file.append(self.customer_id, self.key, self.person, list(self.hashes), now)

    def keep(self, keyring: Keyring, now: datetime) -> None:
        """Write it into the database."""
        tombstones.add_key(keyring, self.customer_id, self.key)
        tombstones.bury(self.customer_id, self.person, self.hashes, now)


def key_for(keyring: Keyring, customer_id: int, file: TombstoneFile) -> str:
    """The key under which the customer's next tombstones are made."""
    known = tombstones.keys(keyring, customer_id)
    return known[-1] if known else file.key_of(customer_id) or tombstones.new_key()


def lift(
    keyring: Keyring, customer_id: int, email: str, file: TombstoneFile, now: datetime
) -> bool:
    """Take a normalised e-mail off the list, with all that came with it; false when not on it."""
    found = False
    for key in tombstones.keys(keyring, customer_id):
        person = hashed(key, "email", email)
        if tombstones.missing(customer_id, [person]):
            continue
        file.append(customer_id, key, person, [], now, lifted=True)
        tombstones.lift(customer_id, [person])
        found = True
    return found


def newly_buried(
    customer_id: int, found: Iterable[tuple[str, str, tuple[str, ...]]]
) -> list[Burial]:
    """Of (key, person, hashes) those of which the database does not hold everything."""
    burials = [Burial(customer_id, *one) for one in found]
    wanted = [one for burial in burials for one in burial.hashes]
    absent = set(tombstones.missing(customer_id, wanted))
    return [burial for burial in burials if absent & set(burial.hashes)]
