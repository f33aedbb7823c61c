"""Somebody who waits, as a row says it: who, what was watched, since when, and why no company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, url_for
from markupsafe import Markup

from ..funnel.domains import registrable
from ..funnel.view import Target
from ..funnel.writes import shown_percent
from ..store.ignored import IgnoredViewer
from ..viewlist import Row
from ..waiting import Guess, Person
from .addresses import (
    company_address,
    upsales_address,
    video_address,
    view_address,
    viewer_of,
    views_address,
)
from .texts import waiting as words
from .wording import Speech, shorten


@dataclass(frozen=True, slots=True)
class Watched:
    """A video somebody watched, with the view's page; ``percent`` is 0–100, rounded down."""

    video: str
    address: str
    view: str
    percent: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A row. ``id`` stands for the person in addresses and forms; ``add`` is "" for no link."""

    id: str
    email: str
    name: str
    views: str
    watched: Sequence[Watched]
    more: str
    since: Markup
    until: Markup
    reason: Markup
    guess: Markup
    add: str
    written: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What rows are told with; ``own`` counts the Upsales users who have a domain."""

    customer_id: int
    waiting_days: int
    own: Mapping[str, int]
    say: Speech


def shown(person: Person, facts: Facts) -> Shown:
    """The row of somebody who waits, or was written just now."""
    say = facts.say
    viewer = viewer_of(facts.customer_id, person.email)
    until = person.since + timedelta(days=facts.waiting_days)
    more = person.views - len(person.rows)
    return Shown(
        viewer,
        person.email,
        person.name,
        views_address(facts.customer_id, viewer=viewer),
        [_watched(facts.customer_id, row) for row in person.rows],
        words.MORE.format(n=say.number(more)) if more > 0 else "",
        words.SINCE.format(since=say.dated(person.since)),
        words.UNTIL.format(until=_day(until, say)),
        _written(person) if person.written else _reason(person, facts),
        _guess(person.guess, facts) if person.guess else Markup(),
        _add(person),
        person.written,
    )


def _watched(customer_id: int, row: Row) -> Watched:
    view = row.view
    return Watched(
        view.video.name or words.NO_TITLE,
        video_address(customer_id, view.video.media_id),
        view_address(customer_id, view.event_key),
        shown_percent(view.percent),
    )


def _day(moment: datetime, say: Speech) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), say.full_day(moment)
    )


def _written(person: Person) -> Markup:
    write = person.rows[0].writes[Target.ACTIVITY]
    place = write.place if write else ""
    return words.WRITTEN_ON.format(place=shorten(place)) if place else Markup()


def _reason(person: Person, facts: Facts) -> Markup:
    if not person.asked:
        return words.NOT_ASKED
    users = facts.own.get(registrable(person.domain) or person.domain, 0)
    told = words.REASONS[person.code].format(
        domain=domain_link(facts.customer_id, person.domain), users=facts.say.number(users)
    )
    ask = _ASKS.get(person.code)
    address = _domain_address(facts.customer_id, person.domain)
    return told + " " + ask.format(address=address) if ask and address else told


_ASKS = {"own_domain": words.NOT_YOURS, "ignored_domain": words.OFF_THE_LIST}


def _guess(guess: Guess, facts: Facts) -> Markup:
    contacts = facts.say.count(guess.contacts, *words.HAVE_IT)
    return words.GUESS.format(
        domain=domain_link(facts.customer_id, guess.domain),
        contacts=words.AT_LEAST.format(contacts=contacts) if guess.at_least else contacts,
    )


def _add(person: Person) -> str:
    if person.written or person.code == "form_first":
        return ""
    if person.guess and person.guess.company_id is not None:
        return company_address(person.guess.company_id)
    return upsales_address()


def domain_link(customer_id: int, domain: str) -> Markup:
    """A domain, leading to what is known of it where there is a page that tells."""
    address = _domain_address(customer_id, domain)
    text = shorten(domain)
    return Markup('<a href="{}">{}</a>').format(address, text) if address else text


def _domain_address(customer_id: int, domain: str) -> str:
    if "domains.page" not in current_app.view_functions:
        return ""
    return url_for("domains.page", customer_id=customer_id, domain=domain)


@dataclass(frozen=True, slots=True)
class ShownIgnored:
    """Somebody who is ignored, as a row says it."""

    id: str
    email: str
    views: str
    address: str
    by: Markup


def shown_ignored(one: IgnoredViewer, customer_id: int, say: Speech) -> ShownIgnored:
    """The row of somebody who is ignored."""
    viewer = viewer_of(customer_id, one.email)
    return ShownIgnored(
        viewer,
        one.email,
        say.number(one.views),
        views_address(customer_id, viewer=viewer),
        words.BY.format(who=say.who(one.ignored.by), at=say.dated(one.ignored.at)),
    )
