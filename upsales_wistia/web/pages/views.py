"""The list of views: find any view and its state.

Filters of its address, each may be left out; other pages make one with ``addresses.views_address``:

``q`` words (never with an @) · ``viewer`` the id of a person (``addresses.viewer_of``) ·
``contact`` a contact's number in Upsales · ``target`` activity (what else) or form, which state,
code and passed are about · ``state`` a verdict, or off, or some with commas between · ``code`` a
reason code, or some · ``passed``
turnstile, matched, watched, project or new: views that got through it, as a run's funnel counts
them · ``run`` a run's id: the views of its window alone, and what it wrote counts as written ·
``version`` of the settings: what was written to the target under it ·
``project``, ``video`` ids of Wistia's · ``domain`` the registrable one · ``from``, ``to`` days of
the reader (both included) or ISO moments (``to`` not included) · ``before``, ``after`` a place in
the list · ``format=csv`` all of it as a table.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, Flask, current_app, redirect, request
from markupsafe import escape
from werkzeug import Response

from ...lateness import lateness
from ...store import search
from ...store.search import PAGE, Key, Listed
from ...viewlist import rows
from .. import texts
from ..addresses import view_address, viewer_of, views_address
from ..asked import Asked, asked, key_of, key_text, meaning
from ..frame import frame_for, show, speech_of
from ..look import Look, look_at
from ..security import Visitor, services, visitor
from ..texts import views as words
from ..viewrows import shown, state_of
from ..wording import Speech, shorten
from .views_csv import download

blueprint = Blueprint("views", __name__, url_prefix="/c/<int:customer_id>")

_OF_STATE = ("state", "code", "passed")


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: of ``total`` views those from ``first`` on, counted from 1.

    ``counts`` are by state, whatever state is asked for; ``newer`` and ``older`` are places of
    the pages beside it, "" for none.
    """

    page: list[Listed]
    total: int
    first: int
    counts: Counter[str]
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as a link: the state it shows, its word and count, and whether it is on."""

    state: str
    word: str
    count: str
    address: str
    current: bool


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/views")
def page(customer_id: int) -> str | Response:
    """The views that the address asks for, 50 at a time, or all of them as CSV."""
    who, wishes = visitor(customer_id), asked(request.args)
    with services().answering():
        if "@" in wishes["q"]:
            return redirect(_address(customer_id, wishes), 303)
        return _page(who, wishes)


@blueprint.post("/views")
def find(customer_id: int) -> Response:
    """What was typed, as an address without any e-mail; with ``open`` a single hit itself."""
    who, wishes = visitor(customer_id), asked(request.form)
    with services().answering():
        single = _single(who, wishes) if request.form.get("open") else ""
        return redirect(single or _address(customer_id, wishes), 303)


def _single(who: Visitor, wishes: Asked) -> str:
    """The page of the one view that is meant; "" where none is, or several are."""
    meant = _meant(who.customer_id, wishes)
    look = look_at(who.customer_id, meant, speech_of(frame_for(who)))
    found = search.page(look.wanted, look.scene.reading, limit=2)
    if len(found) != 1 or not meant.given:
        return ""
    return view_address(who.customer_id, found[0].view.event_key)


def _address(customer_id: int, wishes: Asked) -> str:
    return views_address(customer_id, **_meant(customer_id, wishes).given)


def _meant(customer_id: int, wishes: Asked) -> Asked:
    """The same filters without any e-mail, and with what was pasted understood."""
    meant = meaning(wishes["q"])
    if email := meant.pop("email", ""):
        meant["viewer"] = viewer_of(customer_id, email)
    kept = wishes.without("q", "viewer", *(["contact"] if meant else []))
    return Asked(kept | meant)


def _page(who: Visitor, wishes: Asked) -> str | Response:
    frame = frame_for(who)
    say = speech_of(frame)
    look = look_at(who.customer_id, wishes, say)
    if request.args.get("format") == "csv":
        return download(look.scene, look.wanted, say)
    places = (key_of(request.args.get(name, "")) for name in ("before", "after"))
    got = _listing(look, *places)
    return show(
        "views.html",
        who,
        frame=frame,
        words=words,
        look=look,
        got=got,
        rows=[shown(row, look.scene, say) for row in rows(look.scene, got.page)],
        chips=_chips(look, got, say),
        only=_only(look, say),
        position=_position(got, say),
        address=lambda **changes: views_address(who.customer_id, **wishes.given, **changes),
        nothing=None if got.page else _nothing(look, say),
        fetches="backfill.page" in current_app.view_functions,
        days=services().config.window_days,
    )


def _listing(look: Look, before: Key | None, after: Key | None) -> Listing:
    """The page below ``before`` or above ``after``; the first where there is none such."""
    wanted, reading = look.wanted, look.scene.reading
    rest = search.page(wanted, reading, before=before, after=after, limit=PAGE + 1)
    if (before and not rest) or (after and len(rest) <= PAGE):
        before = after = None
        rest = search.page(wanted, reading, limit=PAGE + 1)
    kept = rest[-PAGE:] if after else rest[:PAGE]
    by_code = search.counts(wanted, reading)
    above = search.count(wanted, reading, newer_than=kept[0].key) if before or after else 0
    more = bool(after) or len(rest) > PAGE
    return Listing(
        kept,
        _total(look, by_code),
        above + 1,
        sum((Counter({state_of(code): n}) for code, n in by_code.items()), Counter()),
        key_text(kept[0].key) if above else "",
        key_text(kept[-1].key) if more else "",
    )


def _total(look: Look, by_code: dict[str, int]) -> int:
    reasons = look.wanted.reasons
    if reasons is None:
        return sum(by_code.values())
    if look.wanted.either:
        return search.count(look.wanted, look.scene.reading)
    return sum(n for code, n in by_code.items() if code in reasons)


def _chips(look: Look, got: Listing, say: Speech) -> list[Chip]:
    """All views, and each state that any has."""
    customer_id, kept = look.wanted.customer_id, look.wishes.without(*_OF_STATE)
    narrowed = any(look.wishes[name] for name in _OF_STATE)
    whole = Chip(
        "", words.ALL, say.number(got.counts.total()), views_address(customer_id, **kept),
        not narrowed,
    )  # fmt: skip
    return [whole] + [
        Chip(
            state,
            word,
            say.number(got.counts[state]),
            views_address(customer_id, **kept, state=state),
            look.wishes["state"] == state,
        )
        for state, word in texts.STATES.items()
        if got.counts[state]
    ]


def _only(look: Look, say: Speech) -> list[tuple[str, str]]:
    """The filters without a field of their own: in words, and the address without each."""
    wishes = look.wishes
    told = {
        "contact": wishes["contact"],
        "run": say.dated(look.run.started_at) if look.run else "",
        "version": wishes["version"],
        "video": shorten(look.video_name(wishes["video"])) if wishes["video"] else "",
        "domain": wishes["domain"],
        "code": ", ".join(texts.WHY.get(code, "") for code in wishes["code"].split(",")),
        "passed": words.PASSED.get(wishes["passed"], ""),
    }
    return [
        (
            escape(words.FILTERS[name]).format(text=text),
            views_address(look.wanted.customer_id, **wishes.without(name)),
        )
        for name, text in told.items()
        if text
    ]


def _position(got: Listing, say: Speech) -> str:
    if not got.page:
        return words.NONE_SHOWN
    first, last = got.first, got.first + len(got.page) - 1
    return words.SHOWN.format(
        first=say.number(first), last=say.number(last), total=say.number(got.total)
    )


def _nothing(look: Look, say: Speech) -> list[str]:
    """What to say where no view is found: a sentence, then reasons why there may be none."""
    span = search.span(look.wanted.customer_id)
    if span is None:
        return [words.NEVER_ANY.format(days=services().config.window_days)]
    text = look.email or look.wishes["q"]
    if not text or any(look.wishes.without("q", "viewer")):
        return [words.NOTHING]
    late = lateness(look.wanted.customer_id, say.now, services().config.window_days).nearly_all
    arrives = say.lasting(late) if late else words.A_WHILE
    return [
        words.NOTHING_OF.format(text=shorten(text), since=say.full_day(span[0])),
        *(why.format(late=arrives) for why in words.NOTHING_WHY),
    ]
