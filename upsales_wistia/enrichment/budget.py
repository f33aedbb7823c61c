"""What a run may cost: estimated before the first paid call, capped while it goes on. Pure.

Prices are those of https://docs.mavera.io/guides/credits; a range means that Mavera decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..errors import AppError


class Operation(StrEnum):
    """What Mavera is asked to do, and charges for."""

    RESPONSE = "responses"
    MAVE = "mave"
    FOCUS_GROUP = "focus_groups"
    BRAND_VOICE = "brand_voices"
    GENERATION = "generations"
    PERSONA = "personas"
    UPLOAD = "files"


@dataclass(frozen=True, slots=True)
class Price:
    """Credits of one call: what it ``usually`` and at ``most`` costs."""

    usually: int
    most: int


PRICES: Mapping[Operation, Price] = {
    Operation.RESPONSE: Price(4, 5),
    Operation.MAVE: Price(25, 50),
    Operation.FOCUS_GROUP: Price(75, 200),
    Operation.BRAND_VOICE: Price(50, 50),
    Operation.GENERATION: Price(20, 30),
    Operation.PERSONA: Price(300, 300),
    Operation.UPLOAD: Price(0, 0),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run will cost: ``about`` so many credits, at ``most`` so many."""

    about: int
    most: int

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Estimate:
        """What these calls cost together."""
        prices = [PRICES[operation] for operation in operations]
        return cls(sum(price.usually for price in prices), sum(price.most for price in prices))


class Stopped(AppError):
    """A run ends before a call that it may not pay for; what is done is kept."""

    exit_status = 3


@dataclass
class Budget:
    """What one run may spend: at most ``cap`` credits in all, ``spent`` of them so far.

    ``left`` is what Mavera said is left when ``spent`` was ``left_at``; None when it did not say.
    """

    cap: float
    spent: float = 0
    left: float | None = None
    left_at: float = 0

    def note_left(self, left: float | None) -> None:
        """Mavera says what is left by now."""
        self.left, self.left_at = left, self.spent

    @property
    def remaining(self) -> float | None:
        """What is left by now: what Mavera said, less what was paid since; None when unknown."""
        return None if self.left is None else self.left - (self.spent - self.left_at)

    def check(self, operation: Operation) -> None:
        """Raises Stopped when the next call could cost more than what is allowed or left."""
        most = PRICES[operation].most
        if self.spent + most > self.cap:
            further = (
                "What is done is kept. Go on, and it may spend as much again."
                if self.spent
                else "Raise the limit, and go on."
            )
            raise Stopped(
                f"The next step may cost {most} credits, and {self.cap - self.spent:g} of the "
                f"{self.cap:g} that this run may spend are left. {further}",
                code="cap_reached",
            )
        left = self.remaining
        if left is not None and most > left:
            raise Stopped(
                f"The next step may cost {most} credits, and Mavera has {left:g} left for you. "
                "What is done is kept. Go on when there are credits.",
                code="no_credits",
            )

    def pay(self, credits_used: float) -> None:
        """A call was charged."""
        self.spent += credits_used
