"""What an address asks the list of views for, and what words typed into its field mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from ..funnel.identity import address
from ..funnel.reasons import REASONS
from ..funnel.view import Stage, Target, Verdict
from ..store.search import Key
from ..viewlist import OFF, codes_of, codes_past

LONGEST = 200
"""Characters of what is typed that are looked for."""

NAMES = (
    "q", "viewer", "contact", "target", "state", "code", "passed", "run", "version", "project",
    "video",
    "domain", "from", "to",
)  # fmt: skip
"""The filters an address may have, in the order in which it has them."""

_ADDRESS = re.compile(r"[^\s<>\"',;()]+@[^\s<>\"',;()]+")
_KEY = re.compile(r"(\d{1,19})-(\d{1,18})")
_EVENT = re.compile(r"/stats/events/([^/?#]+)")
_VISITOR = re.compile(r"/stats/viewer/([^/?#]+)")
_MEDIA = re.compile(r"/(?:medias|iframe)/([A-Za-z0-9]+)")
_CONTACT = re.compile(r"/contacts?/(\d{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address, "" for what is not asked."""

    given: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.given.get(name, "")

    @property
    def target(self) -> Target:
        """The target that state, code and passed are about."""
        return Target.FORM if self["target"] == Target.FORM else Target.ACTIVITY

    @property
    def reasons(self) -> frozenset[str] | None:
        """The reason codes asked for, None for all."""
        sets = [
            frozenset[str]().union(*map(read, self[name].split(",")))
            for name, read in (("state", _of_state), ("code", _of_code), ("passed", _past))
            if self[name]
        ]
        return frozenset.intersection(*sets) if sets else None

    @property
    def either(self) -> bool:
        """Whether a view counts that is so for any target: who left an e-mail did so for both."""
        alone = not (self["state"] or self["code"])
        return alone and self["passed"] == Stage.TURNSTILE

    def without(self, *names: str) -> dict[str, str]:
        """The filters but for some."""
        return {name: value for name, value in self.given.items() if name not in names}


def asked(arguments: Mapping[str, str]) -> Asked:
    """What an address asks; names that are none of ours are passed over."""
    given = {name: _clean(arguments.get(name, "")) for name in NAMES}
    return Asked({name: value for name, value in given.items() if value})


def meaning(typed: str) -> dict[str, str]:
    """The filters that typed or pasted words stand for; an e-mail is under ``email``.

    A link to a heat map, a viewer or a video in Wistia, or to a contact in Upsales, is understood.
    """
    words = _clean(typed)
    if words.startswith(("https://", "http://")) and (linked := _linked(words)):
        return linked
    found = _ADDRESS.search(unquote(words))
    if found:
        raw = found[0].removeprefix("mailto:")
        return {"email": address(raw) or raw.lower()}
    return {"q": words.replace("@", "")} if words.strip("@ ") else {}


def _linked(link: str) -> dict[str, str]:
    try:
        parts = urlsplit(link)
    except ValueError:
        return {}
    where = f"{parts.path}#{parts.fragment}"
    in_upsales = (parts.hostname or "").endswith("upsales.com")
    known = [(_CONTACT, "contact")] if in_upsales else [(_EVENT, "q"), (_VISITOR, "q")]
    for pattern, name in [*known, (_MEDIA, "video")]:
        if found := pattern.search(where):
            return {name: unquote(found[1])}
    return {}


def moment_of(text: str, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    """A day in ``zone`` (its beginning, or with ``end`` that of the next), or an ISO moment."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _iso(text)
    try:
        whole = day + timedelta(days=1) if end else day
        return datetime.combine(whole, time(), zone).astimezone(UTC)
    except OverflowError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def key_text(key: Key) -> str:
    """A view's place in the list as an address has it."""
    return f"{(key.received_at - _EPOCH) // _MICRO}-{key.id}"


def key_of(text: str) -> Key | None:
    """The place that an address means; None for one that cannot be."""
    found = _KEY.fullmatch(text)
    if found is None:
        return None
    try:
        return Key(_EPOCH + int(found[1]) * _MICRO, int(found[2]))
    except OverflowError:
        return None


def _of_state(state: str) -> frozenset[str]:
    if state == OFF:
        return frozenset({OFF})
    return codes_of(Verdict(state)) if state in set(Verdict) else frozenset()


def _of_code(code: str) -> frozenset[str]:
    return frozenset({code} & (REASONS.keys() | {OFF}))


def _past(stage: str) -> frozenset[str]:
    return codes_past(Stage(stage)) if stage in set(Stage) else frozenset()


def _clean(text: str) -> str:
    """On one line, without what no database takes, at most ``LONGEST`` characters."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())[:LONGEST]
