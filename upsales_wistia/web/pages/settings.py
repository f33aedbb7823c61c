"""The settings, and beside them What if: change a rule knowing what it does.

``?set.NAME=VALUE`` opens the page with changes filled in, ``?domain=D&as=CHOICE`` with what is
said of a domain, ``?version=N`` with the values of an older version.
One address takes all that is sent; its ``do`` says what for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, abort, redirect, request, url_for
from werkzeug import Response

from ... import rulebook
from ...clock import StandingClock
from ...errors import UsageError
from ...rulebook import Draft, Overtaken, Rulebook
from ...settings import typed
from ...store import customers
from ...whatif import WhatIf, what_if
from ..credentials_shown import Verdict, check, verdict_of, verdicts_live
from ..domain_rows import asked_choice
from ..security import Visitor, administrator, services, visitor
from ..settings_form import asked_values, typed_secrets, typed_values
from ..settings_page import Page, render

blueprint = Blueprint("settings", __name__, url_prefix="/c/<int:customer_id>")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/settings")
def page(customer_id: int) -> str:
    """The form, with whatever the address fills in."""
    who = visitor(customer_id)
    with services().answering():
        book = _book(customer_id)
        raw, back = _filled_in(book)
        made = rulebook.draft(book, raw)
        shown = _look(Page(who, book, made, raw, back=back))
    if "checked" in request.args:
        shown = replace(shown, verdicts=_live(book))
    return render(replace(shown, saved=_number("saved") == book.number > 0))


def _filled_in(book: Rulebook) -> tuple[Mapping[str, Any], int]:
    """The raw values an address asks for, and the version they are of, 0 for none."""
    number = _number("version")
    if not number:
        return {**asked_choice(request.args, book), **asked_values(request.args)}, 0
    try:
        return rulebook.back_to(book, number), number
    except UsageError:
        abort(404)


@blueprint.post("/settings")
def change(customer_id: int) -> Response | str | tuple[str, int]:
    """Show what would change, check a credential, or save."""
    who = visitor(customer_id)
    base = _number("version", request.form)
    with services().answering():
        book = _book(customer_id)
        shown = _sent(who, book, base)
    asked = request.form.get("do", "")
    if asked == "save" or "sure" in request.form:
        return _save(shown)
    if asked == "secret":
        shown = _with_secret(shown, base)
    if asked.startswith("check "):
        shown = _checked(shown, asked.removeprefix("check "))
    return render(shown)


def _sent(who: Visitor, book: Rulebook, base: int) -> Page:
    """The form as it was sent."""
    if "version" not in request.form:
        abort(400)
    raw = typed_values(request.form)
    use = request.form.get("use", "")
    if use in raw and book.upsales:
        raw[use] = book.upsales[use]
    try:
        made = rulebook.draft(book, raw, base)
    except Overtaken:
        abort(400)
    find = request.form.get("find", "")[:200]
    return _look(Page(who, book, made, raw, secrets=typed_secrets(request.form), find=find))


def _look(shown: Page) -> Page:
    """Ask What if, where something that can be read is changed."""
    if not shown.made.changes or shown.made.wrong:
        return shown
    return replace(shown, found=_found(shown.book, shown.made))


def _found(book: Rulebook, made: Draft) -> WhatIf:
    after = {**book.config, **made.changes}
    now, days = services().clock.now(), services().config.window_days
    return what_if(book.customer_id, typed(book.config), typed(after), now, days)


def _checked(shown: Page, name: str) -> Page:
    """Try what was pasted; nothing of it is kept."""
    secrets = {**_stored(shown.book.customer_id), **shown.secrets}
    if name not in shown.secrets:
        return shown
    found = check(services().connection, name, secrets[name], secrets.get("wistiaApiPassword", ""))
    return replace(shown, verdicts={name: verdict_of(found)}, checked=name)


def _with_secret(shown: Page, base: int) -> Page:
    """Make a secret for the webhook, and go on with the form as it was sent."""
    who, house = administrator(shown.book.customer_id), services()
    with house.answering():
        now = house.clock.now()
        made = rulebook.new_webhook_secret(house.keyring, shown.book, who.who, now)
        book = _book(shown.book.customer_id)
        # The new version is ours: it is none that somebody else's change was made on.
        on = book.number if base == shown.book.number else base
        return replace(_sent(who, book, on), webhook_secret=made)


def _save(shown: Page) -> Response | tuple[str, int]:
    """Save what was changed, unless something must be looked at first."""
    administrator(shown.book.customer_id)
    if shown.made.wrong:
        return render(replace(shown, problem="wrong")), 422
    refused = _refused(shown)
    if refused:
        return render(replace(shown, verdicts=refused, problem="token")), 422
    if shown.made.base != shown.book.number:
        return render(replace(shown, problem="overtaken")), 409
    if shown.asks and request.form.get("sure") != shown.asks:
        return render(replace(shown, problem="sure")), 200
    try:
        with services().answering():
            number = _store(shown)
    except Overtaken:
        with services().answering():
            shown = _sent(shown.who, _book(shown.book.customer_id), shown.made.base)
        return render(replace(shown, problem="overtaken")), 409
    return _back(shown.book.customer_id, number)


def _store(shown: Page) -> int:
    house, book = services(), shown.book
    if not (shown.made.changes or shown.secrets or book.problems):
        return 0
    now = house.clock.now()
    made = rulebook.save(house.keyring, book, shown.made.changes, shown.secrets, shown.who.who, now)
    return made.number


def _refused(shown: Page) -> dict[str, Verdict]:
    """What is wrong with pasted credentials: the old ones stay until the new ones work."""
    if not shown.secrets:
        return {}
    token = ({**_stored(shown.book.customer_id), **shown.secrets}).get("wistiaApiPassword", "")
    found = {
        name: check(services().connection, name, value, token)
        for name, value in shown.secrets.items()
    }
    return {name: verdict_of(one) for name, one in found.items() if not one.good}


@blueprint.post("/settings/undo")
def undo(customer_id: int) -> Response:
    """Save the values of the version before as a new one."""
    who = administrator(customer_id)
    number = _number("version", request.form)
    with services().answering():
        book = _book(customer_id)
        if number != book.number:
            abort(400)
        try:
            made = rulebook.undo(services().keyring, book, who.who, services().clock.now())
        except (UsageError, Overtaken):
            abort(400)
    return _back(customer_id, made.number)


def _back(customer_id: int, saved: int) -> Response:
    address = url_for("settings.page", customer_id=customer_id, saved=saved or None)
    return redirect(address, 303)


def _book(customer_id: int) -> Rulebook:
    try:
        book = rulebook.load(customer_id)
    except UsageError:
        abort(404)
    if isinstance(services().clock, StandingClock):
        return replace(book, next_at=None)  # Where time stands no next run comes.
    return book


def _live(book: Rulebook) -> dict[str, Verdict]:
    house = services()
    secrets = _stored(book.customer_id)
    return verdicts_live(house.connection, secrets, book.saved, house.clock.now())


def _stored(customer_id: int) -> dict[str, str]:
    house = services()
    with house.answering():
        return customers.secrets(house.keyring, customer_id)


def _number(name: str, given: Mapping[str, str] | None = None) -> int:
    """A number in what was sent; 0 where none can be."""
    text = (request.args if given is None else given).get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
