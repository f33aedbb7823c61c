"""Whether Upsales' search by part of an e-mail can be trusted, and what to do when not.

The comparator ``src`` is not documented, so it is believed only once it has found a contact we
know, and nothing that lacks the text. Otherwise all contacts are read once with documented
filters, and keyed hashes of their e-mails and domains are kept, with ids only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ..clients.upsales_schema import ContactRow
from ..errors import Rejected, TooMany, Unclear
from ..funnel.domains import company_domain, domain_of
from ..funnel.identity import address
from ..store import customers
from ..store import directory as stored
from ..store.directory import DirectoryEntry
from .work import Work

_PAGE = 1000
_FEW = 100
_SEEN_FOR = timedelta(hours=1)
_READ_FOR = timedelta(hours=24)
"""After this the directory is read anew: contacts move, change and go."""


def search_is_trusted(work: Work) -> bool:
    """Whether the contains-search works for this customer; tried once, then remembered."""
    known = customers.setup(work.customer_id).get("search")
    if known:
        return bool(known == "contains")
    if work.trusts_search is not None:
        return work.trusts_search
    contact = _somebody(work)
    if contact is None:
        work.trusts_search = True  # Nobody has an e-mail: there is nothing to be found.
        return True
    works = _finds(work, contact)
    with work.lease.commit():
        customers.update_setup(work.customer_id, search="contains" if works else "crawl")
    return works


def _somebody(work: Work) -> ContactRow | None:
    """A contact with an e-mail, or None when there is none."""
    for rows in _pages(work, 0, _FEW):
        for row in rows:
            if address(row.email):
                return row
    return None


def _pages(work: Work, after: int, size: int) -> Iterator[list[ContactRow]]:
    while True:
        rows = work.patience.read(lambda: work.upsales().contacts_after(after, limit=size))  # noqa: B023
        if rows:
            yield rows
            after = max(row.id for row in rows)
        if len(rows) < size:
            return


def _finds(work: Work, contact: ContactRow) -> bool:
    domain = domain_of(contact.email)
    try:
        rows = work.patience.read(lambda: work.upsales().contacts_by_domain(domain))
    except (Rejected, Unclear, TooMany):
        return False
    all_have_it = all(domain.lower() in row.email.lower() for row in rows)
    return all_have_it and any(row.id == contact.id for row in rows)


def contacts_per_company(work: Work, domain: str) -> Counter[int]:
    """How many contacts each company has at ``domain``, from our own directory of hashes."""
    _bring_up_to_date(work)
    return Counter(stored.companies_by_domain(work.customer_id, work.digest(domain)))


def _bring_up_to_date(work: Work) -> None:
    """Read the contacts that came since, or all of them where that is a day ago.

    A crawl that a dead process left unfinished is gone on with.
    """
    known = customers.setup(work.customer_id)
    now = work.clock.now()
    if _is_younger(known.get("directory_seen_at"), now, _SEEN_FOR):
        return
    finished = known.get("directory_read_at")
    if finished and not _is_younger(finished, now, _READ_FOR):
        with work.lease.commit():
            stored.clear(work.customer_id)
            customers.update_setup(work.customer_id, directory_read_at=None)
    for rows in _pages(work, stored.last_id(work.customer_id), _PAGE):
        with work.lease.commit():
            stored.save(work.customer_id, _entries(work, rows))
    full = finished if _is_younger(finished, now, _READ_FOR) else now.isoformat()
    with work.lease.commit():
        customers.update_setup(
            work.customer_id, directory_read_at=full, directory_seen_at=now.isoformat()
        )


def _is_younger(moment: str | None, now: datetime, age: timedelta) -> bool:
    return moment is not None and now - datetime.fromisoformat(moment) <= age


def _entries(work: Work, rows: Iterable[ContactRow]) -> list[DirectoryEntry]:
    return [
        DirectoryEntry(row.id, work.digest(domain), row.client_id)
        for row in rows
        if (domain := company_domain(address(row.email) or ""))
    ]
