"""How every call to Mavera goes, and which of our errors its answer is.

https://docs.mavera.io/guides/errors. There is no idempotency key: a call that costs credits is
sent once, and one without a clear answer is Uncertain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..errors import (
    CredentialRefused,
    NoCredits,
    Rejected,
    Uncertain,
    Unclear,
    UnknownPersona,
    Unusable,
    VendorError,
)
from .answers import Answer, refusal, throttled, unclear
from .credentials import Bearer
from .fields import finite
from .http import Caller, Method
from .limits import Limiters
from .text import KEY, clean

Params = Sequence[tuple[str, str]]
Guard = Callable[[Mapping[str, Any]], None]

_KEY_CODES: Final = frozenset(
    {"missing_api_key", "invalid_api_key", "revoked_api_key", "expired_api_key"}
)
_CREDIT_CODES: Final = frozenset({"credits_exhausted", "budget_exceeded"})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without an answer before we give up, by what is asked.

    No page gives one; Mave takes up to 90 s (https://docs.mavera.io/quickstart-mave).
    """

    read: float = 30.0
    answer: float = 120.0
    agent: float = 240.0
    creation: float = 60.0


@dataclass(frozen=True, slots=True)
class PaidPermit:
    """Our turn for one call that costs credits has come: it leaves at once."""


@dataclass(frozen=True, slots=True)
class Received:
    """A 2xx answer in JSON."""

    document: Any
    answer: Answer

    @property
    def request_id(self) -> str:
        """Mavera's id of the request, "" when it gave none."""
        return self.answer.request_id


