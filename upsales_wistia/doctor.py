"""Looks at the deployment itself, and at what a customer's vendors really do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from .clients.reach import is_local, look, reach
from .config import Config
from .errors import DeploymentError
from .opening import rules_of
from .ourselves import (
    Check,
    check_clock,
    check_database,
    check_keys,
    check_migrations,
    check_queue,
    check_tombstones,
    checked,
)
from .probes.question import Probe
from .probes.subject import Subject
from .probes.upsales import ask_upsales
from .probes.wistia import ask_wistia
from .services import Services
from .store import customers

_OURSELVES = b"upsales-wistia"  # what /health answers


def examine(config: Config) -> list[Check]:
    """All checks of a deployment; none of them raises, and none changes anything."""
    steps: Mapping[str, Callable[[Config], str]] = {
        "database": check_database,
        "migrations": check_migrations,
        "keys": check_keys,
        "tombstones": check_tombstones,
        "clock": check_clock,
        "queue": check_queue,
        "Wistia's address": lambda c: f"{reach(c.wistia_api_url)} answers.",
        "Upsales' address": lambda c: f"{reach(c.upsales_api_url)} answers.",
        "our own address": _own_address,
    }
    return [checked(name, step, config) for name, step in steps.items()]


def probe(services: Services, customer_id: int) -> list[Probe]:
    """What the vendors answer to a customer's keys; only reads, and stores nothing.

    Empty when the stored keys cannot be opened, which a check tells. Raises UsageError for an
    unknown customer.
    """
    customer = customers.load(customer_id)
    try:
        secrets = customers.secrets(services.keyring, customer_id)
    except DeploymentError:
        return []
    subject = Subject(
        customer_id=customer_id,
        secrets=secrets,
        setup=customer.setup,
        settings=rules_of(customer_id).settings,
        config=services.config,
        limiters=services.limiters,
        now=services.clock.now(),
    )
    return [*ask_wistia(subject), *ask_upsales(subject)]


def is_usable(checks: Sequence[Check]) -> bool:
    """Whether the database can be read, so that a customer's keys can be."""
    return all(check.ok for check in checks if check.name in ("database", "migrations"))


def document(checks: Sequence[Check], probes: Sequence[Probe] | None = None) -> dict[str, Any]:
    """The checks, and the probes where a customer was named, as JSON."""
    made = {"ok": exit_status(checks, probes or ()) == 0, "checks": [asdict(c) for c in checks]}
    return made if probes is None else made | {"probes": [row.document() for row in probes]}


def exit_status(checks: Sequence[Check], probes: Sequence[Probe]) -> int:
    """0 all is well, 1 something differs, 3 a credential is refused, 4 a vendor is away."""
    statuses = {row.exit_status for row in probes} | {int(not check.ok) for check in checks}
    return next(status for status in (3, 4, 1, 0) if status in statuses or status == 0)


def lines(checks: Sequence[Check], probes: Sequence[Probe]) -> list[str]:
    """The checks, and the probes as a table of expected and found, for people."""
    told = [f"{'ok ' if c.ok else 'NOT'}  {c.name}: {c.sentence}" for c in checks]
    if not probes:
        return told
    rows = [("", "", "Expected", "Found"), *(_cells(row) for row in probes)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for number, row in enumerate(rows):
        told.append("  ".join(map(str.ljust, row, widths)).rstrip())
        if number and not probes[number - 1].ok:
            told.append(f"     {_advice(probes[number - 1])}")
    return told


def _cells(row: Probe) -> tuple[str, str, str, str]:
    marks = {True: "ok ", False: "NOT", None: "?  "}
    return marks[row.ok], row.name, row.expected, row.found


def _advice(row: Probe) -> str:
    return row.sentence + (f" Setting: {row.setting}" if row.setting else "")


def _own_address(config: Config) -> str:
    """Whether the pages are where their links lead, and the operator's are not open to all."""
    name = urlsplit(config.public_url).hostname or ""
    if is_local(config.public_url):
        return "The pages are for this machine alone. PUBLIC_URL names another address."
    if _OURSELVES not in look(f"{config.public_url}/health")[1]:
        raise DeploymentError(
            f"At {name} this app does not answer. Start it, check PUBLIC_URL, and see that the web "
            "server in front hands requests on to it."
        )
    if look(f"{config.public_url}/metrics")[0] == HTTPStatus.OK:
        raise DeploymentError(
            "The operator's addresses are open to everybody: behind the web server in front all "
            "callers look like this machine. Let it hand on the name it is called by (Host) and "
            "X-Forwarded-For."
        )
    return f"{name} answers."
