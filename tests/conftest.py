"""What every test has: the hypothesis profiles, and the databases the stored things run on."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.databases import *  # noqa: F403

settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile(
    "ci", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")
