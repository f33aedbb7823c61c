"""What a person decides: writes left out by hand, ignored viewers. And how videos are watched."""

from __future__ import annotations

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    Database,
    DateTimeField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator, migrate


def _of_customer() -> BigIntegerField[int]:
    return BigIntegerField(constraints=[SQL("REFERENCES customers (id) ON DELETE CASCADE")])


class Ignored(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    email = TextField()
    who = TextField()
    since = DateTimeField()

    class Meta:
        table_name = "ignored"
        indexes = ((("customer_id", "email"), True),)


class Figures(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    media_id = TextField()
    plays = IntegerField()
    content = TextField()
    read_at = DateTimeField()

    class Meta:
        table_name = "figures"
        indexes = ((("customer_id", "media_id"), True),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add two columns to the outbox, two tables, and ways to find what is in them."""
    migrate(
        migrator.add_column("outbox", "by_hand", TextField(default="")),
        migrator.add_column("outbox", "by_hand_at", DateTimeField(null=True)),
    )
    db.execute_sql(
        'CREATE INDEX "outboxrow_customer_id_by_hand_at" ON "outbox" '
        '("customer_id", "by_hand_at") WHERE "by_hand_at" IS NOT NULL'
    )
    db.execute_sql(
        'CREATE INDEX "views_ignored" ON "views" ("customer_id", "person") '
        "WHERE activity_code = 'ignored_viewer'"
    )
    tables = (Ignored, Figures)
    db.bind(tables)
    for table in tables:
        table.create_table()
