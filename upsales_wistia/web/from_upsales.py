"""Every address that Upsales posts to.

https://support.upsales.com/hc/en-us/articles/360001705067-Request-body
What is not documented (the paths of scheduled requests and of an entry's details) is configured;
any other path that Upsales asks for is logged by its name.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from .. import logs
from ..errors import DeploymentError, OldRequest
from ..links import sign_link
from . import set_up
from .contract import Services
from .health import Subject
from .hook_request import HookRequest
from .hook_security import admit, proved_body
from .security import services
from .status_markdown import Told, database_away, not_known_yet, tell
from .wording import speech

log = logs.get(__name__)

Answer = Response | tuple[Response, int]
Answering = Callable[..., Answer]

MOST_NAMES = 50
_NAME = 80


def init_app(app: Flask) -> None:
    """Add the addresses that this deployment can answer."""
    house: Services = app.extensions["services"]
    blueprint = Blueprint("from_upsales", __name__)
    for number, (path, answering) in enumerate(_routes(house).items()):
        blueprint.add_url_rule(path, f"route{number}", _admitted(answering), methods=["POST"])
    blueprint.register_error_handler(HTTPException, _refused)
    blueprint.register_error_handler(OldRequest, _old)
    blueprint.register_error_handler(DeploymentError, _away)
    blueprint.register_error_handler(Exception, _broken)
    app.register_blueprint(blueprint)
    # No browser sends these: they prove themselves by the key in their body.
    app.extensions["csrf"].exempt(blueprint)
    app.before_request(_unknown_path)


def _routes(house: Services) -> dict[str, Answering]:
    config, hooks = house.config, house.hooks
    return {
        "/status": status,
        "/test": set_up.check_all,
        "/testField/<name>": set_up.check_field,
        "/fieldValues/<name>": set_up.choices,
        "/external": _handed_on(hooks.external),
        **dict.fromkeys(config.upsales_job_paths, _handed_on(hooks.job)),
        "/contactinsert/<contact_id>": contact_changed,
        "/contactupdate/<contact_id>": contact_changed,
        **dict.fromkeys(config.upsales_event_paths, event_details),
        "/widget/<name>": widget,
        "/iframe": iframe,
    }


def _admitted(answering: Answering) -> Answering:
    """``answering`` for those alone who prove to be Upsales, with the database at hand."""

    def view(**values: str) -> Answer:
        asked = admit()
        log.info("asked", path=str(request.url_rule), customer=asked.customer_id)
        return answering(asked, **values)

    return view


def status(asked: HookRequest) -> Answer:
    """How the customer is, from what is stored: no vendor is called."""
    house = services()
    try:
        with house.answering():
            known = house.hooks.spoken_of(asked)
        data = house.status_page(asked.customer_id) if known else None
        if data is None:
            return _told(not_known_yet(house.config.window_days, asked.config))
    except DeploymentError as error:
        log.error("away", cause=error.sentence)
        return _told(database_away())
    say = speech(house.clock.now(), data.zone)
    subject = Subject(
        asked.customer_id, data, say, house.config.poll_minutes, house.config.window_days
    )
    user = asked.user
    admin = user is not None and (user.admin or user.id in data.administrators)
    link = sign_link(house.config, asked.customer_id, _who(asked), admin=admin)
    return _told(tell(subject, link, asked.config))


def contact_changed(asked: HookRequest, contact_id: str) -> Answer:
    """A contact is new or changed, whoever caused it."""
    if not (contact_id.isascii() and contact_id.isdecimal() and len(contact_id) < 19):
        raise NotFound
    house = services()
    with house.answering():
        house.hooks.contact_changed(asked, int(contact_id))
    return jsonify({})


def _handed_on(hook: Callable[[HookRequest], None]) -> Answering:
    def answering(asked: HookRequest) -> Answer:
        with services().answering():
            hook(asked)
        return jsonify({})

    return answering


def event_details(asked: HookRequest) -> Answer:
    """What an opened log entry shows."""
    house = services()
    with house.answering():
        return jsonify(house.hooks.event_details(asked))


def widget(asked: HookRequest, name: str) -> Answer:
    """What a widget on a contact's or company's card shows."""
    house = services()
    with house.answering():
        return jsonify(house.hooks.widget(asked, name))


def iframe(asked: HookRequest) -> Answer:
    """An opened log entry as a document of its own."""
    house = services()
    with house.answering():
        return Response(house.hooks.iframe(asked), mimetype="text/html")


def _told(told: Told) -> Answer:
    return jsonify({"message": told.message}), told.status


def _who(asked: HookRequest) -> str:
    """The name in the session that a link opens; never an e-mail address."""
    name = asked.user.name if asked.user else ""
    return name if name and "@" not in name else "Upsales"


def _unknown_path() -> Answer | None:
    """An address that Upsales may know and we do not: its name and those of its body are logged.

    For anybody but Upsales it is a page that does not exist.
    """
    if not isinstance(request.routing_exception, NotFound) or request.method != "POST":
        return None
    try:
        body = proved_body()
    except HTTPException as error:
        return _refused(error) if request.mimetype == "application/json" else None
    names = [logs.redact(name[:_NAME]) for name in sorted(body)[:MOST_NAMES]]
    with services().answering():
        services().hooks.unknown_path()
    log.warning("unknown path", path=logs.redact(request.path[:_NAME]), names=names)
    return _refused(NotFound())


def _refused(error: HTTPException) -> Answer:
    status = error.code or 500
    if status >= 500:
        return _broken(error)
    log.info("refused", path=logs.redact(request.path[:_NAME]), status=status)
    body = {} if status == 401 else {"message": _WORDS.get(status) or error.description}
    return jsonify(body), status


def _old(_: OldRequest) -> Answer:
    log.info("refused", path=str(request.url_rule), status=400, cause="old")
    return jsonify({"message": "A newer request was taken over already. Nothing was done."}), 400


def _away(error: DeploymentError) -> Answer:
    log.error("away", cause=error.sentence)
    return jsonify({"message": "We are restarting. Try again in a minute."}), 503


def _broken(error: Exception) -> Answer:
    number = uuid.uuid4().hex[:12]
    log.error("broke", number=number, exc_info=error)
    words = f"Something broke on our side. If it stays, send us the number {number}."
    return jsonify({"message": words}), 500


_WORDS: dict[int, Any] = {
    404: "There is nothing here.",
    413: "That is too much at once. Nothing was done.",
}
