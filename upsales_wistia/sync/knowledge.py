"""Gathers from the store all that the funnel needs to know about some views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..funnel.domains import domain_of, registrable
from ..funnel.identity import Person, identify, own_conversion
from ..funnel.settings import Settings
from ..funnel.view import Conversion, Known, View
from ..store import customers, ignored, outbox, people, visitors


def known_for(customer_id: int, views: Sequence[View], settings: Settings) -> Known:
    """What is stored about these views' visitors, people, domains and writes."""
    # What was left in a view itself comes first: only the others are asked about their visitor.
    others = {v.visitor_key for v in views if own_conversion(v) is None}
    conversions = visitors.conversions_for(customer_id, sorted(others))
    emails = _emails(views, conversions, settings)
    domains = {registrable(domain_of(email)) for email in emails} - {None}
    customer = customers.load(customer_id)
    return Known(
        conversions=conversions,
        contacts=people.contacts(customer_id, sorted(emails)),
        companies=people.companies(customer_id, sorted(d for d in domains if d)),
        own_domains=customer.setup.get("own_domains", {}),
        ignored=ignored.of_emails(customer_id, sorted(emails)),
        sent=outbox.sent(customer_id, [v.event_key for v in views]),
        forms_paused=customer.forms_paused,
        last_read=customer.last_complete_read,
    )


def _emails(
    views: Sequence[View],
    conversions: Mapping[str, tuple[Conversion, ...]],
    settings: Settings,
) -> set[str]:
    who = (identify(v, conversions.get(v.visitor_key, ()), settings.identity) for v in views)
    return {person.email for person in who if isinstance(person, Person)}
