"""Who waits, each person's newest view first, for the Waiting room."""

from __future__ import annotations

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add an index to the views."""
    db.execute_sql(
        'CREATE INDEX "views_waiting_people" ON "views" '
        '("customer_id", "person", "received_at", "id") '
        "WHERE activity_code IN ('disposable', 'form_first', 'free_mail', 'ignored_domain', "
        "'matching_off', 'own_domain', 'unknown')"
    )
