"""Who left an e-mail at which video, for the list of videos."""

from __future__ import annotations

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add an index to the views."""
    db.execute_sql(
        'CREATE INDEX "views_people_by_video" ON "views" ("customer_id", "media_id") '
        "WHERE person <> ''"
    )
