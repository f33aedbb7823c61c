"""Sessions that were ended by their button."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, Database, DoubleField, Model, Node, TextField
from playhouse.migrate import SchemaMigrator


def _of_customer() -> BigIntegerField[int]:
    reference: list[Node] = [SQL("REFERENCES customers (id) ON DELETE CASCADE")]
    return BigIntegerField(constraints=reference)


class EndedSessionRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    session_id = TextField()
    until = DoubleField()

    class Meta:
        table_name = "ended_sessions"
        indexes = ((("customer_id", "session_id"), True),)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make the table."""
    db.bind([EndedSessionRow])
    EndedSessionRow.create_table()
