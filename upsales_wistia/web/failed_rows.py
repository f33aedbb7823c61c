"""A write that went wrong, as its row says it: its state, and why; what was answered and sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from ..funnel.reasons import REASONS, outbox_reason
from ..funnel.view import DONE, State, Target
from ..store.open_writes import OpenWrite
from .addresses import company_address, contact_address
from .texts import failed as words
from .wording import Speech, shorten


@dataclass(frozen=True, slots=True)
class Row:
    """One write. ``state`` is a key of the state words; ``verbs`` are what a person may do."""

    write: OpenWrite
    name: str
    state: str
    short: str
    reason: str
    answer: str
    facts: str
    sent: str
    verbs: tuple[str, ...]

    @property
    def target(self) -> str:
        """Where it was to be written, in words."""
        form = self.write.item.target is Target.FORM
        return words.ON_FORM if form else words.ON_LOG


def row_of(write: OpenWrite, say: Speech, *, paused: bool) -> Row:
    """The row of a write; while forms are ``paused`` those to be sent wait for a person."""
    item = write.item
    held = paused and item.target is Target.FORM
    code = outbox_reason(item.as_sent(), paused=held)
    state = "written" if item.state in DONE else REASONS[code][0].value
    return Row(
        write,
        " ".join(filter(None, (write.first_name, write.last_name))) or write.email or words.NOBODY,
        state,
        words.SHORT.get(code, Markup()).format(by=say.who(item.by_hand)),
        _reason(write, code, say),
        words.ANSWERED.format(answer=item.answer) if item.answer else "",
        _facts(write, say),
        json.dumps(item.payload, ensure_ascii=False, indent=2),
        _verbs(item.state, code),
    )


def _verbs(state: State, code: str) -> tuple[str, ...]:
    if state is State.LEFT:
        return ("back",)
    if code == "parked":
        return ("again", "leave") if state is State.FAILED else ("again",)
    return ("there", "send") if state is State.UNCERTAIN else ()


def _reason(write: OpenWrite, code: str, say: Speech) -> str:
    item = write.item
    where = shorten(item.where) if item.where else ""
    return words.REASONS[_key(write, code)].format(
        tries=say.count(item.refusals, "time", "times"),
        retry=_when(item.retry_at, say),
        check=_when(item.check_at, say),
        at=_when(item.done_at or item.by_hand_at, say),
        where=_place(write),
        on=Markup(" on {}").format(where) if where else "",
        by=say.who(item.by_hand),
    )


def _key(write: OpenWrite, code: str) -> str:
    item = write.item
    if code == "parked" and item.state is not State.FAILED:
        return "paused"
    if code == "retry" and not item.answer:
        return "planned"
    return "submitted" if code == "registered" and item.target is Target.FORM else code


def _when(moment: datetime | None, say: Speech) -> str:
    return say.time(moment) if moment else words.SOON


def _facts(write: OpenWrite, say: Speech) -> str:
    item = write.item
    tries = say.count(item.refusals, "try", "tries") if item.refusals else ""
    request = words.REQUEST.format(number=item.request_id) if item.request_id else ""
    return " · ".join(filter(None, (tries, request)))


def _place(write: OpenWrite) -> str:
    """Whom or what it is about in Upsales, to be looked at there."""
    item = write.item
    if item.target is Target.FORM:
        return words.SUBMITS.format(form=shorten(item.where))
    contact, company = item.payload.get("contact"), item.payload.get("company")
    address = contact_address(contact) if contact else ""
    address = address or (company_address(company) if company and not contact else "")
    if not address:
        return shorten(item.where) if item.where else words.NOBODY
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
        address, shorten(item.where)
    )
