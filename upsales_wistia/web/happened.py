"""What happened to one view, the newest first, from all that is stored of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from flask import url_for
from markupsafe import Markup, escape

from ..funnel.stages import over_at
from ..funnel.view import DONE, State, Target
from ..funnel.writes import shown_percent
from ..store.writes import Write
from ..trace import Trace
from ..viewlist import OFF
from .texts import trace as words
from .traced import linked
from .viewrows import state_of
from .wording import Speech, shorten


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the log: when (aware UTC), and what."""

    at: datetime
    what: Markup


def happenings(trace: Trace) -> list[Happening]:
    """All lines, the newest first; of one moment, the later step first."""
    lines = [*_watching(trace), *_deciding(trace), *_writing(trace)]
    past = [line for line in lines if line.at <= trace.now]
    return sorted(past, key=lambda line: line.at)[::-1]


def _watching(trace: Trace) -> Iterator[Happening]:
    view, details = trace.row.view, trace.details
    where = words.STARTS_ON.format(page=page(trace)) if view.page else escape(words.STARTS)
    yield Happening(view.received_at, where)
    for word in trace.words:
        told = words.WEBHOOK.get(word.kind, "")
        if told:
            percent = floor((word.fraction or 0) * 100)
            yield Happening(word.at, escape(told.format(percent=percent)))
    first = words.FIRST_WEBHOOK if details.seen_by == "webhook" else words.FIRST_POLL
    yield Happening(details.first_seen_at, escape(first))
    since = view.percent_since
    if since and since > details.first_seen_at:
        grew = words.GREW.format(percent=shown_percent(view.percent))
        yield Happening(since, escape(grew))
    over = _over(trace)
    if over:
        unknown = view.video.duration is None
        yield Happening(over, escape(words.OVER_UNKNOWN if unknown else words.OVER))


def _over(trace: Trace) -> datetime | None:
    """When the viewing counted as over; None where it does not yet, or was watched to its end."""
    view = trace.row.view
    start = over_at(view, view.received_at, None)
    if start is None or over_at(view, trace.now, trace.known.last_read) is not None:
        return None
    return start


def page(trace: Trace) -> Markup:
    """The page it was watched on, as a link where it is one of the web."""
    address = trace.row.view.page
    shown = shorten((address.partition("://")[2] or address).partition("?")[0])
    web = address.startswith(("https://", "http://"))
    return linked(address if web else "", shown, away=True)


def _deciding(trace: Trace) -> Iterator[Happening]:
    judge, code = trace.judge, trace.row.codes[trace.target]
    if judge is None or code == OFF or trace.row.writes[trace.target] is not None:
        return
    state = state_of(code)
    what = words.DECIDED_AS.get(state, words.DECIDED_AS["other"])
    told = words.DECIDED.format(version=judge.settings_version, what=what)
    yield Happening(judge.ended_at or judge.started_at, told + _run(trace, judge.id))


def _run(trace: Trace, run_id: str) -> Markup:
    if not run_id:
        return Markup()
    address = url_for("runs.one", customer_id=trace.scene.customer_id, run_id=run_id)
    short = words.RUN.format(id=f"{run_id[:4]}…{run_id[-2:]}")
    return Markup(" ") + linked(address, escape(short))


def _writing(trace: Trace) -> Iterator[Happening]:
    writes = [w for w in (trace.row.writes[target] for target in Target) if w is not None]
    planned = {w.target: (w.planned_at, w.settings_version) for w in writes if w.settings_version}
    for moment, version in dict.fromkeys(planned.values()):
        what = "both" if len(planned) > len(set(planned.values())) else ""
        name = what or next(t.value for t, one in planned.items() if one == (moment, version))
        yield Happening(moment, escape(words.PLANNED[name].format(version=version)))
    for write in writes:
        yield from _sent(trace, write)


def _sent(trace: Trace, write: Write) -> Iterator[Happening]:
    """What came of sending it, the last time."""
    name, run = write.target.value, _run(trace, write.run_id)
    if write.state in DONE and write.done_at:
        number = write.upsales_id
        done = words.DONE[name].format(number=number) if number else words.DONE_BLANK[name]
        yield Happening(write.done_at, escape(done) + run)
    elif write.sent_at and write.answer:
        answered = words.ANSWERED.format(answer=shorten(write.answer))
        yield Happening(write.sent_at, answered + run)
    elif write.sent_at and write.state in (State.UNCERTAIN, State.SENDING):
        yield Happening(write.sent_at, escape(words.NO_ANSWER) + run)


def log_time(at: datetime, say: Speech) -> Markup:
    """The moment for the log's narrow column: the time today, else the day above it."""
    local, today = at.astimezone(say.zone), say.now.astimezone(say.zone).date()
    stamp = at.isoformat(timespec="seconds")
    if local.date() == today:
        return Markup('<time datetime="{}">{:%H:%M}</time>').format(stamp, local)
    day = f"{local.day} {local:%b}"
    if today - local.date() > timedelta(days=300):
        day = f"{day} {local.year}"
    return Markup('<time datetime="{}">{} {:%H:%M}</time>').format(stamp, day, local)
