"""Taking back what a run, a version of the settings or one view wrote: seen first, then done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, abort, redirect, request, url_for
from markupsafe import Markup
from werkzeug import Response

from ...errors import UsageError
from ...store import jobs, runs, taken_back, versions, views
from ...store.jobs import UNDO
from ...store.taken_back import Chosen, Standing
from ..frame import frame_for, show, speech_of
from ..security import Visitor, administrator, services, visitor
from ..texts import undo as words
from ..wording import Speech

blueprint = Blueprint("undo", __name__, url_prefix="/c/<int:customer_id>/undo")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page(customer_id: int) -> str:
    """What would be taken back, how far it is, or what was."""
    return _page(visitor(customer_id), "")


@blueprint.post("")
def take(customer_id: int) -> tuple[str, int] | Response:
    """Take it back."""
    who = administrator(customer_id)
    try:
        with services().answering():
            services().undoing.ask(customer_id, _must_choose(), who.who)
    except UsageError as error:
        return _page(who, error.sentence), 422
    return _back(customer_id)


@blueprint.post("/go-on")
def go_on(customer_id: int) -> Response:
    """Let what could not go on go on."""
    administrator(customer_id)
    with services().answering():
        services().undoing.go_on(customer_id)
    return _back(customer_id)


@blueprint.post("/again")
def again(customer_id: int) -> Response:
    """Let what was taken back be written again."""
    who = administrator(customer_id)
    with services().answering():
        count = services().undoing.write_again(customer_id, _must_choose(), who.who)
    return _back(customer_id, again=str(count))


def _back(customer_id: int, **more: str) -> Response:
    named: dict[str, Any] = {**_given(), **more}
    return redirect(url_for("undo.page", customer_id=customer_id, **named), 303)


def _given() -> dict[str, str]:
    """What is named in the address or the form."""
    names = ("run", "settings", "view")
    return {n: request.values[n] for n in names if request.values.get(n)}


def chosen_of(given: Mapping[str, str]) -> Chosen | None:
    """What an address names; None for nothing, or what can be none."""
    if run := given.get("run"):
        return Chosen("run_id", run)
    number = given.get("settings", "")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        return Chosen("settings_version", int(number))
    return Chosen("event_key", given["view"]) if given.get("view") else None


def _must_choose() -> Chosen:
    found = chosen_of(_given())
    if found is None:
        abort(400)
    return found


def _page(who: Visitor, problem: str) -> str:
    customer_id, frame = who.customer_id, frame_for(who)
    say, given = speech_of(frame), _given()
    chosen = chosen_of(given)
    with services().answering():
        about = _about(customer_id, chosen, say) if chosen else ""
        if chosen and not about:
            abort(404)
        found = taken_back.standing(customer_id, chosen) if chosen else None
        job = jobs.load(customer_id, UNDO)
    told = job.progress if job else {}
    mine = bool(chosen) and (told.get("column"), told.get("value")) == (
        (chosen.column, chosen.value) if chosen else ()
    )
    state = told.get("state", "") if mine else ""
    return show(
        "undo.html",
        who,
        frame=frame,
        words=words,
        given=given,
        about=about,
        found=found,
        says=_says(found, say) if found else [],
        what=say.count(found.entries, *words.ACTIVITIES) if found else "",
        told=told if mine else {},
        state=state,
        busy=not mine and told.get("state") == "running",
        problem=problem,
        already=words.ALREADY.format(date=say.full_day(found.at)) if found and found.at else "",
        again=_again(say),
    )


def _again(say: Speech) -> str:
    count = request.args.get("again", "")
    if not (count.isascii() and count.isdecimal() and len(count) < 10 and int(count)):
        return ""
    return words.AGAIN_DONE.format(what=say.count(int(count), *words.AGAIN_ARE))


def _about(customer_id: int, chosen: Chosen, say: Speech) -> str | Markup:
    """What it is that wrote; "" where the customer has none such."""
    value: Any = chosen.value
    if chosen.column == "run_id":
        run = runs.load(customer_id, value)
        # The words are ours; what is put into them is escaped.
        told = Markup(words.OF_RUN)  # noqa: S704
        return told.format(started=say.dated(run.started_at)) if run else ""
    if chosen.column == "settings_version":
        known = versions.numbered(customer_id, value)
        return words.OF_VERSION.format(n=value) if known else ""
    return words.OF_VIEW if views.views(customer_id, [value]) else ""


def _says(found: Standing, say: Speech) -> list[str]:
    """What would be done, in sentences."""
    lines = [words.SAYS.format(what=say.count(found.entries, *words.ACTIVITIES))]
    if found.forms:
        lines.append(words.FORMS.format(what=say.count(found.forms, *words.FORMS_WERE)))
    if found.checked:
        lines.append(words.CHECKED.format(what=say.count(found.checked, *words.CHECKED_ARE)))
    return [*lines, words.PROMISE]
