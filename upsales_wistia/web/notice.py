"""What a notice in Upsales says: how things are, and the next step."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from . import texts
from .health import Health

LONGEST = 500
"""Characters: a setting that cannot be read may be long."""


@dataclass(frozen=True, slots=True)
class Notice:
    """``cause`` is "" for the notice that what was told before is over."""

    cause: str = ""
    words: str = f"{texts.IN_SYNC} again."


def notice_of(health: Health) -> Notice:
    """What is to be told of this health: of what needs nobody nothing, save that it is over."""
    if not (health.needs_person or health.is_vendor_away):
        return Notice()
    then = health.todo or health.sentence
    plain = then.striptags() if isinstance(then, Markup) else then
    return Notice(health.cause, f"{health.headline}. {plain}"[:LONGEST])
