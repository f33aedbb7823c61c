"""The deployment looked at by itself: database, keys, clock, queue. Nobody else is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from . import deployment
from .clock import SystemClock
from .config import Config
from .deployment import LATE_POLLS
from .errors import AppError, DeploymentError
from .privacy.tombstone_file import TombstoneFile
from .store import customers, database, instance
from .store.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, whether it is well, and a sentence with the next step."""

    name: str
    ok: bool
    sentence: str


def look_at_ourselves(config: Config) -> list[Check]:
    """What the operator's page shows below: the checks that ask nobody else and open nothing."""
    steps = {
        "migrations": check_migrations,
        "clock": check_clock,
        "keys": tell_age_of_keys,
        "queue": check_queue,
    }
    return [checked(name, step, config) for name, step in steps.items()]


def checked(name: str, step: Callable[[Config], str], config: Config) -> Check:
    """What a check says; one that fails tells its sentence, and none raises."""
    try:
        return Check(name, True, step(config))
    except AppError as error:
        return Check(name, False, error.sentence)
    except OSError as error:
        return Check(name, False, f"No connection: {error.strerror or error}. Check the network.")


def check_database(config: Config) -> str:
    """Whether the database answers. Raises DeploymentError."""
    database.connect(config.database_url)
    database.ping()
    return "It answers."


def check_migrations(config: Config) -> str:
    """Whether the tables are those of this code. Raises DeploymentError."""
    database.check_version()
    return "The tables are those of this version."


def check_keys(config: Config) -> str:
    """Whether every stored credential can be opened. Raises DeploymentError."""
    keyring = Keyring(config.encryption_keys)
    with database.session():
        known = customers.list_all()
        for customer in known:
            customers.secrets(keyring, customer.id)
    return f"The credentials of {len(known)} customers can be read."


def check_tombstones(config: Config) -> str:
    """Whether an erasure could be noted. Raises DeploymentError."""
    if config.tombstones_file is None:
        return "None is needed: the database is in memory alone."
    people = TombstoneFile(config.tombstones_file).check()
    return f"{config.tombstones_file} can be written; erasures in it: {people}."


def check_clock(config: Config) -> str:
    """By how much the database's clock differs from ours. Raises DeploymentError."""
    drift = abs(database.clock_drift())
    return f"The database's clock and ours differ by {drift:.1f} s."


def tell_age_of_keys(config: Config) -> str:
    """How many keys are in use and since when. Raises DeploymentError."""
    with database.session():
        since = instance.read(instance.KEYS_ROTATED)
    many = len(config.encryption_keys)
    told = "1 key is" if many == 1 else f"{many} keys are"
    last = f"last rotated on {since[:10]}" if since else "never rotated"
    return f"{told} in use, {last}. upsales-wistia keys rotate makes a new one."


def check_queue(config: Config) -> str:
    """Whether somebody does what is due. Raises DeploymentError."""
    if config.engine == "local":
        return "Jobs run in this process; nothing else is needed."
    with database.session():
        late = deployment.overview(SystemClock().now(), config.poll_minutes).late
    if late > LATE_POLLS * timedelta(minutes=config.poll_minutes):
        raise DeploymentError(
            f"Polls have been due for {late // timedelta(minutes=1)} minutes and nobody does them. "
            "Start a worker, or more of them: upsales-wistia worker."
        )
    return "Jobs wait in PostgreSQL, and the workers keep up with them."
