"""Looks at the deployment itself, one check a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .clients.reach import reach
from .config import Config
from .errors import AppError
from .store import customers, database
from .store.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, whether it is well, and a sentence with the next step."""

    name: str
    ok: bool
    sentence: str


def examine(config: Config) -> list[Check]:
    """All checks of a deployment; none of them raises, and none changes anything."""
    steps: Mapping[str, Callable[[Config], str]] = {
        "database": _database,
        "migrations": _migrations,
        "keys": _keys,
        "clock": _clock,
        "queue": _queue,
        "Wistia's address": lambda c: f"{reach(c.wistia_api_url)} answers.",
        "Upsales' address": lambda c: f"{reach(c.upsales_api_url)} answers.",
    }
    return [_check(name, step, config) for name, step in steps.items()]


def document(checks: list[Check]) -> dict[str, Any]:
    """The checks as JSON."""
    return {"ok": all(c.ok for c in checks), "checks": [asdict(c) for c in checks]}


def _check(name: str, step: Callable[[Config], str], config: Config) -> Check:
    try:
        return Check(name, True, step(config))
    except AppError as error:
        return Check(name, False, error.sentence)
    except OSError as error:
        return Check(name, False, f"No connection: {error.strerror or error}. Check the network.")


def _database(config: Config) -> str:
    database.connect(config.database_url)
    database.ping()
    return "It answers."


def _migrations(config: Config) -> str:
    database.check_version()
    return "The tables are those of this version."


def _keys(config: Config) -> str:
    keyring = Keyring(config.encryption_keys)
    with database.session():
        known = customers.list_all()
        for customer in known:
            customers.secrets(keyring, customer.id)
    return f"The credentials of {len(known)} customers can be read."


def _clock(config: Config) -> str:
    drift = abs(database.clock_drift())
    return f"The database's clock and ours differ by {drift:.1f} s."


def _queue(config: Config) -> str:
    return "Jobs run in this process; nothing else is needed."
