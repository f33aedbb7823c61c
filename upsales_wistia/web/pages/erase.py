"""Erasing a person: what is found, the erasure, its certificate; and the way off the list.

The forms stand on the history page (``web.erasing``). No address here holds an e-mail: a person
is named by the id of ``store.viewers``.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, abort, redirect, request, url_for
from werkzeug import Response as AnyResponse

from ...errors import UsageError
from ...privacy import certificate as told
from ...privacy.erase import Erased
from ...privacy.person import checked
from ...store import erasures
from ..addresses import viewer_of
from ..erasing import email_of, history_address
from ..frame import frame_for, show, speech_of
from ..security import administrator, services, visitor
from ..texts import privacy as words

blueprint = Blueprint("erase", __name__, url_prefix="/c/<int:customer_id>/history")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@blueprint.post("/look")
def look(customer_id: int) -> AnyResponse:
    """Find what is kept; whoever is not known goes on the list right away."""
    who = administrator(customer_id)
    with services().answering():
        email = request.form.get("email", "")
        try:
            known = services().erasing.look(customer_id, email).known
        except UsageError:
            return redirect(history_address(customer_id, wrong="look"), 303)
        if not known:
            return _asked(customer_id, email, by=who.who, entries=False)
        return redirect(history_address(customer_id, person=_id(customer_id, email)), 303)


@blueprint.post("/erase")
def erase(customer_id: int) -> AnyResponse:
    """Erase the person who was found."""
    who = administrator(customer_id)
    with services().answering():
        email = email_of(customer_id, request.form.get("person", ""))
        if not email:
            abort(404)
        return _asked(customer_id, email, by=who.who, entries="entries" in request.form)


@blueprint.post("/unforget")
def unforget(customer_id: int) -> AnyResponse:
    """Take a person off the list of those who stay forgotten."""
    administrator(customer_id)
    with services().answering():
        email = request.form.get("email", "")
        try:
            lifted = services().erasing.unforget(customer_id, email)
        except UsageError:
            return redirect(history_address(customer_id, wrong="unforget"), 303)
        did = "lifted" if lifted else "not_on_it"
        person = _id(customer_id, email)
        return redirect(history_address(customer_id, did=did, person=person), 303)


def _asked(customer_id: int, email: str, *, by: str, entries: bool) -> AnyResponse:
    number = services().erasing.ask_soon(customer_id, email, entries=entries, by=by)
    address = url_for(
        "erase.certificate", customer_id=customer_id, number=number, person=_id(customer_id, email)
    )
    return redirect(address, 303)


def _id(customer_id: int, email: str) -> str:
    return viewer_of(customer_id, checked(email))


@blueprint.get("/erased/<int:number>")
def certificate(customer_id: int, number: int) -> str:
    """What was removed where, and what stays elsewhere; until then, that it waits."""
    who = visitor(customer_id)
    frame = frame_for(who)
    with services().answering():
        made, asked = _found(customer_id, number)
        email = email_of(customer_id, request.args.get("person", ""))
    say = speech_of(frame)
    by, when = say.who(asked.asked_by), say.dated(asked.asked_at)
    return show(
        "erased.html",
        who,
        frame=frame,
        words=words,
        made=made,
        email=email,
        going=not made.done,
        begun=bool(made.done or made.left),
        found=told.found(made.certificate),
        removed=told.removed(made.certificate),
        remains=told.remaining(made.certificate, made.left),
        about=words.NUMBER.format(n=number, who=by, when=when),
    )


@blueprint.get("/erased/<int:number>.txt")
def text(customer_id: int, number: int) -> Response:
    """The certificate as plain text; it names nobody."""
    visitor(customer_id)
    with services().answering():
        made, asked = _found(customer_id, number)
    lines = told.text(made.certificate, made.left, number, asked.asked_at)
    return Response("\n".join([*lines, ""]), mimetype="text/plain")


def _found(customer_id: int, number: int) -> tuple[Erased, erasures.Erasure]:
    made = services().erasing.of(customer_id, number) if number < 2**63 else None
    asked = erasures.load(services().keyring, customer_id, number) if made else None
    if made is None or asked is None:
        abort(404)
    return made, asked
