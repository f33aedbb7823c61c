"""A customer's settings as people change them: read, drafted, saved, gone back to.

Whoever saves names the version that was looked at. A change made on another one meanwhile is not
written over: it is shown, and both are looked at once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .errors import AppError, UsageError
from .settings import DEFAULTS, LATER_DEFAULTS, Problem, read
from .store import customers, database, versions, webhooks
from .store.customers import Saved
from .store.keyring import Keyring
from .store.versions import Version
from .webhook_setup import make_secret

ALL_DEFAULTS: Mapping[str, Any] = {**DEFAULTS, **LATER_DEFAULTS}
"""Every setting that is not a credential, with its default."""


class Overtaken(AppError):
    """Somebody saved another version meanwhile."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The settings in force, and what is known about them.

    ``config`` names every setting. ``upsales`` is what Upsales last sent, None when it never did;
    ``saved`` tells of each credential when it was saved and by whom. ``next_at`` is when the next
    run starts (aware UTC), None when none is due; ``users`` are Upsales' by number and name.
    """

    customer_id: int
    version: Version | None
    config: Mapping[str, Any]
    problems: Mapping[str, Problem]
    upsales: Mapping[str, Any] | None
    saved: Mapping[str, Saved]
    next_at: datetime | None
    users: Mapping[str, str]

    @property
    def number(self) -> int:
        """The number of the version in force, 0 before the first."""
        return self.version.number if self.version else 0


def load(customer_id: int) -> Rulebook:
    """The settings of a customer. Raises UsageError for an unknown one."""
    customer = customers.load(customer_id)
    version = versions.current(customer_id)
    problems = [Problem(**one) for one in version.problems] if version else []
    sent = customer.setup.get("upsales_config")
    due = customers.due_at(customer_id, customers.POLL) if customer.state == "active" else None
    return Rulebook(
        customer_id,
        version,
        whole(version.config if version else {}),
        {problem.name: problem for problem in problems},
        None if sent is None else whole(sent),
        customers.saved_secrets(customer_id),
        due,
        customer.setup.get("users", {}),
    )


def whole(config: Mapping[str, Any]) -> dict[str, Any]:
    """``config`` with every setting in it, each in its plain form."""
    given = {name: value for name, value in config.items() if name in ALL_DEFAULTS}
    return {**ALL_DEFAULTS, **read(given).config}


@dataclass(frozen=True, slots=True)
class Draft:
    """Changes that are not saved yet.

    ``base`` is the version they were made on; ``wrong`` holds what cannot be read, by name.
    """

    base: int
    changes: Mapping[str, Any]
    wrong: Mapping[str, Problem]


def draft(book: Rulebook, raw: Mapping[str, Any], base: int | None = None) -> Draft:
    """What ``raw`` values change on version ``base`` (that in force, when None).

    A value that is that of ``base`` is no change of whoever gave it, even where another one is in
    force by now. Raises Overtaken when there is no such version.
    """
    number = book.number if base is None else base
    start = book.config if number == book.number else _config_of(book.customer_id, number)
    given = {name: value for name, value in raw.items() if name in ALL_DEFAULTS}
    reading = read(given, start)
    wrong = {problem.name: problem for problem in reading.problems} | _left_empty(given)
    changes = {
        name: reading.config[name]
        for name in given
        if name not in wrong and reading.config[name] not in (start[name], book.config[name])
    }
    return Draft(number, changes, wrong)


def _left_empty(given: Mapping[str, Any]) -> dict[str, Problem]:
    """Numbers whose field was emptied: a rule never silently becomes 0 %."""
    return {
        name: Problem(name, "", "")
        for name, value in given.items()
        if value == "" and type(ALL_DEFAULTS[name]) is int
    }


def _config_of(customer_id: int, number: int) -> Mapping[str, Any]:
    version = versions.get(customer_id, number)
    if version is None:
        raise Overtaken("There is no such version.")
    return whole(version.config)


def save(
    keyring: Keyring,
    book: Rulebook,
    changes: Mapping[str, Any],
    secrets: Mapping[str, str],
    who: str,
    now: datetime,
) -> Version:
    """Save ``changes`` and credentials as a new version on top of ``book``.

    Whoever saves has seen every value, so what could not be read is settled. Raises Overtaken,
    storing nothing, when another version is in force by now.
    """
    with database.transaction():
        versions.one_at_a_time(book.customer_id)
        present = versions.current(book.customer_id)
        if (present.number if present else 0) != book.number:
            raise Overtaken("Another version was saved meanwhile.")
        for name, value in secrets.items():
            customers.save_secret(keyring, book.customer_id, name, value, now, by=who)
        config = (present.config if present else {}) | _explicit(book) | dict(changes)
        return versions.save(book.customer_id, config, [], who, now, secrets=sorted(secrets))


def _explicit(book: Rulebook) -> dict[str, Any]:
    """The values in force of all rules, and of what could not be read."""
    return {name: book.config[name] for name in (*DEFAULTS, *book.problems)}


def new_webhook_secret(keyring: Keyring, book: Rulebook, who: str, now: datetime) -> str:
    """Make a secret for Wistia's webhook; returns it, for the only time it is shown."""
    with database.transaction():
        made = make_secret(keyring, book.customer_id, now, by=who)
        present = versions.current(book.customer_id)
        config, problems = (present.config, present.problems) if present else ({}, [])
        versions.save(book.customer_id, config, problems, who, now, secrets=[webhooks.SECRET])
    return made


def back_to(book: Rulebook, number: int) -> Mapping[str, Any]:
    """The values of an older version. Raises UsageError when there is none such."""
    version = versions.get(book.customer_id, number)
    if version is None:
        raise UsageError(f"There is no version {number}.")
    return whole(version.config)


def undo(keyring: Keyring, book: Rulebook, who: str, now: datetime) -> Version:
    """Save the values of the version before that of ``book`` as a new one.

    Raises UsageError when there is none before, Overtaken as ``save``.
    """
    before = back_to(book, book.number - 1)
    return save(keyring, book, {n: before[n] for n in differing(before, book.config)}, {}, who, now)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The names of the settings whose values differ, in the order of the form."""
    return [name for name in ALL_DEFAULTS if one.get(name) != other.get(name)]
