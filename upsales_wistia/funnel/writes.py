"""The texts and fields that are written into Upsales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from uuid import NAMESPACE_URL, uuid5

from .identity import Person
from .matching import Match
from .score import activity_score
from .settings import FormPolicy, Settings
from .view import View

# Frozen for ever: an entry written by an old version must be found again by a new one.
_NAMESPACE = uuid5(NAMESPACE_URL, "https://github.com/upsales-wistia/event-key")

# `value` of a custom marketing event:
# https://support.upsales.com/hc/en-us/articles/360001704867-Custom-marketing-events
_LONGEST_TEXT = 512
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An activity log entry to be.

    ``date`` is aware UTC; ``contact`` None writes it anonymously.
    """

    company: int
    contact: int | None
    score: int
    text: str
    date: datetime
    external_id: str
    where: str


@dataclass(frozen=True, slots=True)
class Submit:
    """A form submit to be. ``form`` is the form's internal name, ``title`` its name if made."""

    form: str
    title: str
    email: str
    first_name: str
    last_name: str
    video: str
    project: str
    percent: int
    viewed_at: datetime
    page: str
    view_id: str


def external_id(event_key: str) -> str:
    """The id an entry carries in Upsales: 36 characters, the same for ever for one view."""
    return str(uuid5(_NAMESPACE, event_key))


def shown_percent(percent: Decimal) -> int:
    """``percent`` (0–100) rounded down, so that what is read is what the rule compares."""
    return int(percent.to_integral_value(rounding=ROUND_FLOOR))


def log_entry(view: View, match: Match, settings: Settings) -> LogEntry:
    """The entry for ``view``; where only the domain matched, with no trace of who."""
    who = "Watched" if match.contact is not None else "Someone watched"
    text = _cut(f"{who} {shown_percent(view.percent)}% of {_one_line(view.video.name)}")
    where = " at ".join(filter(None, (match.contact_name, match.company_name)))
    return LogEntry(
        company=match.company,
        contact=match.contact,
        score=activity_score(view.percent, settings),
        text=text,
        date=view.received_at.astimezone(UTC),
        external_id=external_id(view.event_key),
        where=where,
    )


def submit(view: View, person: Person, settings: Settings) -> Submit:
    """The form submit for ``view``."""
    form, title = form_for(view, settings)
    return Submit(
        form=form,
        title=title,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        video=_one_line(view.video.name),
        project=_one_line(view.video.project_name or ""),
        percent=shown_percent(view.percent),
        viewed_at=view.received_at.astimezone(UTC),
        page=view.page,
        view_id=view.event_key,
    )


def form_for(view: View, settings: Settings) -> tuple[str, str]:
    """The internal name by which the form is found again, and the name it gets when made."""
    if settings.form_policy is FormPolicy.SINGLE:
        return "wistia:single", "Wistia: video views"
    if settings.form_policy is FormPolicy.PROJECT:
        if view.video.project_id is None:
            return "wistia:project:none", _name("videos without a project")
        name = view.video.project_name or view.video.project_id
        return f"wistia:project:{view.video.project_id}", _name(name)
    return f"wistia:video:{view.video.media_id}", _name(view.video.name)


def _name(text: str) -> str:
    return _cut(f"Wistia: {_one_line(text)}", _LONGEST_NAME)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, longest: int = _LONGEST_TEXT) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
