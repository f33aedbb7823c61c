"""Waiting for what Mavera makes in its own time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from .desk import Desk, Failed

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 30.0
DEADLINE: Final = 900.0
"""Seconds of waiting in one run; going on later waits again, and pays nothing."""


class InWork(Protocol):
    """What has a state of its own."""

    @property
    def state(self) -> str:
        """Running, done or failed."""


Made = TypeVar("Made", bound=InWork)


class StillRunning(Failed):
    """Mavera works on; it is asked again when the run goes on."""


def until_done(
    desk: Desk, made: Made, look: Callable[[], Made], deadline: float = DEADLINE
) -> Made:
    """Look until it is done or has failed. Raises StillRunning after ``deadline`` seconds."""
    waited, pause = 0.0, FIRST_PAUSE
    while made.state == "running":
        if waited >= deadline:
            raise StillRunning(
                "Mavera still works on it. Go on later: it is looked at again, and not paid twice.",
                code="still_running",
            )
        desk.patience.pause(pause)
        waited, pause = waited + pause, min(pause * 1.5, LONGEST_PAUSE)
        made = desk.patience.read(look)
    return made
