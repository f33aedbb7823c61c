"""Numbers, times and counts as a person writes them, in the reader's language and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, request
from markupsafe import Markup

from ..links import link_made_at
from .texts import typographic

THOUSANDS = {
    "en": ",",
    "de": ".", "nl": ".", "da": ".", "es": ".", "it": ".", "pt": ".",
    "sv": "\u00a0", "nb": "\u00a0", "no": "\u00a0", "fi": "\u00a0", "fr": "\u00a0",
    "cs": "\u00a0", "pl": "\u00a0",
}  # fmt: skip
"""What stands between thousands in each language we know; English where we know none."""

LONGEST = 80


@dataclass(frozen=True, slots=True)
class Speech:
    """How one page speaks: ``now`` is aware UTC, ``zone`` names the zone of its times."""

    now: datetime
    zone: ZoneInfo
    thousands: str = ","

    def number(self, n: int) -> str:
        """``1,204``, as the reader's language writes it."""
        return f"{n:,}".replace(",", self.thousands)

    def count(self, n: int, one: str, many: str) -> str:
        """``1 activity``, ``4 activities``."""
        return f"{self.number(n)} {one if n == 1 else many}"

    def time(self, moment: datetime) -> Markup:
        """``14:20``, ``yesterday 14:20`` or ``20 Nov 14:20`` in a ``<time>`` element."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        day = {today: "", today - timedelta(days=1): "yesterday "}.get(
            local.date(), f"{local.day} {local:%b} "
        )
        return Markup('<time datetime="{}">{}{:%H:%M}</time>').format(
            moment.isoformat(timespec="seconds"), day, local
        )

    def day(self, day: date) -> str:
        """``today``, ``yesterday`` or ``20 Nov``."""
        today = self.now.astimezone(self.zone).date()
        known = {today: "today", today - timedelta(days=1): "yesterday"}
        return known.get(day, f"{day.day} {day:%b}")

    def dated(self, moment: datetime, *, short: bool = False, joint: str = " ") -> Markup:
        """``today 14:20``, ``yesterday 14:20`` or ``20 Nov 14:20``; ``short`` for a column.

        ``joint`` stands between day and time, for a sentence ``" at "``.
        """
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        names = ("Today", "Yest.") if short else ("today", "yesterday")
        days = dict(zip((today, today - timedelta(days=1)), names, strict=True))
        year = "" if local.year == today.year else f" {local.year}"
        day = days.get(local.date(), f"{local.day} {local:%b}{year}")
        return Markup('<time datetime="{}">{}{}{:%H:%M}</time>').format(
            moment.isoformat(timespec="seconds"), day, joint, local
        )

    def full_day(self, moment: datetime) -> str:
        """``20 Nov 2026``."""
        local = moment.astimezone(self.zone)
        return f"{local.day} {local:%b %Y}"

    def ago(self, moment: datetime) -> str:
        """``just now``, ``4 minutes ago``, ``3 hours ago``, ``2 days ago``."""
        minutes = max(0, int((self.now - moment).total_seconds() // 60))
        if minutes < 1:
            return "just now"
        if minutes < 120:
            return f"{self.count(minutes, 'minute', 'minutes')} ago"
        if minutes < 48 * 60:
            return f"{minutes // 60} hours ago"
        return f"{minutes // (24 * 60)} days ago"

    def lasting(self, span: timedelta) -> str:
        """``47 minutes``, ``3 hours``, ``2 days``: rounded up, so that "within" stays true."""
        minutes = -(-span // timedelta(minutes=1))
        if minutes < 120:
            return self.count(minutes, "minute", "minutes")
        hours = -(-minutes // 60)
        return f"{hours} hours" if hours < 48 else f"{-(-hours // 24)} days"

    def who(self, name: str) -> Markup:
        """A person's name, or ``link of 14:02``."""
        made_at = link_made_at(name)
        return Markup("link of {}").format(self.time(made_at)) if made_at else shorten(name)

    @property
    def city(self) -> str:
        """``Stockholm time``, or ``UTC``."""
        place = self.zone.key.rsplit("/", 1)[-1].replace("_", " ")
        return place if place == "UTC" else f"{place} time"


def speech(now: datetime, zone: str) -> Speech:
    """How to speak to whoever sent the present request."""
    language = request.accept_languages.best_match(THOUSANDS) or "en"
    return Speech(now, ZoneInfo(zone), THOUSANDS[language])


def shorten(text: str) -> Markup:
    """Hostile text in its own direction, cut after 80 characters, the whole in ``title``."""
    if len(text) <= LONGEST:
        return Markup('<span dir="auto">{}</span>').format(text)
    return Markup('<span dir="auto" title="{}">{}…</span>').format(text, text[:LONGEST])


def init_app(app: Flask) -> None:
    """Let the templates speak so."""
    app.jinja_env.filters.update(shorten=shorten, typographic=typographic)
