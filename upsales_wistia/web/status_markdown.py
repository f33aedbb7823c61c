"""The status as Upsales' own page shows it: Markdown, the state in the first line.

https://support.upsales.com/hc/en-us/articles/360001712707-The-status-endpoint
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from .. import markdown
from ..funnel.settings import IdentityRule
from ..settings import read, split_secrets, typed
from ..status import Document, RunShown, StatusData, told_run
from . import texts
from .breakdown import targets
from .health import Health, Subject, health_of
from .wording import LONGEST, Speech

GOOD, NEEDS_CUSTOMER, AWAY = 200, 400, 503

_MARKS = {"ok": "✅", "warn": "⚠️", "bad": "❌"}
_WAITING_MARK = "⏳"
_SHORT = {
    "turnstile": "left an e-mail",
    "matched": "match",
    "watched": "watched enough",
    "project": "in a chosen project",
    "new": "new",
}
_ANY_PROJECT = "in any project"


@dataclass(frozen=True, slots=True)
class Told:
    """What ``/status`` answers."""

    status: int
    message: str


def escape(text: str) -> str:
    """``text``, or what a reader of its HTML sees, as text inside Markdown."""
    return markdown.escape(text.striptags() if isinstance(text, Markup) else text)


def tell(subject: Subject, link: str, given: Mapping[str, Any] | None) -> Told:
    """The status of a customer whose pages ``link`` opens.

    ``given`` is the config that came with the question: before anything was saved here, it tells
    what is missing.
    """
    missing = None if _is_set(subject.data) else still_missing(given)
    health = missing or health_of(subject)
    away = health.is_vendor_away
    status = AWAY if away else NEEDS_CUSTOMER if health.needs_person else GOOD
    mark = _WAITING_MARK if away else _MARKS[health.colour]
    first = f"**{mark} {escape(health.headline)}.** {_after_headline(subject, health)}".strip()
    parts = [first, *_last_run(subject), *_traps(subject.data, health), *_hints(subject)]
    if subject.speech.city == "UTC" and subject.last:
        parts.append(texts.IN_UTC)
    return Told(status, "\n\n".join([*parts, link_line(link)]))


def _hints(subject: Subject) -> Iterator[str]:
    """What would make more viewers known."""
    for hint in subject.data.hints:
        times = subject.speech.count(hint.plays, "time", "times")
        says = texts.HINT.format(video=hint.name[:LONGEST], times=times)
        yield f"{escape(says)} {texts.HINT_SAYS}"


def not_known_yet(days: int, given: Mapping[str, Any] | None) -> Told:
    """The status of a customer of whom nothing but its number, and a config, is known."""
    missing = still_missing(given)
    if missing:
        words = f"{escape(missing.headline)}.** {escape(missing.sentence)} {escape(missing.todo)}"
        return Told(NEEDS_CUSTOMER, f"**{_MARKS[missing.colour]} {words}")
    says = texts.FIRST_VISIT_SAYS.format(days=days, starts="")
    return Told(GOOD, f"**{_MARKS['ok']} {texts.FIRST_VISIT}.** {escape(says)}")


def still_missing(given: Mapping[str, Any] | None) -> Health | None:
    """What an admin has to do before the first run; None for nothing, or where nobody can tell."""
    if given is None:
        return None
    settings = typed(read(given).config)
    on = settings.activities_enabled or settings.forms_enabled
    connected = bool(split_secrets(given)[1].get("wistiaApiPassword"))
    if on and connected:
        return None
    headline, todo = texts.NOTHING_ON if connected else texts.NOT_CONNECTED
    return Health("bad", headline, texts.NOT_BEFORE, todo)


def _is_set(data: StatusData) -> bool:
    settings = data.settings
    return bool(data.runs or settings.activities_enabled or settings.forms_enabled)


def database_away() -> Told:
    """The status while our own database does not answer."""
    words = f"{escape(texts.AWAY.headline)}.** Nothing is lost and there is nothing to do."
    return Told(AWAY, f"**{_WAITING_MARK} {words}")


def link_line(link: str) -> str:
    """The way to the app's own page."""
    return f"[Open the full status page]({link}) (for 15 minutes)"


def _after_headline(subject: Subject, health: Health) -> str:
    last, due = subject.last, subject.data.next_at
    if health.headline != texts.IN_SYNC or last is None:
        return f"{escape(health.sentence)} {escape(health.todo)}".strip()
    says = f"Last run {_moment(subject.speech, last.started_at)}"
    if due and due > subject.speech.now:
        says += f", next {subject.speech.time(due).striptags()}"
    return f"{says}."


