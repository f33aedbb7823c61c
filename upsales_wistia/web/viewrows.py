"""Rows of a list of views, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from ..funnel.reasons import REASONS
from ..funnel.stages import over_at
from ..funnel.view import Target
from ..funnel.writes import shown_percent
from ..viewlist import OFF, Row, Scene
from . import texts
from .addresses import video_address, view_address
from .texts import views as words
from .wording import Speech, shorten


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a view stands for a target: a name in ``texts.STATES``, and a few words."""

    state: str
    words: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the table. ``percent`` is 0–100, rounded down."""

    address: str
    when: datetime
    viewer: str
    below: str
    video: str
    video_address: str
    project: str
    percent: int
    stands: Mapping[str, Stand]


def shown(row: Row, at: Scene, say: Speech) -> Shown:
    """The row as the table has it."""
    view, viewer = row.view, row.viewer
    below = viewer.email if viewer.name else ""
    if not viewer.name and not viewer.email:
        below = words.SESSION.format(end=view.event_key[-4:])
    elif not below and _is_anonymous(row):
        below = words.DOMAIN_KNOWN
    return Shown(
        view_address(at.customer_id, view.event_key),
        view.received_at,
        viewer.name or viewer.email or words.NO_EMAIL,
        below,
        view.video.name or words.NO_TITLE,
        video_address(at.customer_id, view.video.media_id),
        view.video.project_name or "",
        shown_percent(view.percent),
        {target.value: stand(row, target, at, say) for target in Target},
    )


def stand(row: Row, target: Target, at: Scene, say: Speech) -> Stand:
    """Where the view stands for ``target``."""
    code = row.codes[target]
    return Stand(state_of(code), _few_words(row, target, at, say))


def state_of(code: str) -> str:
    """The name in ``texts.STATES`` for a reason code."""
    return OFF if code == OFF else REASONS[code][0].value


def _few_words(row: Row, target: Target, at: Scene, say: Speech) -> Markup:
    code = row.codes[target]
    view, write = row.view, row.writes[target]
    over = over_at(view, say.now, at.last_read) if code == "settling" else None
    facts = {
        "days": say.number(at.settings.waiting_days),
        "minimum": f"{at.settings.min_percent:f}",
        "project": shorten(view.video.project_name or ""),
        "place": shorten(_place(row, target)),
        "over": say.dated(over) if over else words.SOON,
        "done": say.dated(write.sent.at) if write else "",
        "retry": say.dated(write.retry_at) if write and write.retry_at else words.NEXT_RUN,
        "by": say.who(row.ignored_by) if row.ignored_by else words.SOMEBODY,
        "check": say.dated(write.check_at) if write and write.check_at else words.SOON,
    }
    known = words.IN_LISTS.get(code, texts.WHY.get(code, ""))
    if code == "retry" and (write is None or not write.retry_at):
        known = words.NEXT_RUN
    return escape(known).format(**facts)


def _place(row: Row, target: Target) -> str:
    write = row.writes[target]
    if write is None:
        return ""
    if target is Target.ACTIVITY and write.contact_id is None and write.company_id is not None:
        return words.SOMEONE.format(company=write.place)
    return row.company if target is Target.ACTIVITY and row.company else write.place


def _is_anonymous(row: Row) -> bool:
    write = row.writes[Target.ACTIVITY]
    return write is not None and write.company_id is not None and write.contact_id is None
