"""Credentials on the settings page: when they were saved, and whether they work. Never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from .. import connection
from ..connection import Connection, Finding
from ..rulebook import Rulebook
from ..store import runs
from ..store.customers import Saved
from .texts import settings as words
from .wording import Speech

TOKEN, PUBLIC_TOKEN, MAVERA_KEY = "wistiaApiPassword", "wistiaPublicToken", "maveraApiKey"

PASTED = (TOKEN, PUBLIC_TOKEN, MAVERA_KEY)
"""Credentials that are pasted on the page; the webhook's secret is made here."""

OLD = timedelta(days=90)
"""The age from which a token is to be renewed."""

_DOUBTFUL = {
    connection.MAY_WRITE,
    connection.AWAY,
    connection.NO_CREDITS,
    connection.MAVERA_AWAY,
}
_OPEN = {connection.NO_PUBLIC_TOKEN, connection.UNCOMPARED, connection.TOO_EARLY}
_ICONS = {"ok": "ok", "warn": "warn", "bad": "bad", "mut": "ask"}
_REFUSALS = ("unauthorized_scope", "unauthorized_credentials", "account_inactive")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a credential works: ``colour`` is ok, warn, bad or mut. ``says`` is "" for none."""

    colour: str
    says: str | Markup

    @property
    def icon(self) -> str:
        """The shape that stands beside the words."""
        return _ICONS[self.colour]


@dataclass(frozen=True, slots=True)
class CredentialShown:
    """A credential: ``saved`` says when and by whom, ``open`` whether its field is unfolded."""

    name: str
    label: str
    saved: str | Markup
    is_saved: bool
    verdict: Verdict | None
    new: str
    open: bool


def verdict_of(found: Finding) -> Verdict:
    """What a live check found, with its colour."""
    says = found.sentence if found.sentence.count(". ") else found.sentence.removesuffix(".")
    if found.sentence in _OPEN:
        return Verdict("mut", says)
    if found.sentence in _DOUBTFUL:
        return Verdict("warn", says)
    return Verdict("ok" if found.good else "bad", says)


def check(asked: Connection, name: str, value: str, token: str) -> Finding:
    """Try ``value`` live; a public token is compared with the help of ``token``."""
    if name == TOKEN:
        return asked.check_token(value)
    if name == MAVERA_KEY:
        return asked.check_mavera_key(value)
    return asked.check_public_token(value, token)


def verdicts_live(
    asked: Connection, secrets: Mapping[str, str], saved: Mapping[str, Saved], now: datetime
) -> dict[str, Verdict]:
    """Whether the stored ones work, found out by using them. ``now`` is aware UTC."""
    token = secrets.get(TOKEN, "")
    found: dict[str, Verdict] = {}
    for name in PASTED:
        if name in secrets:
            verdict = verdict_of(check(asked, name, secrets[name], token))
            found[name] = _aged(verdict, now - saved[name].at) if name == TOKEN else verdict
    return found


def _aged(verdict: Verdict, age: timedelta) -> Verdict:
    if verdict.colour != "ok" or age <= OLD:
        return verdict
    return Verdict("warn", words.TOO_OLD.format(n=age.days))


def verdict_stored(customer_id: int, say: Speech) -> Verdict:
    """Whether the API token worked when it was last used, as far as it is stored."""
    last = next((run for run in runs.listing(customer_id, limit=1) if run.ended_at), None)
    if last is None:
        return Verdict("mut", words.NOT_TRIED)
    when = say.time(last.started_at)
    if last.code in _REFUSALS:
        return Verdict("bad", words.REFUSED_IN_RUN.format(when=when))
    return (
        Verdict("ok", words.WORKED.format(when=when))
        if last.complete
        else Verdict("mut", words.NOT_TRIED)
    )


def credential(
    name: str, book: Rulebook, verdict: Verdict | None, say: Speech, *, is_open: bool = False
) -> CredentialShown:
    """A credential as it is shown."""
    saved = book.saved.get(name)
    return CredentialShown(
        name,
        words.LABELS[name],
        _saved(saved, say) if saved else words.NOT_SAVED[name],
        saved is not None,
        verdict,
        words.NEW[name],
        is_open or (saved is None and name == TOKEN),
    )


def _saved(saved: Saved, say: Speech) -> Markup:
    when = say.time(saved.at)
    if saved.by in words.SAVED_THERE:
        return words.SAVED_THERE[saved.by].format(when=when)
    return words.SAVED_BY.format(when=when, who=say.who(saved.by))
