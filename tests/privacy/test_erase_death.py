"""An erasure is killed in its course, and the next process goes on with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.enrichment.house import MaveraHouse
from tests.privacy.people import ANNA, found, planted, with_annas_contact
from upsales_wistia.sandbox import Sandbox
from upsales_wistia.store import erasures

PATIENCE = 30.0


@pytest.fixture
def mortal(sandbox: Sandbox, store: str) -> Iterator[MaveraHouse]:
    """A house whose leases run out soon."""
    made = MaveraHouse(sandbox, store, world=with_annas_contact(), environ={"LEASE_SECONDS": "1"})
    planted(made.world)
    made.run()
    yield made
    made.services.stop()


def erase(house: MaveraHouse) -> subprocess.Popen[bytes]:
    """Somebody types the command."""
    arguments = ["erase", "--customer", str(house.customer), ANNA.email, "--activities"]
    return subprocess.Popen(
        [sys.executable, "-m", "upsales_wistia", *arguments],
        env={**os.environ, **house.environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_death_while_deleting_in_upsales(mortal: MaveraHouse, store: str) -> None:
    mortal.sandbox.faults.add("upsales.delete_event", "slow", times=None, seconds=5, after=1)
    mortal.forget_calls()
    process = erase(mortal)
    ends = time.monotonic() + PATIENCE
    while mortal.calls("upsales.delete_event") < 2 and time.monotonic() < ends:
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert mortal.calls("upsales.delete_event") >= 2
    assert found(store) == []  # The tables are clean already; only Upsales is not.
    mortal.sandbox.faults.clear()
    (left,) = erasures.open_ones(mortal.services.keyring, mortal.customer)
    assert (left.state, left.email, len(left.left)) == (erasures.DELETING, "", 2)
    mortal.later(days=3650)  # The process that was killed went by the real clock.
    done = mortal.services.erasing.run_due(mortal.customer)[left.id]
    assert done.done
    assert done.certificate.deleted + done.certificate.absent == 3
    assert len(mortal.entries) == 1
