from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from upsales_wistia.sandbox import Sandbox, Tenant, example_world

TODAY = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
CUSTOMER = 4711


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def tenant(sandbox: Sandbox) -> Tenant:
    """The example's customer, today."""
    world = example_world(TODAY)
    world.move_to(TODAY)
    return sandbox.add_customer(CUSTOMER, world)
