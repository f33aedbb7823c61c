"""The tables in which workers find what is to be done; on PostgreSQL only.

Applied with ``ENGINE=local`` too, so that the other engine is a matter of one variable.
"""

from __future__ import annotations

from pathlib import Path

from peewee import Database, PostgresqlDatabase
from playhouse.migrate import SchemaMigrator

SCHEMA = Path(__file__).with_name("0010_procrastinate_3_10_0.sql")


def up(migrator: SchemaMigrator, db: Database) -> None:
    if isinstance(db, PostgresqlDatabase):
        # Through the driver itself: peewee would take the percent signs for parameters.
        db.cursor().execute(SCHEMA.read_text(encoding="utf-8"))
