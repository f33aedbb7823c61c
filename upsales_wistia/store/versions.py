"""A customer's configuration, every version of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..funnel.view import DONE, Target
from .customers import SECRET_NAMES
from .database import database, is_postgresql
from .fields import to_json
from .models import Customer, SettingsVersion
from .sql import among, fetch


@dataclass(frozen=True, slots=True)
class Version:
    """A configuration as it was saved: by whom, and when (aware UTC).

    ``problems`` is the JSON document the caller made of the values that could not be read,
    ``secrets`` names the credentials that were replaced with it.
    """

    number: int
    config: dict[str, Any]
    problems: Any
    by: str
    at: datetime
    secrets: tuple[str, ...] = ()


def current(customer_id: int) -> Version | None:
    """The newest version; None before the first."""
    versions = history(customer_id, limit=1)
    return versions[0] if versions else None


def numbered(customer_id: int, number: int) -> Version | None:
    """The version of this number; None when there is none."""
    row = SettingsVersion.get_or_none(
        SettingsVersion.customer_id == customer_id, SettingsVersion.number == number
    )
    return None if row is None else _version(row)


def get(customer_id: int, number: int) -> Version | None:
    """The version of this number; None when there is none."""
    row = SettingsVersion.get_or_none(
        SettingsVersion.customer_id == customer_id, SettingsVersion.number == number
    )
    return None if row is None else _version(row)


def history(
    customer_id: int, limit: int | None = None, *, before: int | None = None
) -> list[Version]:
    """The versions, newest first; with ``before`` those of a lower number alone."""
    query = SettingsVersion.select().where(SettingsVersion.customer_id == customer_id)
    if before is not None:
        query = query.where(SettingsVersion.number < before)
    rows = query.order_by(SettingsVersion.number.desc()).limit(limit)
    return [_version(row) for row in rows]


def written_under(customer_id: int, numbers: Sequence[int]) -> dict[tuple[int, Target], int]:
    """How many writes of each of these versions and target are in Upsales."""
    if not numbers:
        return {}
    condition, values = among("settings_version", list(numbers))
    done, states = among("state", sorted(DONE))
    rows = fetch(
        "SELECT settings_version, target, count(*) FROM outbox "
        f"WHERE customer_id = ? AND {condition} AND {done} GROUP BY settings_version, target",
        [customer_id, *values, *states],
    )
    return {(number, Target(target)): count for number, target, count in rows}


def _version(row: Any) -> Version:
    return Version(row.number, row.config, row.problems, row.by, row.at, tuple(row.secrets))


def save(
    customer_id: int,
    config: Mapping[str, Any],
    problems: Any,
    by: str,
    now: datetime,
    *,
    secrets: Sequence[str] = (),
) -> Version:
    """Save as a new version, unless nothing differs from the present one; returns the present.

    ``secrets`` names the credentials that are replaced in the same transaction. Raises ValueError
    when ``config`` holds a secret: those are stored encrypted, elsewhere.
    """
    secret = SECRET_NAMES & config.keys()
    if secret:
        raise ValueError(f"a secret in a configuration: {', '.join(sorted(secret))}")
    with database.atomic():
        one_at_a_time(customer_id)
        present = current(customer_id)
        if present and not secrets and _same(present, config, problems):
            return present
        number = present.number + 1 if present else 1
        version = Version(number, dict(config), problems, by, now, tuple(secrets))
        SettingsVersion.insert(
            customer_id=customer_id,
            number=version.number,
            config=version.config,
            problems=problems,
            by=by,
            at=now,
            secrets=list(secrets),
        ).execute()
        return version


def one_at_a_time(customer_id: int) -> None:
    """Let others wait who save for this customer until this transaction ends."""
    if is_postgresql():  # SQLite has one writer at a time anyway.
        Customer.select(Customer.id).where(Customer.id == customer_id).for_update().first()


def _same(version: Version, config: Mapping[str, Any], problems: Any) -> bool:
    return to_json([version.config, version.problems]) == to_json([dict(config), problems])
