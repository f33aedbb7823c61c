"""How many calls are let through in a window of time, and for whom."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia import clock
from upsales_wistia.clients import limits
from upsales_wistia.clients.limits import LONGEST_WAIT, Limiters, Limits
from upsales_wistia.errors import Throttled, UsedUp

FAST = Limits(
    wistia_per_minute=60_000,
    upsales_per_second=1000,
    upsales_writes_per_second=5,
    upsales_writes_per_hour=6,
    submits_per_second=20,
)


def test_the_limits_are_those_of_the_design() -> None:
    assert Limits() == Limits(540, 10, 3, 4500, 1, 60)


def test_scaled_limits_count_the_same_in_shorter_windows() -> None:
    fast = Limits().scaled(10).scaled(2)
    assert (fast.wistia_per_minute, fast.speed) == (540, 20)
    rate = fast.rate(fast.wistia_per_minute, 60)
    assert (rate.limit, rate.interval) == (540, 3000)


def test_no_window_sees_more_than_its_share() -> None:
    limiter = Limiters(FAST).submits
    started = time.monotonic()
    for _ in range(21):
        limiter.acquire()
    assert time.monotonic() - started >= 0.99


def test_threads_share_a_limit() -> None:
    limiters = Limiters(FAST)

    def seven() -> None:
        for _ in range(7):
            limiters.submits.acquire()

    threads = [threading.Thread(target=seven) for _ in range(3)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started >= 0.99


def test_a_long_wait_is_told_instead_of_slept() -> None:
    writes = Limiters(FAST).upsales_writes("key")
    for _ in range(6):
        writes.acquire()
    started = time.monotonic()
    with pytest.raises(Throttled) as caught:
        writes.acquire()
    assert time.monotonic() - started < 1
    assert 3400 < caught.value.wait <= 3601
    assert caught.value.vendor == "upsales"


def test_a_limiter_is_for_one_credential_and_one_vendor() -> None:
    limiters = Limiters(FAST)
    assert limiters.upsales("a") is limiters.upsales("a")
    others = [limiters.upsales("b"), limiters.upsales_writes("a"), limiters.wistia("a")]
    assert len({id(limiters.upsales("a")), *map(id, others)}) == 4


def test_no_credential_is_kept() -> None:
    limiters = Limiters(FAST)
    limiters.wistia("s3cret-0123")
    assert "s3cret-0123" not in repr(vars(limiters))


def test_credentials_that_are_not_used_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    limiters = Limiters(FAST)
    busy = limiters.wistia("busy")
    busy.acquire()
    for number in range(3 * limits.MANY):
        limiters.wistia(str(number))
    assert len(limiters._limiters) <= limits.MANY
    assert limiters.wistia("busy") is busy
    later = clock.monotonic() + 61
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    assert busy.is_idle


def test_no_thread_is_started() -> None:
    before = threading.active_count()
    limiters = Limiters(FAST)
    for number in range(20):
        limiters.wistia(str(number)).acquire()
    assert threading.active_count() == before


@given(st.floats(min_value=0.001, max_value=1e6))
def test_any_scale_can_be_had(factor: float) -> None:
    limiters = Limiters(Limits().scaled(factor))
    limiters.upsales_writes("key").acquire()
    limiters.submits.acquire()


class TestTaught:
    """A limiter that does what a vendor's headers say."""

    def test_a_minute_has_as_many_calls_as_the_vendor_says(self) -> None:
        limiter = Limiters(Limits().scaled(1000)).mavera("key")
        limiter.heed(3, None, 0)
        for _ in range(3):
            limiter.acquire()
        limiter.heed(3, 0, 45)
        with pytest.raises(Throttled) as caught:
            limiter.acquire()
        assert 40 < caught.value.wait <= 45

    def test_the_last_calls_are_spread_over_what_is_left_of_the_minute(self) -> None:
        limiter = Limiters(Limits().scaled(1000)).mavera("key")
        limiter.heed(60, 9, 2)
        started = time.monotonic()
        limiter.acquire()
        assert 0.19 < time.monotonic() - started < 1.9

    @pytest.mark.parametrize(
        ("limit", "remaining", "until_reset"),
        [(None, None, 0), (0, 0, 0), (-1, -1, 50), (60, 0, -2), (60, 10, 50)],
    )
    def test_what_says_nothing_changes_nothing(
        self, limit: float | None, remaining: float | None, until_reset: float
    ) -> None:
        limiter = Limiters(Limits().scaled(1000)).mavera("key")
        limiter.heed(limit, remaining, until_reset)
        started = time.monotonic()
        limiter.acquire()
        limiter.acquire()
        assert time.monotonic() - started < 4

    def test_calls_keep_a_gap(self) -> None:
        limiter = Limiters(Limits().scaled(10)).mavera("key")
        started = time.monotonic()
        for _ in range(5):
            limiter.acquire()
        assert time.monotonic() - started >= 0.19

    def test_a_key_has_one_limiter(self) -> None:
        limiters = Limiters(Limits())
        assert limiters.mavera("one") is limiters.mavera("one") is not limiters.mavera("two")


def test_what_another_process_let_through_counts_here() -> None:
    here, there = Limiters(Limits()), Limiters(Limits())
    for _ in range(3):
        there.wistia("token").acquire()
        here.wistia("token").acquire()
    there.upsales_writes("key").acquire()
    used = there.used("token", "key")
    assert used == {"wistia": 3, "writes": 1}
    here.take_over("token", "key", used, 0.0)
    assert here.used("token", "key") == {"wistia": 3, "writes": 1}, "its own are among them"
    here.take_over("token", "key", {"wistia": 540, "writes": 4500}, 30.0)
    assert here.used("token", "key") == {"wistia": 540, "writes": 4500}
    with pytest.raises(UsedUp) as caught:
        here.upsales_writes("key").acquire()
    assert 3500 < caught.value.wait < 3600
    here.take_over("token", "key", {"wistia": 600}, 61.0)
    assert here.used("token", "key")["wistia"] == 540, "that is over a minute ago"


def test_in_a_common_line_one_waits_for_its_turn_or_is_told_to_come_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("upsales_wistia.clients.limits.time.sleep", slept.append)
    turns = iter([0.0, 1.5, None])
    asked: list[tuple[float, float]] = []

    def next_turn(apart: float, longest: float) -> float | None:
        asked.append((apart, longest))
        return next(turns)

    line = Limiters(Limits(), next_turn).submits
    line.acquire()
    line.acquire()
    assert slept == [0.0, 1.5]
    with pytest.raises(UsedUp):
        line.acquire()
    assert asked == [(1.0, LONGEST_WAIT)] * 3
