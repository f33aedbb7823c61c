"""Where people watch and where they leave: all videos, and each one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from werkzeug import Response

from ...clients.text import KEY, clean
from ...enrichment.dropoff import clock_time
from ...enrichment.drops import FEWEST_PLAYS
from ...figures import Figures
from ...store import figures, search
from ...store.figures import Known
from ...store.search import Filter
from ...videos import Seen
from ...viewlist import scene
from ..addresses import video_address, views_address
from ..frame import frame_for, show, speech_of
from ..retention import share_within
from ..security import Visitor, services, visitor
from ..texts import videos as words
from ..video_shown import (
    calls,
    comes_up,
    curve,
    drops_heading,
    proposed,
    tiles,
    whole_percent,
    why_no_curve,
    wistia_address,
)
from ..wording import Speech

blueprint = Blueprint("videos", __name__, url_prefix="/c/<int:customer_id>")

SHOWN = 50
"""Videos on one page of the list."""
MANY = 12
"""With more videos than this there is a field to search them."""
LONGEST = 200
_SPARK_POINTS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """A video in the list; figures as they are shown, ``spark`` the points of its curve."""

    address: str
    name: str
    project: str
    plays: str
    average: str
    emails: str
    emails_address: str
    spark: str
    says: str


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/videos")
def page(customer_id: int) -> str:
    """All videos that a view was of, the most played first."""
    who = visitor(customer_id)
    text = request.args.get("q", "").strip()[:LONGEST]
    with services().answering():
        frame = frame_for(who)
        say = speech_of(frame)
        every = figures.listing(customer_id)
    shown = _shown_of(_called(every, text))
    left, trouble = services().videos.refresh(customer_id, shown, every)
    with services().answering():
        every = figures.listing(customer_id)  # Those that were read have their place now.
    found = _called(every, text)
    first, shown = _first(len(found)), _shown_of(found)
    seen = services().videos.remembered(customer_id, [one.media_id for one in shown])
    with services().answering():
        emails = figures.left_email(customer_id, [one.media_id for one in shown])
        return show(
            "videos.html",
            who,
            frame=frame,
            words=words,
            rows=[_row(who, one, seen.get(one.media_id, Seen()), emails, say) for one in shown],
            text=text,
            has_any=bool(every),
            many=len(every) > MANY,
            position=_position(first, len(shown), len(found), say),
            before=_address(customer_id, text, first - SHOWN) if first else "",
            after=_address(customer_id, text, first + SHOWN) if len(found) > first + SHOWN else "",
            left=left,
            trouble=trouble,
            any_read=any(map(_told, seen.values())),
            days=services().config.window_days,
        )


@blueprint.post("/videos")
def find(customer_id: int) -> Response:
    """What was typed, as an address; a word with an @ may be a person's, and goes into none."""
    visitor(customer_id)
    typed = request.form.get("q", "")[:LONGEST].split()
    return redirect(_address(customer_id, " ".join(w for w in typed if "@" not in w), 0), 303)


@blueprint.get("/videos/<path:media_id>")
def one(customer_id: int, media_id: str) -> str:
    """One video: its curve, its drops, and what it asks for."""
    who = visitor(customer_id)
    known = _find(customer_id, media_id)
    seen = services().videos.one(customer_id, known)
    return _page_of(who, known, seen, done="")


@blueprint.post("/videos/<path:media_id>")
def read_again(customer_id: int, media_id: str) -> str | Response:
    """Ask Wistia for the figures now, however new they are."""
    who = visitor(customer_id)
    known = _find(customer_id, media_id)
    seen = services().videos.one(customer_id, known, again=True)
    if not request.headers.get("HX-Request"):
        return redirect(video_address(customer_id, media_id), 303)
    return _page_of(who, known, seen, done="" if seen.trouble else words.READ)


def _find(customer_id: int, media_id: str) -> Known:
    """The video of an address. 404 for what is none of this customer's, or no id at all."""
    if clean(media_id, KEY) != media_id:
        abort(404)
    with services().answering():
        known = figures.find(customer_id, media_id)
    if known is None:
        abort(404)
    return known


