"""The status page: one glance tells whether all is well, and what to do if not."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Flask, abort, request

from ...status import RunShown, StatusData, told_run
from .. import texts
from ..breakdown import Report, balance, rows, targets
from ..frame import show, zone_of
from ..health import Subject, health_of
from ..security import services, visitor
from ..wording import Speech, speech

blueprint = Blueprint("status", __name__, url_prefix="/c/<int:customer_id>")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/status")
def page(customer_id: int) -> str:
    """The state, the last run step by step, and the account of every view."""
    who = visitor(customer_id)
    data = services().status_page(customer_id)
    if data is None:
        abort(404)
    config, say = services().config, speech(services().clock.now(), zone_of(data.zone))
    subject = Subject(customer_id, data, say, config.poll_minutes, config.window_days)
    return show(
        "status.html",
        who,
        data=data,
        health=health_of(subject),
        **_last_run(data, say),
    )


def _last_run(data: StatusData, say: Speech) -> dict[str, object]:
    run = told_run(data)
    on = targets(run.document) if run else ()
    newest = run is not None and run is data.runs[0]
    if run is None:
        return {"run": None, "on": ()}
    failed = _failed(data, run, say)
    if not on:
        return {"run": run, "newest": newest, "failed": failed, "on": ()}
    asked = request.args.get("target", "")
    target = asked if asked in on else on[0]
    waiting = data.waiting if newest and target == "activity" else {}
    since, until = (datetime.fromisoformat(run.document["window"][end]) for end in ("from", "to"))
    days = -((since - until) // timedelta(days=1))
    report = Report(run.document, target, data.settings, say, days, waiting)
    return {
        "run": run,
        "newest": newest,
        "failed": failed,
        "on": on,
        "target": target,
        "heading": _heading(run, newest, say),
        "rows": rows(report, texts.EVERYTHING_SINCE.format(since=say.time(since))),
        "balance": balance(report),
    }


def _failed(data: StatusData, run: RunShown, say: Speech) -> tuple[str, str]:
    """How many views failed, and what that asks of a person; forms that wait for one count."""
    needed = data.need_person
    count = max(needed, run.document["failed"]) if data.forms_paused else needed
    if needed:
        words = texts.TILE_NEEDS.format(n=say.count(needed, "needs", "need"))
    else:
        words = texts.TILE_PAUSED if data.forms_paused else texts.TILE_NOTHING
    return say.number(count), words


def _heading(run: RunShown, newest: bool, say: Speech) -> str:
    if newest:
        return texts.LAST_RUN
    return texts.LAST_GOOD_RUN.format(started=say.time(run.started_at))
