"""The smallest change that lets a view through, in words, and where to try it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for
from markupsafe import Markup, escape

from ..funnel.domains import domain_of, registrable
from ..trace import Change, Trace
from .security import services
from .texts import trace as words
from .wording import Speech, shorten


@dataclass(frozen=True, slots=True)
class Hint:
    """The sentence, and the address under which the change can be tried; "" for none."""

    sentence: Markup
    address: str


def hint(trace: Trace, say: Speech) -> Hint | None:
    """What would let the view through; None where nothing needs to change."""
    change = trace.change
    if change is None:
        return None
    if not change.config:
        return Hint(_no_setting(trace, change), "")
    if change.person or change.unknown:
        return Hint(_setting_and_person(trace, change, say), _address(trace, change.config))
    return Hint(_sentence(trace, change, say), _address(trace, change.config))


def _no_setting(trace: Trace, change: Change) -> Markup:
    if change.unknown:
        return escape(words.NOT_KNOWN)
    if change.person:
        person = trace.decision.person
        return words.A_PERSON.format(email=shorten(person.email if person else ""))
    if trace.row.codes[trace.target] == "no_email":
        return words.NO_EMAIL.format(video=shorten(trace.row.view.video.name))
    return escape(words.NO_CHANGE)


def _setting_and_person(trace: Trace, change: Change, say: Speech) -> Markup:
    (first,) = (_one(trace, name, value, say) for name, value in change.config.items())
    if change.unknown:
        return words.ONE.format(change=first) + " " + words.NOT_KNOWN
    second = words.ADD.format(email=shorten(trace.row.viewer.email))
    return words.TWO.format(first=first[:1].lower() + first[1:], second=second)


def _sentence(trace: Trace, change: Change, say: Speech) -> Markup:
    parts = [_one(trace, name, value, say) for name, value in change.config.items()]
    if len(parts) > 1:
        first, second = (part[:1].lower() + part[1:] for part in parts[:2])
        what = words.TWO.format(first=first, second=second)
    else:
        what = words.ONE.format(change=parts[0])
    if change.too_old:
        return what + words.OLD_TOO.format(days=services().config.window_days)
    at = words.RUN_AT.format(time=say.time(trace.next_at)) if trace.next_at else ""
    if change.others is None or change.lost is None:
        return what + words.THEN.format(at=at)
    others = _counted(change.others, "", words.ONE_OTHER, words.OTHERS, say)
    lost = _counted(change.lost, words.NOTHING_LOST, words.ONE_LOST, words.LOST, say)
    return what + words.THEN_RECKONED.format(at=at, others=others, lost=lost)


def _counted(n: int, none: str, one: str, many: str, say: Speech) -> str:
    return none if n == 0 else one if n == 1 else many.format(n=say.number(n))


def _one(trace: Trace, name: str, value: Any, say: Speech) -> Markup:
    settings, video = trace.scene.settings, trace.row.view.video
    taken = settings.ignored_domains - set(value) if name == "ignoredDomains" else ()
    start = date.fromisoformat(value) if name == "startDate" else None
    return words.BY_NAME[name].format(
        minimum=f"{settings.min_percent:f}",
        value=value,
        project=shorten(video.project_name or video.project_id or ""),
        domain=shorten(", ".join(sorted(taken))),
        company=shorten(_company(trace)),
        start=f"{start.day} {start:%b %Y}" if start else "",
    )


def _company(trace: Trace) -> str:
    person = trace.decision.person
    domain = domain_of(person.email) if person else ""
    asked = trace.known.companies.get(registrable(domain) or domain)
    return asked.found.name if asked and asked.found else words.THE_COMPANY


def _address(trace: Trace, config: Mapping[str, Any]) -> str:
    if "settings.page" not in current_app.view_functions:
        return ""
    changes: dict[str, Any] = {f"set.{name}": _plain(value) for name, value in config.items()}
    return url_for("settings.page", customer_id=trace.scene.customer_id, **changes)


def _plain(value: Any) -> str:
    """A setting's value as an address has it: a list with commas."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else str(value)
