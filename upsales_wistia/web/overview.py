"""The figures around the funnel: the tiles, thirty days, and what is worth knowing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..status import Document, StatusData
from . import texts
from .daychart import Day, DayChart, days, draw
from .wording import Speech


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: what it is, how many, what that means, and the filters of the views it counts.

    ``page`` names the page that shows them, "" where the figure counts nothing.
    """

    name: str
    count: str
    note: str
    page: str
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Thirty:
    """Thirty days of one target, drawn twice, and what is to be said of them."""

    heading: str
    sentence: str
    charts: tuple[DayChart, ...]
    titles: Mapping[str, str]


def tiles(data: StatusData, document: Document, failed: tuple[str, str], say: Speech) -> list[Tile]:
    """Written today, waiting, still watching, failed."""
    today = days(data.written, (), say.now, say.zone)[-1]
    parts = (
        say.count(today.activities, *texts.ACTIVITIES),
        say.count(today.forms, *texts.FORMS),
    )
    waiting, held = data.waiting_now, int(document["settling"])
    return [
        Tile(
            texts.TILE_TODAY, say.number(today.activities + today.forms), ", ".join(parts), "", {}
        ),
        Tile(
            texts.TILE_WAITING,
            say.number(waiting.views),
            _who_waits(data, say),
            "waiting" if waiting.views else "",
            {},
        ),
        Tile(
            texts.TILE_HELD,
            say.number(held),
            texts.TILE_HELD_NOTE,
            "views" if held else "",
            {"state": "settling"},
        ),
        Tile(texts.TILE_FAILED, failed[0], failed[1], "failed" if failed[0] != "0" else "", {}),
    ]


def _who_waits(data: StatusData, say: Speech) -> str:
    waiting = data.waiting_now
    if not waiting.views or waiting.since is None:
        return texts.TILE_NOBODY
    people = say.count(waiting.people, "person", "people")
    longest = (say.now - waiting.since).days
    if not longest:
        return texts.TILE_WAITING_TODAY.format(people=people)
    return texts.TILE_WAITING_NOTE.format(people=people, age=say.count(longest, "day", "days"))


def thirty(data: StatusData, target: str, say: Speech) -> Thirty:
    """What was written for ``target`` on each of thirty days, and where there was trouble."""
    shown = days(data.written, data.troubles, say.now, say.zone)
    counts = {day.date: day.activities if target == "activity" else day.forms for day in shown}
    words = texts.ACTIVITIES if target == "activity" else texts.FORMS
    return Thirty(
        texts.THIRTY[target],
        " ".join([texts.IN_ALL.format(n=say.number(sum(counts.values()))), *_trouble(shown, say)]),
        (draw(shown, counts), draw(shown, counts, slim=True)),
        {
            day.date.isoformat(): texts.ON_DAY.format(
                day=say.day(day.date), n=say.count(counts[day.date], *words)
            )
            for day in shown
        },
    )


def _trouble(shown: Sequence[Day], say: Speech) -> list[str]:
    """The last day with trouble in a sentence, and how many more there were."""
    bad = [day for day in shown if day.troubles]
    if not bad:
        return []
    last = bad[-1]
    cause = texts.TROUBLES.get(last.troubles[-1], texts.OTHER_TROUBLE)
    found = [texts.TROUBLE.format(day=say.day(last.date), cause=cause)]
    if len(bad) > 1:
        found.append(
            texts.MORE_TROUBLE.format(days=say.count(len(bad) - 1, "more day", "more days"))
        )
    return found


def since_asked(data: StatusData, asked: datetime | None) -> bool:
    """Whether a run that was asked for at ``asked`` (aware) is still to come."""
    if asked is None:
        return False
    newest = data.runs[0].started_at if data.runs else None
    return newest is None or newest < asked
