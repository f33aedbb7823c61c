"""How a customer is: green, amber or red, in words, with what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from markupsafe import Markup, escape

from ..status import RunShown, StatusData
from . import texts
from .wording import Speech

LATE_POLLS = 3
"""A run this many poll intervals ago is late; one that merely takes its time is not."""


@dataclass(frozen=True, slots=True)
class Health:
    """``colour`` is ok, warn or bad; ``todo`` is "" when nobody has to do anything.

    ``button`` is the page on which it is done, and the verb that leads there; None for none.
    ``cause`` is the same as long as the cause is, whatever figures and times the words hold.
    """

    colour: str
    headline: str
    sentence: str
    todo: str = ""
    button: tuple[str, str] | None = None
    cause: str = ""

    @property
    def needs_person(self) -> bool:
        """Whether it stays as it is until somebody does something."""
        return self.colour == "bad" or bool(self.todo)

    @property
    def is_vendor_away(self) -> bool:
        """Whether all waits for a vendor that does not answer."""
        return self.cause in texts.VENDORS


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged, and how it is told. ``days`` is the window that a run reads.

    ``views_link`` makes the address of the views for which filters hold, "" where none is given.
    """

    customer_id: int
    data: StatusData
    speech: Speech
    poll_minutes: float
    days: int
    views_link: Callable[[Mapping[str, str]], str] = lambda filters: ""

    @property
    def last(self) -> RunShown | None:
        """The newest run."""
        return self.data.runs[0] if self.data.runs else None


def health_of(subject: Subject) -> Health:
    """The worst that holds: red before amber before green."""
    cause, found = next(
        (name, found) for name, rule in _WORST_FIRST.items() if (found := rule(subject))
    )
    if cause == _RUN and subject.last:
        cause = subject.last.document["code"] or _RUN
    return replace(found, cause=cause)


def _run_failed(subject: Subject) -> Health | None:
    last = subject.last
    if last is None or last.document["status"] != "failed":
        return None
    code, since = last.document["code"], subject.speech.time(_since(subject.data))
    if code in texts.VENDORS:
        says = texts.AWAY_SAYS.format(since=since, minutes=f"{subject.poll_minutes:g}")
        return Health("warn", texts.AWAY_HEADLINE.format(vendor=texts.VENDORS[code]), says)
    if code == "not_configured":
        return _not_configured(subject.data)
    headline, todo = texts.REFUSED.get(code or "", texts.OTHER_FAILURE)
    cause = _cause(last.document["reason"] or "", headline, todo)
    says = texts.SINCE.format(since=since, cause=cause)
    return Health("bad", headline, says, todo, texts.REFUSED_BUTTONS.get(code or ""))


def _not_configured(data: StatusData) -> Health | None:
    if data.problems:
        return None  # It is a setting that stops it, and that has words of its own.
    on = data.settings.activities_enabled or data.settings.forms_enabled
    headline, todo = texts.NOT_CONNECTED if on else texts.NOTHING_ON
    return Health("bad", headline, texts.NOT_BEFORE, todo, texts.TO_SETTINGS)


def _cause(reason: str, headline: str, todo: str) -> str:
    """What a run's reason says beyond the headline and the next step."""
    sentences = re.split(r"(?<=\.) ", texts.typographic(reason))
    return " ".join(s for s in sentences if s.rstrip(".") != headline and s not in todo)


def _since(data: StatusData) -> datetime:
    """When what ended the newest run began; of a long row of runs, after the last good one."""
    code = data.runs[0].document["code"]
    alike = list(takewhile(lambda run: run.document["code"] == code, data.runs))
    if len(alike) == len(data.runs) and data.last_good:
        return data.last_good.started_at
    return alike[-1].started_at


def _setting_unread(subject: Subject) -> Health | None:
    problems = subject.data.problems
    if not problems:
        return None
    return Health("bad", texts.SETTING, " ".join(problems), button=texts.TO_SETTINGS)


def _paused(subject: Subject) -> Health | None:
    return Health("warn", texts.PAUSED, texts.PAUSED_SAYS) if subject.data.paused else None


def _suspended(subject: Subject) -> Health | None:
    if not subject.data.suspended:
        return None
    return Health("warn", texts.SUSPENDED, texts.SUSPENDED_SAYS, texts.SUSPENDED_TODO)


def _forms_paused(subject: Subject) -> Health | None:
    if not subject.data.forms_paused:
        return None
    forms = _failed_forms(subject.last)
    told = texts.FORMS_PAUSED_COUNTED.format(
        forms=subject.speech.count(forms, "form is", "forms are")
    )
    return Health(
        "warn",
        told if forms else texts.FORMS_PAUSED,
        texts.FORMS_PAUSED_SAYS,
        texts.FORMS_PAUSED_TODO,
        texts.SEE_THEM,
    )


def _failed_forms(run: RunShown | None) -> int:
    balance = run.document["balance"]["form"] if run else None
    return int(balance["failed"]) if balance else 0


