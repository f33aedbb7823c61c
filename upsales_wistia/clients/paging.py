"""Walks over lists that come in pages. No list here has a total or a next link to trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from upsales_wistia.clients.answers import VENDOR_NAMES
from upsales_wistia.errors import Vendor, VendorError

T = TypeVar("T")


def by_page(
    fetch: Callable[[int], list[T]], *, size: int, most: int, vendor: Vendor
) -> Iterator[list[T]]:
    """Pages 1, 2, … of ``size`` rows, to the first short one; an empty page is not yielded.

    A page may repeat rows of the one before: new rows push old ones down while we read. So it
    is the count that ends an endless list: more than ``most`` pages raise VendorError.
    """
    for page in range(1, most + 1):
        rows = fetch(page)
        if rows:
            yield rows
        if len(rows) < size:
            return
    name = VENDOR_NAMES[vendor]
    raise VendorError(
        f"{name}'s list does not end after {most * size} rows.",
        vendor=vendor,
        code=f"{vendor}_away",
    )
