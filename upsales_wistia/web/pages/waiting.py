"""The Waiting room: who watched and is not in Upsales, and whom to ignore.

Its address may ask for one ``group``, from a place in it on (``before``), or for the ``ignored``
``below`` one; after an action it names what was done (``did``) and to whom (``viewer``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, abort, redirect, request, url_for
from markupsafe import Markup
from werkzeug import Response

from ...funnel.view import Target
from ...store import customers, ignored, tally, viewers, waiting
from ...sync import ignoring
from ...sync.work import window_of
from ...viewlist import Scene, scene
from ...waiting import CODES, Group, Person, those_who_wait, those_written
from ..asked import key_of, key_text, moment_of
from ..frame import frame_for, show, speech_of
from ..security import administrator, services, visitor
from ..texts import waiting as words
from ..waiting_rows import Facts, Shown, ShownIgnored, shown, shown_ignored
from ..wording import Speech, shorten

blueprint = Blueprint("waiting", __name__, url_prefix="/c/<int:customer_id>")

SHOWN = 50
"""Rows of a group on one page."""

_MOST_SEEN = 4 * SHOWN


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class Section:
    """A group, ``count`` views in all; ``more`` is the address of the next of it."""

    name: str
    heading: str
    count: int
    rows: Sequence[Shown]
    more: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The ignored viewers, ``count`` in all; ``more`` is the address of the next."""

    count: int
    rows: Sequence[ShownIgnored]
    more: str


