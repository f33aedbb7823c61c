"""Asks Upsales who the viewers are: e-mails 40 to a request, a domain by one search.

What was found is remembered for an hour, what was not is asked again at growing intervals, so
an idle poll asks nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ..clients.upsales import UpsalesClient
from ..clients.upsales_schema import ContactRow
from ..errors import Rejected, TooMany
from ..funnel.domains import company_domain
from ..funnel.identity import address, spellings
from ..funnel.matching import pick
from ..funnel.reasons import WAITING
from ..funnel.view import Company, Contact, Target
from ..store import checks, drafts, outbox, people, sieve
from . import directory
from .halves import by_halves
from .setup import set_up
from .work import Work

_EMAILS_AT_ONCE = 40


def wanted_emails(work: Work) -> list[str]:
    """E-mails that must be asked for now: needed by a view, or due to be asked again."""
    if work.only is not None:
        return sieve.needed_emails(work.customer_id, work.only)
    due = people.due_emails(work.customer_id, work.clock.now(), sorted(WAITING))
    return sorted({*sieve.needed_emails(work.customer_id), *due})


def wanted_domains(work: Work) -> list[str]:
    """Domains that must be asked for now."""
    if work.only is not None:
        return sieve.needed_domains(work.customer_id, work.only)
    due = people.due_domains(work.customer_id, work.clock.now(), sorted(WAITING))
    return sorted({*sieve.needed_domains(work.customer_id), *due})


def wants_upsales(customer_id: int, now: datetime) -> bool:
    """Whether anything is to be looked up, written or settled for which a key is needed."""
    waiting = sorted(WAITING)
    return bool(
        sieve.needed_emails(customer_id)
        or sieve.needed_domains(customer_id)
        or people.due_emails(customer_id, now, waiting)
        or people.due_domains(customer_id, now, waiting)
        or any(outbox.count_due(customer_id, target, now, asked=False) for target in Target)
        or checks.due(customer_id, now, 1)
        or drafts.todos_due(customer_id, now, 1)
    )


def look_up_emails(work: Work, emails: Sequence[str]) -> None:
    """Ask for ``emails`` and decide the views of those that were asked once more."""
    set_up(work)
    for batch in _batches(emails):
        work.progress(f"Looking up {len(batch)} e-mails")
        for asked, rows in by_halves(batch, lambda some: _ask_emails(work, some)):
            now = work.clock.now()
            with work.lease.commit():
                people.save_contacts(work.customer_id, _contacts(asked, rows or ()), now)
                sieve.reopen_people(work.customer_id, asked, now, since=work.window.start)
        work.share.step()


def _batches(emails: Sequence[str]) -> Iterator[list[str]]:
    """E-mails in batches of at most 40 spellings: an international domain has two."""
    batch: list[str] = []
    words = 0
    for email in emails:
        more = len(spellings(email))
        if batch and words + more > _EMAILS_AT_ONCE:
            yield batch
            batch, words = [], 0
        batch.append(email)
        words += more
    if batch:
        yield batch


def _ask_emails(work: Work, emails: Sequence[str]) -> list[ContactRow]:
    words = [word for email in emails for word in spellings(email)]
    return work.patience.read(lambda: work.upsales().contacts_by_email(words))


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
        try:
            company = _company(work, domain)
        except Rejected:
            company = None  # Asked again later; one odd domain must not stop the others.
        now = work.clock.now()
        with work.lease.commit():
            people.save_companies(work.customer_id, {domain: company}, now)
            sieve.reopen_domains(work.customer_id, [domain], now, since=work.window.start)
        work.share.step()


def _company(work: Work, domain: str) -> Company | None:
    contacts, names = _contacts_per_company(work, domain)
    if not contacts:
        return None
    if len(contacts) == 1 and names:
        ((company_id, count),) = contacts.items()
        return Company(company_id, names[company_id], count)
    ids = sorted(contacts)
    best = pick(work.patience.read(lambda: work.upsales().accounts(ids)))
    if best is None:
        return None
    return Company(best.id, best.name, contacts[best.id], len(contacts))


def _contacts_per_company(work: Work, domain: str) -> tuple[Counter[int], dict[int, str]]:
    """How many contacts each company has at ``domain``, and the companies' names if told."""
    if directory.search_is_trusted(work):
        try:
            rows = work.patience.read(lambda: search(work.upsales(), domain))
        except TooMany:
            pass  # Other domains contain this one's name: our own directory tells them apart.
        else:
            return Counter(r.client_id for r in rows), {r.client_id: r.client_name for r in rows}
    return directory.contacts_per_company(work, domain), {}


def search(client: UpsalesClient, domain: str) -> list[ContactRow]:
    """Contacts whose e-mail's registrable domain is ``domain``, however it is spelt.

    The search is a plain "contains", so what it gives is filtered here.
    """
    words = [word.rpartition("@")[2] for word in spellings(f"@{domain}")]
    rows = {row.id: row for word in words for row in client.contacts_by_domain(word)}
    return [r for r in rows.values() if company_domain(address(r.email) or r.email) == domain]
