"""Settings that come from Upsales: taken over where Upsales changed them, kept where it did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from .settings import Reading, read, split_secrets
from .store import customers, versions
from .store.keyring import Keyring

BY = "from Upsales"
"""Who changed it, where Upsales did."""


def take_config(
    keyring: Keyring, customer_id: int, config: Mapping[str, Any], now: datetime
) -> Reading:
    """Take over a config from Upsales.

    A field that differs from the last configuration that came from Upsales takes the new value;
    one that Upsales did not touch keeps what was set here. A credential that is not given keeps
    the stored one. Returns what could be read.
    """
    rules, secrets = split_secrets(config)
    current = versions.current(customer_id)
    seen = customers.setup(customer_id).get("upsales_config")
    before = current.config if current else None
    received = read(rules, seen if seen is not None else before)
    merged = _merged(received.config, seen, before)
    renewed = [n for n, v in secrets.items() if _save_if_new(keyring, customer_id, n, v, now)]
    problems = [asdict(problem) for problem in received.problems]
    versions.save(customer_id, merged, problems, BY, now, secrets=renewed)
    customers.update_setup(customer_id, upsales_config=received.config)
    return received


def _merged(
    received: Mapping[str, Any], seen: Mapping[str, Any] | None, before: Mapping[str, Any] | None
) -> dict[str, Any]:
    if before is None:
        return dict(received)
    # What came from Upsales the last time is not known yet: its word is taken whole.
    touched = {n: v for n, v in received.items() if seen is None or v != seen.get(n)}
    return {**before, **touched}


def _save_if_new(keyring: Keyring, customer_id: int, name: str, value: str, now: datetime) -> bool:
    """Store a credential that Upsales sends anew; one it merely repeats changes nothing."""
    digest = keyring.digest(customer_id, value)
    seen = customers.setup(customer_id).get("upsales_secrets", {})
    if seen.get(name) == digest:
        return False
    customers.save_secret(keyring, customer_id, name, value, now, by=BY)
    customers.update_setup(customer_id, upsales_secrets={**seen, name: digest})
    return True
