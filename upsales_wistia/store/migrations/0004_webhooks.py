"""Wistia's webhook, and how late views arrive."""

from __future__ import annotations

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    Database,
    DateTimeField,
    DoubleField,
    IntegerField,
    Model,
    Node,
    TextField,
)
from playhouse.migrate import SchemaMigrator


def _of_customer() -> BigIntegerField[int]:
    reference: list[Node] = [SQL("REFERENCES customers (id) ON DELETE CASCADE")]
    return BigIntegerField(constraints=reference)


class WebhookEventRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    uuid = TextField()
    kind = TextField()
    event_key = TextField()
    media_id = TextField()
    fraction = DoubleField(null=True)
    email_digest = TextField()
    generated_at = DateTimeField(null=True)
    received_at = DateTimeField()
    fetch_at = DateTimeField(null=True)
    tries = IntegerField()
    compare_at = DateTimeField(null=True)
    disagreed_at = DateTimeField(null=True)

    class Meta:
        table_name = "webhook_events"
        indexes = (
            (("customer_id", "uuid"), True),
            (("customer_id", "event_key"), False),
            (("customer_id", "received_at"), False),
        )


for _column in (WebhookEventRow.fetch_at, WebhookEventRow.compare_at, WebhookEventRow.disagreed_at):
    WebhookEventRow.add_index(WebhookEventRow.customer_id, _column, where=_column.is_null(False))


class ArrivalRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    hour = DateTimeField()
    witness = TextField()
    minutes = IntegerField()
    count = IntegerField()

    class Meta:
        table_name = "arrivals"
        indexes = ((("customer_id", "hour", "witness", "minutes"), True),)


TABLES = (WebhookEventRow, ArrivalRow)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the tables; all views so far were seen by a poll."""
    db.bind(TABLES)
    for table in TABLES:
        table.create_table()
    db.execute_sql("ALTER TABLE views ADD COLUMN seen_by TEXT NOT NULL DEFAULT 'poll'")
