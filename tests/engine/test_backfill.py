"""``kill -9`` at random moments of a backfill: each view is written once, as was foreseen."""

from __future__ import annotations

import random
import time
from typing import Any

from tests.engine.conftest import BuildStage
from tests.engine.stage import SETTLE, Stage

KILLS = 6
DAYS = ["2026-10-01", "2026-10-30"]
PEOPLE_A_DAY = 8


def order(*, commit: bool) -> dict[str, Any]:
    return {"backfill": {"days": DAYS, "commit": commit}, "moments": []}


def test_killed_at_random_it_writes_each_view_once(
    build_stage: BuildStage, database_url: str
) -> None:
    stage: Stage = build_stage(database_url, forms=False)
    dice = random.Random(20)
    for day in range(1, 29):
        stage.watch_videos(PEOPLE_A_DAY, nobodies=1, at=f"2026-10-{day:02}T10:00:00+00:00")
    before = stage.start(**order(commit=False)).outcome()["documents"][-1]
    assert stage.entries().total() == 0
    killed = 0
    while killed < KILLS:
        child = stage.start(**order(commit=True))
        time.sleep(dice.uniform(0.05, 0.6))
        if not child.kill():
            break
        killed += 1
        stage.later(SETTLE)
    assert killed >= 2, "it was too quick to be killed"
    stage.start(**order(commit=True)).outcome()
    stage.heal()
    after = stage.start(**order(commit=True)).outcome()["documents"][-1]
    assert before["written"]["activities"] == 28 * PEOPLE_A_DAY
    assert after["balance"]["activity"]["registered"] == before["written"]["activities"]
    assert stage.entries().most_common(1)[0][1] == 1
    assert stage.entries().total() == before["written"]["activities"]
