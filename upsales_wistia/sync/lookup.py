"""Asks Upsales who the viewers are: e-mails 40 to a request, a domain by one search.

What was found is remembered for an hour, what was not is asked again at growing intervals, so
an idle poll asks nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ..clients.upsales import UpsalesClient
from ..clients.upsales_schema import ContactRow
from ..funnel.domains import company_domain
from ..funnel.identity import address, spellings
from ..funnel.matching import pick
from ..funnel.reasons import WAITING
from ..funnel.view import Company, Contact
from ..store import people, sieve
from . import directory
from .setup import set_up
from .work import Work

_EMAILS_AT_ONCE = 40


def wanted_emails(work: Work) -> list[str]:
    """E-mails that must be asked for now: needed by a view, or due to be asked again."""
    due = people.due_emails(work.customer_id, work.clock.now(), sorted(WAITING))
    return sorted({*sieve.needed_emails(work.customer_id), *due})


def wanted_domains(work: Work) -> list[str]:
    """Domains that must be asked for now."""
    due = people.due_domains(work.customer_id, work.clock.now(), sorted(WAITING))
    return sorted({*sieve.needed_domains(work.customer_id), *due})


def look_up_emails(work: Work, emails: Sequence[str]) -> None:
    """Ask for ``emails`` and decide the views of those that were asked once more."""
    set_up(work)
    for start in range(0, len(emails), _EMAILS_AT_ONCE):
        asked = emails[start : start + _EMAILS_AT_ONCE]
        work.progress(f"Looking up {len(asked)} e-mails")
        words = [word for email in asked for word in spellings(email)]
        rows = work.patience.read(lambda: work.upsales().contacts_by_email(words))  # noqa: B023
        now = work.clock.now()
        with work.lease.commit():
            people.save_contacts(work.customer_id, _contacts(asked, rows), now)
            sieve.reopen_people(work.customer_id, asked, now)


def _contacts(asked: Iterable[str], rows: Iterable[ContactRow]) -> dict[str, Contact | None]:
    by_email: dict[str, list[ContactRow]] = defaultdict(list)
    for row in rows:
        by_email[address(row.email) or row.email.strip().lower()].append(row)
    return {email: _contact(pick(by_email[email])) for email in asked}


def _contact(row: ContactRow | None) -> Contact | None:
    return Contact(row.id, row.name, row.client_id, row.client_name) if row else None


def look_up_domains(work: Work, domains: Sequence[str]) -> None:
    """Ask for ``domains`` and decide the views of those that were asked once more."""
    set_up(work)
    work.progress(f"Looking up {len(domains)} domains")
    for domain in domains:
        company = _company(work, domain)
        now = work.clock.now()
        with work.lease.commit():
            people.save_companies(work.customer_id, {domain: company}, now)
            sieve.reopen_domains(work.customer_id, [domain], now)


def _company(work: Work, domain: str) -> Company | None:
    contacts, names = _contacts_per_company(work, domain)
    if not contacts:
        return None
    if len(contacts) == 1 and names:
        ((company_id, count),) = contacts.items()
        return Company(company_id, names[company_id], count)
    ids = sorted(contacts)
    rows = work.patience.read(lambda: work.upsales().accounts(ids))
    best = pick(rows)
    if best is None:
        return None
    return Company(best.id, best.name, contacts[best.id], len(contacts))


def _contacts_per_company(work: Work, domain: str) -> tuple[Counter[int], dict[int, str]]:
    """How many contacts each company has at ``domain``, and the companies' names if told."""
    if not directory.search_is_trusted(work):
        return directory.contacts_per_company(work, domain), {}
    rows = work.patience.read(lambda: search(work.upsales(), domain))
    return Counter(r.client_id for r in rows), {r.client_id: r.client_name for r in rows}


def search(client: UpsalesClient, domain: str) -> list[ContactRow]:
    """Contacts whose e-mail's registrable domain is ``domain``.

    The search is a plain "contains", so what it gives is filtered here.
    """
    rows = client.contacts_by_domain(domain)
    return [row for row in rows if company_domain(address(row.email) or row.email) == domain]
