"""The crawled directory of contacts: keyed hashes and ids, no name and no address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from .sql import BATCH, batches, execute_each, fetch, upsert


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A contact in Upsales. The hashes are ``Keyring.digest`` of its e-mail and its domain."""

    contact_id: int
    email_hash: str
    domain_hash: str
    company_id: int
    journey_step: str
    planned: bool


_COLUMNS = "contact_id, email_hash, domain_hash, company_id, journey_step, planned"
_WRITE = upsert(
    "directory", ("customer_id", *_COLUMNS.split(", ")), key=("customer_id", "contact_id")
)


def save(customer_id: int, entries: Sequence[DirectoryEntry]) -> None:
    """Add contacts, or replace what was known of them."""
    for batch in batches(entries, BATCH):
        execute_each(_WRITE, [(customer_id, *astuple(entry)) for entry in batch])


def by_domain(customer_id: int, domain_hash: str) -> list[DirectoryEntry]:
    """The contacts with an e-mail of this domain, the oldest first."""
    return _select(customer_id, "domain_hash", domain_hash)


def by_email(customer_id: int, email_hash: str) -> list[DirectoryEntry]:
    """The contacts with this e-mail, the oldest first."""
    return _select(customer_id, "email_hash", email_hash)


def last_id(customer_id: int) -> int:
    """The highest contact id in the directory, where a crawl goes on; 0 when it is empty."""
    rows = fetch("SELECT max(contact_id) FROM directory WHERE customer_id = ?", [customer_id])
    return rows[0][0] or 0


def _select(customer_id: int, column: str, digest: str) -> list[DirectoryEntry]:
    rows = fetch(
        f"SELECT {_COLUMNS} FROM directory WHERE customer_id = ? AND {column} = ? "
        "ORDER BY contact_id",
        [customer_id, digest],
    )
    return [
        DirectoryEntry(number, email, domain, company, step, bool(planned))
        for number, email, domain, company, step, planned in rows
    ]
