"""Walks over lists that come in pages. No list here has a total or a next link to trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ..errors import TooMany, Vendor
from .answers import VENDOR_NAMES

T = TypeVar("T")


class PageWalk(Iterator[list[T]], Generic[T]):
    """Pages of ``size`` rows from ``first`` to the first short one; an empty page is not given.

    When ``fetch(page, size)`` raises, the walk stands where it was: ask again, and the same page
    is fetched again. A page may repeat rows of the one before, as new rows push old ones down,
    so it is the count that ends an endless list: after ``most`` pages TooMany is raised.
    """

    def __init__(
        self,
        fetch: Callable[[int, int], list[T]],
        *,
        size: int,
        most: int,
        vendor: Vendor,
        first: int = 1,
    ) -> None:
        self._fetch = fetch
        self._size = size
        self._most = most
        self._vendor: Vendor = vendor
        self._page = first
        self._ended = False

    def __next__(self) -> list[T]:
        """The next page."""
        if self._ended:
            raise StopIteration
        if self._page > self._most:
            raise self._endless()
        rows = self._fetch(self._page, self._size)
        self._page += 1
        self._ended = len(rows) < self._size
        if not rows:
            raise StopIteration
        return rows

    def start_again(self, size: int) -> None:
        """Go back to page 1, now with ``size`` rows a page."""
        self._page, self._size = 1, size

    def _endless(self) -> TooMany:
        name = VENDOR_NAMES[self._vendor]
        return TooMany(
            f"{name}'s list does not end after {self._most} pages.",
            vendor=self._vendor,
            code=f"{self._vendor}_away",
        )
