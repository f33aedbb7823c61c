"""The tables of the five jobs with Mavera."""

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


def _of_customer(*, alone: bool = False) -> BigIntegerField[int]:
    reference: list[Node] = [SQL("REFERENCES customers (id) ON DELETE CASCADE")]
    return BigIntegerField(primary_key=alone, constraints=reference)


class EnrichmentRunRow(Model):
    id = TextField(primary_key=True)
    customer_id = _of_customer()
    job = TextField()
    subject = TextField()
    state = TextField()
    asked_by = TextField()
    wanted = TextField()
    created_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    about = IntegerField()
    most = IntegerField()
    code = TextField(null=True)
    reason = TextField(null=True)
    material = TextField(null=True)
    result = TextField(null=True)

    class Meta:
        table_name = "enrichment_runs"
        indexes = ((("customer_id", "job", "created_at"), False),)


class EnrichmentStepRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    run_id = TextField()
    key = TextField()
    operation = TextField()
    label = TextField()
    body = TextField()
    state = TextField()
    used_before = DoubleField(null=True)
    sent_at = DateTimeField()
    done_at = DateTimeField(null=True)
    answer = TextField(null=True)
    credits = DoubleField(null=True)
    problem = TextField()

    class Meta:
        table_name = "enrichment_steps"
        indexes = ((("customer_id", "run_id", "key"), True),)


class CreditRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    job = TextField()
    run_id = TextField()
    step = TextField()
    credits = DoubleField()
    how = TextField()
    at = DateTimeField()

    class Meta:
        table_name = "credits"
        indexes = ((("customer_id", "at"), False),)


class VoiceRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    content_hash = TextField()
    voice_id = TextField()
    run_id = TextField()
    profile = TextField()
    made_at = DateTimeField()

    class Meta:
        table_name = "voices"
        indexes = ((("customer_id", "content_hash"), True),)


class ConsentRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    job = TextField()
    run_id = TextField()
    words = TextField()
    by = TextField()
    at = DateTimeField()

    class Meta:
        table_name = "consents"
        indexes = ((("customer_id", "run_id"), False),)


class DraftRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    person = TextField()
    media_id = TextField()
    event_key = TextField()
    run_id = TextField()
    first_name = TextField()
    percent = IntegerField()
    title = TextField()
    subject = TextField()
    body = TextField()
    action = TextField()
    state = TextField()
    made_at = DateTimeField()
    contact_id = BigIntegerField(null=True)
    company_id = BigIntegerField(null=True)
    todo_state = TextField()
    todo_at = DateTimeField(null=True)
    todo_retry_at = DateTimeField(null=True)
    todo_refusals = IntegerField()
    todo_id = BigIntegerField(null=True)
    todo_answer = TextField()

    class Meta:
        table_name = "drafts"
        indexes = (
            (("customer_id", "person", "media_id"), True),
            (("customer_id", "state", "made_at"), False),
        )


DraftRow.add_index(DraftRow.customer_id, DraftRow.todo_state, where=DraftRow.todo_state != "")


class EnrichmentLeaseRow(Model):
    customer_id = _of_customer(alone=True)
    owner = TextField()
    until = DoubleField()
    doing = TextField(default="")

    class Meta:
        table_name = "enrichment_leases"


TABLES = (
    EnrichmentRunRow,
    EnrichmentStepRow,
    CreditRow,
    VoiceRow,
    ConsentRow,
    DraftRow,
    EnrichmentLeaseRow,
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make them."""
    db.bind(TABLES)
    for table in TABLES:
        table.create_table()
