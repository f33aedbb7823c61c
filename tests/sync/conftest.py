"""What the tests of a run share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sync.house import House
from upsales_wistia.sandbox import Limits, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors on loopback, without limits of their own."""
    with Sandbox(limits=Limits.off()) as running:
        yield running


@pytest.fixture
def build_house(sandbox: Sandbox, store: str) -> Callable[..., House]:
    """Makes a house on an empty database."""

    def build(**parts: Any) -> House:
        return House(sandbox, store, **parts)

    return build


@pytest.fixture
def house(build_house: Callable[..., House]) -> House:
    """A house with the small world, the activity log on, forms off."""
    return build_house()
