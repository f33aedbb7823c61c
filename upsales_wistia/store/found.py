"""Whose views a search is for: by address, contact, name, domain or session, through indexes.

Each function gives a sub-query for the ids of the views, and its parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import expressions as of
from .sql import among, lowered, starting

Ids = tuple[str, list[Any]]

NONE: Ids = ("SELECT 0", [])
"""No view: ids begin at 1."""

_IDS = "SELECT id FROM views WHERE customer_id = ? AND"


def by_email(customer_id: int, email: str) -> Ids:
    """The views of a normalised e-mail, and those that know it though it does not count."""
    return _any(
        customer_id,
        [("person = ?", [email]), (f"{of.NOBODY} AND {of.KNOWN_AS} = ?", [lowered(email)])],
    )


def by_contact(customer_id: int, contact_id: int) -> Ids:
    """The views of a contact in Upsales."""
    found = "SELECT email FROM people WHERE customer_id = ? AND contact_id = ?"
    return _any(customer_id, [(f"person IN ({found})", [customer_id, contact_id])])


def by_words(customer_id: int, words: str, media_ids: Sequence[str] = ()) -> Ids:
    """The views that ``words`` (not empty) may mean, or that are of one of these videos.

    The beginning of an e-mail, of a full name, a last name or an event key; a whole domain; a
    visitor's key. Capitals are no matter, but in keys.
    """
    small = lowered(words)
    person, known = starting("person", words.lower()), starting(of.KNOWN_AS, small)
    conditions = [
        starting("event_key", words),
        ("visitor_key = ?", [words]),
        person,
        (f"{of.NOBODY} AND {known[0]}", known[1]),
        *_named(customer_id, words),
    ]
    if "." in words:
        conditions += [
            ("domain = ?", [small]),
            (f"{of.NOBODY} AND {of.KNOWN_AT} = ?", [small]),
        ]
    if media_ids:
        conditions.append(among("media_id", media_ids))
    return _any(customer_id, conditions)


def _named(customer_id: int, words: str) -> list[Ids]:
    """Views of people whose name, as they gave it or as Upsales has it, begins so."""
    # SQLite folds ASCII alone: ``åsa`` is found as ``Åsa`` too.
    spellings = dict.fromkeys([lowered(words), lowered(words.title())])
    columns = {
        "conversions": ("email", of.CONVERTED_NAME, of.CONVERTED_LAST_NAME),
        "people": ("email", of.CONTACT_NAME, of.CONTACT_LAST_NAME),
    }
    found: list[Ids] = []
    for table, (email, *names) in columns.items():
        for condition, values in (starting(name, s) for name in names for s in spellings):
            who = f"SELECT {email} FROM {table} WHERE customer_id = ? AND {condition}"
            found.append((f"person IN ({who})", [customer_id, *values]))
    return found


def _any(customer_id: int, conditions: Sequence[Ids]) -> Ids:
    # One sub-query for each: a single one with OR would be answered by a walk over all views.
    parts = " UNION ".join(f"{_IDS} {condition}" for condition, _ in conditions)
    return parts, [v for _, values in conditions for v in (customer_id, *values)]
