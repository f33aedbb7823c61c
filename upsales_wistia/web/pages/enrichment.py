"""What the viewing says, at which price: the five jobs, and how they are set going."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug import Response

from ...enrichment.answers import lines
from ...enrichment.dropoff import clock_time
from ...enrichment.rules import JobName, job_name
from ...enrichment.run import Wanted
from ...errors import AppError, NotConfigured, UsageError
from ...store import drafts, media
from ..enrichment_cards import SHOWN_DRAFTS, Subject, cards, curve_in_words, purse, to_whom
from ..frame import frame_for, show, speech_of, views_of
from ..security import Visitor, administrator, services, visitor
from ..texts import enrichment as words

blueprint = Blueprint("enrichment", __name__, url_prefix="/c/<int:customer_id>/enrichment")

LONGEST_ANSWER = 2_000
_MEDIA = re.compile(r"[A-Za-z0-9_-]{0,64}")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page(customer_id: int) -> str:
    """The credits, and a card a job."""
    who = visitor(customer_id)
    with services().answering():
        subject = subject_of(who)
        made = cards(subject)
        return show(
            "enrichment.html",
            who,
            words=words,
            rules=subject.rules,
            purse=purse(subject),
            cards=made,
            going=any(card.going for card in made),
            drafts=drafts.listing(customer_id, state="new", limit=SHOWN_DRAFTS),
            to_read=drafts.count(customer_id)["new"],
            videos=sorted(media.names(customer_id), key=lambda one: one[1].casefold()),
            **spoken(),
        )


@blueprint.post("/<job>/run")
def run(customer_id: int, job: str) -> Response:
    """Let a job run soon; one that ended early goes on. A consent is an administrator's."""
    name, form = known(job), request.form
    consent = bool(form.get("consent"))
    who = administrator(customer_id) if consent else visitor(customer_id)
    wanted = Wanted(consent=consent, force=bool(form.get("force")), anew=bool(form.get("anew")))
    with services().answering(), suppress(NotConfigured):  # the card says that it is off
        services().enriching.queue(customer_id, name, media_given(), wanted, by=who.who)
    return back(customer_id, name)


@blueprint.post("/<job>/stop")
def stop(customer_id: int, job: str) -> Response:
    """End a run after the call that it is making."""
    visitor(customer_id)
    with services().answering(), there():
        services().enriching.stop(customer_id, request.form.get("run", ""))
    return back(customer_id, known(job))


@blueprint.post("/<job>/answer")
def answer(customer_id: int, job: str) -> Response:
    """Answer Mave's question."""
    visitor(customer_id)
    said = lines(request.form.get("answer", ""), LONGEST_ANSWER)
    with services().answering(), there():
        if said:
            services().enriching.answer(customer_id, request.form.get("run", ""), said)
    return back(customer_id, known(job))


@blueprint.post("/followup/switches")
def switches(customer_id: int) -> Response:
    """Draft after each run or not, and make to-dos of drafts or not."""
    who = administrator(customer_id)
    with services().answering():
        services().enriching.switch(
            customer_id,
            drafts=bool(request.form.get("drafts")),
            todos=bool(request.form.get("todos")),
            by=who.who,
        )
    return back(customer_id, "followup")


@blueprint.get("/<job>/leaves")
def leaves(customer_id: int, job: str) -> str:
    """Every body that a run would send, and what it would cost. Nothing is sent."""
    who, name = visitor(customer_id), known(job)
    subject = media_given()
    made: Mapping[str, Any] | None = None
    trouble = ""
    with services().answering():
        force = Wanted(force=bool(request.args.get("force")))
        try:
            made = services().enriching.preview(customer_id, name, subject, force)
        except AppError as error:
            trouble = error.sentence
        return show(
            "enrichment_leaves.html",
            who,
            words=words,
            job=name,
            media=subject,
            made=made,
            bodies=[{**one, "pretty": pretty(one["body"])} for one in made["bodies"]]
            if made
            else [],
            trouble=trouble,
            left=subject_of(who).left,
        )


def known(job: str) -> JobName:
    """The job of an address; 404 for none."""
    found = job_name(job)
    if found is None:
        abort(404)
    return found


def media_given() -> str:
    """The video a request names, "" for none; 400 for what can be the id of none."""
    given = request.values.get("media", "")
    if not _MEDIA.fullmatch(given):
        abort(400)
    return given


@contextmanager
def there() -> Iterator[None]:
    """404 for what is not there (any more)."""
    try:
        yield
    except UsageError:
        abort(404)


def back(customer_id: int, job: JobName) -> Response:
    """To the job's card."""
    return redirect(url_for("enrichment.page", customer_id=customer_id, _anchor=job), 303)


def subject_of(who: Visitor) -> Subject:
    """Whose cards are shown, and how they are told."""
    customer_id, enriching = who.customer_id, services().enriching
    return Subject(
        customer_id,
        enriching.rules(customer_id),
        enriching.has_key(customer_id),
        speech_of(frame_for(who)),
        views_of(who),
    )


def pretty(document: Any) -> str:
    """JSON as people read it."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def spoken() -> dict[str, Any]:
    """What the templates say things with."""
    return {"clock_time": clock_time, "to_whom": to_whom, "curve_in_words": curve_in_words}