class MaveraCaller:
    """Calls one Mavera with one key, over one session; for one thread.

    ``guard`` is told every body that is about to leave and may raise: nothing is sent then.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        limiters: Limiters,
        caller: Caller | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._bearer = Bearer(key)
        self._turn = limiters.mavera(key.strip())
        self._caller = caller or Caller("mavera")
        self._guard = guard

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""
        return self._caller.requests

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def permit(self) -> PaidPermit:
        """Wait until one more call is within the limits. Raises UsedUp, CredentialRefused."""
        self._check_key()
        self._turn.acquire()
        return PaidPermit()

    def read(self, path: str, params: Params = (), *, operation: str, timeout: float) -> Received:
        """Ask for something that costs nothing; a read is tried again as everywhere."""
        answer = self._send("GET", path, params, None, operation=operation, timeout=timeout)
        return _received(answer, paid=False)

    def change(
        self,
        method: Method,
        path: str,
        document: Mapping[str, Any] | None,
        *,
        operation: str,
        timeout: float,
    ) -> Received:
        """Change something that costs nothing, once."""
        self.permit()
        answer = self._send(method, path, (), document, operation=operation, timeout=timeout)
        return _received(answer, paid=False, write=True)

    def buy(
        self, path: str, document: Mapping[str, Any], *, operation: str, timeout: float
    ) -> Received:
        """Ask for something that costs credits, once, with a permit that was got before.

        Surely not done are CredentialRefused, NoCredits, Throttled, NotSent, WrongAddress and
        Rejected (UnknownPersona). Raises Uncertain after a time-out, a broken line, a 5xx or an
        answer that is no JSON.
        """
        try:
            answer = self._send("POST", path, (), document, operation=operation, timeout=timeout)
        except Unclear as lost:
            doubt = _uncertain(lost)
        else:
            return _received(answer, paid=True)
        raise doubt

    def _send(
        self,
        method: Method,
        path: str,
        params: Params,
        document: Mapping[str, Any] | None,
        *,
        operation: str,
        timeout: float,
    ) -> Answer:
        self._check_key()
        if document is not None and self._guard is not None:
            self._guard(document)
        answer = self._caller.call(
            method,
            self._base + path,
            operation=operation,
            timeout=timeout,
            credential=self._bearer,
            turns=(self._turn,) if method == "GET" else (),
            params=params,
            json=document,
        )
        self._turn.heed(
            finite(answer.headers.get("x-ratelimit-limit")),
            finite(answer.headers.get("x-ratelimit-remaining")),
            answer.until_reset,
        )
        return answer

    def _check_key(self) -> None:
        if not self._bearer.sendable():
            raise _refused("", None)


def unusable(received: Received, why: str, credits: float | None) -> Unusable:
    """An answer that is whole, and yet not what was asked for."""
    return Unusable(
        f"Mavera's answer cannot be used: {why}. It is kept, and is not asked for again by itself.",
        vendor="mavera",
        status=received.answer.status,
        raw=received.document,
        credits=credits,
        request_id=received.request_id,
    )


def _received(answer: Answer, *, paid: bool, write: bool = False) -> Received:
    trouble = _trouble(answer, write=write or paid)
    if trouble is None:
        try:
            return Received(answer.json(), answer) if answer.body.strip() else _nothing(answer)
        except ValueError:
            trouble = unclear(answer, "mavera")
    if paid and isinstance(trouble, Unclear):
        trouble = _uncertain(trouble)
    raise trouble


def _nothing(answer: Answer) -> Received:
    """No body is an answer to a deletion alone; elsewhere what is missing is missed."""
    if answer.status != 204:
        raise ValueError("empty")
    return Received(None, answer)


def _trouble(answer: Answer, *, write: bool) -> VendorError | None:
    """The error that an answer is, by its status and by the code in it, even on a 2xx."""
    said = _error_in(answer)
    if answer.ok and said is None:
        return None
    code = clean((said or {}).get("code"), KEY)
    if answer.status == 401 or code in _KEY_CODES:
        return _refused(code, answer)
    if answer.status == 402 or code in _CREDIT_CODES:
        return _no_credits(code, answer)
    if code == "rate_limit_exceeded":
        return throttled(answer, "mavera")
    if code == "invalid_persona" and answer.status < 500:
        return _of(UnknownPersona, answer, "Mavera does not know this persona (any more)")
    if answer.status in (400, 403, 422) or (answer.ok and said is not None):
        field = clean((said or {}).get("param"), KEY)
        named = f"; it names “{field}”" if field else ""
        return _of(Rejected, answer, f"Mavera refuses the request ({answer.status}){named}")
    return refusal(answer, "mavera", write=write)


def _error_in(answer: Answer) -> Mapping[str, Any] | None:
    """The ``error`` of an answer; a voice that failed has one too, and an id."""
    try:
        document = answer.json()
    except ValueError:
        return None
    if not isinstance(document, Mapping) or (answer.ok and document.get("id")):
        return None
    error = document.get("error")
    if isinstance(error, Mapping):
        return error
    return {"message": error} if error else None


def _of(kind: type[Rejected], answer: Answer, said: str) -> Rejected:
    return kind(
        f"{said}. It is not sent again by itself.",
        vendor="mavera",
        status=answer.status,
        answer=answer.words,
        request_id=answer.request_id,
    )


def _refused(code: str, answer: Answer | None) -> CredentialRefused:
    why = {"revoked_api_key": "it was revoked", "expired_api_key": "it has expired"}
    return CredentialRefused(
        f"Mavera refuses the key; {why.get(code, 'it was revoked or mistyped')}. Make a new one "
        "in Mavera and put it into the settings. What is done is kept.",
        vendor="mavera",
        code="mavera_key_refused",
        answer=answer.words if answer else "",
        request_id=answer.request_id if answer else "",
    )


def _no_credits(code: str, answer: Answer) -> NoCredits:
    used_up = "the budget of the workspace is" if code == "budget_exceeded" else "your credits are"
    return NoCredits(
        f"Mavera answers that {used_up} used up. Nothing more is asked; what is done is kept.",
        vendor="mavera",
        status=answer.status,
        answer=answer.words,
        request_id=answer.request_id,
        code="mavera_no_credits",
    )


def _uncertain(lost: Unclear) -> Uncertain:
    return Uncertain(
        "Mavera gave no clear answer: whether it was done, and charged, is not known. It is looked "
        "for before it is ever asked for again.",
        vendor="mavera",
        status=lost.status,
        answer=lost.answer,
        request_id=lost.request_id,
        code=lost.code or "mavera_away",
    )
