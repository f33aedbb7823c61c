"""The next page is asked for while this one is kept: a vendor's time and ours pass side by side."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


def ahead(read: Callable[[], T | None]) -> Generator[T, None, None]:
    """What ``read`` returns, again and again until it returns None; always one call ahead.

    ``read`` is called in one other thread, never twice at once, and its error is raised where the
    thing it should have read would have come. When the block that asks ends early, the call that
    is under way is waited for and its result is left.
    """
    context = copy_context()  # its log lines name the customer too
    with ThreadPoolExecutor(1, thread_name_prefix="read") as reader:
        coming = reader.submit(context.run, read)
        while (found := coming.result()) is not None:
            coming = reader.submit(context.run, read)
            yield found
