"""*What if?* in words: what a change of settings would do, ready to be shown and heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..funnel.reasons import PASS
from ..funnel.view import Target
from ..funnel.writes import shown_percent
from ..whatif import Changes, Steps, Touched, WhatIf
from .setting_words import Difference
from .texts import settings as words
from .wording import Speech

MOST = 20
"""Views that are named in each list."""

KINDS = ("gained", "lost", "unknown")


@dataclass(frozen=True, slots=True)
class ViewShown:
    """A view by name: who watched (``key`` leads to it), what, and how much of it."""

    key: str
    who: str
    what: tuple[str, ...]
    percent: int


@dataclass(frozen=True, slots=True)
class ListShown:
    """Views that a change gains, loses or cannot tell. ``open`` says that they are seen at once."""

    kind: str
    heading: str
    note: str
    views: tuple[ViewShown, ...]
    more: str
    open: bool


@dataclass(frozen=True, slots=True)
class TileShown:
    """A figure; ``colour`` is ok, warn or nothing."""

    name: str
    figure: str
    colour: str


@dataclass(frozen=True, slots=True)
class Answer:
    """All that stands in What if. ``told`` is one sentence for those who hear it."""

    changes: tuple[Difference, ...]
    told: str
    nothing: str
    tiles: tuple[TileShown, ...]
    views: str
    rows: tuple[tuple[str, str, str], ...]
    lists: tuple[ListShown, ...]
    score: str
    scores: tuple[tuple[str, str], ...]
    later: str


def answer(found: WhatIf, changes: Sequence[Difference], say: Speech) -> Answer:
    """What was found, in words."""
    if found.nothing:
        nothing = words.WITHOUT_EFFECT.format(views=say.count(found.views, *words.STORED))
        return Answer(tuple(changes), nothing, nothing, (), "", (), (), "", (), "")
    target = next((t for t in Target if found.then[t]), Target.ACTIVITY)
    waiting = sum(len(found.changes[t].gained) - found.at_once[t] for t in Target)
    return Answer(
        tuple(changes),
        _told(found, say),
        "",
        _tiles(found, say),
        say.count(found.views, *words.STORED),
        _rows(found.now[target], found.then[target], target, say),
        tuple(_lists(found, say)),
        _score(found, say),
        tuple((one.company, _signed(one.points, say)) for one in found.points[:MOST]),
        words.LATER.format(n=say.number(waiting)) if waiting else "",
    )


def _signed(number: int, say: Speech) -> str:
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{say.number(abs(number))}"


def _tiles(found: WhatIf, say: Speech) -> tuple[TileShown, ...]:
    gained = [
        TileShown(
            words.TILES[target.value],
            _signed(len(found.changes[target].gained), say),
            "ok" if found.changes[target].gained else "",
        )
        for target in Target
    ]
    lost = TileShown(words.TILES["lost"], say.number(found.lost), "warn" if found.lost else "")
    return (*gained, lost)


def _rows(
    now: Steps | None, then: Steps | None, target: Target, say: Speech
) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (label, _figure(now, name, say), _figure(then, name, say))
        for name, label in words.ROWS.items()
        if target is Target.ACTIVITY or name != "matched"
    )


def _figure(steps: Steps | None, name: str, say: Speech) -> str:
    return words.OFF if steps is None else say.number(getattr(steps, name))


def _lists(found: WhatIf, say: Speech) -> list[ListShown]:
    lists = [
        _list(kind, target, getattr(found.changes[target], kind), say)
        for kind in KINDS
        for target in Target
        if getattr(found.changes[target], kind)
    ]
    # The first list of all is seen at once, the others are unfolded by whoever asks.
    return [_opened(one, number == 0) for number, one in enumerate(lists)]


def _opened(shown: ListShown, is_open: bool) -> ListShown:
    return ListShown(shown.kind, shown.heading, shown.note, shown.views, shown.more, is_open)


def _list(kind: str, target: Target, views: Sequence[Touched], say: Speech) -> ListShown:
    most = sorted(views, key=lambda one: (-one.view.percent, one.view.event_key))[:MOST]
    rest = len(views) - len(most)
    counted = say.count(len(views), *words.OF_TARGET[target.value])
    n = say.number(len(views))
    return ListShown(
        kind,
        words.LISTS[kind].format(n=counted),
        words.LOOK_UP[len(views) != 1].format(n=n) if kind == "unknown" else "",
        tuple(_view(kind, one) for one in most),
        words.MORE.format(n=say.number(rest)) if rest else "",
        False,
    )


def _view(kind: str, one: Touched) -> ViewShown:
    company = one.match.company_name if one.match else ""
    if one.match and one.match.contact is None:
        company = words.SOMEONE.format(company=company)
    waits = {"settling": words.SETTLING, "form_first": words.AFTER_FORM}
    later = waits.get(one.code, "") if kind == "gained" and one.code != PASS else ""
    return ViewShown(
        one.view.event_key,
        one.name or one.email or words.NO_NAME,
        tuple(filter(None, (one.view.video.name, company, later))),
        shown_percent(one.view.percent),
    )


def _score(found: WhatIf, say: Speech) -> str:
    if not found.points:
        return ""
    return words.LEAD_SCORE.format(
        points=_signed(sum(one.points for one in found.points), say),
        companies=say.count(len(found.points), *words.COMPANIES),
    )


def _told(found: WhatIf, say: Speech) -> str:
    """As one sentence: ``5 activities and 7 forms gained, none lost.`` and what is unknown."""
    unknown = sum(len(one.unknown) for one in found.changes.values())
    told = words.SENTENCE.format(
        gained=_counted(found.changes, "gained", say) or words.NO_GAIN,
        lost=_counted(found.changes, "lost", say) or words.NONE_LOST,
    )
    return told + (words.UNKNOWN.format(n=say.number(unknown)) if unknown else "")


def _counted(changes: Mapping[Target, Changes], kind: str, say: Speech) -> str:
    parts = [
        say.count(len(getattr(one, kind)), *words.OF_TARGET[target.value])
        for target, one in changes.items()
        if getattr(one, kind)
    ]
    return words.AND.join(parts)


def exactly(next_at: Markup | None) -> Markup:
    """Which run does it; ``next_at`` is its time as it is shown."""
    at = words.AT.format(when=next_at) if next_at else ""
    return words.EXACTLY.format(at=at)
