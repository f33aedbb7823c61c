"""When writes were done, for the figures of a day and of thirty."""

from __future__ import annotations

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add an index to the outbox."""
    db.execute_sql(
        'CREATE INDEX "outbox_done" ON "outbox" ("customer_id", "done_at", "target", "run_id") '
        "WHERE done_at IS NOT NULL"
    )
