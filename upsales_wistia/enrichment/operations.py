"""The calls that cost credits: how each is made, found again after a doubt, and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..clients.mavera import MaveraClient
from ..clients.mavera_answers import focus_group, mave_answer, reply_of
from ..clients.mavera_call import PaidPermit
from ..clients.mavera_schema import BRAND_VOICE, GENERATION, PERSONA
from .budget import Operation

Call = Callable[[Any, PaidPermit], Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a call without an answer: the JSON as it stands, and its cost if told."""

    answer: Any
    credits: float | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One operation. ``read`` makes of a raw answer what the client gives; None if unreadable.

    ``find`` is None where Mavera keeps no list to look into.
    """

    call: Callable[[MaveraClient], Call]
    read: Callable[[Any], Any]
    find: Callable[[MaveraClient, str], Found | None] | None = None


def _thread(client: MaveraClient, label: str) -> Found | None:
    found = client.find_thread(label)
    if found is None:
        return None
    # A conversation without an answer yet is there, and paid for.
    return Found(found.answer.raw if found.answer else None, found.credits)


def _made(find: Callable[[MaveraClient], Callable[[str], Any]]) -> Any:
    def look(client: MaveraClient, label: str) -> Found | None:
        made = find(client)(label)
        return None if made is None else Found(made.raw, getattr(made, "credits", None))

    return look


KINDS: Mapping[Operation, Kind] = {
    Operation.RESPONSE: Kind(lambda client: client.respond, reply_of),
    Operation.MAVE: Kind(lambda client: client.ask_mave, mave_answer, _thread),
    Operation.FOCUS_GROUP: Kind(
        lambda client: client.create_focus_group,
        focus_group,
        _made(lambda client: client.find_focus_group),
    ),
    Operation.BRAND_VOICE: Kind(
        lambda client: client.create_brand_voice,
        BRAND_VOICE.one,
        _made(lambda client: client.find_brand_voice),
    ),
    Operation.GENERATION: Kind(
        lambda client: client.generate,
        GENERATION.one,
        _made(lambda client: client.find_generation),
    ),
    Operation.PERSONA: Kind(
        lambda client: client.create_persona, PERSONA.one, _made(lambda client: client.find_persona)
    ),
}
