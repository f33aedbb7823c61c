"""The tables of the first version."""

from __future__ import annotations

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
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


class Customer(Model):
    id = BigIntegerField(primary_key=True)
    name = TextField()
    state = TextField()
    origin = TextField()
    created_at = DateTimeField()
    setup = TextField()
    forms_paused = BooleanField()
    last_complete_read = DateTimeField(null=True)

    class Meta:
        table_name = "customers"


class Credential(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    name = TextField()
    sealed = TextField()
    saved_at = DateTimeField()

    class Meta:
        table_name = "credentials"
        indexes = ((("customer_id", "name"), True),)


class SettingsVersion(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    number = IntegerField()
    config = TextField()
    problems = TextField()
    by = TextField()
    at = DateTimeField()

    class Meta:
        table_name = "settings_versions"
        indexes = ((("customer_id", "number"), True),)


class ViewRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    event_key = TextField()
    visitor_key = TextField()
    received_at = DateTimeField()
    first_seen_at = DateTimeField()
    fraction = DoubleField()
    percent_since = DateTimeField()
    identity_fraction = DoubleField()
    email = TextField()
    conversion_type = TextField()
    conversion_email = TextField()
    first_name = TextField()
    last_name = TextField()
    media_id = TextField()
    media_name = TextField()
    page = TextField()
    heatmap_url = TextField()
    country = TextField()
    device = TextField()
    fingerprint = TextField()
    person = TextField()
    domain = TextField()
    activity_code = TextField()
    form_code = TextField()
    needs = TextField()
    decide_at = DateTimeField(null=True)

    class Meta:
        table_name = "views"
        indexes = (
            (("customer_id", "event_key"), True),
            (("customer_id", "received_at"), False),
            (("customer_id", "visitor_key", "received_at"), False),
            (("customer_id", "media_id", "received_at"), False),
            (("customer_id", "person"), False),
            (("customer_id", "domain"), False),
        )


ViewRow.add_index(
    ViewRow.customer_id, ViewRow.id, ViewRow.decide_at, where=ViewRow.decide_at.is_null(False)
)
ViewRow.add_index(ViewRow.customer_id, ViewRow.needs, where=ViewRow.needs != "")


class ConversionRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    event_key = TextField()
    visitor_key = TextField()
    at = DateTimeField()
    email = TextField()
    first_name = TextField()
    last_name = TextField()

    class Meta:
        table_name = "conversions"
        indexes = (
            (("customer_id", "event_key"), True),
            (("customer_id", "visitor_key"), False),
        )


class VisitorRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    visitor_key = TextField()
    read_at = DateTimeField()

    class Meta:
        table_name = "visitors"
        indexes = ((("customer_id", "visitor_key"), True),)


class MediaRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    media_id = TextField()
    name = TextField()
    project_id = TextField(null=True)
    project_name = TextField(null=True)
    duration = DoubleField(null=True)
    gone = BooleanField()
    read_at = DateTimeField()

    class Meta:
        table_name = "medias"
        indexes = ((("customer_id", "media_id"), True),)


class PersonRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    email = TextField()
    contact_id = BigIntegerField(null=True)
    contact_name = TextField()
    company_id = BigIntegerField(null=True)
    company_name = TextField()
    asked_at = DateTimeField()
    ask_at = DateTimeField(null=True)
    misses = IntegerField()

    class Meta:
        table_name = "people"
        indexes = (
            (("customer_id", "email"), True),
            (("customer_id", "ask_at"), False),
        )


class DomainRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    domain = TextField()
    company_id = BigIntegerField(null=True)
    company_name = TextField()
    contacts = IntegerField()
    companies = IntegerField()
    asked_at = DateTimeField()
    ask_at = DateTimeField(null=True)
    misses = IntegerField()

    class Meta:
        table_name = "domains"
        indexes = (
            (("customer_id", "domain"), True),
            (("customer_id", "ask_at"), False),
        )


class DirectoryRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    contact_id = BigIntegerField()
    domain_hash = TextField()
    company_id = BigIntegerField()

    class Meta:
        table_name = "directory"
        indexes = (
            (("customer_id", "contact_id"), True),
            (("customer_id", "domain_hash"), False),
        )


class FormRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    internal_name = TextField()
    form_id = BigIntegerField()
    uuid = TextField()
    name = TextField()
    score = IntegerField()

    class Meta:
        table_name = "forms"
        indexes = ((("customer_id", "internal_name"), True),)


class OutboxRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    target = TextField()
    event_key = TextField()
    state = TextField()
    external_id = TextField()
    payload = TextField()
    place = TextField()
    run_id = TextField()
    settings_version = IntegerField()
    planned_at = DateTimeField()
    sent_at = DateTimeField(null=True)
    done_at = DateTimeField(null=True)
    upsales_id = BigIntegerField(null=True)
    company_id = BigIntegerField(null=True)
    contact_id = BigIntegerField(null=True)
    retry_at = DateTimeField(null=True)
    refusals = IntegerField()
    answer = TextField()
    request_id = TextField()
    needs_person = BooleanField()
    check_at = DateTimeField(null=True)
    checks = IntegerField(default=0)
    absences = IntegerField(default=0)
    doubts = IntegerField(default=0)

    class Meta:
        table_name = "outbox"
        indexes = (
            (("customer_id", "target", "event_key"), True),
            (("customer_id", "run_id"), False),
        )


OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.state, OutboxRow.target, where=OutboxRow.done_at.is_null()
)


OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.company_id, where=OutboxRow.company_id.is_null(False)
)
OutboxRow.add_index(OutboxRow.customer_id, OutboxRow.external_id, where=OutboxRow.external_id != "")
OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.check_at, where=OutboxRow.check_at.is_null(False)
)


class RunRow(Model):
    id = TextField(primary_key=True)
    customer_id = _of_customer()
    kind = TextField()
    status = TextField()
    started_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    window_from = DateTimeField()
    window_to = DateTimeField()
    settings_version = IntegerField()
    complete = BooleanField()
    report = TextField(null=True)
    code = TextField(null=True)
    reason = TextField(null=True)

    class Meta:
        table_name = "runs"
        indexes = ((("customer_id", "started_at"), False),)


class LeaseRow(Model):
    customer_id = _of_customer(alone=True)
    owner = TextField()
    until = DoubleField()

    class Meta:
        table_name = "leases"


class JobRow(Model):
    id = BigAutoField()
    customer_id = _of_customer()
    kind = TextField()
    due_at = DateTimeField()

    class Meta:
        table_name = "jobs"
        indexes = (
            (("customer_id", "kind"), True),
            (("kind", "due_at"), False),
        )


class InstanceRow(Model):
    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "instance"


TABLES = (
    Customer,
    Credential,
    SettingsVersion,
    ViewRow,
    ConversionRow,
    VisitorRow,
    MediaRow,
    PersonRow,
    DomainRow,
    DirectoryRow,
    FormRow,
    OutboxRow,
    RunRow,
    LeaseRow,
    JobRow,
    InstanceRow,
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    """Make them."""
    db.bind(TABLES)
    for table in TABLES:
        table.create_table()
