"""Behind the cards: one run in whole, a group's views, the drafts, what left, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, abort, current_app, jsonify, redirect, request, url_for
from werkzeug import Response

from ...clients.fields import LARGEST_ID
from ...funnel.view import View
from ...store import drafts, enrichment, views
from ...store.drafts import Draft
from ...store.enrichment import EnrichmentRun
from ..addresses import viewer_of, views_address
from ..enrichment_cards import Subject
from ..frame import show
from ..security import services, visitor
from ..smallcurve import small_curve
from ..texts import enrichment as words
from .enrichment import known, pretty, spoken, subject_of, there

PAGE = 50
LONGEST_SHOWN = 20_000
"""Characters of a body or an answer on a page; the whole is a file."""

blueprint = Blueprint("enriched", __name__, url_prefix="/c/<int:customer_id>/enrichment")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/runs/<run_id>")
def found(customer_id: int, run_id: str) -> str:
    """What a run found, and every step of it."""
    who = visitor(customer_id)
    with services().answering():
        run = _run(customer_id, run_id)
        result = run.result or {}
        curve = result.get("curve")
        return show(
            "enrichment_run.html",
            who,
            words=words,
            run=run,
            found=result,
            job=words.JOBS[known(run.job)],
            video_link=subject_of(who).video,
            steps=[_step(step) for step in enrichment.steps(customer_id, run.id)],
            spent=enrichment.spent_by(customer_id, run.id),
            curve=small_curve(curve["points"], curve["seconds"], result["drops"])
            if curve
            else None,
            **spoken(),
        )


@blueprint.get("/runs/<run_id>/groups/<int:number>")
def group(customer_id: int, run_id: str, number: int) -> str:
    """The views of one group, counted from 1."""
    who = visitor(customer_id)
    with services().answering():
        groups = (_run(customer_id, run_id).result or {}).get("groups", [])
        if not 1 <= number <= len(groups):
            abort(404)
        one = groups[number - 1]
        of = views.views(customer_id, one["event_keys"])
        of.sort(key=lambda view: view.received_at, reverse=True)
        return show(
            "enrichment_group.html",
            who,
            words=words,
            group=one,
            of=of,
            view_link=lambda view: _view_link(customer_id, view),
        )


@blueprint.get("/drafts")
def all_drafts(customer_id: int) -> str:
    """The drafts, newest first."""
    who = visitor(customer_id)
    with services().answering():
        shown = drafts.listing(customer_id, before=_before(), limit=PAGE)
        return show(
            "enrichment_drafts.html",
            who,
            words=words,
            drafts=shown,
            older=_older("enriched.all_drafts", customer_id, [one.id for one in shown]),
            **spoken(),
        )


@blueprint.get("/drafts/<int:number>")
def draft(customer_id: int, number: int) -> str:
    """One draft, with the view it is about."""
    who = visitor(customer_id)
    with services().answering():
        one = _draft(customer_id, number)
        return show(
            "enrichment_draft.html",
            who,
            words=words,
            draft=one,
            viewer=viewer_of(customer_id, one.person),
            **spoken(),
        )


@blueprint.post("/drafts/<int:number>")
def mark(customer_id: int, number: int) -> Response:
    """Mark a draft as done, or as new again."""
    visitor(customer_id)
    with services().answering():
        one = _draft(customer_id, number)
        drafts.set_state(customer_id, one.id, "done" if request.form.get("done") else "new")
    return redirect(url_for("enriched.draft", customer_id=customer_id, number=number), 303)


@blueprint.get("/left")
def left(customer_id: int) -> str:
    """Every body that left for Mavera, newest first."""
    who = visitor(customer_id)
    with services().answering():
        shown = enrichment.left_for_mavera(customer_id, _before(), PAGE)
        return show(
            "enrichment_left.html",
            who,
            words=words,
            steps=[_step(step) for step in shown],
            older=_older("enriched.left", customer_id, [step.id for step in shown]),
        )


@blueprint.get("/left/<int:number>.json")
def body(customer_id: int, number: int) -> Response:
    """One body that left and what came back, whole, as a file."""
    visitor(customer_id)
    with services().answering(), there():
        step = enrichment.left_once(customer_id, min(number, LARGEST_ID))
    answer = jsonify(sent=step.body, came_back=step.answer)
    answer.headers["Content-Disposition"] = f"attachment; filename=mavera-{step.id}.json"
    return answer


@blueprint.get("/credits")
def credits_(customer_id: int) -> str:
    """Each charge of this month."""
    who = visitor(customer_id)
    with services().answering():
        subject: Subject = subject_of(who)
        rows = enrichment.credit_rows(customer_id, subject.month)
        return show("enrichment_credits.html", who, words=words, rows=rows)


def _view_link(customer_id: int, view: View) -> str:
    """A view's own page; where there is none, the views of its viewer and video."""
    if "view.page" in current_app.view_functions:
        return url_for("view.page", customer_id=customer_id, event_key=view.event_key)
    email = view.conversion_email or view.email
    viewer = viewer_of(customer_id, email) if email else None
    return views_address(customer_id, viewer=viewer, video=view.video.media_id)


def _before() -> int | None:
    """Where a list goes on; None for its beginning."""
    given = request.args.get("before", type=int)
    return given if given is not None and 0 < given <= LARGEST_ID else None


def _older(endpoint: str, customer_id: int, shown: Sequence[int]) -> str:
    """Where a list goes on after a full page, "" at its end."""
    if len(shown) < PAGE:
        return ""
    return url_for(endpoint, customer_id=customer_id, before=shown[-1])


def _run(customer_id: int, run_id: str) -> EnrichmentRun:
    with there():
        return enrichment.load(customer_id, run_id)


def _draft(customer_id: int, number: int) -> Draft:
    with there():
        return drafts.load(customer_id, min(number, LARGEST_ID))


def _step(step: enrichment.Step) -> dict[str, Any]:
    """A step as it is shown: its body and its answer as they went and came, or their beginning."""
    body = pretty(step.body) if step.body else words.NO_LONGER_KEPT
    answer = "" if step.answer is None else pretty(step.answer)
    return {
        "id": step.id,
        "cut": max(len(body), len(answer)) > LONGEST_SHOWN,
        "key": step.key,
        "operation": step.operation,
        "state": step.state.value,
        "credits": step.credits,
        "problem": step.problem,
        "sent_at": step.sent_at,
        "body": body[:LONGEST_SHOWN],
        "answer": answer[:LONGEST_SHOWN],
    }
