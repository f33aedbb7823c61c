"""A webhook leads to a follow-up draft, decided on the percentage that Wistia's own answer has."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.enrichment.house import MaveraHouse
from tests.sync.house import NOW, view
from tests.sync.told import ToldHouse
from upsales_wistia.store import drafts


@pytest.fixture
def told(build_house: Callable[..., MaveraHouse]) -> ToldHouse:
    """A house that has polled once, where drafts are switched on."""
    made = ToldHouse(build_house())
    made.house.configure(maveraJobs=["followup"])
    made.house.run()
    return made


def drafted(told: ToldHouse) -> list[int]:
    """The percentages of the drafts, when what was queued is done."""
    told.house.services.join_jobs()
    return [draft.percent for draft in drafts.listing(told.house.customer)]


def test_the_mark_that_was_told_is_not_the_percentage(told: ToldHouse) -> None:
    told.comes(view("e1", "anna@acme.example", received_at=NOW, fraction=0.3))
    told.grows("e1", fraction=0.79)
    assert drafted(told) == []
    told.house.world.change("e1", fraction=0.82)  # which no mark tells
    told.house.later(minutes=6)
    told.works_off()
    assert drafted(told) == [82], "it was looked at when the viewing was over"
    told.house.run()
    assert drafted(told) == [82]


def test_a_viewer_who_watched_to_the_end_has_a_draft_at_once(told: ToldHouse) -> None:
    told.comes(view("e1", "anna@acme.example", received_at=NOW, fraction=1.0))
    assert drafted(told) == [100]
