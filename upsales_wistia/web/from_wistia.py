"""The one address that Wistia posts to.

https://docs.wistia.com/docs/webhooks
"""

from __future__ import annotations

import uuid

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, Unauthorized

from .. import logs
from ..errors import DeploymentError
from .hook_security import posted
from .security import services

SIGNATURE = "X-Wistia-Signature"

log = logs.get(__name__)

Answer = tuple[Response, int]

blueprint = Blueprint("from_wistia", __name__)


def init_app(app: Flask) -> None:
    """Add the address."""
    app.register_blueprint(blueprint)
    # No browser sends it: it proves itself by its signature.
    app.extensions["csrf"].exempt(blueprint)


@blueprint.post("/webhooks/wistia/<customer>")
def webhook(customer: str) -> Answer:
    """Events of a customer's Wistia account; the work they start comes later.

    401 for a body that is not signed with the customer's secret, before it is parsed.
    """
    body = posted()
    with services().answering():
        if not services().webhooks.receive(customer, body, request.headers.get(SIGNATURE, "")):
            raise Unauthorized
    return jsonify({}), 202


def _refused(error: HTTPException) -> Answer:
    status = error.code or 500
    if status >= 500:
        return _broken(error)
    log.info("webhook refused", status=status)
    return jsonify({}), status


def _away(error: DeploymentError) -> Answer:
    log.error("away", cause=error.sentence)
    return jsonify({}), 503


def _broken(error: Exception) -> Answer:
    number = uuid.uuid4().hex[:12]
    log.error("broke", number=number, exc_info=error)
    return jsonify({"error": number}), 500


blueprint.register_error_handler(HTTPException, _refused)
blueprint.register_error_handler(DeploymentError, _away)
blueprint.register_error_handler(Exception, _broken)
