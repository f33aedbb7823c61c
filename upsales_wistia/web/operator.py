"""The operator's page: all customers at a glance, worst first. It shows no viewer and no e-mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Flask, Response, abort, render_template, request
from werkzeug.exceptions import Forbidden

from .. import deployment, ourselves
from ..deployment import WORST_FIRST, Overview, Shown
from ..errors import UsageError
from ..links import sign_link
from ..store import customers, runs
from ..store.calls import Calls
from . import texts
from .operator_guard import require_operator
from .security import services
from .texts import operator as words
from .wording import Speech, speech

PAGE = 100

blueprint = Blueprint("operator", __name__, url_prefix="/operator")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the whole deployment."""

    name: str
    figure: str
    note: str


@blueprint.before_request
def _only_the_operator() -> Response | None:
    """Let the operator in; a browser is asked for the token, as a password of any user."""
    try:
        require_operator()
    except Forbidden:
        if not services().config.operator_token:
            raise
        return Response(
            "The operator's token, please.\n",
            401,
            {"WWW-Authenticate": 'Basic realm="operator"'},
            mimetype="text/plain",
        )
    return None


@blueprint.get("")
def page() -> str:
    """The overview; ``state`` shows one case alone, ``from`` begins further down."""
    return _overview()


@blueprint.get("/<int:customer_id>")
def customer(customer_id: int) -> str:
    """One customer's latest runs and their causes."""
    with services().answering():
        found = _load(customer_id)
        latest = runs.listing(customer_id, limit=20)
    return render_template(
        "operator_customer.html",
        texts=texts,
        words=words,
        say=_speech(),
        customer=found,
        runs=latest,
    )


@blueprint.post("/<int:customer_id>/pause")
def pause(customer_id: int) -> str:
    """Poll the customer no more until it is resumed."""
    return _set_state(customer_id, "paused", words.PAUSED_DONE)


@blueprint.post("/<int:customer_id>/resume")
def resume(customer_id: int) -> str:
    """Poll the customer again, at once."""
    with services().answering():
        _load(customer_id)
        customers.set_due(customer_id, customers.POLL, services().clock.now())
    return _set_state(customer_id, "active", words.RESUMED_DONE)


@blueprint.post("/<int:customer_id>/ask")
def ask(customer_id: int) -> str:
    """Ask Upsales to call us for the customer."""
    with services().answering():
        name = _load(customer_id).name
        if not services().asking.can_ask:
            return _overview(words.NOT_IN_DIRECTORY, bad=True)
        taken = services().asking.ask(customer_id, asked=True)
    said = words.ASKED_DONE if taken else words.ASKED_VAIN
    return _overview(said.format(name=name), bad=not taken)


@blueprint.post("/<int:customer_id>/link")
def link(customer_id: int) -> str:
    """Show a signed link to the customer's pages."""
    with services().answering():
        name = _load(customer_id).name
    address = sign_link(services().config, customer_id, words.WHO, admin=True)
    return _overview(words.LINK_DONE.format(name=name), address=address)


def _load(customer_id: int) -> customers.CustomerRecord:
    try:
        return customers.load(customer_id)
    except UsageError:
        abort(404)


def _set_state(customer_id: int, state: customers.CustomerState, said: str) -> str:
    with services().answering():
        name = _load(customer_id).name
        customers.set_state(customer_id, state)
    return _overview(said.format(name=name))


def _overview(said: str = "", *, bad: bool = False, address: str = "") -> str:
    say, config = _speech(), services().config
    with services().answering():
        found = deployment.overview(services().clock.now(), config.poll_minutes)
        checks = ourselves.look_at_ourselves(config)
        going = {c.id: customers.erased_in_days(c) for c in customers.list_all()}
    case = request.args.get("state", "")
    chosen = [one for one in found.customers if case in ("", one.case)]
    start = min(max(request.args.get("from", 0, type=int), 0), len(chosen))
    return render_template(
        "operator.html",
        live=True,
        words=words,
        say=say,
        found=found,
        summary=_summary(found, say),
        tiles=_tiles(found, say),
        order=[case for case in WORST_FIRST if found.cases.get(case)],
        case=case,
        shown=[(one, _cause(one, going, say)) for one in chosen[start : start + PAGE]],
        newer=max(start - PAGE, 0) if start else None,
        older=start + PAGE if start + PAGE < len(chosen) else None,
        checks=checks,
        said=said,
        bad=bad,
        address=address,
    )


def _speech() -> Speech:
    return speech(services().clock.now(), "UTC")


def _summary(found: Overview, say: Speech) -> str:
    parts = [
        text.format(n=say.number(found.cases[case]))
        for case, text in words.SUMMARY.items()
        if found.cases.get(case)
    ]
    return f"{say.count(len(found.customers), 'customer', 'customers')}: {', '.join(parts)}."


def _tiles(found: Overview, say: Speech) -> Sequence[Tile]:
    sent = [found.calls.get(vendor, Calls()) for vendor in ("wistia", "upsales")]
    figures = (
        say.lasting(found.late) if found.late else "none",
        say.number(found.waiting),
        say.number(found.failed),
        " + ".join(say.number(calls.made) for calls in sent),
    )
    failed = say.number(sum(calls.failed for calls in sent))
    return [
        Tile(name, figure, note.format(failed=failed))
        for (name, note), figure in zip(words.TILES, figures, strict=True)
    ]


def _cause(one: Shown, going: Mapping[int, int | None], say: Speech) -> str:
    """Why the customer stands as it does, in a sentence; "" where all is well."""
    standing = one.standing
    if one.case == "suspended":
        days = going.get(standing.id)
        erased = words.ERASED_IN.format(days=say.count(days, "day", "days")) if days else ""
        return words.SUSPENDED + erased
    if one.case == "paused":
        return words.PAUSED
    if standing.status == "failed":
        return standing.reason or words.NO_CAUSE
    if one.case == "ours" and one.late > timedelta():
        return words.LATE.format(lasting=say.lasting(one.late))
    if standing.needing:
        return words.NEEDING.format(writes=say.number(standing.needing))
    return ""
