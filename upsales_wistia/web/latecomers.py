"""How late views reach us, in words and bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from ..funnel.lateness import FEWEST, LateClass, Lateness
from . import texts
from .wording import Speech


@dataclass(frozen=True, slots=True)
class LateLine:
    """A class of lateness: its name, its share of all views (0–100, rounded)."""

    name: str
    percent: int


@dataclass(frozen=True, slots=True)
class Latecomers:
    """``lines`` is empty while there are too few views to say anything."""

    sentence: Markup
    lines: tuple[LateLine, ...]
    witnesses: str


def latecomers(lateness: Lateness | None, say: Speech) -> Latecomers:
    """What the card of the status page says."""
    if lateness is None or lateness.half is None or lateness.nearly_all is None:
        return Latecomers(texts.TOO_FEW.format(fewest=FEWEST), (), _first(lateness, say))
    says = texts.ARRIVE.format(
        half=say.lasting(lateness.half), most=say.lasting(lateness.nearly_all)
    )
    if lateness.arriving_since:
        says += texts.MAY_COME.format(since=say.time(lateness.arriving_since))
    if lateness.slower and lateness.today and lateness.usual:
        says += texts.SLOWER.format(
            today=say.lasting(lateness.today), usual=say.lasting(lateness.usual)
        )
    lines = [
        LateLine(_name(one), round(100 * one.count / lateness.views)) for one in lateness.classes
    ]
    return Latecomers(says, tuple(lines), _first(lateness, say))


def _name(one: LateClass) -> str:
    if not one.start and one.end:
        return texts.LATE_UNDER.format(end=one.end // timedelta(minutes=1))
    if one.end is None:
        return texts.LATE_LATER
    unit, name = timedelta(minutes=1), texts.LATE_MINUTES
    if one.start >= timedelta(hours=1):
        unit, name = timedelta(hours=1), texts.LATE_HOURS
    return name.format(start=one.start // unit, end=one.end // unit)


def _first(lateness: Lateness | None, say: Speech) -> str:
    who = lateness.witnesses if lateness else None
    if who is None or not who.webhook + who.poll:
        return ""
    share = who.webhook_percent
    return texts.WITNESSES.format(
        webhook=share, poll=100 - share, disagreeing=say.number(who.disagreeing)
    )
