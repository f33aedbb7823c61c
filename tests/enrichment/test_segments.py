"""The rule that groups viewers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.enrichment.segments import FEWEST, How, Share, Watched, group

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
HOUR_AGO = NOW - timedelta(hours=1)


def watched(person: str, **facts: Any) -> Watched:
    known: dict[str, Any] = {
        "event_key": f"view-{person}-{facts.get('at', HOUR_AGO)}",
        "at": HOUR_AGO,
        "percent": 50.0,
        "seconds": 30.0,
        "title": "Product tour",
        "project": "Demos",
        "country": "Sweden",
    }
    return Watched(person, **(known | facts))


def people(count: int, name: str = "p", **facts: Any) -> list[Watched]:
    return [watched(f"{name}{number}", **facts) for number in range(count)]


def names(views: Iterable[Watched]) -> dict[str, int]:
    return {segment.name: segment.people for segment in group(views, NOW).segments}


def test_twelve_alike_are_a_group_and_three_are_not() -> None:
    found = group([*people(12, "a", percent=90.0), *people(3, "b", percent=10.0)], NOW)
    assert [(s.name, s.people) for s in found.segments] == [("Deep watchers: Demos", 12)]
    assert (found.people, found.left_out) == (15, 3)


def test_the_pattern_moved() -> None:
    views = [*people(3, "a", percent=90.0), *people(12, "b", percent=10.0)]
    assert names(views) == {"First look: Demos": 12}


@pytest.mark.parametrize(
    ("facts", "how"),
    [
        ({"percent": 75.0}, How.DEEP),
        ({"percent": 74.99}, How.PART),
        ({"percent": 25.0}, How.PART),
        ({"percent": 24.99}, How.FIRST),
        ({"at": NOW - timedelta(days=14)}, How.PART),
        ({"at": NOW - timedelta(days=14, seconds=1)}, How.QUIET),
    ],
)
def test_each_rule_at_its_edge(facts: dict[str, Any], how: How) -> None:
    assert names(people(FEWEST, **facts)) == {f"{how.value}: Demos": FEWEST}


def test_who_watched_on_two_days_comes_back_however_deep() -> None:
    days = [people(6, percent=90.0), people(6, at=NOW - timedelta(days=2), percent=5.0)]
    assert names([*days[0], *days[1]]) == {"Coming back: Demos": 6}


def test_the_project_is_the_one_most_time_was_spent_in() -> None:
    short, long = people(5, seconds=10.0, project="Demos"), people(5, seconds=90.0, project="A&B")
    assert names([*short, *long]) == {"Part of the way: A&B": 5}


def test_an_unknown_project_is_not_named() -> None:
    assert names(people(5, project="")) == {"Part of the way": 5}


def test_what_fewer_than_five_of_a_group_share_is_not_told() -> None:
    views = [
        *people(8, "a"),
        *people(4, "b", country="Iceland", title="A story"),
        *people(5, "c", country="Norway"),
    ]
    (segment,) = group(views, NOW).segments
    assert segment.countries == (Share("Sweden", 8), Share("Norway", 5))
    assert segment.titles == (Share("Product tour", 13),)
    assert segment.event_keys == tuple(sorted(view.event_key for view in views))
    assert (segment.people, segment.views, segment.percent, segment.lately) == (17, 17, 50, 17)


def test_nobody() -> None:
    found = group([], NOW)
    assert (found.segments, found.people, found.left_out) == ((), 0, 0)


views = st.builds(
    watched,
    st.integers(0, 30).map(str),
    at=st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda ago: NOW - ago),
    percent=st.floats(0, 100),
    project=st.sampled_from(["Demos", "Stories", ""]),
    country=st.sampled_from(["Sweden", "Norway", "Åland"]),
)


@given(st.lists(views, max_size=80))
def test_everybody_is_in_one_group_or_left_out(made: list[Watched]) -> None:
    found = group(made, NOW)
    assert sum(s.people for s in found.segments) + found.left_out == found.people
    assert found.people == len({view.person for view in made})
    for segment in found.segments:
        assert segment.people >= FEWEST
        assert all(FEWEST <= share.people <= segment.people for share in segment.countries)
    keys = [key for segment in found.segments for key in segment.event_keys]
    assert len(keys) <= len(made)
    assert group(reversed(made), NOW) == found
