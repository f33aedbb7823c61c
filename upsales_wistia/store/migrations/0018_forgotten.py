"""People who were erased and stay forgotten, and the erasures with what they removed."""

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


def _of_customer() -> BigIntegerField[int]:
    return BigIntegerField(constraints=[SQL("REFERENCES customers (id) ON DELETE CASCADE")])


class TombstoneKey(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    name = TextField()
    sealed = TextField()

    class Meta:
        table_name = "tombstone_keys"
        indexes = ((("customer_id", "name"), True),)


class Tombstone(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    person = TextField()
    hash = TextField()
    since = DateTimeField()

    class Meta:
        table_name = "tombstones"
        indexes = ((("customer_id", "hash"), True), (("customer_id", "person"), False))


class Erasure(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    state = TextField()
    sealed = TextField()
    entries = BooleanField()
    asked_by = TextField()
    asked_at = DateTimeField()
    done_at = DateTimeField(null=True)
    left = TextField()
    certificate = TextField()

    class Meta:
        table_name = "erasures"
        indexes = ((("customer_id", "state"), False),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the tables."""
    tables = (TombstoneKey, Tombstone, Erasure)
    db.bind(tables)
    for table in tables:
        table.create_table()
