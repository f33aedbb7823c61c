"""A batch that a vendor refuses because of one item in it must not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ..errors import Rejected, TooMany

T = TypeVar("T")
R = TypeVar("R")


def by_halves(
    items: Sequence[T], ask: Callable[[Sequence[T]], R]
) -> Iterator[tuple[Sequence[T], R | None]]:
    """Ask for ``items`` at once; where that is refused, for each half, down to single ones.

    Gives each part asked for with its answer, None for an item that is refused even alone.
    Raises Rejected or TooMany when every one of several items is refused: then it is not they.
    """
    parts = list(_parts(items, ask))
    refused = [error for _, _, error in parts if error]
    if len(items) > 1 and len(refused) == len(parts):
        raise refused[0]
    yield from ((part, answer) for part, answer, _ in parts)


def _parts(
    items: Sequence[T], ask: Callable[[Sequence[T]], R]
) -> Iterator[tuple[Sequence[T], R | None, Rejected | TooMany | None]]:
    try:
        yield items, ask(items), None
    except (Rejected, TooMany) as error:
        if len(items) == 1:
            yield items, None, error
            return
        middle = len(items) // 2
        yield from _parts(items[:middle], ask)
        yield from _parts(items[middle:], ask)
