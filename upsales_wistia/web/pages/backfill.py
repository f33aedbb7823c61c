"""Fetching older views: choose days, see what would happen, write it, and see how far it is."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Flask, redirect, request, url_for
from werkzeug import Response

from ...errors import UsageError
from ...store import jobs, runs
from ...store.jobs import BACKFILL
from ...sync.period import Wanted
from ...sync.work import RETENTION
from ..backfill_shown import both, days_of, earlier, estimate, going, parts, points
from ..frame import frame_for, show, speech_of
from ..security import Visitor, services, visitor
from ..texts import backfill as words

blueprint = Blueprint("backfill", __name__, url_prefix="/c/<int:customer_id>/backfill")

_NO_DAY = "Choose a day in the past."
_FIRST_LOOK = timedelta(days=30)


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page(customer_id: int) -> str:
    """The days to choose, what was foreseen, or how far it is; and earlier fetches."""
    return _page(visitor(customer_id), {})


@blueprint.post("")
def look(customer_id: int) -> tuple[str, int] | Response:
    """Look at what would happen. Days that cannot be fetched are told beside them."""
    who = visitor(customer_id)
    try:
        with services().answering():
            services().fetching.ask(customer_id, _wanted(), who.who)
    except UsageError as error:
        return _page(who, {"problem": error.sentence}), 422
    return _back(customer_id)


@blueprint.post("/write")
def write(customer_id: int) -> tuple[str, int] | Response:
    """Write what was foreseen."""
    who = visitor(customer_id)
    try:
        with services().answering():
            services().fetching.write(customer_id, request.form.get("seen", ""), who.who)
    except UsageError as error:
        return _page(who, {"problem": error.sentence}), 422
    return _back(customer_id)


@blueprint.post("/pause")
def pause(customer_id: int) -> Response:
    """Let it end after the write that it is making."""
    visitor(customer_id)
    with services().answering():
        services().fetching.pause(customer_id)
    return _back(customer_id)


@blueprint.post("/go-on")
def go_on(customer_id: int) -> Response:
    """Let one that was paused go on."""
    visitor(customer_id)
    with services().answering():
        services().fetching.go_on(customer_id)
    return _back(customer_id)


@blueprint.post("/stop")
def stop(customer_id: int) -> Response:
    """Let it end for good."""
    visitor(customer_id)
    with services().answering():
        services().fetching.stop(customer_id)
    return _back(customer_id)


def _back(customer_id: int) -> Response:
    return redirect(url_for("backfill.page", customer_id=customer_id), 303)


def _wanted() -> Wanted:
    """What the form asks for. Raises UsageError for what is no day."""
    form = request.form
    try:
        since = date.fromisoformat(form.get("from", ""))
        until = date.fromisoformat(form["to"]) if form.get("to") else None
    except ValueError:
        raise UsageError(_NO_DAY) from None
    return Wanted(since, until, forms=bool(form.get("forms")))


def _page(who: Visitor, more: dict[str, str]) -> str:
    customer_id, frame = who.customer_id, frame_for(who)
    say, now = speech_of(frame), services().clock.now()
    minutes = services().config.poll_minutes
    with services().answering():
        job = jobs.load(customer_id, BACKFILL)
        older = runs.backfills(customer_id)
        told = job.progress if job else {}
        made = told.get("document") if told.get("state") == "done" else None
        under_way = going(customer_id, job, say) if job and not made else None
    sentence, companies, others = points(made, say) if made else ("", [], 0)
    written = made["written"] if made else {"activities": 0, "forms": 0}
    given = request.form
    return show(
        "backfill.html",
        who,
        frame=frame,
        words=words,
        job=job,
        going=under_way,
        made=made,
        days=days_of(told) if made else "",
        parts=parts(customer_id, made, say) if made else [],
        points=sentence,
        companies=companies,
        others=max(0, others),
        what=both(written["activities"], written["forms"], say),
        anything=bool(written["activities"] or written["forms"]),
        time=estimate(made, minutes, say) if made else "",
        seen=told.get("asked_at", ""),
        oldest=(now - RETENTION).date(),
        today=now.date(),
        since=given.get("from") or (now - _FIRST_LOOK).date().isoformat(),
        until=given.get("to") or now.date().isoformat(),
        forms=bool(given.get("forms")),
        earlier=[earlier(run, say) for run in older],
        problem=more.get("problem", ""),
    )
