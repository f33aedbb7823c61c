"""What the pages show of work that goes on, and a quick way to whoever waits."""

from __future__ import annotations

from peewee import Database, TextField
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add a column to the leases and an index to the views."""
    migrate(migrator.add_column("leases", "doing", TextField(default="")))
    db.execute_sql(
        'CREATE INDEX "views_waiting" ON "views" ("customer_id", "activity_code", "received_at") '
        "WHERE activity_code IN ('disposable', 'form_first', 'free_mail', 'ignored_domain', "
        "'matching_off', 'own_domain', 'unknown')"
    )
