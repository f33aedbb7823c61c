"""The example of the product: 193 → 54 → 30 → 20 → 18 → 4."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pytest

from tests.sync.house import NOW, House
from upsales_wistia.sandbox import EXAMPLE_CONFIG, example_world
from upsales_wistia.sync.run import Document


@pytest.fixture
def example(build_house: Callable[..., House]) -> House:
    """The example world as it stood yesterday."""
    world = example_world(NOW)
    return build_house(world=world, config=dict(EXAMPLE_CONFIG))


def synced_twice(example: House) -> Document:
    example.run()
    example.later(days=1)
    return example.run()


def test_today_prints_the_funnel(example: House) -> None:
    document = synced_twice(example)
    assert document["funnel"] == {
        "views": 193,
        "turnstile": 54,
        "activity": {"matched": 30, "watched": 20, "project": 18, "new": 4},
        "form": {"watched": 40, "project": 35, "new": 9},
    }
    assert document["balance"]["activity"] == {
        "views": 193,
        "written": 4,
        "registered": 14,
        "dropped": {
            "no_email": 118,
            "email_not_turnstile": 18,
            "below_minimum": 10,
            "not_an_email": 3,
            "other_project": 2,
        },
        "settling": 0,
        "waiting": 24,
        "retrying": 0,
        "failed": 0,
        "uncertain": 0,
    }
    assert document["balance"]["form"]["registered"] == 26
    assert document["written"] == {
        "activities": 4,
        "forms": 9,
        "forms_created": 1,
        "late": {"activities": 0, "forms": 0},
    }
    assert (document["status"], document["code"], document["reason"]) == ("ok", None, None)


def test_a_second_sync_writes_nothing_and_does_not_call_upsales(example: House) -> None:
    synced_twice(example)
    entries, submits = len(example.entries), len(example.submits)
    example.forget_calls()
    document = example.run()
    assert document["funnel"]["activity"]["new"] == 0
    assert document["balance"]["activity"]["registered"] == 18
    assert document["balance"]["form"]["registered"] == 35
    assert (len(example.entries), len(example.submits)) == (entries, submits)
    assert document["requests"]["upsales"] == example.sandbox.counters.total("upsales") == 0
    padded = len(example.world.listing(start=(NOW.date()).replace(day=16)))
    assert example.sandbox.counters.total("wistia") <= ceil(padded / 100) + 1


def test_everything_is_written_once_under_its_own_id(example: House) -> None:
    synced_twice(example)
    ids = [row["externalId"] for row in example.entries]
    assert len(ids) == len(set(ids)) == 14 + 4 + _older(example)
    assert all(len(i) == 36 for i in ids)


def _older(example: House) -> int:
    """Entries of views that have left the window since yesterday."""
    return len(example.entries) - 18


def test_an_anonymous_entry_names_nobody(example: House) -> None:
    synced_twice(example)
    anonymous = [row for row in example.entries if not row["contacts"]]
    assert len(anonymous) >= 2
    for row in anonymous:
        assert row["value"].startswith("Someone watched ")
        assert "@" not in row["value"]
