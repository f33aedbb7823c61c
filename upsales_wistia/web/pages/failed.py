"""What failed and what is being checked: what needs a person, and what does not yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug import Response

from ...store import checks, customers, open_writes
from ...store.open_writes import Group, OpenWrite
from ...store.outbox import OutboxItem
from ..addresses import view_address
from ..by_hand import do, result
from ..failed_rows import Row, row_of
from ..frame import frame_for, show, speech_of
from ..security import services, visitor
from ..texts import failed as words
from ..wording import Speech

blueprint = Blueprint("failed", __name__, url_prefix="/c/<int:customer_id>")

SHOWN = 50
"""Rows of a group on one page."""


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class Section:
    """A group of writes, ``count`` in all; ``more`` is the address of the next of them.

    ``again`` counts those that a person may send again.
    """

    name: str
    heading: str
    says: str
    count: int
    rows: Sequence[Row]
    more: str
    again: int


@blueprint.get("/failed")
def page(customer_id: int) -> str:
    """All groups; with ``group`` one of them from ``after`` on; after an action its result."""
    who = visitor(customer_id)
    say = speech_of(frame_for(who))
    with services().answering():
        paused = customers.load(customer_id).forms_paused
        done = result(customer_id, say, paused, _address(customer_id), SHOWN)
        told = {row.write.item.id for row in done.rows} if done else set()
        sections = [_section(customer_id, g, say, paused, told) for g in _asked_groups()]
        views = open_writes.count_views(customer_id, Group.NEEDS, paused=paused)
    shown = [section for section in sections if section.rows]
    return show(
        "failed.html", who, words=words, sections=shown, result=done,
        **_headline(views, shown, say),
    )  # fmt: skip


def _headline(views: int, shown: Sequence[Section], say: Speech) -> dict[str, str]:
    if views:
        needing = say.count(views, "view needs", "views need")
        return {"headline": words.HEADLINE.format(views=needing), "says": words.HEADLINE_SAYS}
    if shown:
        return {"headline": words.CALM, "says": words.CALM_SAYS}
    return {"headline": words.EMPTY, "says": words.EMPTY_SAYS}


def _asked_groups() -> list[Group]:
    asked = request.args.get("group", "")
    return [Group(asked)] if asked in {group.value for group in Group} else list(Group)


def _section(customer_id: int, group: Group, say: Speech, paused: bool, told: set[int]) -> Section:
    after = request.args.get("after", 0, int) if request.args.get("group") else 0
    after = after if 0 <= after < 2**63 else 0
    found = open_writes.writes(customer_id, group, paused=paused, after_id=after, limit=SHOWN + 1)
    rows = [row_of(write, say, paused=paused) for write in found[:SHOWN]]
    more = ""
    if len(found) > SHOWN:
        last = found[SHOWN - 1].item.id
        more = url_for(".page", customer_id=customer_id, group=group.value, after=last)
    heading, says = words.GROUPS[group]
    count = open_writes.count(customer_id, group, paused=paused)
    rest = [row for row in rows if row.write.item.id not in told]
    refused = group is Group.NEEDS and open_writes.count_refused(customer_id, paused=paused)
    return Section(group.value, heading, says, count, rest, more, int(refused))


@blueprint.post("/failed/<any(again, leave, back, there, send):name>")
def act(customer_id: int, name: str) -> Response:
    """Do it to one write, or to all that need a person; its result is shown on the page.

    The form of one view's page names the view, and is led back there.
    """
    told = do(customer_id, name, partial(_chosen, customer_id))
    view = request.form.get("view", "")
    address = view_address(customer_id, view, **told) if view else _address(customer_id)(**told)
    return redirect(f"{address}#result", 303)


def _address(customer_id: int) -> Callable[..., str]:
    return partial(url_for, ".page", customer_id=customer_id)


def _chosen(customer_id: int) -> list[OutboxItem]:
    asked = request.form.get("write", "")
    if asked == "all":
        paused = customers.load(customer_id).forms_paused
        return checks.need_attention(customer_id, paused=paused)
    found: OpenWrite | None = None
    if asked.isascii() and asked.isdigit() and int(asked) < 2**63:
        found = open_writes.write(customer_id, int(asked))
    if found is None:
        abort(404)
    return [found.item]
