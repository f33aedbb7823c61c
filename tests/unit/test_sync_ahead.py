"""One page ahead: the same things in the same order, errors where they belong, no thread left."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
import structlog

from upsales_wistia.sync.ahead import ahead


class Source:
    """Hands out numbers, counts how often it was asked, and fails at one of them."""

    def __init__(self, many: int, *, fails_at: int = 0) -> None:
        self.asked = 0
        self._many, self._fails_at = many, fails_at
        self.threads: set[str] = set()
        self.bound: list[object] = []

    def read(self) -> int | None:
        self.asked += 1
        self.threads.add(threading.current_thread().name)
        self.bound.append(structlog.contextvars.get_contextvars().get("customer"))
        if self.asked == self._fails_at:
            raise ConnectionError("the third page does not come")
        return self.asked if self.asked <= self._many else None


def test_everything_comes_once_and_in_order() -> None:
    source = Source(5)
    assert list(ahead(source.read)) == [1, 2, 3, 4, 5]
    assert source.asked == 6
    assert len(source.threads) == 1


def test_an_error_comes_after_what_was_read_before_it() -> None:
    numbers = ahead(Source(5, fails_at=3).read)
    assert [next(numbers), next(numbers)] == [1, 2]
    with pytest.raises(ConnectionError):
        next(numbers)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    source = Source(100)
    with closing(ahead(source.read)) as numbers:
        assert next(numbers) == 1
    assert source.asked == 2
    assert not [t for t in threading.enumerate() if t.name in source.threads]


def test_log_lines_of_the_reading_name_the_customer() -> None:
    source = Source(2)
    with structlog.contextvars.bound_contextvars(customer=4711):
        assert list(ahead(source.read)) == [1, 2]
    assert set(source.bound) == {4711}
