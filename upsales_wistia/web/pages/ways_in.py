"""In by a signed link, out by a button."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug import Response

from .. import texts
from ..security import close_session, open_session

blueprint = Blueprint("ways_in", __name__, url_prefix="/c/<int:customer_id>")


def init_app(app: Flask) -> None:
    """Add the addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/enter")
def enter(customer_id: int) -> Response:
    """Exchange the link for a session and go to the clean address."""
    open_session(customer_id, request.args.get("t", ""))
    if request.args.get("to") != "views":
        return redirect(url_for("status.page", customer_id=customer_id), 303)
    contact = request.args.get("contact", type=int)  # None is left out of the address.
    return redirect(url_for("views.page", customer_id=customer_id, contact=contact), 303)


@blueprint.post("/sign-out")
def sign_out(customer_id: int) -> str:
    """End the session."""
    close_session(customer_id)
    return render_template("error.html", words=texts.SIGNED_OUT_BY_HAND)
