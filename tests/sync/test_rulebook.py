"""Settings as people change them: nobody's change is lost, and nobody's is written over."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.sync.house import House
from upsales_wistia import rulebook
from upsales_wistia.errors import UsageError
from upsales_wistia.rulebook import Overtaken
from upsales_wistia.store import database, versions

THREADS = 4


def save(house: House, who: str = "Anna", **changes: object) -> int:
    """Save on top of what is in force."""
    book = rulebook.load(house.customer)
    made = rulebook.draft(book, changes)
    now, keyring = house.clock.now(), house.services.keyring
    return rulebook.save(keyring, book, made.changes, {}, who, now).number


def test_of_several_who_save_at_once_one_does(house: House) -> None:
    book = rulebook.load(house.customer)
    together = threading.Barrier(THREADS)
    outcomes: list[str] = []

    def saves(number: int) -> None:
        with database.session():
            together.wait(10)
            try:
                made = rulebook.save(
                    house.services.keyring,
                    book,
                    {"waitingDays": number},
                    {},
                    f"Person {number}",
                    house.clock.now(),
                )
                outcomes.append(str(made.number))
            except Overtaken:
                outcomes.append("overtaken")

    threads = [threading.Thread(target=saves, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["2", *["overtaken"] * (THREADS - 1)]
    assert [version.number for version in versions.history(house.customer)] == [2, 1]


def test_what_is_not_changed_on_an_older_version_keeps_what_is_in_force(house: House) -> None:
    save(house, waitingDays=30, activityScore=4)
    book = rulebook.load(house.customer)
    made = rulebook.draft(book, {"waitingDays": 90, "activityScore": 5, "formScore": 1}, base=1)
    assert made.changes == {"activityScore": 5}
    same = rulebook.draft(book, {"activityScore": 4}, base=1)
    assert same.changes == {}


def test_undo_gives_back_the_version_before_once(house: House) -> None:
    save(house, waitingDays=30)
    keyring, now = house.services.keyring, house.clock.now()
    old = rulebook.load(house.customer)
    assert rulebook.undo(keyring, old, "Anna", now).number == 3
    assert rulebook.load(house.customer).config["waitingDays"] == 90
    with pytest.raises(Overtaken):
        rulebook.undo(keyring, old, "Anna", now)


def test_there_is_nothing_before_the_first_version(build_house: Callable[..., House]) -> None:
    house = build_house()
    book = rulebook.load(house.customer)
    with pytest.raises(UsageError):
        rulebook.undo(house.services.keyring, book, "Anna", house.clock.now())
    with pytest.raises(Overtaken):
        rulebook.draft(book, {"waitingDays": 3}, base=7)
