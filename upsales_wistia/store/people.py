"""Who is who in Upsales: what it said of each e-mail and domain, and when to ask again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ..funnel.view import Asked, Company, Contact
from .fields import from_column, to_column
from .models_upsales import DomainRow, PersonRow
from .sql import among, batches, execute_each, fetch, upsert

T = TypeVar("T")

FIRST_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=24)

_CONTACT = ("contact_id", "contact_name", "company_id", "company_name")
_COMPANY = ("company_id", "company_name", "contacts", "companies")
_MEMORY = ("asked_at", "ask_at", "misses")


def contacts(customer_id: int, emails: Sequence[str]) -> dict[str, Asked[Contact]]:
    """What Upsales said of each of these e-mails; those never asked for are absent."""

    def contact(number: int | None, name: str, company: int, company_name: str) -> Contact | None:
        return None if number is None else Contact(number, name, company, company_name)

    return _asked(customer_id, "people", "email", _CONTACT, emails, contact)


def companies(customer_id: int, domains: Sequence[str]) -> dict[str, Asked[Company]]:
    """What Upsales said of each of these domains; those never asked for are absent."""

    def company(number: int | None, name: str, contacts: int, of: int) -> Company | None:
        return None if number is None else Company(number, name, contacts, of)

    return _asked(customer_id, "domains", "domain", _COMPANY, domains, company)


def company_domains(customer_id: int) -> dict[str, Company]:
    """The domains of which Upsales said whose they are, each with its company."""
    rows = fetch(
        f"SELECT domain, {', '.join(_COMPANY)} FROM domains "
        "WHERE customer_id = ? AND company_id IS NOT NULL",
        [customer_id],
    )
    return {domain: Company(*facts) for domain, *facts in rows}


def contact_emails(customer_id: int) -> list[tuple[str, str]]:
    """The e-mails of viewers who are contacts, each with the name of its company."""
    return [
        (email, company)
        for email, company in fetch(
            "SELECT email, company_name FROM people "
            "WHERE customer_id = ? AND contact_id IS NOT NULL",
            [customer_id],
        )
    ]


def save_contacts(customer_id: int, found: Mapping[str, Contact | None], now: datetime) -> None:
    """Remember what Upsales said of each e-mail.

    One it knows nobody of is asked for again after 1 h, then after twice as long each time, at
    most 24 h.
    """
    rows = {
        email: (c.id, c.name, c.company_id, c.company_name) if c else None
        for email, c in found.items()
    }
    _save(customer_id, "people", "email", _CONTACT, rows, (None, "", None, ""), now)


def save_companies(customer_id: int, found: Mapping[str, Company | None], now: datetime) -> None:
    """Remember what Upsales said of each domain; asked again as in ``save_contacts``."""
    rows = {domain: (c.id, c.name, c.contacts, c.of) if c else None for domain, c in found.items()}
    _save(customer_id, "domains", "domain", _COMPANY, rows, (None, "", 0, 0), now)


def due_emails(customer_id: int, now: datetime, waiting_codes: Sequence[str]) -> list[str]:
    """Unknown e-mails to ask for again at ``now``: a view of theirs still waits."""
    return _due(customer_id, "people", "email", "contact_id", "person", now, waiting_codes)


def due_domains(customer_id: int, now: datetime, waiting_codes: Sequence[str]) -> list[str]:
    """Unknown domains to ask for again at ``now``: a view of theirs still waits."""
    return _due(customer_id, "domains", "domain", "company_id", "domain", now, waiting_codes)


def ask_again(customer_id: int, email: str, at: datetime) -> None:
    """Ask for this e-mail again at ``at`` (aware); nothing for one never asked for."""
    (
        PersonRow.update(ask_at=at)
        .where(PersonRow.customer_id == customer_id, PersonRow.email == email)
        .execute()
    )


def forget(customer_id: int, email: str) -> None:
    """Forget what Upsales said of this e-mail."""
    PersonRow.delete().where(
        PersonRow.customer_id == customer_id, PersonRow.email == email
    ).execute()


def forget_domain(customer_id: int, domain: str) -> None:
    """Forget what Upsales said of this domain."""
    DomainRow.delete().where(
        DomainRow.customer_id == customer_id, DomainRow.domain == domain
    ).execute()


def _asked(
    customer_id: int,
    table: str,
    key: str,
    columns: Sequence[str],
    wanted: Sequence[str],
    build: Callable[..., T | None],
) -> dict[str, Asked[T]]:
    found: dict[str, Asked[T]] = {}
    for batch in batches(wanted):
        condition, values = among(key, batch)
        rows = fetch(
            f"SELECT {key}, asked_at, {', '.join(columns)} FROM {table} "
            f"WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {row[0]: Asked(build(*row[2:]), from_column(row[1])) for row in rows}
    return found


def _save(
    customer_id: int,
    table: str,
    key: str,
    columns: Sequence[str],
    rows: Mapping[str, tuple[Any, ...] | None],
    nobody: tuple[Any, ...],
    now: datetime,
) -> None:
    statement = upsert(table, ("customer_id", key, *columns, *_MEMORY), ("customer_id", key))
    for batch in batches(rows.items()):
        misses = _misses(customer_id, table, key, [name for name, _ in batch])
        execute_each(
            statement,
            [
                (customer_id, name, *(facts or nobody), *_memory(facts, misses.get(name, 0), now))
                for name, facts in batch
            ],
        )


def _memory(
    facts: tuple[Any, ...] | None, misses: int, now: datetime
) -> tuple[str, str | None, int]:
    if facts is not None:
        return to_column(now), None, 0
    # Past the cap already at 5; the bound keeps the power small.
    pause = min(FIRST_PAUSE * 2 ** min(misses, 5), LONGEST_PAUSE)
    return to_column(now), to_column(now + pause), misses + 1


def _misses(customer_id: int, table: str, key: str, names: Sequence[str]) -> dict[str, int]:
    condition, values = among(key, names)
    return dict(
        fetch(
            f"SELECT {key}, misses FROM {table} WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
    )


def _due(
    customer_id: int,
    table: str,
    key: str,
    found: str,
    column: str,
    now: datetime,
    waiting_codes: Sequence[str],
) -> list[str]:
    condition, codes = among("v.activity_code", waiting_codes)
    rows = fetch(
        f"SELECT p.{key} FROM {table} p "
        f"WHERE p.customer_id = ? AND p.ask_at <= ? AND p.{found} IS NULL "
        "AND (SELECT 1 FROM views v WHERE v.customer_id = p.customer_id "
        f"AND v.{column} = p.{key} AND {condition} LIMIT 1) = 1 ORDER BY p.ask_at, p.{key}",
        [customer_id, to_column(now), *codes],
    )
    return [name for (name,) in rows]
