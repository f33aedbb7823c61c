"""One view: why it is, or is not, in Upsales."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flask import Blueprint, Flask, abort

from ...clients.text import heatmap_shown
from ...clock import StandingClock
from ...funnel.reasons import WAITING
from ...store import customers, media, open_writes, taken_back, tombstones
from ...store.taken_back import Chosen
from ...trace import Trace, trace
from ...viewlist import OFF, Row
from ..addresses import view_address, viewer_of, views_address
from ..by_hand import result
from ..changed import hint
from ..errors import Erased
from ..facts import facts
from ..failed_rows import row_of
from ..frame import frame_for, show, speech_of
from ..happened import happenings, log_time
from ..security import services, visitor
from ..texts import failed as failed_words
from ..texts import trace as words
from ..texts import undo as undo_words
from ..traced import about, headline, length, questions, sentence, subject, times
from ..viewrows import shown, state_of
from ..wording import Speech

blueprint = Blueprint("view", __name__, url_prefix="/c/<int:customer_id>")

_LIVE = frozenset({"waiting", "settling", "retrying", "uncertain"})


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/views/<path:event_key>")
def page(customer_id: int, event_key: str) -> str:
    """The view with its trace, what was watched, and what happened to it."""
    who = visitor(customer_id)
    with services().answering():
        frame = frame_for(who)
        say = speech_of(frame)
        clock, config = services().clock, services().config
        found = trace(customer_id, event_key, clock.now(), config.window_days, times(say))
        if found is None:
            if tombstones.load(services().keyring, customer_id).knows("event", event_key):
                raise Erased
            abort(404)
        if isinstance(clock, StandingClock):
            found = replace(found, next_at=None)  # Where time stands no next run comes.
        return show(
            "view.html", who, frame=frame, words=words, **_shown(found, say), **_by_hand(found, say)
        )


def _shown(found: Trace, say: Speech) -> dict[str, object]:
    customer_id = found.scene.customer_id
    states = [state_of(code) for code in found.row.codes.values()]
    main = subject(found)
    projects = {project: name for *_, project, name in media.names(customer_id) if project}
    return {
        "trace": found,
        "subject": main,
        "view": found.row.view,
        "row": shown(found.row, found.scene, say),
        "state": state_of(found.row.codes[main]),
        "headline": headline(found),
        "room": found.row.codes[main] in {*WAITING, "ignored_viewer"},
        "sentence": sentence(found, say),
        "hint": hint(found, say),
        "questions": questions(found, say, projects),
        "about": about(found),
        "ends": length(found),
        "picture": _picture(found),
        "facts": facts(found, say),
        "log": [(log_time(one.at, say), one.what) for one in happenings(found)],
        "also": [_other(one, found, say) for one in found.also],
        "theirs": _theirs(found),
        "live": any(state in _LIVE for state in states),
        "list_address": views_address(customer_id),
        "here": view_address(customer_id, found.row.view.event_key),
        "off": [target for target, code in found.row.codes.items() if code == OFF],
    }


def _by_hand(found: Trace, say: Speech) -> dict[str, object]:
    """What a person may do about its writes, and what came of what was done."""
    customer_id, key = found.scene.customer_id, found.row.view.event_key
    paused = found.scene.reading.forms_paused
    rows = [row_of(one, say, paused=paused) for one in open_writes.of_view(customer_id, key)]
    address = partial(view_address, customer_id, key)
    return {
        "by_hand": [row for row in rows if row.verbs],
        "failed_words": failed_words,
        "standing": taken_back.standing(customer_id, Chosen("event_key", key)),
        "undo_words": undo_words,
        "result": result(customer_id, say, paused, address),
    }


def _picture(found: Trace) -> str:
    """The address of Wistia's picture; "" without one, or without a public token."""
    secrets = customers.secrets(services().keyring, found.scene.customer_id)
    return heatmap_shown(found.details.heatmap_url, secrets.get("wistiaPublicToken", ""))


def _other(one: Row, found: Trace, say: Speech) -> dict[str, object]:
    return {
        "row": shown(one, found.scene, say),
        "state": state_of(one.codes[found.target]),
    }


def _theirs(found: Trace) -> str:
    """All views of the same person; "" for one without an e-mail."""
    email = found.row.viewer.email
    if not email:
        return ""
    customer_id = found.scene.customer_id
    return views_address(customer_id, viewer=viewer_of(customer_id, email.lower()))
