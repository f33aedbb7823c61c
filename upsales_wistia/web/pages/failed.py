"""What failed and what is being checked: what needs a person, and what does not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug import Response

from ...funnel.view import DONE, State
from ...store import by_hand, checks, customers, open_writes, runs
from ...store.by_hand import Decision
from ...store.open_writes import Group, OpenWrite
from ...store.outbox import OutboxItem
from ..failed_rows import Row, row_of
from ..frame import frame_for, show, speech_of
from ..security import administrator, services, visitor
from ..texts import failed as words
from ..wording import Speech

blueprint = Blueprint("failed", __name__, url_prefix="/c/<int:customer_id>")

SHOWN = 50
"""Rows of a group on one page."""


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a person may do with writes in these states; ``runs`` sends them at once.

    Sending again what was refused is a run, which anybody may ask for; the rest is for
    administrators.
    """

    states: frozenset[State]
    what: Decision
    admin: bool = True
    runs: bool = False


VERBS: Mapping[str, Verb] = {
    "again": Verb(
        frozenset({State.FAILED, State.PLANNED, State.RETRY}), by_hand.AGAIN, admin=False, runs=True
    ),
    "leave": Verb(frozenset({State.FAILED}), by_hand.LEFT),
    "back": Verb(frozenset({State.LEFT}), by_hand.BACK),
    "there": Verb(frozenset({State.UNCERTAIN}), by_hand.THERE),
    "send": Verb(frozenset({State.UNCERTAIN}), by_hand.AGAIN, runs=True),
}


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


@dataclass(frozen=True, slots=True)
class Result:
    """What an action did, and to which rows; ``going`` while it still does."""

    sentence: str
    rows: Sequence[Row]
    going: bool
    address: str = ""


@blueprint.get("/failed")
def page(customer_id: int) -> str:
    """All groups; with ``group`` one of them from ``after`` on; after an action its result."""
    who = visitor(customer_id)
    say = speech_of(frame_for(who))
    with services().answering():
        paused = customers.load(customer_id).forms_paused
        result = _result(customer_id, say, paused)
        told = {row.write.item.id for row in result.rows} if result else set()
        sections = [_section(customer_id, g, say, paused, told) for g in _asked_groups()]
        views = open_writes.count_views(customer_id, Group.NEEDS, paused=paused)
    shown = [section for section in sections if section.rows]
    return show(
        "failed.html", who, words=words, sections=shown, result=result,
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


def _result(customer_id: int, say: Speech, paused: bool) -> Result | None:
    did, at = request.args.get("did", ""), _moment(request.args.get("at", ""))
    if did not in VERBS or at is None:
        return None
    states = open_writes.states_of_decided(customer_id, at)
    rows = [row_of(w, say, paused=paused) for w in open_writes.decided(customer_id, at, SHOWN)]
    total = sum(states.values())
    if not total:
        return Result(words.MEANWHILE, (), going=False)
    if VERBS[did].runs and _unsent(states) and not _run_over(customer_id):
        done = say.number(total - _unsent(states))
        text = words.GOING_ON[did].format(done=done, n=say.number(total))
        here = url_for(
            ".page", customer_id=customer_id, did=did, at=at.isoformat(), run=_run_before()
        )
        return Result(text, rows, going=True, address=here)
    text = words.DONE[did].format(n=say.number(total), parts=_parts(states, say))
    return Result(text, rows, going=False)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _unsent(states: Mapping[str, int]) -> int:
    return states.get("planned", 0) + states.get("sending", 0)


def _run_over(customer_id: int) -> bool:
    """Whether a run that began after the action has ended."""
    newest = runs.last(customer_id)
    return newest is not None and newest.id != _run_before() and newest.ended_at is not None


def _run_before() -> str:
    return request.args.get("run", "")


def _parts(states: Mapping[str, int], say: Speech) -> str:
    counts = {
        "written": sum(states.get(state, 0) for state in DONE),
        "refused": states.get("retry", 0) + states.get("failed", 0),
        "checked": states.get("uncertain", 0) + states.get("sending", 0),
        "left": states.get("left", 0),
        "waits": states.get("planned", 0),
    }
    return ", ".join(words.PARTS[name].format(n=say.number(n)) for name, n in counts.items() if n)


@blueprint.post("/failed/<any(again, leave, back, there, send):name>")
def act(customer_id: int, name: str) -> Response:
    """Do it to one write, or to all that need a person; its result is shown on the page."""
    verb = VERBS[name]
    who = administrator(customer_id) if verb.admin else visitor(customer_id)
    with services().answering():
        chosen = [item for item in _chosen(customer_id) if item.state in verb.states]
        newest = runs.last(customer_id)
        now = services().clock.now()
        moment, _ = by_hand.decide(customer_id, chosen, verb.what, now, who.who)
    if verb.runs and chosen:
        services().run_soon(customer_id)
    return redirect(
        url_for(
            ".page",
            customer_id=customer_id,
            did=name,
            at=moment.isoformat(),
            run=newest.id if verb.runs and newest else None,
        ),
        303,
    )


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
