"""The domains of viewers: how a company is found by them, and how to correct it.

``?domain=`` is how those that are shown begin, ``after`` a place in the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, redirect, request, url_for
from markupsafe import Markup
from werkzeug import Response

from ...domainlist import classed
from ...funnel.identity import domain_ascii
from ...store import domains
from ...store.domains import ViewerDomain
from ...viewlist import scene
from ..domain_rows import LONGEST, Shown, shown
from ..frame import frame_for, show, speech_of
from ..security import Visitor, services, visitor
from ..texts import domains as words
from ..wording import shorten

blueprint = Blueprint("domains", __name__, url_prefix="/c/<int:customer_id>")

SHOWN = 50
"""Rows on one page."""

_PLACE = re.compile(r"(\d{1,18})-(.{1,253})")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class Listing:
    """Of ``count`` domains those of a page; ``more`` is the address of the next."""

    rows: Sequence[Shown]
    count: int
    more: str


@blueprint.get("/domains")
def page(customer_id: int) -> str | Response:
    """The domains with most views first."""
    who, typed = visitor(customer_id), request.args.get("domain", "")
    begins = _begins(typed)
    if "@" in typed:
        return _to(customer_id, begins)
    frame = frame_for(who)
    with services().answering():
        at = scene(customer_id)
        got = _listing(who, begins)
    off = None if at.settings.domain_matching else _turn_on(customer_id)
    return show(
        "domains.html", who, frame=frame, words=words, got=got, begins=begins, off=off,
        says=words.NONE_BEGINS.format(text=shorten(begins)) if begins else words.EMPTY,
    )  # fmt: skip


@blueprint.post("/domains")
def find(customer_id: int) -> Response:
    """What was typed, as an address without any e-mail."""
    visitor(customer_id)
    return _to(customer_id, _begins(request.form.get("domain", "")))


def _begins(typed: str) -> str:
    # Without what no database takes.
    printable = "".join(letter for letter in typed[: LONGEST + 65] if letter.isprintable())
    return domain_ascii(printable)[:LONGEST]


def _to(customer_id: int, begins: str) -> Response:
    return redirect(url_for(".page", customer_id=customer_id, domain=begins or None), 303)


def _turn_on(customer_id: int) -> Markup:
    asked: dict[str, Any] = {"set.domainMatching": "true"}
    address = url_for("settings.page", customer_id=customer_id, **asked)
    return words.MATCHING_OFF.format(address=address)


def _listing(who: Visitor, begins: str) -> Listing:
    customer_id = who.customer_id
    say = speech_of(frame_for(who))
    found = domains.page(customer_id, begins, _place(request.args.get("after", "")), SHOWN + 1)
    kept, more = found[:SHOWN], ""
    if len(found) > SHOWN:
        after = f"{kept[-1].views}-{kept[-1].domain}"
        more = url_for(".page", customer_id=customer_id, domain=begins or None, after=after)
    rows = classed(customer_id, kept, scene(customer_id).settings)
    return Listing(
        [shown(one, customer_id, say) for one in rows], domains.count(customer_id, begins), more
    )


def _place(text: str) -> ViewerDomain | None:
    found = _PLACE.fullmatch(text) if text.isprintable() else None
    return ViewerDomain(found[2], int(found[1])) if found else None
