"""Who a viewer is: what counts as an e-mail left in a Turnstile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import unescape
from typing import Protocol
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from .settings import IdentityRule
from .view import Conversion, View

# What Wistia's player sends as conversion_type when an e-mail was left; its numbers and names
# are those of the player's own source (VideoTracker2), the API says "integer or string".
EMAIL_CONVERSIONS = frozenset(
    {"1", "2", "3", "pre-roll-email", "post-roll-email", "mid-roll-email"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """A viewer whose e-mail counts. ``email`` is normalised, names as the viewer gave them."""

    email: str
    first_name: str = ""
    last_name: str = ""


@lru_cache(maxsize=65536)
def address(raw: str) -> str | None:
    """``raw`` as a comparable address, or None when it is not an e-mail address.

    Trimmed, percent-decoded and HTML-unescaped (both were seen in the wild), lower case, the
    domain in its ASCII form. No look-up is made.
    """
    text = unquote(unescape(raw)).strip()
    # What stands for a character that could not be read: the address is another one.
    if "\ufffd" in text:
        return None
    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"{valid.local_part}@{valid.ascii_domain or valid.domain}".lower()


def domain_ascii(domain: str) -> str:
    """``domain`` as domains are compared: lower case, international ones in ASCII.

    Of a whole address the domain is taken; "" when nothing is left.
    """
    text = "".join(domain.lower().split()).rpartition("@")[2].strip(".")
    probe = address(f"a@{text}")
    return probe.rpartition("@")[2] if probe else text


def spellings(email: str) -> list[str]:
    """A normalised address as it may stand in a CRM: with the domain in ASCII, and as typed."""
    local, _, domain = email.rpartition("@")
    try:
        shown = domain.encode("ascii").decode("idna")
    except UnicodeError:
        return [email]
    return [email] if shown == domain else [email, f"{local}@{shown}"]


class Identified(Protocol):
    """A view as far as identity needs it; also an event as it was just read."""

    @property
    def event_key(self) -> str:
        """Wistia's id of the viewing session."""

    @property
    def received_at(self) -> datetime:
        """Aware UTC."""

    @property
    def email(self) -> str:
        """The e-mail Wistia knows in whatever way."""

    @property
    def conversion_type(self) -> str:
        """Wistia's kind of conversion, "" for none."""

    @property
    def conversion_email(self) -> str:
        """What was typed in this view's Turnstile."""

    @property
    def first_name(self) -> str:
        """As the viewer gave it."""

    @property
    def last_name(self) -> str:
        """As the viewer gave it."""


def typed_email(view: Identified) -> str:
    """What the viewer left in this view's Turnstile, as it came; "" when it did not convert."""
    if view.conversion_email.strip():
        return view.conversion_email
    return view.email if view.conversion_type.strip().lower() in EMAIL_CONVERSIONS else ""


def own_conversion(view: Identified) -> Conversion | None:
    """The conversion in this view itself, or None; an address that is none does not count."""
    email = address(typed_email(view)) if typed_email(view) else None
    if email is None:
        return None
    return Conversion(view.received_at, view.event_key, email, view.first_name, view.last_name)


def identify(view: View, conversions: Iterable[Conversion], rule: IdentityRule) -> Person | str:
    """The person behind ``view``, or the reason code why there is none.

    ``conversions`` are those of the same visitor. One at or before this view counts; of
    several the latest, because people change employer and mistype. Views without a visitor
    have nothing in common.
    """
    own = own_conversion(view)
    if own:
        return Person(own.email, own.first_name, own.last_name)
    earlier = [c for c in conversions if view.visitor_key and c.at <= view.received_at]
    if earlier:
        latest = max(earlier)
        return Person(latest.email, latest.first_name, latest.last_name)
    return _unconverted(view, rule)


def _unconverted(view: View, rule: IdentityRule) -> Person | str:
    raw = typed_email(view) or view.email
    if not raw.strip():
        return "no_email"
    email = address(raw) or address(view.email)
    if email is None:
        return "not_an_email"
    if rule is IdentityRule.ANY:
        return Person(email, view.first_name, view.last_name)
    return "email_not_turnstile"
