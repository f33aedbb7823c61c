"""What the tests of the store share."""

from __future__ import annotations

import pytest

from tests.store.examples import NOW
from upsales_wistia.store import customers


@pytest.fixture
def customer(store: str) -> int:
    """The number of a customer in an empty database."""
    customers.add(4711, "Acme", "cli", NOW)
    return 4711
