"""All runs, and one run step by step."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Flask, abort, request

from ...settings import typed
from ...status import RunShown
from ...store import runs, taken_back, versions
from ...store.taken_back import Chosen
from .. import texts
from ..breakdown import Report, balance, rows, targets
from ..frame import frame_for, show, speech_of
from ..security import services, visitor
from ..texts import undo as undo_words

PAGE = 50

blueprint = Blueprint("runs", __name__, url_prefix="/c/<int:customer_id>/runs")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page(customer_id: int) -> str:
    """The runs, newest first, fifty a page."""
    who = visitor(customer_id)
    with services().answering():
        found = runs.reported(customer_id, before=request.args.get("before", ""), limit=PAGE + 1)
    shown = [RunShown(run.started_at, run.report or {}) for run in found[:PAGE]]
    older = found[PAGE - 1].id if len(found) > PAGE else ""
    return show("runs.html", who, runs=shown, older=older)


@blueprint.get("/<run_id>")
def one(customer_id: int, run_id: str) -> str:
    """One run: its cause when it failed, its funnel, its balance, and what belongs to it."""
    who = visitor(customer_id)
    with services().answering():
        run = runs.load(customer_id, run_id)
        version = versions.numbered(customer_id, run.settings_version) if run else None
        standing = taken_back.standing(customer_id, Chosen("run_id", run_id))
    if run is None or run.report is None:
        abort(404)
    say = speech_of(frame_for(who))
    on = targets(run.report)
    asked = request.args.get("target", "")
    target = asked if asked in on else next(iter(on), "")
    shown = RunShown(run.started_at, run.report)
    found: dict[str, object] = {}
    if target:
        since = datetime.fromisoformat(run.report["window"]["from"])
        settings = typed(version.config if version else {})
        days = -((since - datetime.fromisoformat(run.report["window"]["to"])) // timedelta(days=1))
        report = Report(run.report, target, settings, say, days, {})
        found = {
            "rows": rows(report, texts.EVERYTHING_SINCE.format(since=say.time(since))),
            "balance": balance(report),
        }
    return show(
        "run.html",
        who,
        run=shown,
        on=on,
        target=target,
        rules=version,
        undoable=bool(standing.entries or standing.undone),
        undo_words=undo_words,
        **found,
    )
