"""Whether Upsales' search by part of an e-mail can be trusted, and what to do when not.

The comparator ``src`` is not documented, so it is believed only once it has found a contact we
know, and nothing that lacks the text. Otherwise all contacts are read once with documented
filters, and keyed hashes of their e-mails and domains are kept, with ids only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..clients.upsales_schema import ContactRow
from ..errors import Rejected, Unclear
from ..funnel.domains import company_domain, domain_of
from ..funnel.identity import address
from ..store import customers
from ..store import directory as stored
from ..store.directory import DirectoryEntry
from .work import Work

_PAGE = 1000


def search_is_trusted(work: Work) -> bool:
    """Whether the contains-search works for this customer; tried once, then remembered."""
    known = customers.setup(work.customer_id).get("search")
    if known:
        return bool(known == "contains")
    contact = _somebody(work)
    if contact is None:
        return True  # No contact at all: the search finds nothing because there is nothing.
    works = _finds(work, contact)
    with work.lease.commit():
        customers.update_setup(work.customer_id, search="contains" if works else "crawl")
    return works


def _somebody(work: Work) -> ContactRow | None:
    rows = work.patience.read(lambda: work.upsales().contacts_after(0, limit=100))
    return next((row for row in rows if address(row.email)), None)


def _finds(work: Work, contact: ContactRow) -> bool:
    domain = domain_of(contact.email)
    try:
        rows = work.patience.read(lambda: work.upsales().contacts_by_domain(domain))
    except (Rejected, Unclear):
        return False
    all_have_it = all(domain in row.email.lower() for row in rows)
    return all_have_it and any(row.id == contact.id for row in rows)


def contacts_per_company(work: Work, domain: str) -> Counter[int]:
    """How many contacts each company has at ``domain``, from our own directory of hashes."""
    _read_on(work)
    found = stored.by_domain(work.customer_id, work.digest(domain))
    return Counter(entry.company_id for entry in found)


def _read_on(work: Work) -> None:
    """Read the contacts that came since the directory was last read."""
    last = stored.last_id(work.customer_id)
    while True:
        rows = work.patience.read(
            lambda: work.upsales().contacts_after(last, limit=_PAGE)  # noqa: B023
        )
        if rows:
            last = max(row.id for row in rows)
            with work.lease.commit():
                stored.save(work.customer_id, _entries(work, rows))
        if len(rows) < _PAGE:
            return


def _entries(work: Work, rows: Iterable[ContactRow]) -> list[DirectoryEntry]:
    entries = []
    for row in rows:
        email = address(row.email)
        domain = company_domain(email) if email else None
        if email and domain:
            entries.append(
                DirectoryEntry(
                    contact_id=row.id,
                    email_hash=work.digest(email),
                    domain_hash=work.digest(domain),
                    company_id=row.client_id,
                    journey_step=row.journey_step,
                    planned=row.planned,
                )
            )
    return entries
