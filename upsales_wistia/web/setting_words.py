"""The values of settings as a person says them, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .texts import settings as words


@dataclass(frozen=True, slots=True)
class Names:
    """What ids in settings are called: projects of Wistia, users of Upsales."""

    projects: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str, value: Any) -> str:
        """``value`` of the setting ``name`` in words."""
        if isinstance(value, bool):
            return words.ON if value else words.OFF
        if isinstance(value, list):
            return ", ".join(self.items(name, value)) or _nothing(name)
        if value in (None, ""):
            return words.NONE
        if name == "startDate":
            return full_day(str(value))
        chosen = words.CHOICES.get(name, {}).get(value)
        return chosen or _counted(name, value)

    def items(self, name: str, values: Sequence[Any]) -> list[str]:
        """What stands in a list, in words."""
        if name == "activityProjects":
            return [self.project(one) for one in values]
        if name == "notifyUsers":
            return [self.users.get(one, words.USER.format(id=one)) for one in values]
        return [words.CHOICES.get(name, {}).get(one, one) for one in values]

    def project(self, project_id: str) -> str:
        """A project's name."""
        return self.projects.get(project_id) or words.GONE_PROJECT.format(id=project_id)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a setting differs: ``old`` and ``new`` in words, of a list only what is not in both."""

    label: str
    old: str
    new: str


def differences(
    names: Names, old: Mapping[str, Any], new: Mapping[str, Any], which: Sequence[str]
) -> list[Difference]:
    """How the settings ``which`` differ."""
    return [_difference(names, name, old[name], new[name]) for name in which]


def _difference(names: Names, name: str, old: Any, new: Any) -> Difference:
    if isinstance(old, list) and isinstance(new, list) and old and new:
        gone = [one for one in old if one not in new]
        come = [one for one in new if one not in old]
        told = (", ".join(names.items(name, some)) for some in (gone, come))
        return Difference(words.LABELS[name], *told)
    return Difference(words.LABELS[name], names.value(name, old), names.value(name, new))


def full_day(text: str) -> str:
    """``20 Nov 2026`` for a day in ISO text."""
    when = date.fromisoformat(text)
    return f"{when.day} {when:%b %Y}"


def _nothing(name: str) -> str:
    return words.ALL_PROJECTS if name == "activityProjects" else words.NONE


def _counted(name: str, value: Any) -> str:
    unit = words.UNITS.get(name)
    if unit is None:
        return str(value)
    if unit == "%":
        return f"{value}%"
    return f"{value} {unit.removesuffix('s') if value == 1 else unit}"
