"""The status as Upsales' own page shows it: Markdown, the state in the first line.

https://support.upsales.com/hc/en-us/articles/360001712707-The-status-endpoint
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from ..funnel.settings import IdentityRule
from ..status import Document, RunShown, StatusData, told_run
from . import texts
from .breakdown import targets
from .health import Health, Subject, health_of
from .wording import Speech

GOOD, NEEDS_CUSTOMER, AWAY = 200, 400, 503

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~#@])|(?<=\bwww)(\.)|(:)(?=//)")
_MARKS = {"ok": "✅", "warn": "⚠️", "bad": "❌"}
_WAITING_MARK = "⏳"
_SHORT = {
    "turnstile": "left an e-mail",
    "matched": "match",
    "watched": "watched enough",
    "project": "in a chosen project",
    "new": "new",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What ``/status`` answers."""

    status: int
    message: str


def escape(text: str) -> str:
    """``text`` on one line, with nothing in it that Markdown, or HTML in it, would read."""
    plain = text.striptags() if isinstance(text, Markup) else " ".join(text.split())
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", plain)


def tell(subject: Subject, link: str) -> Told:
    """The status of a customer whose pages ``link`` opens."""
    health, away = health_of(subject), _is_away(subject)
    needs_customer = health.colour == "bad" or bool(health.todo)
    status = AWAY if away else NEEDS_CUSTOMER if needs_customer else GOOD
    mark = _WAITING_MARK if away else _MARKS[health.colour]
    first = f"**{mark} {escape(health.headline)}.** {_after_headline(subject, health)}".strip()
    parts = [first, *_last_run(subject), *_traps(subject.data, health), link_line(link)]
    return Told(status, "\n\n".join(parts))


def not_known_yet(days: int) -> Told:
    """The status of a customer of whom nothing but its number is known."""
    says = texts.FIRST_VISIT_SAYS.format(days=days, starts="")
    return Told(GOOD, f"**{_MARKS['ok']} {texts.FIRST_VISIT}.** {escape(says)}")


def database_away() -> Told:
    """The status while our own database does not answer."""
    words = f"{escape(texts.AWAY.headline)}.** Nothing is lost and there is nothing to do."
    return Told(AWAY, f"**{_WAITING_MARK} {words}")


def link_line(link: str) -> str:
    """The way to the app's own page."""
    return f"[Open the full status page]({link}) (for 15 minutes)"


def _is_away(subject: Subject) -> bool:
    last = subject.last
    return bool(
        last and last.document["status"] == "failed" and last.document["code"] in texts.VENDORS
    )


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
        yield f"{_heading(subject, run)}{_chain(run.document, on[0])}"
        yield _table(subject, run.document, on)
    yield _counts(subject.data, run.document)


def _heading(subject: Subject, run: RunShown) -> str:
    if run is subject.data.runs[0]:
        return ""
    return f"The last good run, {_moment(subject.speech, run.started_at)}: "


def _chain(document: Document, target: str) -> str:
    funnel, balance = document["funnel"], document["balance"][target]
    steps = [(funnel["turnstile"], "turnstile"), *((n, s) for s, n in funnel[target].items())]
    words = [f"{funnel['views']} views", *(f"{n} {_SHORT[step]}" for n, step in steps)]
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
