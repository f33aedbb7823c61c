"""Whatever order webhooks and polls come in, twice or not at all: the same, each once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.house import NOW, House, view
from tests.sync.told import ToldHouse
from upsales_wistia.store import customers

PEOPLE = ("anna@acme.example", "bo@birch.example", "new@birch.example", "nobody@other.example")
VIDEOS = {"media00001": 60, "media00002": 600}
"""The videos' lengths in seconds: nobody watches on after that."""

FUZZED = int(os.environ.get("FUZZED", "0"))
"""More for a single measurement: FUZZED=1000 pytest tests/sync/test_webhook_property.py"""

STORY = 1500
"""Seconds that a story lasts."""

Written = list[tuple[str, str, str, str]]

_numbers: Iterator[int] = iter(range(50_000, 10**9))


@pytest.fixture
def database_kind() -> str:
    """In which order things are stored is no matter of the database."""
    return "sqlite"


@dataclass(frozen=True)
class Viewing:
    """Somebody watches: from second ``start``, on to each share (0-1) at each second."""

    start: int
    video: str
    visitor: int
    shares: tuple[tuple[int, float], ...]
    converts_at: int | None
    person: int


@dataclass(frozen=True)
class Story:
    """Viewings, polls at some seconds, and what becomes of each event of the webhook in turn.

    ``fates`` are the delays in seconds with which an event arrives: none for one that is lost,
    two for one that comes twice.
    """

    viewings: tuple[Viewing, ...]
    polls: frozenset[int]
    fates: tuple[tuple[int, ...], ...]


@st.composite
def viewings(draw: st.DrawFn) -> Viewing:
    video = draw(st.sampled_from(sorted(VIDEOS)))
    start, length = draw(st.integers(1, STORY // 2)), VIDEOS[video]
    moments = sorted(draw(st.sets(st.integers(1, length), max_size=4)))
    shares = sorted(draw(st.sets(st.sampled_from(range(5, 101, 5)), min_size=5, max_size=5)))
    converts = draw(st.one_of(st.none(), st.integers(0, length), st.integers(0, length)))
    return Viewing(
        start,
        video,
        draw(st.integers(0, 2)),
        tuple((start + at, share / 100) for at, share in zip([0, *moments], shares, strict=False)),
        None if converts is None else start + converts,
        draw(st.integers(0, len(PEOPLE) - 1)),
    )


_delays = st.one_of(st.just(0), st.integers(0, 60), st.integers(0, 900))
stories = st.builds(
    Story,
    st.lists(viewings(), min_size=2, max_size=4).map(tuple),
    st.sets(st.integers(1, STORY), max_size=4).map(frozenset),
    st.lists(st.lists(_delays, max_size=2).map(tuple), min_size=3, max_size=12).map(tuple),
)


class Life:
    """A story lived by a house; ``hears`` is whether the webhook tells it anything."""

    def __init__(self, house: House, story: Story, *, hears: bool) -> None:
        self.told, self.story, self.hears = ToldHouse(house), story, hears
        self.house = house
        self.agenda: dict[int, list[Callable[[], object]]] = {}
        self.seconds = 0
        self.events = 0
        for number, viewing in enumerate(story.viewings):
            self._plan(f"e{number}", viewing)
        for second in story.polls:
            self._at(second, house.run)

    def lived(self) -> Written:
        """What stands in Upsales at the end of the story, and of all that is still to come."""
        self.house.run()
        while self.agenda:
            second = min(self.agenda)
            self.house.later(seconds=second - self.seconds)
            self.seconds = second
            for happens in self.agenda.pop(second):
                happens()
            if self.hears:
                # When the next poll is due hangs on the customer's number, and is another test's.
                customers.set_due(self.house.customer, "poll", NOW + timedelta(days=1))
                self.told.works_off()
        for _ in range(5):
            self.house.later(minutes=20)
            self.house.run()
        return sorted(
            (row["externalId"], row["value"], row["date"], str(row["client"]["id"]))
            for row in self.house.entries
        )

    def _at(self, second: int, happens: Callable[[], object]) -> None:
        self.agenda.setdefault(second, []).append(happens)

    def _plan(self, key: str, viewing: Viewing) -> None:
        (start, share), *more = viewing.shares
        new = view(
            key,
            visitor_key=f"visitor {viewing.visitor}",
            received_at=NOW + timedelta(seconds=start),
            fraction=share,
            media_id=viewing.video,
        )
        self._at(start, lambda: self._tells(None, self.house.world.add(new)))
        if viewing.converts_at is not None:
            self._at(viewing.converts_at, lambda: self._converts(key, PEOPLE[viewing.person]))
        for second, further in more:
            self._at(second, partial(self._changes, key, fraction=further))
        # A tick after the viewing is over, as each process has many.
        self._at(start + VIDEOS[viewing.video] + 300, lambda: None)

    def _converts(self, key: str, email: str) -> None:
        before = self.house.world.view(key)
        # At the end of all it is written at once, whoever it is by then.
        if before is not None and before.fraction < 0.99:
            left = {"conversion_type": 1, "conversion": {"email": email}, "email": email}
            self._changes(key, **left)

    def _changes(self, key: str, **fields: Any) -> None:
        before = self.house.world.view(key)
        self._tells(before, self.house.world.change(key, **fields))

    def _tells(self, before: Any, after: Any) -> None:
        self.told.webhook.happened(before, after)
        told, self.told.webhook.waiting = self.told.webhook.waiting, []
        for event in told if self.hears else ():
            fate = self.story.fates[self.events % len(self.story.fates)]
            self.events += 1
            body = self.told.webhook.body(event)
            for delay in fate:
                self._at(self.seconds + delay, partial(self._arrives, body))

    def _arrives(self, body: bytes) -> None:
        assert self.told.webhook.send(body) == 202


def lived(sandbox: Any, store: str, story: Story, *, hears: bool) -> Written:
    house = House(sandbox, store, customer=next(_numbers))
    return Life(house, story, hears=hears).lived()


@settings(
    max_examples=FUZZED or 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=stories)
def test_the_same_stands_in_upsales_whatever_the_webhook_did(
    sandbox: Any, store: str, story: Story
) -> None:
    polled = lived(sandbox, store, story, hears=False)
    told = lived(sandbox, store, story, hears=True)
    assert told == polled
    assert len({external for external, *_ in told}) == len(told), "each once"


def test_the_stories_hold_something(sandbox: Any, store: str) -> None:
    """One is written as soon as it is told, one when its viewing is over, without a poll."""
    quick = Viewing(10, "media00001", 0, ((10, 0.3), (50, 1.0)), 20, 0)
    slow = Viewing(10, "media00002", 1, ((10, 0.3), (400, 0.6)), 20, 1)
    story = Story((quick, slow), frozenset(), ((0,),))
    life = Life(House(sandbox, store, customer=next(_numbers)), story, hears=True)
    stood: list[int] = []
    for second in (60, 911):
        life._at(second, lambda: stood.append(len(life.house.entries)))
    written = life.lived()
    assert stood == [1, 2]
    assert sorted(text for _, text, *_ in written) == [
        "Watched 100% of Product tour",
        "Watched 60% of A story",
    ]
    assert written == lived(sandbox, store, story, hears=False)
