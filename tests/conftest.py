"""What every test has: the hypothesis profiles, and the databases the stored things run on."""

from __future__ import annotations

import os
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import *  # noqa: F403

settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile(
    "ci", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")

KINDS = ("sqlite", "postgresql")
SHARED_OUT = ("cli", "enrichment", "privacy", "sync", "web")
"""Where each test runs on one of the two databases; what stores and what kills runs on both."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let somebody with half an hour have all of it."""
    parser.addoption(
        "--both-databases", action="store_true", help="run every test on both databases"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Share the tests out between the databases, the same way in every process."""
    if not config.getoption("--both-databases"):
        left = [item for item in items if not _is_the_others(item)]
        config.hook.pytest_deselected(items=[item for item in items if _is_the_others(item)])
        items[:] = left


def _is_the_others(item: pytest.Item) -> bool:
    kind = getattr(getattr(item, "callspec", None), "params", {}).get("database_kind")
    if kind not in KINDS or item.path.parent.name not in SHARED_OUT:
        return False
    name = item.nodeid.replace("sqlite", "").replace("postgresql", "")
    return str(kind) != KINDS[crc32(name.encode()) % 2]
