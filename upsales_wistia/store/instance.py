"""Facts of the whole deployment, by name."""

from __future__ import annotations

from .database import database
from .models import InstanceRow

UNKNOWN_PATHS = "hooks.unknown_paths"
"""Where the requests of Upsales' that no address of ours answers are counted."""


def read(key: str) -> str | None:
    """The value stored under ``key``, None when there is none."""
    row = InstanceRow.get_or_none(InstanceRow.key == key)
    return None if row is None else str(row.value)


def count(key: str) -> None:
    """Count one more under ``key``."""
    with database.atomic():
        write(key, str(int(read(key) or 0) + 1))


def write(key: str, value: str) -> None:
    """Store ``value`` under ``key``, in the place of an older one."""
    (
        InstanceRow.insert(key=key, value=value)
        .on_conflict(conflict_target=[InstanceRow.key], preserve=[InstanceRow.value])
        .execute()
    )