@dataclass(frozen=True, slots=True)
class Result:
    """What an action did; ``undo`` is the viewer for whom it can be taken back, "" for none."""

    sentence: Markup
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Whom a page has shown since ``at`` (aware UTC), each with the group, by e-mail."""

    at: datetime
    groups: Mapping[str, Group]


@blueprint.get("/waiting")
def page(customer_id: int) -> str:
    """All groups and the ignored; with ``group`` one of them."""
    return _page(customer_id, Seen(services().clock.now(), {}))


@blueprint.post("/waiting/now")
def now(customer_id: int) -> str:
    """The same, with those who were on it and are written by now."""
    return _page(customer_id, _seen(customer_id))


def _page(customer_id: int, seen: Seen) -> str:
    who = visitor(customer_id)
    frame = frame_for(who)
    say = speech_of(frame)
    with services().answering():
        at = scene(customer_id)
        on = Target.ACTIVITY in at.reading.on
        counts = tally.waiting_by_code(customer_id) if on else Counter[str]()
        done = those_written(at, list(seen.groups), seen.at)
        facts = _facts(at, say)
        groups = _asked_groups() if on else []
        sections = [_section(at, group, counts, done, seen, facts) for group in groups]
        out = _left_out(customer_id, say)
        result = _result(customer_id, say)
        everybody = tally.waiting(customer_id).people if on else 0
    return show(
        "waiting.html", who, frame=frame, words=words, out=out, result=result, seen=seen,
        sections=[section for section in sections if section.rows],
        told=[one.name or one.email for one in done],
        forms=on and Target.FORM in at.reading.on,
        **_headline(counts.total(), everybody, say, on=on),
    )  # fmt: skip


def _headline(views: int, people: int, say: Speech, *, on: bool) -> dict[str, str]:
    if not views:
        return {"headline": words.EMPTY, "says": words.EMPTY_SAYS if on else words.OFF_SAYS}
    told = words.HEADLINE.format(
        views=say.count(views, "view", "views"), people=say.count(people, "person", "people")
    )
    one = views == 1
    return {
        "headline": f"{told} {words.ONE_WAITS if one else words.MORE_WAIT}",
        "says": words.ONE_SAYS if one else words.SAYS,
    }


def _facts(at: Scene, say: Speech) -> Facts:
    own = customers.load(at.customer_id).setup.get("own_domains", {})
    return Facts(at.customer_id, at.settings.waiting_days, own, say)


def _asked_groups() -> list[Group]:
    asked = request.values.get("group", "")
    if asked == "ignored":
        return []
    return [Group(asked)] if asked in set(Group) else list(Group)


def _section(
    at: Scene, group: Group, counts: Counter[str], done: list[Person], seen: Seen, facts: Facts
) -> Section:
    before = key_of(request.values.get("before", "")) if request.values.get("group") else None
    found = waiting.page(at.customer_id, CODES[group], before, SHOWN + 1)
    people = those_who_wait(at, found[:SHOWN])
    people += [one for one in done if seen.groups[one.email] is group]
    people.sort(key=lambda one: (one.key.received_at, one.key.id), reverse=True)
    more = ""
    if len(found) > SHOWN:
        last = key_text(found[SHOWN - 1].key)
        more = url_for(".page", customer_id=at.customer_id, group=group.value, before=last)
    count = sum(counts[code] for code in CODES[group])
    rows = [shown(one, facts) for one in people]
    return Section(group.value, words.GROUPS[group], count, rows, more)


def _left_out(customer_id: int, say: Speech) -> LeftOut:
    alone = request.values.get("group", "")
    if alone and alone != "ignored":
        return LeftOut(0, (), "")
    below = request.values.get("below", 0, int) if alone else 0
    below = below if 0 < below < ignored.ALL else ignored.ALL
    found = ignored.page(customer_id, below, SHOWN + 1)
    more = ""
    if len(found) > SHOWN:
        last = found[SHOWN - 1].id
        more = url_for(".page", customer_id=customer_id, group="ignored", below=last)
    rows = [shown_ignored(one, customer_id, say) for one in found[:SHOWN]]
    return LeftOut(ignored.count(customer_id), rows, more)


def _seen(customer_id: int) -> Seen:
    """Whom the page had that asks; what is none of ours is passed over."""
    frame = frame_for(visitor(customer_id))
    opened = moment_of(request.form.get("opened", ""), speech_of(frame).zone)
    groups: dict[str, Group] = {}
    for told in request.form.getlist("seen")[:_MOST_SEEN]:
        group, _, viewer = told.partition(".")
        email = viewers.email_of(services().keyring, customer_id, viewer)
        if email and group in set(Group):
            groups[email] = Group(group)
    return Seen(opened or services().clock.now(), groups)


def _result(customer_id: int, say: Speech) -> Result | None:
    did, viewer = request.args.get("did", ""), request.args.get("viewer", "")
    email = viewers.email_of(services().keyring, customer_id, viewer) if did else None
    if email is None or did not in words.RESULTS:
        return None
    known = ignored.of_emails(customer_id, [email]).get(email)
    # Looked at later, it may be otherwise by now: what is said is what is so.
    if did in ("ignore", "already") and known is None:
        did = "not"
    elif did in ("back", "not") and known is not None:
        did = "already"
    views = ignored.count_views(customer_id, email)
    left_out = say.count(views, *words.LEFT_OUT) if views else words.NONE_LEFT_OUT
    sentence = words.RESULTS[did].format(
        email=shorten(email),
        views=words.COME if did == "back" else left_out,
        who=say.who(known.by) if known else "",
        at=say.dated(known.at) if known else "",
    )
    return Result(sentence, viewer if did == "ignore" else "")


@blueprint.post("/waiting/<any(ignore, back):name>")
def act(customer_id: int, name: str) -> Response:
    """Ignore a viewer, or do so no more; the page then says what was done."""
    who = administrator(customer_id)
    viewer = request.form.get("viewer", "")
    email = viewers.email_of(services().keyring, customer_id, viewer)
    if not email:
        abort(404)
    moment = services().clock.now()
    with services().answering():
        if name == "ignore":
            since = _window_start(customer_id, moment)
            changed = ignoring.ignore(customer_id, email, who.who, moment, since=since)
        else:
            changed = ignoring.take_back(customer_id, email, scene(customer_id).settings, moment)
    did = name if changed else {"ignore": "already", "back": "not"}[name]
    kept: dict[str, Any] = {
        what: request.form[what] for what in ("group", "before", "below") if request.form.get(what)
    }
    return redirect(url_for(".page", customer_id=customer_id, did=did, viewer=viewer, **kept), 303)


def _window_start(customer_id: int, moment: datetime) -> datetime:
    read = customers.load(customer_id).last_complete_read
    return window_of(moment, services().config.window_days, read).start
