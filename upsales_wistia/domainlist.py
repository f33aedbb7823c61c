"""How each viewer's domain is classed, why, and where its views go; and how to correct it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .funnel import domains as funnel
from .funnel.settings import Settings
from .funnel.view import Asked, Company
from .store import customers, domains, people, versions
from .store.domains import ViewerDomain
from .store.versions import Version

IGNORED, NOT_OWN = "ignoredDomains", "notOwnDomains"
_VERSIONS_READ = 200


class Kind(StrEnum):
    """What a domain says about a company."""

    COMPANY = "company"
    FREE = "free_mail"
    THROW_AWAY = "disposable"
    OWN = "own_domain"
    IGNORED = "ignored_domain"
    NOBODY = "nobody"
    UNASKED = "unasked"
    NEEDLESS = "needless"


class Choice(StrEnum):
    """What a person may say about a domain."""

    CLASSED = "classed"
    IGNORE = "ignore"
    NOT_OWN = "not_own"


@dataclass(frozen=True, slots=True)
class Classed:
    """A viewer's domain. ``company`` is who has it; ``users`` counts the Upsales users who do.

    ``choice`` is what the settings say of it, ``version`` those that said so first; ``below`` are
    domains under this one that are ignored alone.
    """

    domain: str
    views: int
    kind: Kind
    company: Company | None
    users: int
    choice: Choice
    version: Version | None
    below: Sequence[str] = ()


def classed(customer_id: int, found: Sequence[ViewerDomain], settings: Settings) -> list[Classed]:
    """These domains as ``settings`` class them, whether domains are matched or not."""
    names = [one.domain for one in found]
    own = customers.load(customer_id).setup.get("own_domains", {})
    asked = people.companies(customer_id, names)
    needed = domains.to_be_asked(customer_id)
    rules = replace(settings, domain_matching=True)
    said = {name: choice(name, settings) for name in names}
    since = _since(customer_id, said)
    return [
        Classed(
            one.domain,
            one.views,
            _kind(one.domain, rules, own, asked, needed),
            asked[one.domain].found if one.domain in asked else None,
            own.get(one.domain, 0),
            said[one.domain],
            since.get(one.domain),
            sorted(d for d in settings.ignored_domains if d.endswith(f".{one.domain}")),
        )
        for one in found
    ]


def choice(domain: str, settings: Settings) -> Choice:
    """What the settings say of a domain."""
    names = funnel.named_by(domain)
    if names & settings.ignored_domains:
        return Choice.IGNORE
    return Choice.NOT_OWN if names & settings.not_own_domains else Choice.CLASSED


def chosen(config: Mapping[str, Any], domain: str, what: Choice) -> dict[str, list[str]]:
    """The two lists of ``config`` as they are when ``what`` is said of a domain."""
    names = funnel.named_by(domain)
    lists = {name: [d for d in config[name] if d not in names] for name in (IGNORED, NOT_OWN)}
    if what is not Choice.CLASSED:
        lists[IGNORED if what is Choice.IGNORE else NOT_OWN].append(domain)
    return lists


def _kind(
    domain: str,
    rules: Settings,
    own: Mapping[str, int],
    asked: Mapping[str, Asked[Company]],
    needed: Collection[str],
) -> Kind:
    kind = funnel.classify(domain, rules, own)
    if kind != funnel.COMPANY:
        return Kind(kind) if kind in set(Kind) else Kind.NOBODY
    if domain in asked:
        return Kind.COMPANY if asked[domain].found else Kind.NOBODY
    return Kind.UNASKED if domain in needed else Kind.NEEDLESS


def _since(customer_id: int, said: Mapping[str, Choice]) -> dict[str, Version]:
    """Of each domain of which something is said the version that said so first, until now."""
    listed = {Choice.IGNORE: IGNORED, Choice.NOT_OWN: NOT_OWN}
    looking = {domain: listed[what] for domain, what in said.items() if what in listed}
    found: dict[str, Version] = {}
    if looking:
        _walk(looking, versions.history(customer_id, _VERSIONS_READ), found)
    return found


def _walk(looking: dict[str, str], newest: Iterable[Version], found: dict[str, Version]) -> None:
    for version in newest:
        for domain, name in list(looking.items()):
            if funnel.named_by(domain) & set(version.config.get(name) or ()):
                found[domain] = version
            else:
                del looking[domain]
