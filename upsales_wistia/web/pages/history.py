"""The history of settings: who changed what, what was written under it, and a way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, abort, request
from markupsafe import Markup

from ... import rulebook
from ...errors import UsageError
from ...funnel.view import Target
from ...rulebook import differing
from ...store import customers, versions
from ...store.versions import Version
from ..addresses import views_address
from ..erasing import section
from ..frame import frame_for, show, speech_of
from ..known_projects import project_names
from ..security import services, visitor
from ..setting_words import Names
from ..texts import history as words
from ..texts import privacy as erase_words
from ..texts import settings as setting_words
from ..texts import undo as undo_words
from ..version_words import Happened, happened
from ..wording import Speech

blueprint = Blueprint("history", __name__, url_prefix="/c/<int:customer_id>/history")

PAGE = 50
"""Versions on one page."""


@dataclass(frozen=True, slots=True)
class Row:
    """A version: what happened with it, and what was written under it (with an address)."""

    number: int
    when: Markup
    who: Markup
    what: Sequence[Happened]
    written: Sequence[tuple[str, str]]
    undoable: bool


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page(customer_id: int) -> str:
    """The versions, newest first, 50 at a time."""
    who = visitor(customer_id)
    frame = frame_for(who)
    say = speech_of(frame)
    before = request.args.get("before", "")
    limit = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
    with services().answering():
        found = versions.history(customer_id, limit=PAGE + 1, before=limit)
        if limit is not None and not found:
            found, limit = versions.history(customer_id, limit=PAGE + 1), None
        current = versions.current(customer_id)
        rows = _rows(customer_id, found, say)
        erasing = section(customer_id, say)
    return show(
        "history.html",
        who,
        frame=frame,
        words=words,
        erase_words=erase_words,
        undo_words=undo_words,
        erasing=erasing,
        rows=rows,
        current=current.number if current else 0,
        older=found[PAGE - 1].number if len(found) > PAGE else 0,
        newest=limit is not None,
    )


def _rows(customer_id: int, found: Sequence[Version], say: Speech) -> list[Row]:
    """The versions in words; one more than a page shows tells what the last of it changed."""
    names = Names(project_names(customer_id), customers.setup(customer_id).get("users", {}))
    written = versions.written_under(customer_id, [one.number for one in found[:PAGE]])
    return [
        Row(
            one.number,
            say.time(one.at),
            say.who(one.by),
            happened(names, before, one),
            _written(customer_id, one.number, written, say),
            (one.number, Target.ACTIVITY) in written,
        )
        for one, before in zip(found[:PAGE], [*found[1:], None], strict=False)
    ]


def _written(
    customer_id: int, number: int, written: Mapping[tuple[int, Target], int], say: Speech
) -> list[tuple[str, str]]:
    return [
        (
            say.count(written[number, target], *setting_words.OF_TARGET[target.value]),
            views_address(customer_id, target=target.value, version=number),
        )
        for target in Target
        if (number, target) in written
    ]


@blueprint.get("/<int:number>")
def one(customer_id: int, number: int) -> str:
    """A version beside the one in force."""
    who = visitor(customer_id)
    frame = frame_for(who)
    say = speech_of(frame)
    with services().answering():
        try:
            book = rulebook.load(customer_id)
        except UsageError:
            abort(404)
        then = versions.get(customer_id, number) if number < 10**9 else None
        if then is None:
            abort(404)
        names = Names(project_names(customer_id), book.users)
    config = rulebook.whole(then.config)
    return show(
        "version.html",
        who,
        frame=frame,
        words=words,
        then=then,
        current=book.number,
        saved=words.SAVED.format(who=say.who(then.by), when=say.time(then.at)),
        differences=[
            (
                setting_words.LABELS[name],
                names.value(name, config[name]),
                names.value(name, book.config[name]),
            )
            for name in differing(config, book.config)
        ],
    )
