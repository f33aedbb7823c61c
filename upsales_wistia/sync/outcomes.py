"""What an answer to a write means, as data. Pure: one row of the table, one test.

===============================  ==========================  ==========================
answer                           log entry                   form submit
===============================  ==========================  ==========================
could not connect                retry                       retry
reset, time-out, 5xx, odd 2xx    uncertain                   uncertain
429                              retry when the vendor says  the same
400, 403, 422, other 3xx, 4xx    refused; at the 8th parked  the same; two in a row pause
401                              retry, stop the run         as a refusal
404 in HTML                      retry, stop the run         the same
===============================  ==========================  ==========================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..errors import (
    CredentialRefused,
    NotSent,
    Rejected,
    Throttled,
    Unclear,
    VendorError,
    WrongAddress,
)
from ..funnel.view import State

PARKED_AT = 8
"""Refusals of one item after which a person is needed."""

_FIRST_RETRY = timedelta(minutes=10)
_LONGEST_RETRY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an item that was not plainly done.

    ``trouble`` is counted towards "three in a row end the run", ``stop`` ends it at once.
    ``forget`` says that the contact or client it names must be looked up once more.
    """

    state: State
    refusals: int
    retry_at: datetime | None = None
    stop: bool = False
    trouble: bool = False
    refused: bool = False
    forget: bool = False


def outcome(error: VendorError, refusals: int, now: datetime) -> Outcome:
    """The outcome of a write that raised ``error``; ``refusals`` it had before; ``now`` UTC."""
    if isinstance(error, Rejected):
        return _refused(error, refusals + 1, now)
    if isinstance(error, Throttled):
        later = now + timedelta(seconds=error.wait)
        return Outcome(State.RETRY, refusals, later, trouble=True)
    if isinstance(error, NotSent):
        return Outcome(State.RETRY, refusals, now, trouble=True)
    if isinstance(error, CredentialRefused | WrongAddress):
        return Outcome(State.RETRY, refusals, now, stop=True)
    if isinstance(error, Unclear):
        return Outcome(State.UNCERTAIN, refusals, trouble=True)
    # An answer of no known kind: it may have been done.
    return Outcome(State.UNCERTAIN, refusals, stop=True)


def unsent(error: VendorError, refusals: int, now: datetime) -> Outcome:
    """The outcome when ``error`` came before the item itself was sent (its form, a permit)."""
    result = outcome(error, refusals, now)
    if result.state is not State.UNCERTAIN:
        return result
    return replace(result, state=State.RETRY, retry_at=now)


def _refused(error: Rejected, refusals: int, now: datetime) -> Outcome:
    if refusals >= PARKED_AT:
        return Outcome(State.FAILED, refusals, refused=True)
    if error.names_party:
        # Whoever it names is looked up and decided once more, in the same run.
        return Outcome(State.RETRY, refusals, now, refused=True, forget=True)
    wait = min(_FIRST_RETRY * 2 ** (refusals - 1), _LONGEST_RETRY)
    return Outcome(State.RETRY, refusals, now + wait, refused=True)
