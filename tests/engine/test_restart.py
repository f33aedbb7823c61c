"""PostgreSQL goes away under a run and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from signal import SIGCONT
from typing import Any

import pytest

from tests.databases import OwnDatabase
from tests.engine.cluster import Cluster, binaries
from tests.engine.conftest import BuildStage
from tests.engine.stage import SETTLE, Stage


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL's own programs (initdb, pg_ctl) are not installed")
    with Cluster(programs) as running:
        yield running


@pytest.fixture
def restless(cluster: Cluster, build_stage: BuildStage) -> Iterator[Stage]:
    with OwnDatabase(cluster.url) as url:
        yield build_stage(url).begin()


STOPS: dict[str, dict[str, Any]] = {
    "between two pages": {"step": "fetch", "on": "return"},
    "inside a transaction": {"step": "commit", "on": "return", "nth": 7},
    "while an entry is sent": {"step": "entry", "on": "return", "nth": 3},
    "while a form is sent": {"step": "submit", "on": "return", "nth": 3},
}


@pytest.mark.parametrize("stop", STOPS)
def test_the_same_process_goes_on_after_a_crash_of_the_database(
    restless: Stage, cluster: Cluster, tmp_path: Path, stop: str
) -> None:
    trap = {"nth": 1, "send": "SIGSTOP", "within": None} | STOPS[stop]
    back = tmp_path / "back"
    child = restless.start(
        trap=trap, go_on=True, wait_for=str(back), moments=[restless.now.isoformat()] * 3
    )
    assert child.wait("stopped"), child.told()
    cluster.stop()
    child.send(SIGCONT)
    cluster.start()
    back.touch()
    told = child.outcome()
    assert len(told["documents"]) == 2, child.told()
    assert told["documents"][-1]["status"] in ("ok", "partial")
    restless.later(SETTLE)
    restless.expect_all()
