"""What an operator does with customers: add, change, list, show, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

from .errors import DeploymentError, UsageError
from .services import Services
from .settings import (
    LATER,
    NAMES,
    SECRETS,
    Problem,
    Reading,
    read,
    shown,
    split_secrets,
)
from .store import customers, database, runs, versions
from .store.leases import hold
from .store.versions import Version
from .sync.schedule import next_due

BY = "command line"
"""Who changed it, where the operator did."""


def add(services: Services, customer_id: int, name: str, given: Mapping[str, Any]) -> list[Problem]:
    """Add a customer or update one; returns what could not be read of its config.

    ``given`` is ``{"apiKey": "…", "config": {…}}``. The config takes the place of the stored
    rules; without one they stay. A credential that is not given keeps the stored one. Raises
    UsageError when ``given`` has another shape, and then changes nothing.
    """
    key, config = _checked(given)
    now = services.clock.now()
    rules, secrets = split_secrets(config or {})
    with database.transaction():
        before = versions.current(customer_id)
        reading = _reading(None if config is None else rules, before)
        problems = [asdict(problem) for problem in reading.problems]
        customers.add(customer_id, name, "cli", now)
        renewed = _renewed(services, customer_id, secrets)
        for secret, value in (secrets | ({"apiKey": key} if key else {})).items():
            customers.save_secret(services.keyring, customer_id, secret, value, now, by=BY)
        if key:
            customers.forget_setup(customer_id, "auth")
        versions.save(customer_id, reading.config, problems, BY, now, secrets=renewed)
        if customers.due_at(customer_id, "poll") is None:
            customers.set_due(customer_id, "poll", now)
    return list(reading.problems)


def _renewed(services: Services, customer_id: int, given: Mapping[str, str]) -> list[str]:
    """The names of the credentials that are other than those stored."""
    try:
        stored = customers.secrets(services.keyring, customer_id)
    except DeploymentError:
        return list(given)  # Sealed with a key that is lost: this is how they are given anew.
    return [name for name, value in given.items() if stored.get(name) != value]


def unread(given: Mapping[str, Any]) -> list[str]:
    """A sentence for each name in ``given`` that nothing reads: a typing error must not pass."""
    about = "is nothing this file can hold"
    config = given.get("config") or {}
    return [
        *_strangers(given, ("apiKey", "config"), about),
        *_strangers(config, (*NAMES, *SECRETS, *LATER), "is no setting"),
    ]


def _strangers(given: Mapping[str, Any], known: Sequence[str], what: str) -> list[str]:
    told = []
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]}?" if near else "."
            told.append(f'"{shown(name)}" {what}{meant}')
    return told


def _reading(rules: Mapping[str, Any] | None, before: Version | None) -> Reading:
    if before is None:
        return read(rules or {})
    if rules is None:
        return Reading(before.config, tuple(Problem(**p) for p in before.problems))
    return read(rules, before.config)


def _checked(given: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    if not isinstance(given, Mapping):
        raise UsageError('The file must hold an object: {"apiKey": "…", "config": {…}}.')
    config, key = given.get("config"), given.get("apiKey") or ""
    if config is not None and not isinstance(config, Mapping):
        raise UsageError('"config" must be an object of settings.')
    if not isinstance(key, str):
        raise UsageError('"apiKey" must be a text.')
    return key.strip(), config


def show(services: Services, customer_id: int) -> dict[str, Any]:
    """A customer as the command line shows it; of a credential only that it is there."""
    customer = customers.load(customer_id)
    version = versions.current(customer_id)
    last = runs.last(customer_id)
    due = customers.due_at(customer_id, "poll")
    return {
        "customer": customer.id,
        "name": customer.name,
        "state": customer.state,
        "erased_in_days": customers.erased_in_days(customer),
        "settings": version.number if version else None,
        "config": version.config if version else {},
        "problems": [Problem(**p).sentence for p in version.problems] if version else [],
        "credentials": sorted(customers.secrets(services.keyring, customer_id)),
        "forms_paused": customer.forms_paused,
        "last_run": {"run": last.id, "status": last.status, "reason": last.reason}
        if last
        else None,
        "next_run": due.isoformat() if due and customer.state == "active" else None,
    }


def listing() -> list[dict[str, Any]]:
    """All customers, as the operator sees them."""
    return [
        {
            "customer": customer.id,
            "name": customer.name,
            "state": customer.state,
            "erased_in_days": customers.erased_in_days(customer),
        }
        for customer in customers.list_all()
    ]


def resume(services: Services, customer_id: int) -> None:
    """Poll a paused customer again, from its next slot on."""
    customers.load(customer_id)
    customers.set_state(customer_id, "active")
    minutes = services.config.poll_minutes
    customers.set_due(customer_id, "poll", next_due(customer_id, services.clock.now(), minutes))


def remove(services: Services, customer_id: int) -> None:
    """Remove a customer and everything that is kept of it, once its run has ended."""
    customers.load(customer_id)
    with hold(customer_id, services.config.lease_seconds, wait=True):
        customers.remove(customer_id)
    database.forget_deleted()
