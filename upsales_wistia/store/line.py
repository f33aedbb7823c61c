"""A line in which all processes of a deployment stand: turns that are so many seconds apart.

For PostgreSQL, whose clock measures, because the machines' clocks may differ.
"""

from __future__ import annotations

from .sql import fetch

_NOW = "extract(epoch FROM clock_timestamp())::float8"


def next_turn(name: str, apart: float, longest: float) -> float | None:
    """Take the next turn; the seconds until it comes.

    Two turns are ``apart`` seconds from each other, whoever takes them. None, with no turn taken,
    when it is more than ``longest`` seconds away.
    """
    rows = fetch(
        f"INSERT INTO instance (key, value) VALUES (?, {_NOW}::text) ON CONFLICT (key) DO UPDATE "
        f"SET value = greatest(instance.value::float8 + ?, {_NOW})::text "
        f"WHERE instance.value::float8 + ? - {_NOW} <= ? "
        f"RETURNING value::float8 - {_NOW}",
        [f"line.{name}", apart, apart, longest],
    )
    return max(0.0, rows[0][0]) if rows else None
