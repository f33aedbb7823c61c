"""Facts of the whole deployment, by name."""

from __future__ import annotations

from .models import InstanceRow
from .sql import execute

UNKNOWN_PATHS = "hooks.unknown_paths"
"""Where the requests of Upsales' that no address of ours answers are counted."""


KEYS_ROTATED = "keys.rotated_at"
"""Where it stands when all credentials were last sealed anew (ISO, UTC)."""

WEBHOOK_EVENTS = "webhook_events."
"""Under this and a type the events of Wistia's webhook are counted, over all customers."""


def counts(prefix: str) -> dict[str, int]:
    """What is counted under names that begin with ``prefix``, by the rest of the name."""
    rows = InstanceRow.select().where(InstanceRow.key.startswith(prefix))
    return {row.key.removeprefix(prefix): int(row.value) for row in rows.order_by(InstanceRow.key)}


def read(key: str) -> str | None:
    """The value stored under ``key``, None when there is none."""
    row = InstanceRow.get_or_none(InstanceRow.key == key)
    return None if row is None else str(row.value)


def count(key: str, more: int = 1) -> None:
    """Count ``more`` under ``key``; counts of several processes add up."""
    execute(
        "INSERT INTO instance (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
        "SET value = CAST(CAST(instance.value AS BIGINT) + ? AS TEXT)",
        [key, str(more), more],
    )


def write(key: str, value: str) -> None:
    """Store ``value`` under ``key``, in the place of an older one."""
    (
        InstanceRow.insert(key=key, value=value)
        .on_conflict(conflict_target=[InstanceRow.key], preserve=[InstanceRow.value])
        .execute()
    )
