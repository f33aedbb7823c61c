"""Wistia's webhook: what happens in a world, signed and posted to whoever listens.

https://docs.wistia.com/docs/webhooks
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .facts import Media, View
from .world import World

AGENT = "Wistia-Webhooks/0.0.47"
MARKS = (0.25, 0.5, 0.75, 1.0)


Carry = Callable[[str, bytes, Mapping[str, str]], int]
"""Takes a body with its headers to an address; gives the answer's status."""


@dataclass
class Webhook:
    """One account's webhook. Change the attributes while it runs.

    ``address`` and ``secret`` are what its admin set up, "" for no webhook. Of what is posted
    every ``loses``-th event is lost and every ``doubles``-th comes twice (0: none); ``reverses``
    turns the order round; ``batch`` events travel together. ``whole`` is how a share of 1 is
    written: Wistia's sample says 100, others saw 1.
    """

    world: World
    account: str
    address: str = ""
    secret: str = ""
    loses: int = 0
    doubles: int = 0
    reverses: bool = False
    batch: int = 1
    whole: float = 100
    answers: list[int] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    carry: Carry = field(default_factory=lambda: _carry)
    _serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def happened(self, before: View | None, after: View) -> None:
        """A view came in, or grew: tell of all that is new in it."""
        if before is None:
            self.tell("viewing_session.play", after)
        if _typed(after) and not (before and _typed(before)):
            typed = _typed(after)
            names = (typed.get("first_name"), typed.get("last_name"))
            name = " ".join(str(name) for name in names if name)
            self.tell("viewing_session.turnstile.converted", after, name=name, email=typed["email"])
        for mark in MARKS:
            if (before.fraction if before else 0) < mark <= after.fraction:
                self.tell("viewing_session.percent_watched", after, percent_watched=mark)

    def tell(self, kind: str, view: View, **more: Any) -> None:
        """Tell of a view; it is posted by ``post``."""
        if "percent_watched" in more:
            more["percent_watched"] *= self.whole
        media = self.world.media(view.media_id)
        payload = {
            "visitor": {"id": view.visitor_key},
            "viewing_session": {"id": view.event_key},
            "media": _media(media) if media else {"id": view.media_id},
            **more,
        }
        self._queue(kind, payload)

    def tell_of_media(self, kind: str, hashed_id: str) -> None:
        """Tell that something became of a video; of a deleted one only its id."""
        media = self.world.media(hashed_id)
        known = media is not None and not media.deleted
        self._queue(kind, {"media": _media(media) if media and known else {"id": hashed_id}})

    def post(self) -> list[int]:
        """Post what waits, as the switches say; the answers' statuses."""
        events, self.waiting = list(self._spoilt(self.waiting)), []
        if self.reverses:
            events.reverse()
        starts = range(0, len(events), self.batch)
        return [self.send(self.body(*events[n : n + self.batch])) for n in starts]

    def body(self, *events: Mapping[str, Any]) -> bytes:
        """A request's body around these events."""
        hook = {"uuid": f"00000000-0000-4000-8000-{next(self._serial):012x}"}
        return json.dumps({"hook": hook, "events": events}, ensure_ascii=False).encode()

    def sign(self, body: bytes) -> str:
        """The signature of a body."""
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def send(self, body: bytes, signature: str | None = None) -> int:
        """Post a body, signed unless a ``signature`` is given; the answer's status."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "X-Wistia-Signature": self.sign(body) if signature is None else signature,
        }
        status = self.carry(self.address, body, headers)
        self.answers.append(status)
        return status

    def _queue(self, kind: str, payload: Mapping[str, Any]) -> None:
        number = next(self._serial)
        self.waiting.append(
            {
                "uuid": hashlib.md5(  # noqa: S324  (looks like Wistia's, and is no secret)
                    f"{self.account} {number}".encode()
                ).hexdigest(),
                "type": kind,
                "payload": payload,
                "metadata": {"account_id": self.account},
                "generated_at": self.world.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )

    def _spoilt(self, events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for number, event in enumerate(events, 1):
            if self.loses and number % self.loses == 0:
                continue
            yield event
            if self.doubles and number % self.doubles == 0:
                yield event


def _carry(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    request = urllib.request.Request(address, body, dict(headers))  # noqa: S310  (loopback)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _typed(view: View) -> Mapping[str, Any]:
    """What was left in the view's Turnstile, {} for nothing."""
    left = view.conversion
    return left if isinstance(left, Mapping) and left.get("email") else {}


def _media(media: Media) -> dict[str, Any]:
    return {
        "id": media.hashed_id,
        "name": media.name,
        "url": f"https://sandbox.wistia.com/medias/{media.hashed_id}",
        "duration": media.duration,
        "thumbnail": {"url": f"https://embed.wistia.com/deliveries/{media.hashed_id}.jpg"},
    }
