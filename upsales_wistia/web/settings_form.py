"""The form of the settings: what was typed in it, and how each field is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from ..clients.wistia_schema import Project
from ..rulebook import ALL_DEFAULTS, Draft, Rulebook
from ..settings import Problem, shown
from .credentials_shown import PASTED
from .setting_words import Names
from .texts import settings as words

LISTS = frozenset({"activityProjects", "maveraJobs"})
"""Settings that are ticked one by one."""

USERS = "notifyUsers"
"""Users, ticked one by one where they are known by name."""

TICKS = frozenset(name for name, value in ALL_DEFAULTS.items() if isinstance(value, bool))
"""Settings that are on or off."""

GIVEN = "set."
"""How a name begins in an address that opens the page with a change filled in."""

_LONGEST = 20_000


def typed_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """The raw values in a form that was sent; only whole forms are read."""
    return {
        name: _ticked(form, name) if name in {*LISTS, USERS} else _one(form, name)
        for name in ALL_DEFAULTS
        if name in form or name in {*LISTS, USERS, *TICKS}
    }


def _ticked(form: MultiDict[str, str], name: str) -> list[str]:
    values = [value[:_LONGEST] for value in form.getlist(name) if value]
    # Where users are not known by name, their numbers are typed.
    return [one for value in values for one in value.split(",")] if name == USERS else values


def _one(form: MultiDict[str, str], name: str) -> Any:
    if name in TICKS:
        return name in form
    return form[name][:_LONGEST].strip()


def asked_values(arguments: MultiDict[str, str]) -> dict[str, Any]:
    """The raw values that an address asks for: ``?set.activityMinPercent=41``."""
    found: dict[str, Any] = {}
    for name in ALL_DEFAULTS:
        values = [value[:_LONGEST] for value in arguments.getlist(f"{GIVEN}{name}")]
        if values:
            found[name] = values if len(values) > 1 else values[0]
    return found


def typed_secrets(form: MultiDict[str, str]) -> dict[str, str]:
    """The credentials that were pasted, trimmed."""
    given = {name: form.get(name, "").strip() for name in PASTED}
    return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field: ``value`` as it stands in it (a list for what is ticked one by one).

    ``saved`` says in words what is in force where the field differs from it, ``upsales`` what
    Upsales has where that differs from the field; ``wrong`` what cannot be read.
    """

    name: str
    label: str
    value: Any
    help: str
    unit: str
    choices: Mapping[str, str]
    saved: str
    upsales: str
    differs: bool
    wrong: str


def fields(
    book: Rulebook, made: Draft, raw: Mapping[str, Any], names: Names
) -> dict[str, FieldShown]:
    """Every field, with what was changed or typed in it."""
    return {name: _field(name, book, made, raw, names) for name in ALL_DEFAULTS}


def _field(
    name: str, book: Rulebook, made: Draft, raw: Mapping[str, Any], names: Names
) -> FieldShown:
    value = made.changes.get(name, book.config[name])
    if name in made.wrong:
        value = ", ".join(raw[name]) if isinstance(raw[name], list) else raw[name]
    sent = book.upsales[name] if book.upsales is not None else value
    return FieldShown(
        name,
        words.LABELS[name],
        in_field(name, value, typed=not book.users),
        words.HELP.get(name, ""),
        words.UNITS.get(name, ""),
        _choices(name, book, value),
        names.value(name, book.config[name]) if value != book.config[name] else "",
        names.value(name, sent) if sent != value else "",
        book.upsales is not None and sent != book.config[name],
        _wrong(name, book, made),
    )


def _choices(name: str, book: Rulebook, value: Any) -> Mapping[str, str]:
    if name != USERS or not book.users or not isinstance(value, list):
        return words.CHOICES.get(name, {})
    unknown = {one: words.USER.format(id=one) for one in value if one not in book.users}
    return dict(sorted({**unknown, **book.users}.items(), key=lambda one: one[1].casefold()))


def in_field(name: str, value: Any, typed: bool) -> Any:
    """A value as it stands in its field: text, true or false, or a list of what is ticked."""
    if isinstance(value, bool) or name in LISTS or (name == USERS and not typed):
        return value
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _wrong(name: str, book: Rulebook, made: Draft) -> str:
    if name in made.wrong:
        problem = made.wrong[name]
        return problem.wanted if problem.value else words.EMPTY
    return _came_as(book.problems.get(name))


def _came_as(problem: Problem | None) -> str:
    if problem is None:
        return ""
    told = words.CAME_AS_BLOCKING if problem.blocks else words.CAME_AS
    return told.format(value=shown(problem.value), kept=problem.kept)


@dataclass(frozen=True, slots=True)
class ProjectShown:
    """A project in the list: ``videos`` is "" where the number is not known."""

    id: str
    name: str
    videos: str
    chosen: bool
    hidden: bool


def projects(
    known: Iterable[Project],
    names: Names,
    chosen: Collection[str],
    saved: Collection[str],
    find: str,
    counted: Callable[[int], str],
) -> list[ProjectShown]:
    """The projects by name, the ``saved`` ones first; hidden are those without ``find`` in it.

    The order does not depend on what is ``chosen`` just now: nothing moves while somebody ticks.
    """
    listed = {one.project_id: one for one in known}
    ids = {*listed, *chosen, *saved}
    order = sorted(ids, key=lambda one: (one not in saved, names.project(one).casefold(), one))
    return [
        ProjectShown(
            one,
            names.project(one),
            counted(listed[one].media_count) if one in listed and listed[one].media_count else "",
            one in chosen,
            find.casefold() not in names.project(one).casefold(),
        )
        for one in order
    ]


def hint(field: FieldShown, whole: int, projects: int) -> str:
    """What stands below a field: of the score ``whole`` a share, of all ``projects`` the chosen."""
    if field.name == "scoreByPercent":
        return field.help.format(part=max(1, -(-whole * 83 // 100)), whole=whole)
    if field.name == "activityProjects" and field.value:
        return words.CHOSEN.format(n=len(field.value), all=projects, help=field.help)
    return field.help
