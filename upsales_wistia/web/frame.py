"""What stands around every page: header, navigation, footer; and how a page is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import abort, current_app, render_template, request, url_for

from ..frame import Frame
from . import texts
from .addresses import video_named
from .security import Visitor, services
from .wording import Speech, speech

ZONE_COOKIE = "zone"
"""Where the browser tells its zone; set by ``static/pages.js``, absent without scripts."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A page in the navigation; ``count`` is 0 where none is shown."""

    name: str
    address: str
    current: bool
    count: int


def show(template: str, who: Visitor, **shown: object) -> str:
    """A whole page for ``who``, with ``shown`` in it; 404 when the customer is gone.

    A page that has asked for its ``frame`` passes it on.

    Every page gets ``visitor``, ``frame``, ``tabs``, ``say`` (a ``Speech``), ``texts``, and what
    makes addresses of other pages.
    Raises DeploymentError when the database does not answer.
    """
    known = shown.get("frame")
    frame = known if isinstance(known, Frame) else frame_for(who)
    given = {
        "texts": texts,
        "visitor": who,
        "frame": frame,
        "tabs": tabs(who, frame),
        "say": speech_of(frame),
        "page_link": _page_of(who),
        "views_link": views_of(who),
        "video_named": partial(video_named, who.customer_id),
    }
    return render_template(template, **{**given, **shown})


def _page_of(who: Visitor) -> Callable[[str], str]:
    """Makes the address of one of the customer's pages; "" for one that is not there."""

    def address(page: str) -> str:
        if f"{page}.page" not in current_app.view_functions:
            return ""
        return url_for(f"{page}.page", customer_id=who.customer_id)

    return address


def views_of(who: Visitor) -> Callable[[Mapping[str, str]], str]:
    """Makes addresses of the views that a figure counts; "" for one that counts none."""

    def address(filters: Mapping[str, str]) -> str:
        if not filters or "views.page" not in current_app.view_functions:
            return ""
        given: dict[str, Any] = dict(filters)
        return url_for("views.page", customer_id=who.customer_id, **given)

    return address


def frame_for(who: Visitor) -> Frame:
    """What stands around the pages of ``who``'s customer; 404 when it is gone."""
    frame = services().frame(who.customer_id)
    if frame is None:
        abort(404)
    return frame


def speech_of(frame: Frame) -> Speech:
    """How to speak to whoever sent the present request."""
    return speech(services().clock.now(), zone_of(frame.zone))


def zone_of(known: str) -> str:
    """The reader's zone as the browser told it, else the one that is ``known``."""
    told = request.cookies.get(ZONE_COOKIE, "")
    return next(zone for zone in (told, known, "UTC") if zone in _zones())


def zone_info(known: str) -> ZoneInfo:
    """The same as a zone to reckon with."""
    return ZoneInfo(zone_of(known))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def tabs(who: Visitor, frame: Frame) -> list[Tab]:
    """The navigation: those of the pages that are there."""
    counts = {"waiting": frame.waiting, "failed": frame.needing}
    here = (request.blueprint or "").split(".")[0]
    return [
        Tab(
            words,
            url_for(f"{page}.page", customer_id=who.customer_id),
            page == texts.BELONGS_TO.get(here, here),
            counts.get(page, 0),
        )
        for page, words in texts.TABS.items()
        if f"{page}.page" in current_app.view_functions
    ]
