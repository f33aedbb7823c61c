"""What a person decides about writes on a page: the verbs, doing one, and telling its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request

from ..funnel.view import DONE, State
from ..store import by_hand, open_writes, runs
from ..store.by_hand import Decision
from ..store.outbox import OutboxItem
from .failed_rows import Row, row_of
from .security import administrator, services, visitor
from .texts import failed as words
from .wording import Speech


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
class Result:
    """What an action did, and to which rows; ``going`` while it still does.

    ``address`` is where to look again.
    """

    sentence: str
    rows: Sequence[Row]
    going: bool
    address: str = ""


def do(
    customer_id: int, name: str, choose: Callable[[], Sequence[OutboxItem]]
) -> dict[str, str | None]:
    """Do the verb of this name to those chosen that still stand so.

    Returns what the address of the page that shows the ``result`` has in its query. Raises
    MayNotChange where the verb is for administrators and the visitor is none.
    """
    verb = VERBS[name]
    who = administrator(customer_id) if verb.admin else visitor(customer_id)
    with services().answering():
        chosen = [item for item in choose() if item.state in verb.states]
        newest = runs.last(customer_id)
        now = services().clock.now()
        moment, _ = by_hand.decide(customer_id, chosen, verb.what, now, who.who)
    if verb.runs and chosen:
        services().run_soon(customer_id)
    run = newest.id if verb.runs and newest else None
    return {"did": name, "at": moment.isoformat(), "run": run}


def result(
    customer_id: int, say: Speech, paused: bool, address: Callable[..., str], limit: int = 50
) -> Result | None:
    """What the action did that the present address tells of; None where it tells of none.

    ``address`` makes the page's address with these arguments in its query.
    """
    did, at = request.args.get("did", ""), _moment(request.args.get("at", ""))
    if did not in VERBS or at is None:
        return None
    states = open_writes.states_of_decided(customer_id, at)
    rows = [row_of(w, say, paused=paused) for w in open_writes.decided(customer_id, at, limit)]
    total = sum(states.values())
    if not total:
        return Result(words.MEANWHILE, (), going=False)
    if VERBS[did].runs and _unsent(states) and not _run_over(customer_id):
        done = say.number(total - _unsent(states))
        text = words.GOING_ON[did].format(done=done, n=say.number(total))
        here = address(did=did, at=at.isoformat(), run=_run_before())
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
