"""How long one run bears with a vendor that is busy or away.

At most 60 seconds of waiting in all; a longer wait is never slept: the run ends, the customer
becomes due later and the thread is free. Three failures in a row end the run as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import NotFound, NotSent, Rejected, Throttled, Unclear, VendorError

T = TypeVar("T")

MOST_WAITING = 60.0
"""Seconds a run may spend waiting in all."""

IN_A_ROW = 3
"""Failures one after another that end a run."""

Pause = Callable[[float], None]


@dataclass
class Patience:
    """The waiting left to one run. ``pause`` sleeps for a number of seconds."""

    pause: Pause
    left: float = MOST_WAITING
    in_a_row: int = 0

    def read(self, call: Callable[[], T]) -> T:
        """Call until it answers. Raises the VendorError that used up the patience."""
        while True:
            try:
                answer = call()
            except (Throttled, Unclear, NotSent) as trouble:
                self.bear(trouble)
            else:
                self.in_a_row = 0
                return answer

    def ask(self, question: Callable[[], T]) -> T | None:
        """The answer to a question that a run can do without, or None when there is none.

        It is asked again only while the vendor is busy or cannot be reached; raises the
        VendorError that used up the patience then.
        """
        while True:
            try:
                answer = question()
            except (Rejected, NotFound):
                self.in_a_row = 0
                return None
            except Unclear:
                self.in_a_row += 1
                return None
            except (Throttled, NotSent) as trouble:
                self.bear(trouble)
            else:
                self.in_a_row = 0
                return answer

    @property
    def worn(self) -> bool:
        """Whether so many questions in a row had no answer that no more should be put."""
        return self.in_a_row >= IN_A_ROW

    def bear(self, trouble: VendorError) -> None:
        """Wait before the next try. Raises ``trouble`` when that would be too long."""
        self.in_a_row += 1
        asked = trouble.wait if isinstance(trouble, Throttled) else 0.0
        wait = max(asked, self._backoff())
        if self.in_a_row >= IN_A_ROW or wait > self.left:
            raise trouble
        self.left -= wait
        self.pause(wait)

    def _backoff(self) -> float:
        step = 2.0 ** (self.in_a_row - 1)
        return step * random.uniform(0.5, 1.0)  # noqa: S311  (jitter, not a secret)
