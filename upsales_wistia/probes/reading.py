"""Rows of a vendor as they came: what the clients make of them would hide what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..clients.answers import Answer, refusal, unclear
from ..clients.credentials import Credential
from ..clients.http import Caller
from ..clients.limits import Limiter

Params = Sequence[tuple[str, str]]

_TIMEOUT = 60.0
"""Seconds: a page of 100 views takes more than 30 at times."""


@dataclass(frozen=True)
class Reading:
    """Reads lists of one vendor, one page a call. Raises as the vendor's client does.

    A 401 is no refused credential here: the client has read with the same credential before.
    """

    caller: Caller
    base: str
    credential: Credential
    turn: Limiter

    def answer(self, path: str, params: Params) -> Answer:
        """The answer to one GET, whatever it holds."""
        answer = self.caller.call(
            "GET",
            self.base.rstrip("/") + path,
            operation=path.strip("/"),
            timeout=_TIMEOUT,
            credential=self.credential,
            turns=(self.turn,),
            params=params,
        )
        error = refusal(answer, self.caller.vendor, write=False)
        if error is not None:
            raise error
        return answer

    def rows(self, path: str, params: Params) -> list[Mapping[str, Any]]:
        """The rows of a list that comes bare."""
        answer = self.answer(path, params)
        try:
            listed = answer.json()
        except ValueError:
            listed = None
        if not isinstance(listed, list):
            raise unclear(answer, self.caller.vendor)
        return [row for row in listed if isinstance(row, Mapping)]
