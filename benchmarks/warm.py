"""A directory of e-mails that is warm: Upsales was asked for everybody of the big world before."""

from __future__ import annotations

from upsales_wistia.funnel.domains import registrable
from upsales_wistia.funnel.view import Company, Contact
from upsales_wistia.sandbox import big_world
from upsales_wistia.store import people

from .ground import NOW


def remember_everybody(customer_id: int, many: int) -> None:
    """Remember what the sandbox's Upsales would say of the ``many`` people and their domains."""
    registrable("warm.example")  # a process that polls has read the list of suffixes long ago
    world = big_world(NOW, views=1, people=many)
    names = {company.id: company.name for company in world.companies}
    contacts = {
        c.email: Contact(c.id, c.name, c.company_id, names[c.company_id]) for c in world.contacts
    }
    emails = [world.email(number) for number in range(many)]
    people.save_contacts(customer_id, {email: contacts.get(email) for email in emails}, NOW)
    domains = {email.rpartition("@")[2]: contacts.get(email) for email in reversed(emails)}
    people.save_companies(
        customer_id,
        {
            domain: Company(found.company_id, found.company_name, 1) if found else None
            for domain, found in domains.items()
        },
        NOW,
    )
