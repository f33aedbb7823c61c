"""The calls to action of one video: how often each was shown and used, with its words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..clients.wistia_videos import CallToAction, Offer


@dataclass(frozen=True, slots=True)
class Call:
    """One call to action; ``at`` as ``Offer`` has it, ``text`` "" when nobody tells it."""

    kind: str
    text: str
    at: float | None
    shown: int
    used: int

    @property
    def rate(self) -> float | None:
        """The fraction 0–1 of those who saw it that used it; None when nobody saw it."""
        return min(self.used / self.shown, 1.0) if self.shown else None


def worded(actions: Iterable[CallToAction], offers: Sequence[Offer]) -> list[Call]:
    """The counts with words and times of what was set on the video.

    Counts that tell no words get those of their kind, where the video has one of the kind.
    """
    return [_call(action, _offer(action, offers)) for action in actions]


def _call(action: CallToAction, offer: Offer | None) -> Call:
    text = action.text or (offer.text if offer else "")
    at = offer.at if offer else None
    return Call(action.kind, text, at, action.impressions, action.actions)


def _offer(action: CallToAction, offers: Sequence[Offer]) -> Offer | None:
    alike = [offer for offer in offers if offer.kind == action.kind]
    if action.text:
        alike = [offer for offer in alike if offer.text == action.text]
    return alike[0] if len(alike) == 1 else None
