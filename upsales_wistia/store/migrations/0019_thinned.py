"""What is left of views that were kept as long as they may be."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, Database, Model, TextField
from playhouse.migrate import SchemaMigrator


class Thinned(Model):
    id = BigAutoField()
    customer_id = BigIntegerField(constraints=[SQL("REFERENCES customers (id) ON DELETE CASCADE")])
    hash = TextField()
    activity = TextField()
    form = TextField()

    class Meta:
        table_name = "thinned"
        indexes = ((("customer_id", "hash"), True),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the table."""
    db.bind([Thinned])
    Thinned.create_table()
