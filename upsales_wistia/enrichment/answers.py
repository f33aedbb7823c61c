"""What comes back, as text and numbers of a size that can be shown. All of it is hostile. Pure."""

from __future__ import annotations

from typing import Any, Final

from ..clients.fields import finite
from ..clients.text import clean

LONGEST: Final = 2_000
LONGEST_BODY: Final = 10_000
MOST: Final = 20


def text(value: Any, limit: int = LONGEST) -> str:
    """One line of text, "" for anything else."""
    return clean(value, limit)


def lines(value: Any, limit: int = LONGEST_BODY) -> str:
    """Text with its line ends, "" for anything else."""
    if not isinstance(value, str):
        return ""
    kept = [clean(line, LONGEST) for line in value.replace("\r\n", "\n").split("\n")]
    return "\n".join(kept).strip()[:limit]


def text_list(value: Any) -> list[str]:
    """The texts in a list, at most 20."""
    return [said for said in map(text, value[:MOST] if isinstance(value, list) else ()) if said]


def number(value: Any, low: float, high: float) -> float | None:
    """A number between ``low`` and ``high``; None for anything else, also for what is outside."""
    read = finite(value)
    return read if read is not None and low <= read <= high else None


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, at most 20."""
    return [one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict)][
        :MOST
    ]
