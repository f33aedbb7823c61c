"""What happened with a version of the settings, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..rulebook import differing, whole
from ..store.versions import Version
from .setting_words import Difference, Names, differences
from .texts import history as words
from .texts import settings as setting_words


@dataclass(frozen=True, slots=True)
class Happened:
    """A change: of a setting from ``old`` to ``new``, or only what ``says`` says."""

    says: str
    old: str = ""
    new: str = ""


def happened(names: Names, before: Version | None, version: Version) -> list[Happened]:
    """What is other in ``version`` than in the one ``before`` it, None for the first."""
    if before is None:
        return [Happened(words.FIRST)]
    old, new = whole(before.config), whole(version.config)
    changes = differences(names, old, new, differing(old, new))
    return [*_replaced(version), *map(_changed, changes), *_problems(before, version)]


def _replaced(version: Version) -> Iterator[Happened]:
    for name in version.secrets:
        yield Happened(words.REPLACED.format(what=setting_words.LABELS[name]))


def _changed(change: Difference) -> Happened:
    if not change.old:
        return Happened(words.ADDED.format(what=change.label, items=change.new))
    if not change.new:
        return Happened(words.TAKEN_OUT.format(what=change.label, items=change.old))
    return Happened(change.label, change.old, change.new)


def _problems(before: Version, version: Version) -> Iterator[Happened]:
    """Values of Upsales' that could not be read, from this version on."""
    had = {problem["name"] for problem in before.problems}
    has = {problem["name"] for problem in version.problems}
    for name in sorted(has - had):
        yield Happened(words.UNREADABLE.format(what=setting_words.LABELS.get(name, name)))
    if had and not has:
        yield Happened(words.READABLE)
