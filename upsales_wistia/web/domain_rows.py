"""A viewer's domain, as its row says it: its class, why, and where its views go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ..domainlist import Choice, Classed, Kind, chosen
from ..funnel.identity import domain_ascii
from ..rulebook import Rulebook
from ..store.versions import Version
from .addresses import company_address, views_address
from .texts import domains as words
from .wording import Speech, shorten

LONGEST = 253
"""Characters of a domain; https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row. ``choices`` are values and words of what may be said, ``choice`` is in force."""

    domain: str
    kind: str
    why: Markup
    more: Sequence[Markup]
    views: str
    address: str
    goes_to: str
    goes_address: str
    choices: Mapping[str, str]
    choice: str


def shown(one: Classed, customer_id: int, say: Speech) -> Shown:
    """The row of a domain."""
    company = one.company if one.kind is Kind.COMPANY else None
    own = one.users or one.choice is Choice.NOT_OWN
    return Shown(
        one.domain,
        words.CLASSES[one.kind],
        _why(one, say),
        _more(one, say),
        say.number(one.views),
        views_address(customer_id, domain=one.domain),
        company.name if company else words.TO_CONTACTS,
        company_address(company.id) if company else "",
        {k: text for k, text in words.CHOICES.items() if own or k != Choice.NOT_OWN.value},
        one.choice.value,
    )


def _why(one: Classed, say: Speech) -> Markup:
    key: str = one.kind.value
    if one.kind is Kind.COMPANY and one.company and one.company.of > 1:
        key = "several"
    if one.kind is Kind.IGNORED and one.version is None:
        key = "ignored_long"
    company, version = one.company, one.version
    return words.WHY[key].format(
        contacts=say.count(company.contacts, *words.CONTACTS) if company else "",
        company=shorten(company.name) if company else "",
        n=say.number(company.of) if company else "",
        users=_users(one, say),
        who=_who(version, say),
        at=say.dated(version.at) if version else "",
    )


def _more(one: Classed, say: Speech) -> list[Markup]:
    told = []
    if one.choice is Choice.NOT_OWN and one.users:
        told.append(words.NOT_OWN.format(who=_who(one.version, say), users=_users(one, say)))
    if one.below:
        told.append(words.BELOW.format(domains=shorten(", ".join(one.below))))
    return told


def _users(one: Classed, say: Speech) -> str:
    return say.count(one.users, *words.USERS)


def _who(version: Version | None, say: Speech) -> Markup:
    return say.who(version.by) if version else Markup("your settings")


def asked_choice(arguments: MultiDict[str, str], book: Rulebook) -> dict[str, list[str]]:
    """The settings that ``?domain=…&as=…`` asks for; none for what cannot be."""
    domain = domain_ascii(arguments.get("domain", "")[:LONGEST])
    what = arguments.get("as", "")
    if "." not in domain or what not in set(Choice):
        return {}
    return chosen(book.config, domain, Choice(what))
