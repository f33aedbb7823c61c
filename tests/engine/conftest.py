"""The processes that all tests of the kit share, and a stage for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.engine.processes import App, Vendors
from tests.engine.stage import Stage

BuildStage = Callable[..., Stage]


@pytest.fixture(scope="session")
def vendors() -> Iterator[Vendors]:
    """Both vendors as a process."""
    with Vendors(200) as running:
        yield running


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app's parent process."""
    with App(tmp_path_factory.mktemp("processes")) as running:
        yield running


@pytest.fixture
def build_stage(vendors: Vendors, app: App, database_url: str) -> BuildStage:
    """Makes a customer in the test's database."""

    def build(**parts: Any) -> Stage:
        return Stage(vendors, app, database_url, **parts)

    return build


@pytest.fixture
def stage(build_stage: BuildStage) -> Stage:
    """A customer with entries and forms on, two of each written, six more views to come."""
    made = build_stage()
    made.watch_videos(2)
    assert made.run()["status"] == "ok"
    made.later(3600)
    made.watch_videos(6, nobodies=2)
    return made
