"""Who asked died, and Mavera is still at work: it is waited for, and not asked again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.enrichment.house import MaveraHouse
from tests.sync.house import NOW
from upsales_wistia.enrichment.rules import JobName
from upsales_wistia.services import DEMO_CLOCK
from upsales_wistia.store import instance

PATIENCE = 60.0
CALLS = {"cta": ("mavera.respond", 3), "dropoff": ("mavera.ask_mave", 1)}
"""The paid operation of a job, and how often it is called for what is planted."""


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def kill_in_the_call(house: MaveraHouse, job: str, operation: str) -> None:
    """Run a job in a process of its own, and kill it while Mavera works for it."""
    instance.write(DEMO_CLOCK, NOW.isoformat())
    media = ["--media", "media00002"] if job == "dropoff" else []
    command = ["enrich", job, "--customer", str(house.customer), "--json", *media]
    environ = {**os.environ, **house._environment(), "LEASE_SECONDS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "upsales_wistia", *command],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: house.calls(operation) == 1)
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("job", CALLS)
def test_a_call_that_mavera_is_still_at_work_on_is_waited_for(
    house: MaveraHouse, job: JobName
) -> None:
    operation, calls = CALLS[job]
    house.world.videos.drop("media00002", 100, 0.2)
    house.world.videos.offer("media00001", "Book a demo", 200, 40)
    house.sandbox.faults.add(operation, "slow", times=1, seconds=3)
    kill_in_the_call(house, job, operation)
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        wait_until(lambda: house.desk.charged() == 1)

    house.services.enriching.pause = pause
    made = house.enrich(job, "media00002" if job == "dropoff" else "")
    assert waited == [30.0]
    assert house.desk.charged() == calls
    # What has a list at Mavera is found in it; an answer of a persona's is lost, and said to be.
    lost = [step for step in made["steps"] if step["state"] == "uncertain"]
    assert len(lost) == (operation == "mavera.respond")