def _moment(say: Speech, moment: datetime) -> str:
    """``today 14:20``, ``yesterday 14:20`` or ``20 Nov 14:20``."""
    words = say.time(moment).striptags()
    return words if " " in words else f"today {words}"


def _last_run(subject: Subject) -> Iterator[str]:
    """The funnel in one line and as a table, and what is not done yet."""
    run = told_run(subject.data)
    if run is None:
        return
    on = targets(run.document)
    if on:
        yield f"{_heading(subject, run)}{_chain(subject, run.document, on[0])}"
        yield _table(subject, run.document, on)
    yield _counts(subject.data, run.document)


def _heading(subject: Subject, run: RunShown) -> str:
    if run is subject.data.runs[0]:
        return ""
    return f"The last good run, {_moment(subject.speech, run.started_at)}: "


def _chain(subject: Subject, document: Document, target: str) -> str:
    funnel, balance = document["funnel"], document["balance"][target]
    # In the order of the sieves: a stored document has its names in that of the alphabet.
    passed = {"turnstile": funnel["turnstile"], **funnel[target]}
    short = _SHORT if subject.data.settings.projects else {**_SHORT, "project": _ANY_PROJECT}
    steps = [f"{passed[step]} {words}" for step, words in short.items() if step in passed]
    words = [f"{funnel['views']} views", *steps]
    new = f"{words[-1]}, written" if balance["written"] == funnel[target]["new"] else words[-1]
    return " → ".join([*words[:-1], f"**{new}**"])


def _table(subject: Subject, document: Document, on: tuple[str, ...]) -> str:
    lines = [
        [f"The last {subject.days} days", *(texts.TARGETS[target] for target in on)],
        [":--", *("--:" for _ in on)],
        [_step(subject, "turnstile"), *(str(document["funnel"]["turnstile"]) for _ in on)],
    ]
    for step in ("matched", "watched", "project"):
        cells = [document["funnel"][target].get(step, "not asked") for target in on]
        if any(cell != "not asked" for cell in cells):
            lines.append([_step(subject, step), *map(str, cells)])
    written = all(_is_written(document, target) for target in on)
    name = texts.STEPS["new"] if written else "New"
    lines.append([f"**{name}**", *(f"**{_new(document, target)}**" for target in on)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _step(subject: Subject, step: str) -> str:
    settings = subject.data.settings
    if step == "turnstile" and settings.identity is IdentityRule.ANY:
        step = "turnstile_any"
    if step == "project" and not settings.projects:
        step = "project_any"
    return texts.STEPS[step].format(minimum=f"{settings.min_percent:f}")


def _is_written(document: Document, target: str) -> bool:
    new, written = document["funnel"][target]["new"], document["balance"][target]["written"]
    return bool(new == written)


def _new(document: Document, target: str) -> str:
    new, balance = document["funnel"][target]["new"], document["balance"][target]
    if _is_written(document, target):
        return str(new)
    parts = [f"{balance[state]} {word}" for state, word in texts.PARTS.items() if balance[state]]
    return f"{new}: {', '.join(parts)}"


def _counts(data: StatusData, document: Document) -> str:
    counts = {
        "Waiting for a contact": document["waiting"],
        texts.STATES["settling"]: document["settling"],
        texts.STATES["retrying"]: document["retrying"],
        texts.STATES["failed"]: max(document["failed"], data.need_person),
        texts.STATES["uncertain"]: document["uncertain"],
    }
    shown = {n: count for n, count in counts.items() if count or n != texts.STATES["retrying"]}
    return " · ".join(f"{name} {count}" for name, count in shown.items())


def _traps(data: StatusData, health: Health) -> Iterator[str]:
    """What else in the settings is likely not meant, when something worse has the first line."""
    settings = data.settings
    if data.problems and health.headline != texts.SETTING:
        yield f"{texts.SETTING}. {escape(' '.join(data.problems))}"
    hidden = settings.activities_enabled and not settings.activity_score
    if hidden and health.headline != texts.HIDDEN_SCORE:
        yield f"{texts.HIDDEN_SCORE}. {texts.HIDDEN_SCORE_TODO}"
    if settings.forms_enabled and not settings.form_score:
        yield "The score on forms is 0: then Upsales notifies nobody of a submit."
