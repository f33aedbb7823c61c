"""What is known of one view, as names and values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..funnel.view import DONE, Target
from ..store.writes import Write
from ..trace import Trace
from .addresses import company_address, contact_address
from .happened import page
from .texts import trace as words
from .traced import clock, linked, video
from .wording import Speech, shorten

_KEY_SHOWN = 13


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, its value, and something small below it; ``code`` for what machines made."""

    name: str
    value: Markup
    below: str = ""
    code: bool = False


def facts(trace: Trace, say: Speech) -> list[Fact]:
    """All of them, in the order of the page."""
    return [*_who_and_what(trace), *_where(trace), *_written(trace)]


def _who_and_what(trace: Trace) -> Iterator[Fact]:
    viewer, of = trace.row.viewer, trace.row.view.video
    email = shorten(viewer.email) if viewer.name else Markup()
    yield Fact(words.VIEWER, shorten(viewer.name or viewer.email or words.NOBODY_LEFT), email)
    length = clock(of.duration) if of.duration is not None else ""
    below = filter(None, (shorten(of.project_name or ""), escape(length)))
    yield Fact(words.VIDEO, video(trace), Markup(", ").join(part for part in below if part))


def _where(trace: Trace) -> Iterator[Fact]:
    if trace.row.view.page:
        yield Fact(words.PAGE, page(trace))
    if trace.details.device:
        yield Fact(words.DEVICE, shorten(trace.details.device))
    key = trace.row.view.event_key
    cut = f"{key[:_KEY_SHOWN]}…" if len(key) > _KEY_SHOWN else key
    yield Fact(words.SESSION, Markup('<span title="{}">{}</span>').format(key, cut), code=True)


def _written(trace: Trace) -> Iterator[Fact]:
    there = [write for write in trace.row.writes.values() if write and write.state in DONE]
    for write in there:
        number = write.settings_version
        below = escape(words.VERSION_IS.format(n=number)) if number else Markup()
        yield Fact(words.WRITTEN_WHERE, _place(write), below)
    if not there:
        below = escape(words.VERSION_NOW.format(n=trace.version))
        yield Fact(words.WRITTEN_WHERE, escape(words.NOTHING_YET), below)


def _place(write: Write) -> Markup:
    where = shorten(write.place)
    if write.target is Target.FORM:
        return words.FORM_ON.format(form=where) if write.place else escape(words.A_FORM)
    entry = words.ENTRY.format(number=write.upsales_id) if write.upsales_id else words.AN_ENTRY
    on = words.ON.format(place=where) if write.place else ""
    address = ""
    if write.contact_id or write.company_id:
        address = (
            contact_address(write.contact_id)
            if write.contact_id
            else company_address(write.company_id or 0)
        )
    opens = Markup("<br>") + linked(address, escape(words.OPEN), away=True) if address else ""
    return Markup("{}{}{}").format(entry, on, opens)
