"""The processes and databases that all tests of the kit share, and a stage for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.databases import OwnDatabase
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


@pytest.fixture(scope="session")
def shared_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """The address of the one database of a kind that the tests' customers share."""
    with ExitStack() as opened:
        urls = {"sqlite": f"sqlite:///{tmp_path_factory.mktemp('shared')}/shared.db"}

        def url_of(kind: str) -> str:
            if kind not in urls:
                server = request.getfixturevalue("postgresql_server")
                urls[kind] = opened.enter_context(OwnDatabase(server))
            return urls[kind]

        yield url_of


@pytest.fixture(scope="session")
def build_stage(vendors: Vendors, app: App) -> BuildStage:
    """Makes a customer in the database at an address."""

    def build(database_url: str, **parts: Any) -> Stage:
        return Stage(vendors, app, database_url, **parts)

    return build


@pytest.fixture
def stage(build_stage: BuildStage, shared_url: Callable[[str], str], database_kind: str) -> Stage:
    """A customer with entries and forms on, as ``Stage.begin`` leaves it."""
    return build_stage(shared_url(database_kind)).begin()
