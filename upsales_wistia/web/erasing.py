"""The part of the history page that erases a person: what was found, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from ..privacy import certificate as told
from ..privacy.certificate import Certificate
from ..store import tombstones, viewers
from .security import services
from .texts import privacy as words
from .wording import Speech, shorten


@dataclass(frozen=True, slots=True)
class Section:
    """``email`` is whom it is about, "" for nobody yet; ``found`` is None before somebody looked.

    ``wrong`` names the form whose address could not be read; ``done`` is what an action did.
    """

    email: str
    person: str
    found: Certificate | None
    sentence: str
    also: str
    wrong: str
    done: Markup
    stay: str


def section(customer_id: int, say: Speech) -> Section:
    """What the present request asks for; the database is at hand."""
    person = request.args.get("person", "")
    email = email_of(customer_id, person)
    did = request.args.get("did", "")
    found = services().erasing.look(customer_id, email) if email and not did else None
    if found is not None and not found.known:
        found = None  # Somebody erased the person meanwhile.
    stay = tombstones.count(customer_id)
    return Section(
        email,
        person,
        found,
        told.found(found) if found else "",
        _also(found, say),
        request.args.get("wrong", ""),
        _done(did, email),
        say.count(stay, *words.STAY) if stay else "",
    )


def _also(found: Certificate | None, say: Speech) -> str:
    if found is None or not found.activities:
        return ""
    one = found.activities == 1
    activities = words.THE_ACTIVITIES.format(n=say.number(found.activities))
    return words.ALSO.format(activities=words.THE_ACTIVITY if one else activities)


def _done(did: str, email: str) -> Markup:
    sentences = {"lifted": words.LIFTED, "not_on_it": words.NOT_ON_IT}
    if did not in sentences or not email:
        return Markup()
    return sentences[did].format(who=shorten(email))


def email_of(customer_id: int, person: str) -> str:
    """The e-mail behind an id in an address; "" for none of this customer's."""
    return (viewers.email_of(services().keyring, customer_id, person) or "") if person else ""


def history_address(customer_id: int, **query: Any) -> str:
    """The forms on the history page."""
    return url_for("history.page", customer_id=customer_id, _anchor="erase", **query)
