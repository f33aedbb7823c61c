"""Export of what is kept on a person: a search that is posted, a file that comes back."""

from __future__ import annotations

import json

from flask import Blueprint, Flask, Response, redirect, request, url_for
from werkzeug import Response as AnyResponse

from ...errors import UsageError
from ...store import tombstones
from ..addresses import viewer_of
from ..erasing import email_of
from ..frame import frame_for, show
from ..security import services, visitor
from ..texts import privacy as words
from ..wording import shorten

blueprint = Blueprint("export", __name__, url_prefix="/c/<int:customer_id>/export")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("")
def page(customer_id: int) -> str:
    """The form, and what came of a search that found nothing."""
    who = visitor(customer_id)
    frame = frame_for(who)
    with services().answering():
        email = email_of(customer_id, request.args.get("person", ""))
        forgotten = bool(email) and tombstones.load(services().keyring, customer_id).knows_email(
            email
        )
    said = words.STAYS_FORGOTTEN if forgotten else words.NOTHING_KEPT
    return show(
        "export.html",
        who,
        frame=frame,
        words=words,
        wrong="wrong" in request.args,
        said=said.format(who=shorten(email)) if email else "",
    )


@blueprint.post("")
def export(customer_id: int) -> AnyResponse:
    """The file; where nothing is kept, the page says so."""
    visitor(customer_id)
    with services().answering():
        try:
            document = services().erasing.export(customer_id, request.form.get("email", ""))
        except UsageError:
            return redirect(url_for("export.page", customer_id=customer_id, wrong=1), 303)
        if not document["known"]:
            person = viewer_of(customer_id, str(document["email"]))
            return redirect(url_for("export.page", customer_id=customer_id, person=person), 303)
    answer = Response(
        json.dumps(document, ensure_ascii=False, indent=2), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="what-is-kept.json"'
    return answer
