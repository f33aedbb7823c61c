"""Which notices were told, so that each is told once however many processes tell it."""

from __future__ import annotations

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    Database,
    DateTimeField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator


class Notice(Model):
    id = BigAutoField()
    customer_id = BigIntegerField(constraints=[SQL("REFERENCES customers (id) ON DELETE CASCADE")])
    cause = TextField()
    told_at = DateTimeField(null=True)
    is_open = BooleanField()
    claimed_until = DateTimeField(null=True)

    class Meta:
        table_name = "notices"
        indexes = ((("customer_id", "cause"), True),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add a table."""
    db.bind([Notice])
    Notice.create_table()