def _page_of(who: Visitor, known: Known, seen: Seen, *, done: str) -> str:
    with services().answering():
        frame = frame_for(who)
        say = speech_of(frame)
        at = scene(who.customer_id)
        read = _told(seen)
        known = figures.find(who.customer_id, known.media_id) or known
        asked = calls(read, say) if read else []
        return show(
            "video.html",
            who,
            frame=frame,
            words=words,
            known=known,
            figures=read,
            gone=bool(seen.figures and seen.figures.gone_at),
            read_at=seen.read_at,
            trouble=seen.trouble,
            done=done,
            tiles=tiles(known, read, at, say) if read else [],
            why_no_curve=why_no_curve(read) if read else "",
            curve=curve(known, read, say) if read else None,
            drops_heading=drops_heading(read) if read else "",
            average=words.AVERAGE_LABEL.format(percent=whole_percent(read.average or 0.0))
            if read
            else "",
            calls=asked,
            most=max((one.percent or 0 for one in asked), default=0),
            clock_time=clock_time,
            edits=_edits(who, known),
            proposed=_proposed(who, known, say),
            comes_up=comes_up,
            wistia=wistia_address(known, read) if read else "",
            views=search.count(Filter(who.customer_id, media=(known.media_id,)), at.reading),
            views_address=views_address(who.customer_id, video=known.media_id),
            list_address=url_for("videos.page", customer_id=who.customer_id),
            here=video_address(who.customer_id, known.media_id),
        )


def _edits(who: Visitor, known: Known) -> str:
    """Where edits are asked for; "" where there is no enrichment."""
    there = "enrichment.leaves" in current_app.view_functions
    if not there or not services().enriching.has_key(who.customer_id):
        return ""
    return url_for(
        "enrichment.leaves", customer_id=who.customer_id, job="dropoff", media=known.media_id
    )


def _proposed(who: Visitor, known: Known, say: Speech) -> tuple[str, str]:
    """Where the edits that were proposed to this video are, and the words for it; "" for none."""
    run = proposed(who.customer_id, known.media_id)
    if run is None or "enriched.found" not in current_app.view_functions:
        return "", ""
    edits = say.count(len((run.result or {})["edits"]), "edit", "edits")
    day = say.day((run.ended_at or run.created_at).astimezone(say.zone).date())
    address = url_for("enriched.found", customer_id=who.customer_id, run_id=run.id)
    return address, words.SEE_EDITS.format(edits=edits, day=day)


def _row(who: Visitor, known: Known, seen: Seen, emails: dict[str, int], say: Speech) -> Row:
    read, customer_id = _told(seen), who.customer_id
    kept = emails.get(known.media_id, 0)
    asked = read.asked if read else None
    spark, says = _spark(seen)
    return Row(
        video_address(customer_id, known.media_id),
        known.name or words.NO_TITLE,
        known.project,
        say.number(read.plays) if read else words.UNKNOWN,
        f"{whole_percent(read.average)}%" if read and read.average is not None else words.UNKNOWN,
        say.number(asked[1] if asked else kept),
        views_address(customer_id, video=known.media_id, passed="turnstile") if kept else "",
        spark,
        says,
    )


def _told(seen: Seen) -> Figures | None:
    """The figures; None where a video was gone before any could be read."""
    return seen.figures if seen.figures and not seen.figures.never_told else None


def _spark(seen: Seen) -> tuple[str, str]:
    """The points of a small curve, 100 by 100, and what it says; "" without one, and why."""
    read = _told(seen)
    if read is None:
        return "", words.NO_LONGER if seen.figures else words.UNREAD
    if why_no_curve(read):
        return "", words.FEW if read.starts < FEWEST_PLAYS else words.NO_CURVE
    number = min(_SPARK_POINTS, len(read.watching))
    shares = [
        share_within(read.watching, read.starts, n / number, (n + 1) / number)
        for n in range(number)
    ]
    points = [f"{n * 100 / number:.1f},{100 - share:.1f}" for n, share in enumerate(shares)]
    said = words.SPARK.format(
        start=int(shares[0]), middle=int(shares[number // 2]), end=int(shares[-1])
    )
    return " ".join([*points, f"100,{100 - shares[-1]:.1f}"]), said


def _called(every: Sequence[Known], text: str) -> list[Known]:
    """The videos with every word of ``text`` in their name or their project's."""
    parts = text.casefold().split()
    return [
        one
        for one in every
        if all(part in f"{one.name} {one.project}".casefold() for part in parts)
    ]


def _shown_of(found: Sequence[Known]) -> Sequence[Known]:
    """Those on the page that the address asks for."""
    first = _first(len(found))
    return found[first : first + SHOWN]


def _first(total: int) -> int:
    """From which place on the address wants the list; an impossible one is the first."""
    asked = request.args.get("from", "")
    place = int(asked) - 1 if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 0
    return place - place % SHOWN if 0 <= place < total else 0


def _position(first: int, number: int, total: int, say: Speech) -> str:
    if not number:
        return ""
    return words.SHOWN.format(
        first=say.number(first + 1), last=say.number(first + number), total=say.number(total)
    )


def _address(customer_id: int, text: str, first: int) -> str:
    asked: dict[str, Any] = {"q": text, "from": first + 1 if first > 0 else None}
    given = {name: value for name, value in asked.items() if value}
    return url_for("videos.page", customer_id=customer_id, **given)
