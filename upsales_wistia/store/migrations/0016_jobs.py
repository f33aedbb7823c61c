"""Long jobs: how far one has come, who is at it, and which views were fetched by one."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, Database, DoubleField, Model, TextField
from playhouse.migrate import SchemaMigrator, migrate


class JobLease(Model):
    customer_id = BigIntegerField(
        primary_key=True, constraints=[SQL("REFERENCES customers (id) ON DELETE CASCADE")]
    )
    owner = TextField()
    until = DoubleField()
    doing = TextField(default="")

    class Meta:
        table_name = "job_leases"


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Add four columns and a table."""
    migrate(
        migrator.add_column("jobs", "run_id", TextField(default="")),
        migrator.add_column("jobs", "progress", TextField(null=True)),
        migrator.add_column("jobs", "wish", TextField(default="")),
        migrator.add_column("views", "fetched", TextField(default="")),
    )
    db.bind([JobLease])
    JobLease.create_table()
