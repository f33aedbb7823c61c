"""The short storm; the long one is ``python -m tests.engine.storm``."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.engine.processes import App, Vendors
from tests.engine.storm import Storm


def test_random_kills_with_faults_on_lose_and_double_nothing(
    vendors: Vendors, app: App, shared_url: Callable[[str], str], database_kind: str
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    figures = Storm(vendors, app, shared_url(database_kind), views=40, seed=seed).rage(4)
    assert figures.good, figures
    assert figures.entries_found == figures.entries_expected
    assert figures.submits_found == figures.submits_expected
