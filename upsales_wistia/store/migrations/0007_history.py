"""Who saved a credential, and what was written under a version of the settings."""

from __future__ import annotations

from peewee import Database, TextField
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add two columns and an index."""
    migrate(
        migrator.add_column("credentials", "saved_by", TextField(default="")),
        migrator.add_column("settings_versions", "secrets", TextField(default="[]")),
    )
    db.execute_sql(
        'CREATE INDEX "outboxrow_customer_id_settings_version" ON "outbox" '
        '("customer_id", "settings_version")'
    )
