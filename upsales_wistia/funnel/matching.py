"""Whom in Upsales a viewer is: by e-mail, else by registrable domain, never on two companies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from .domains import COMPANY, classify, domain_of, registrable
from .settings import Settings
from .view import Asked, Company, Contact, Known

FOUND_FOR = timedelta(hours=1)
"""How long an answer of Upsales is good enough to write by."""

# "Furthest journey step, then a planned activity, then the oldest": how Upsales itself picks
# among several for a form submit.
# https://support.upsales.com/hc/en-us/articles/360012896198-How-form-submissions-are-matched-in-Upsales
_JOURNEY = ("lead", "mql", "sql", "assigned", "pipeline", "customer")


class Candidate(Protocol):
    """A contact or company as Upsales lists it."""

    @property
    def id(self) -> int:
        """Upsales' id; the lowest is the oldest."""

    @property
    def journey_step(self) -> str:
        """Upsales' name of the step; one that is not known ranks below all others."""

    @property
    def planned(self) -> bool:
        """Whether an activity or appointment is planned."""


C = TypeVar("C", bound=Candidate)


def _rank(candidate: Candidate) -> tuple[int, bool, int]:
    step = candidate.journey_step.lower()
    far = _JOURNEY.index(step) if step in _JOURNEY else -1
    return (far, candidate.planned, -candidate.id)


def pick(candidates: Iterable[C]) -> C | None:
    """The one that Upsales' own tie-break would take, or None when there is none."""
    return max(candidates, key=_rank, default=None)


@dataclass(frozen=True, slots=True)
class Match:
    """Where an activity goes: on a contact and its company, or on a company alone."""

    company: int
    company_name: str
    contact: int | None = None
    contact_name: str = ""
    sharing: int = 0


@dataclass(frozen=True, slots=True)
class Matched:
    """The outcome of matching one e-mail.

    ``match`` or a waiting ``code`` is set. ``needs`` is "email" or "domain" when Upsales must
    be asked before it can be known (or, with a match, before it may be written).
    """

    match: Match | None = None
    code: str = ""
    needs: str = ""


def match(email: str, known: Known, settings: Settings, now: datetime) -> Matched:
    """Match a normalised ``email`` against what is ``known``."""
    asked = known.contacts.get(email)
    if asked is None:
        return Matched(code="unknown", needs="email")
    stale = "email" if _stale(asked, now) else ""
    if asked.found:
        contact = asked.found
        where = Match(contact.company_id, contact.company_name, contact.id, contact.name)
        return Matched(where, needs=stale)
    found = _by_domain(domain_of(email), known, settings, now)
    return Matched(found.match, found.code, stale) if found.match and stale else found


def _by_domain(domain: str, known: Known, settings: Settings, now: datetime) -> Matched:
    kind = classify(domain, settings, known.own_domains)
    base = registrable(domain)
    if kind != COMPANY or base is None:
        return Matched(code=kind)
    asked = known.companies.get(base)
    if asked is None:
        return Matched(code="unknown", needs="domain")
    if asked.found is None:
        return Matched(code="unknown")
    company = asked.found
    where = Match(company.id, company.name, sharing=company.contacts)
    return Matched(where, needs="domain" if _stale(asked, now) else "")


def _stale(asked: Asked[Contact] | Asked[Company], now: datetime) -> bool:
    return now - asked.at > FOUND_FOR