def _needs_person(subject: Subject) -> Health | None:
    count = subject.data.need_person
    if not count:
        return None
    views = subject.speech.count(count, "view needs", "views need")
    return Health(
        "warn",
        texts.NEEDS_YOU.format(views=views),
        texts.NEEDS_YOU_SAYS,
        texts.NEEDS_YOU_TODO,
        texts.SEE_THEM,
    )


def _unreadable(subject: Subject) -> Health | None:
    count = subject.data.unreadable
    if not count:
        return None
    views = subject.speech.count(count, "view", "views")
    return Health("warn", texts.UNREADABLE.format(views=views), texts.UNREADABLE_SAYS)


def _late(subject: Subject) -> Health | None:
    last, now = subject.last, subject.speech.now
    if last is None or subject.data.running:
        return None
    age = now - last.started_at
    if age <= timedelta(minutes=subject.poll_minutes) * LATE_POLLS:
        return None
    minutes = subject.speech.number(int(age.total_seconds() // 60))
    return Health("warn", texts.LATE.format(minutes=minutes), texts.LATE_SAYS)


def _hidden(subject: Subject) -> Health | None:
    settings = subject.data.settings
    if not settings.activities_enabled or settings.activity_score:
        return None
    return Health(
        "warn",
        texts.HIDDEN_SCORE,
        texts.HIDDEN_SCORE_SAYS,
        texts.HIDDEN_SCORE_TODO,
        texts.SET_A_SCORE,
    )


def _silent(subject: Subject) -> Health | None:
    late = subject.data.lateness
    if late is None or late.silent_since is None:
        return None
    since = subject.speech.time(late.silent_since).striptags()
    says = texts.SILENT_SAYS.format(minutes=f"{subject.poll_minutes:g}")
    return Health("warn", texts.SILENT.format(since=since), says, texts.SILENT_TODO)


def _later(subject: Subject) -> Health | None:
    late, say = subject.data.lateness, subject.speech
    if late is None or not (late.slower or late.widened):
        return None
    if late.slower and late.today and late.usual:
        told = texts.LATER_TODAY.format(
            today=say.lasting(late.today), usual=say.lasting(late.usual)
        )
    else:
        told = texts.LATER_SLOWEST.format(slowest=say.lasting(late.slowest))
    days = say.number(late.look_back // timedelta(days=1))
    return Health("warn", texts.LATER, told + texts.LATER_SAYS.format(days=days))


def _first_visit(subject: Subject) -> Health | None:
    if subject.last:
        return None
    if subject.data.running:
        return Health("ok", texts.FIRST_VISIT, texts.RUNNING)
    due, days = subject.data.next_at, str(subject.days)
    starts = texts.STARTS.format(next=subject.speech.time(due)) if due else ""
    return Health(
        "ok",
        texts.FIRST_VISIT,
        texts.FIRST_VISIT_SAYS.format(days=days, starts=starts),
    )


def _in_sync(subject: Subject) -> Health | None:
    last, speech, due = subject.last, subject.speech, subject.data.next_at
    if last is None:
        return None
    checked = last.document["uncertain"]
    says = texts.IN_SYNC_SAYS.format(
        started=speech.time(last.started_at),
        ago=speech.ago(last.started_at),
        views=speech.count(last.document["funnel"]["views"], "view", "views"),
        wrote=_wrote(subject, last),
    )
    says += texts.NOTHING_FAILED
    if checked:
        says += texts.CHECKED.format(views=speech.count(checked, "view is", "views are"))
    if due and due > speech.now:
        says += texts.NEXT.format(next=speech.time(due))
    return Health("ok", texts.IN_SYNC, says)


def _wrote(subject: Subject, last: RunShown) -> Markup:
    written, settings = last.document["written"], subject.data.settings
    parts = [
        _linked(subject, last, kind, target, words)
        for on, kind, target, words in (
            (settings.activities_enabled, "activities", "activity", texts.ACTIVITIES),
            (settings.forms_enabled, "forms", "form", texts.FORMS),
        )
        if on or written[kind]
    ]
    return Markup(" and ").join(parts) or Markup("nothing")


def _linked(
    subject: Subject, last: RunShown, kind: str, target: str, words: tuple[str, str]
) -> Markup:
    """How many were written, as a link to their views: to those of the run's window."""
    written = last.document["written"]
    told = subject.speech.count(written[kind], *words)
    filters = {"run": last.document["run"], "target": target, "state": "written"}
    countable = written[kind] and not written["late"][kind]
    address = subject.views_link(filters) if countable else ""
    return Markup('<a href="{}">{}</a>').format(address, told) if address else escape(told)


_RUN = "run"
_WORST_FIRST: Mapping[str, Callable[[Subject], Health | None]] = {
    _RUN: _run_failed,
    "setting": _setting_unread,
    "paused": _paused,
    "suspended": _suspended,
    "forms_paused": _forms_paused,
    "needs_person": _needs_person,
    "unreadable": _unreadable,
    "late": _late,
    "hidden": _hidden,
    "silent": _silent,
    "later": _later,
    "first_visit": _first_visit,
    "in_sync": _in_sync,
}
