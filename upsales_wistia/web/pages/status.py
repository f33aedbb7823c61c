"""The status page: one glance tells whether all is well, and what to do if not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug import Response

from ...status import RunShown, StatusData, told_run
from ...store import hints, leases
from .. import texts
from ..breakdown import Report, balance, rows, targets
from ..frame import show, views_of, zone_of
from ..health import Subject, health_of
from ..latecomers import latecomers
from ..overview import since_asked, thirty, tiles
from ..security import administrator, services, visitor
from ..wording import Speech, speech

_STARTS_WITHIN = timedelta(minutes=2)
"""For so long a page says that the run it asked for starts."""

_KEPT = ("target", "asked", "later")
"""What the page keeps of its address when it is fetched again."""

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
    subject = Subject(
        customer_id, data, say, config.poll_minutes, config.window_days, views_of(who)
    )
    asked = _asked()
    return show(
        "status.html",
        who,
        data=data,
        health=health_of(subject),
        asked=asked,
        starting=not data.running and since_asked(data, asked),
        later="later" in request.args,
        here={name: request.args[name] for name in _KEPT if name in request.args},
        **_last_run(data, say),
    )


@blueprint.post("/run")
def run(customer_id: int) -> Response:
    """Start a run, or one more when the present one has ended."""
    visitor(customer_id)
    with services().answering():
        going_on = leases.is_held(customer_id)
    services().run_soon(customer_id)
    asked = f"{services().clock.now().timestamp():.0f}"
    later = 1 if going_on else None
    address = url_for("status.page", customer_id=customer_id, asked=asked, later=later)
    return redirect(address, 303)


@blueprint.post("/hints/hide")
def hide_hint(customer_id: int) -> Response:
    """Do not show this hint again."""
    administrator(customer_id)
    with services().answering():
        hints.hide(customer_id, request.form.get("video", ""))
    return redirect(url_for("status.page", customer_id=customer_id), 303)


def _asked() -> datetime | None:
    """When the reader of this page asked for a run; None where that is long ago or never."""
    given = request.args.get("asked", "")
    if not given.isdecimal() or len(given) > 11:
        return None
    asked = datetime.fromtimestamp(int(given), UTC)
    return asked if timedelta(0) <= services().clock.now() - asked <= _STARTS_WITHIN else None


def _last_run(data: StatusData, say: Speech) -> dict[str, object]:
    run = told_run(data)
    on = targets(run.document) if run else ()
    newest = run is not None and run is data.runs[0]
    if run is None:
        return {"run": None, "on": ()}
    failed = _failed(data, run, say)
    if not on:
        return {"run": run, "tiles": tiles(data, run.document, failed, say), "on": ()}
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
        "tiles": tiles(data, run.document, failed, say),
        "thirty": thirty(data, target, say),
        "late": latecomers(data.lateness, say),
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
