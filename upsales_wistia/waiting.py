"""The Waiting room: who watched and is not in Upsales, and whom they may be all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .funnel.domains import company_domain, domain_of, registrable
from .funnel.likeness import lookalikes
from .funnel.reasons import WAITING
from .store import people, search, waiting
from .store.search import Key
from .store.waiting import Viewing, Waiter
from .viewlist import Row, Scene, rows

VIEWS_SHOWN = 3
"""Views of one person that are shown."""


class Group(StrEnum):
    """Why there is no company for those who wait."""

    UNKNOWN = "unknown"
    FREE = "free"
    OWN = "own"
    OTHER = "other"


_GROUPS = {"unknown": Group.UNKNOWN, "free_mail": Group.FREE, "own_domain": Group.OWN}
CODES: Mapping[Group, tuple[str, ...]] = {
    group: tuple(code for code in sorted(WAITING) if _GROUPS.get(code, Group.OTHER) is group)
    for group in Group
}
"""The reason codes of each group."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A known domain that is one letter from what somebody typed.

    ``contacts`` have it, or ``at_least`` that many; ``company_id`` is None where it is not known.
    """

    domain: str
    contacts: int
    at_least: bool
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who waits, or is ``written`` by now; ``rows`` are the newest of ``views`` views.

    ``key`` is the newest one's place, ``since`` (aware UTC) when the oldest was received. ``code``
    is the reason code of the newest; ``asked`` whether Upsales was asked for them.
    """

    key: Key
    email: str
    code: str
    asked: bool
    views: int
    since: datetime
    rows: Sequence[Row]
    guess: Guess | None = None
    written: bool = False

    @property
    def domain(self) -> str:
        """The registrable domain of the e-mail."""
        return _domain(self.email)

    @property
    def name(self) -> str:
        """As they gave it, "" where they did not."""
        return next((row.viewer.name for row in self.rows if row.viewer.name), "")


def those_who_wait(at: Scene, found: Sequence[Waiter]) -> list[Person]:
    """The people of a page, with what they watched."""
    seen = waiting.viewings(at.customer_id, [one.person for one in found], VIEWS_SHOWN)
    shown = _rows(at, seen)
    guesses = _guesses(at.customer_id, found)
    return [
        Person(
            one.key,
            one.person,
            one.code,
            one.asked,
            seen[one.person].views,
            seen[one.person].since,
            shown[one.person],
            guesses.get(one.person),
        )
        for one in found
        if one.person in seen
    ]


def those_written(at: Scene, emails: Sequence[str], since: datetime) -> list[Person]:
    """Those of ``emails`` who wait no more, because they were written since ``since`` (aware)."""
    seen = waiting.written(at.customer_id, emails, since)
    still = waiting.viewings(at.customer_id, list(seen), 1)
    seen = {email: viewing for email, viewing in seen.items() if email not in still}
    cut = {e: Viewing(v.newest[:VIEWS_SHOWN], v.views, v.since) for e, v in seen.items()}
    shown = _rows(at, cut)
    return [
        Person(
            Key(shown[email][0].view.received_at, viewing.newest[0]),
            email,
            "",
            True,
            viewing.views,
            viewing.since,
            shown[email],
            written=True,
        )
        for email, viewing in cut.items()
    ]


def _rows(at: Scene, seen: Mapping[str, Viewing]) -> dict[str, list[Row]]:
    numbers = [number for viewing in seen.values() for number in viewing.newest]
    listed = search.listed(at.customer_id, numbers)
    made: dict[str, list[Row]] = {email: [] for email in seen}
    for one, row in zip(listed, rows(at, listed), strict=True):
        made[one.person].append(row)
    return made


def _guesses(customer_id: int, found: Sequence[Waiter]) -> dict[str, Guess]:
    """Whom those may be whose domain nobody has: somebody at a domain one letter away."""
    typed = {one.person: _domain(one.person) for one in found if one.code == "unknown"}
    if not typed:
        return {}
    companies = people.company_domains(customer_id)
    by_email = Counter(domain_of(email) for email, _ in people.contact_emails(customer_id))
    near = lookalikes(set(typed.values()), {*companies, *by_email})
    found_of: dict[str, Guess] = {}
    for domain, candidates in near.items():
        guesses = [
            Guess(name, companies[name].contacts, at_least=False, company_id=companies[name].id)
            if name in companies
            else Guess(name, by_email[name], at_least=True)
            for name in candidates
            if company_domain(f"a@{name}")
        ]
        if guesses:
            found_of[domain] = max(guesses, key=lambda guess: guess.contacts)
    return {person: found_of[name] for person, name in typed.items() if name in found_of}


def _domain(email: str) -> str:
    domain = domain_of(email)
    return registrable(domain) or domain
