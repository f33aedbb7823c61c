"""What the tests of the jobs share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.enrichment.house import MaveraHouse
from upsales_wistia.sandbox import Limits, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """All vendors on loopback, without limits of their own."""
    with Sandbox(limits=Limits.off()) as running:
        yield running


@pytest.fixture
def build_house(sandbox: Sandbox, store: str) -> Callable[..., MaveraHouse]:
    """Makes a house with a Mavera on an empty database."""

    def build(**parts: Any) -> MaveraHouse:
        return MaveraHouse(sandbox, store, **parts)

    return build


@pytest.fixture
def house(build_house: Callable[..., MaveraHouse]) -> Iterator[MaveraHouse]:
    """A house with the small world and a Mavera key; no job of it outlives the test."""
    built = build_house()
    yield built
    built.services.join_jobs()
