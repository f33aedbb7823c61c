"""What the tests of privacy share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.enrichment.house import MaveraHouse
from tests.privacy.people import ANNA, planted, with_annas_contact
from upsales_wistia.sandbox import Limits, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """All vendors on loopback, without limits of their own."""
    with Sandbox(limits=Limits.off()) as running:
        yield running


@pytest.fixture
def house(sandbox: Sandbox, store: str) -> Iterator[MaveraHouse]:
    """A house in which Anna has watched three views, and two other people one each."""
    made = MaveraHouse(sandbox, store, world=with_annas_contact())
    made.configure(formsEnabled=True)
    planted(made.world)
    made.run()
    assert ANNA.email in str(made.tenant.crm.submits)
    yield made
    made.services.stop()
