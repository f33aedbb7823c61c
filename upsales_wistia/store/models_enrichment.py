"""The tables of the five jobs: what was asked of Mavera, what came back, what was made of it."""

from __future__ import annotations

from peewee import (
    BigAutoField,
    BigIntegerField,
    DoubleField,
    IntegerField,
    TextField,
)

from .fields import JsonField, UtcField
from .tables import Table, of_customer


class EnrichmentRunRow(Table):
    """One run of a job.

    ``material`` is what it asks about, kept while it is not done so that going on asks the same;
    ``result`` what it found so far.
    """

    id = TextField(primary_key=True)
    customer_id = of_customer()
    job = TextField()
    subject = TextField()
    state = TextField()
    asked_by = TextField()
    wanted = JsonField()
    created_at = UtcField()
    ended_at = UtcField(null=True)
    about = IntegerField()
    most = IntegerField()
    code = TextField(null=True)
    reason = TextField(null=True)
    material = JsonField(null=True)
    result = JsonField(null=True)

    class Meta:
        table_name = "enrichment_runs"
        indexes = ((("customer_id", "job", "created_at"), False),)


class EnrichmentStepRow(Table):
    """One call that may cost credits: its body, and the answer exactly as it came.

    ``used_before`` is what Mavera said was used just before it was sent. The unique index is the
    guard against paying twice.
    """

    id = BigAutoField()
    customer_id = of_customer()
    run_id = TextField()
    key = TextField()
    operation = TextField()
    label = TextField()
    body = JsonField()
    state = TextField()
    used_before = DoubleField(null=True)
    sent_at = UtcField()
    done_at = UtcField(null=True)
    answer = JsonField(null=True)
    credits = DoubleField(null=True)
    problem = TextField()

    class Meta:
        table_name = "enrichment_steps"
        indexes = ((("customer_id", "run_id", "key"), True),)


class CreditRow(Table):
    """Credits that were spent. ``how`` tells whether Mavera said so, or we had to reckon."""

    id = BigAutoField()
    customer_id = of_customer()
    job = TextField()
    run_id = TextField()
    step = TextField()
    credits = DoubleField()
    how = TextField()
    at = UtcField()

    class Meta:
        table_name = "credits"
        indexes = ((("customer_id", "at"), False),)


class VoiceRow(Table):
    """A brand voice, made once for the same words."""

    id = BigAutoField()
    customer_id = of_customer()
    content_hash = TextField()
    voice_id = TextField()
    run_id = TextField()
    profile = JsonField()
    made_at = UtcField()

    class Meta:
        table_name = "voices"
        indexes = ((("customer_id", "content_hash"), True),)


class ConsentRow(Table):
    """Somebody agreed to something, in these words."""

    id = BigAutoField()
    customer_id = of_customer()
    job = TextField()
    run_id = TextField()
    words = TextField()
    by = TextField()
    at = UtcField()

    class Meta:
        table_name = "consents"
        indexes = ((("customer_id", "run_id"), False),)


class DraftRow(Table):
    """An e-mail to a viewer, never sent; ``todo_state`` is that of its to-do in Upsales, "" none.

    The unique index is the guard against following up twice.
    """

    id = BigAutoField()
    customer_id = of_customer()
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
    made_at = UtcField()
    contact_id = BigIntegerField(null=True)
    company_id = BigIntegerField(null=True)
    todo_state = TextField()
    todo_at = UtcField(null=True)
    todo_retry_at = UtcField(null=True)
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


class EnrichmentLeaseRow(Table):
    """Who runs a job for the customer, and until when (epoch seconds); ``doing`` says what."""

    customer_id = of_customer(alone=True)
    owner = TextField()
    until = DoubleField()
    doing = TextField(default="")

    class Meta:
        table_name = "enrichment_leases"


ENRICHMENT: tuple[type[Table], ...] = (
    EnrichmentRunRow,
    EnrichmentStepRow,
    CreditRow,
    VoiceRow,
    ConsentRow,
    DraftRow,
    EnrichmentLeaseRow,
)
