"""How many calls a customer's work cost a day, and where its newest run is found."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, CompositeKey, Database, IntegerField, Model, TextField
from playhouse.migrate import SchemaMigrator


class CallsRow(Model):
    customer_id = BigIntegerField(constraints=[SQL("REFERENCES customers (id) ON DELETE CASCADE")])
    day = TextField()
    vendor = TextField()
    made = IntegerField()
    failed = IntegerField()

    class Meta:
        table_name = "calls"
        primary_key = CompositeKey("customer_id", "day", "vendor")
        indexes = ((("day", "vendor"), False),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add the table, and an index for the newest poll of each customer."""
    db.bind([CallsRow])
    CallsRow.create_table()
    db.execute_sql("CREATE INDEX runs_polled ON runs (customer_id, id) WHERE kind = 'poll'")
