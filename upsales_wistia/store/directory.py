"""The crawled directory of contacts: keyed hashes and ids, no name and no address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from .sql import batches, execute, execute_each, fetch, upsert


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """A contact in Upsales. ``domain_hash`` is ``Keyring.digest`` of its e-mail's domain."""

    contact_id: int
    domain_hash: str
    company_id: int


_COLUMNS = ("customer_id", "contact_id", "domain_hash", "company_id")
_WRITE = upsert("directory", _COLUMNS, key=("customer_id", "contact_id"))


def save(customer_id: int, entries: Sequence[DirectoryEntry]) -> None:
    """Add contacts, or replace what was known of them."""
    for batch in batches(entries):
        execute_each(_WRITE, [(customer_id, *astuple(entry)) for entry in batch])


def clear(customer_id: int) -> None:
    """Forget the whole directory, to read it anew."""
    execute("DELETE FROM directory WHERE customer_id = ?", [customer_id])


def companies_by_domain(customer_id: int, domain_hash: str) -> list[int]:
    """The company of each contact with an e-mail of this domain."""
    rows = fetch(
        "SELECT company_id FROM directory WHERE customer_id = ? AND domain_hash = ?",
        [customer_id, domain_hash],
    )
    return [company_id for (company_id,) in rows]


def last_id(customer_id: int) -> int:
    """The highest contact id in the directory, where a crawl goes on; 0 when it is empty."""
    rows = fetch("SELECT max(contact_id) FROM directory WHERE customer_id = ?", [customer_id])
    return rows[0][0] or 0
