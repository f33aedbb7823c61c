"""Who stays forgotten: keyed hashes of what names an erased person, and nothing else of them.

Each customer's hashes have a key of their own, which is never rotated: with another one nobody
would be recognised any more. It is kept as ciphertext, resealed when the encryption keys change.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ..funnel.identity import Identified, address
from .database import database
from .fields import to_column
from .keyring import Keyring
from .models_privacy import TombstoneKeyRow, TombstoneRow
from .sql import among, batches, execute, execute_each, fetch

Kind = Literal["email", "visitor", "event"]
"""What a hash is made of, so that those of different things never meet."""


class Watched(Identified, Protocol):
    """An event as it was just read, as far as it may name somebody."""

    @property
    def visitor_key(self) -> str:
        """Wistia's id of the viewer's browser."""


def normalised(email: str) -> str:
    """An e-mail in the form in which it is hashed: two spellings of one address are the same."""
    return address(email) or email.strip().lower()


def hashed(key: str, kind: Kind, text: str) -> str:
    """The hash of something under a key (hexadecimal)."""
    return hmac.new(bytes.fromhex(key), f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


def name_of(key: str) -> str:
    """A key's name: tells keys apart and tells nothing of them."""
    return hashlib.sha256(f"upsales-wistia tombstones\0{key}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The customer's tombstones, opened. Without keys nobody is forgotten."""

    keys: tuple[str, ...] = field(default=(), repr=False)
    hashes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def knows(self, kind: Kind, text: str) -> bool:
        """Whether this was an erased person's."""
        return any(hashed(key, kind, text) in self.hashes for key in self.keys)

    def knows_email(self, email: str) -> bool:
        """Whether this e-mail, however it is spelt, is that of an erased person."""
        return bool(email.strip()) and self.knows("email", normalised(email))

    def refuses(self, event: Watched) -> bool:
        """Whether an event must not be kept; see ``is_of_erased``."""
        emails = (event.email, event.conversion_email)
        return self.is_of_erased(event.event_key, event.visitor_key, *emails)

    def is_of_erased(self, event_key: str, visitor_key: str, *emails: str) -> bool:
        """Whether an erased person watched it.

        It carries their e-mail; or it is a view that was erased; or it comes from their browser
        and nobody else's e-mail is in it. So whoever shares a browser with an erased person is
        known by their own e-mail alone, and of nameless views from it none is kept.
        """
        if not self.hashes:
            return False
        known = [email for email in emails if email.strip()]
        if any(self.knows_email(email) for email in known):
            return True
        if event_key and self.knows("event", event_key):
            return True
        return bool(not known and visitor_key and self.knows("visitor", visitor_key))

    def bury_views(self, customer_id: int, views: Iterable[tuple[str, str]], now: datetime) -> None:
        """Remember views, each with the e-mail in it, of erased people that came since.

        What is told of one of them later, without the e-mail, is known to be theirs then.
        """
        for event_key, email in views:
            for key in self.keys:
                person = hashed(key, "email", normalised(email))
                if person in self.hashes:
                    bury(customer_id, person, [hashed(key, "event", event_key)], now)


NOBODY = Forgotten()
"""Nobody asked to be forgotten."""


def load(keyring: Keyring, customer_id: int) -> Forgotten:
    """The customer's tombstones. Raises DeploymentError when a key of theirs cannot be opened."""
    rows = fetch("SELECT hash FROM tombstones WHERE customer_id = ?", [customer_id])
    if not rows:
        return NOBODY
    return Forgotten(tuple(keys(keyring, customer_id)), frozenset(found for (found,) in rows))


def keys(keyring: Keyring, customer_id: int) -> list[str]:
    """The customer's keys, the oldest first; raises as ``load``."""
    rows = TombstoneKeyRow.select().where(TombstoneKeyRow.customer_id == customer_id)
    return [keyring.open(customer_id, row.sealed) for row in rows.order_by(TombstoneKeyRow.id)]


def new_key() -> str:
    """A fresh key."""
    return secrets.token_hex(32)


def add_key(keyring: Keyring, customer_id: int, key: str) -> None:
    """Keep a key, sealed; nothing happens when it is kept already.

    Raises DeploymentError when the encryption keys were rotated since ``keyring`` was made.
    """
    with database.atomic():
        (
            TombstoneKeyRow.insert(
                customer_id=customer_id, name=name_of(key), sealed=keyring.seal(customer_id, key)
            )
            .on_conflict_ignore()
            .execute()
        )
        keyring.check_current()


def reseal(keyring: Keyring, customer_id: int) -> None:
    """Seal the customer's keys with the newest encryption key; raises as ``load``."""
    for row in TombstoneKeyRow.select().where(TombstoneKeyRow.customer_id == customer_id):
        fresh = keyring.reseal(customer_id, row.sealed)
        if fresh is not None:
            TombstoneKeyRow.update(sealed=fresh).where(TombstoneKeyRow.id == row.id).execute()


def bury(customer_id: int, person: str, hashes: Iterable[str], now: datetime) -> None:
    """Keep the hashes of a person; those that are kept already stay."""
    execute_each(
        "INSERT INTO tombstones (customer_id, person, hash, since) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (customer_id, hash) DO NOTHING",
        [(customer_id, person, one, to_column(now)) for one in dict.fromkeys(hashes)],
    )


def lift(customer_id: int, persons: Sequence[str]) -> int:
    """Drop all hashes of these people (hashes of their e-mails); returns how many there were."""
    condition, values = among("person", persons)
    return execute(
        f"DELETE FROM tombstones WHERE customer_id = ? AND {condition}", [customer_id, *values]
    )


def missing(customer_id: int, hashes: Sequence[str]) -> list[str]:
    """Those of these hashes that are not kept."""
    found: set[str] = set()
    for batch in batches(hashes):
        condition, values = among("hash", batch)
        rows = fetch(
            f"SELECT hash FROM tombstones WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {one for (one,) in rows}
    return [one for one in hashes if one not in found]


def count(customer_id: int) -> int:
    """How many people stay forgotten."""
    query = TombstoneRow.select(TombstoneRow.person).where(TombstoneRow.customer_id == customer_id)
    return int(query.distinct().count())
