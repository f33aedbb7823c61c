"""A customer's configuration, every version of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .customers import SECRET_NAMES
from .database import database
from .fields import to_json
from .models import SettingsVersion


@dataclass(frozen=True, slots=True)
class Version:
    """A configuration as it was saved: by whom, and when (aware UTC).

    ``problems`` is the JSON document the caller made of the values that could not be read.
    """

    number: int
    config: dict[str, Any]
    problems: Any
    by: str
    at: datetime


def current(customer_id: int) -> Version | None:
    """The newest version; None before the first."""
    versions = history(customer_id, limit=1)
    return versions[0] if versions else None


def history(customer_id: int, limit: int | None = None) -> list[Version]:
    """The versions, newest first."""
    query = SettingsVersion.select().where(SettingsVersion.customer_id == customer_id)
    rows = query.order_by(SettingsVersion.number.desc()).limit(limit)
    return [Version(row.number, row.config, row.problems, row.by, row.at) for row in rows]


def save(
    customer_id: int, config: Mapping[str, Any], problems: Any, by: str, now: datetime
) -> Version:
    """Save as a new version, unless nothing differs from the present one; returns the present.

    Raises ValueError when ``config`` holds a secret: those are stored encrypted, elsewhere.
    """
    secret = SECRET_NAMES & config.keys()
    if secret:
        raise ValueError(f"a secret in a configuration: {', '.join(sorted(secret))}")
    with database.atomic():
        present = current(customer_id)
        if present and _same(present, config, problems):
            return present
        version = Version(present.number + 1 if present else 1, dict(config), problems, by, now)
        SettingsVersion.insert(
            customer_id=customer_id,
            number=version.number,
            config=version.config,
            problems=problems,
            by=by,
            at=now,
        ).execute()
        return version


def _same(version: Version, config: Mapping[str, Any], problems: Any) -> bool:
    return to_json([version.config, version.problems]) == to_json([dict(config), problems])
