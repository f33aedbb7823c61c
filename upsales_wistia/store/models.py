"""The tables. Changed together with a new file in ``migrations``; a test compares the two.

Rows of these models stay inside the package: its functions give frozen dataclasses back.
"""

from __future__ import annotations

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    DoubleField,
    IntegerField,
    TextField,
)

from . import expressions
from .fields import JsonField, UtcField
from .models_enrichment import ENRICHMENT
from .models_pages import FiguresRow, IgnoredRow, NoticeRow
from .models_privacy import PRIVACY
from .models_upsales import DirectoryRow, DomainRow, FormRow, PersonRow
from .models_work import JobLeaseRow, JobRow, LeaseRow
from .tables import Table, of_customer
from .webhook_models import ArrivalRow, WebhookEventRow


class Customer(Table):
    """An Upsales customer; ``setup`` holds what was found out about it once (never a secret)."""

    id = BigIntegerField(primary_key=True)
    name = TextField()
    state = TextField()
    origin = TextField()
    created_at = UtcField()
    setup = JsonField()
    forms_paused = BooleanField()
    last_complete_read = UtcField(null=True)

    class Meta:
        table_name = "customers"


class Credential(Table):
    """One secret of a customer, as ciphertext."""

    id = BigAutoField()
    customer_id = of_customer()
    name = TextField()
    sealed = TextField()
    saved_at = UtcField()
    saved_by = TextField(default="")

    class Meta:
        table_name = "credentials"
        indexes = ((("customer_id", "name"), True),)


class SettingsVersion(Table):
    """A configuration as it once was; never a secret, but the names of those it replaced."""

    id = BigAutoField()
    customer_id = of_customer()
    number = IntegerField()
    config = JsonField()
    problems = JsonField()
    by = TextField()
    at = UtcField()
    secrets = JsonField(default=list)

    class Meta:
        table_name = "settings_versions"
        indexes = ((("customer_id", "number"), True),)


class ViewRow(Table):
    """The ledger: one row a viewing session, with what the sieve said of it.

    ``fraction`` and ``identity_fraction`` are 0–1: how much was watched, and how much had been
    when the identity was read. ``decide_at`` is when the sieve looks again, NULL for never.
    ``seen_by`` is who told of it first: "webhook" or "poll"; ``fetched`` is a ``Fetched``.
    """

    id = BigAutoField()
    customer_id = of_customer()
    event_key = TextField()
    visitor_key = TextField()
    received_at = UtcField()
    first_seen_at = UtcField()
    fraction = DoubleField()
    percent_since = UtcField()
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
    seen_by = TextField(default="poll")
    fetched = TextField(default="")
    person = TextField()
    domain = TextField()
    activity_code = TextField()
    form_code = TextField()
    needs = TextField()
    decide_at = UtcField(null=True)

    class Meta:
        table_name = "views"
        indexes = (
            (("customer_id", "event_key"), True),
            (
                (
                    "customer_id",
                    "received_at",
                    "id",
                    "activity_code",
                    "form_code",
                    "media_id",
                    "event_key",
                ),
                False,
            ),
            (("customer_id", "visitor_key", "received_at"), False),
            (("customer_id", "media_id", "received_at"), False),
            (("customer_id", "person"), False),
            (("customer_id", "domain"), False),
        )


# In order of id and with the time inside: one walk over it finds all that is to be decided.
ViewRow.add_index(
    ViewRow.customer_id, ViewRow.id, ViewRow.decide_at, where=ViewRow.decide_at.is_null(False)
)
ViewRow.add_index(ViewRow.customer_id, ViewRow.needs, where=ViewRow.needs != "")
_WAITS = SQL(expressions.WAITS)
ViewRow.add_index(
    ViewRow.customer_id,
    ViewRow.activity_code,
    ViewRow.received_at,
    where=_WAITS,
    name="views_waiting",
)
ViewRow.add_index(
    ViewRow.customer_id,
    ViewRow.person,
    ViewRow.received_at,
    ViewRow.id,
    where=_WAITS,
    name="views_waiting_people",
)
_NOBODY = SQL(expressions.NOBODY)
ViewRow.add_index(
    ViewRow.customer_id, SQL(expressions.KNOWN_AS), where=_NOBODY, name="views_known_as"
)
ViewRow.add_index(
    ViewRow.customer_id, SQL(expressions.KNOWN_AT), where=_NOBODY, name="views_known_at"
)


ViewRow.add_index(
    ViewRow.customer_id,
    ViewRow.person,
    where=SQL("activity_code = 'ignored_viewer'"),
    name="views_ignored",
)
ViewRow.add_index(
    ViewRow.customer_id, ViewRow.media_id, where=SQL("person <> ''"), name="views_people_by_video"
)


class ConversionRow(Table):
    """A visitor left an e-mail in a Turnstile; ``email`` is normalised."""

    id = BigAutoField()
    customer_id = of_customer()
    event_key = TextField()
    visitor_key = TextField()
    at = UtcField()
    email = TextField()
    first_name = TextField()
    last_name = TextField()

    class Meta:
        table_name = "conversions"
        indexes = (
            (("customer_id", "event_key"), True),
            (("customer_id", "visitor_key"), False),
        )


ConversionRow.add_index(
    ConversionRow.customer_id, SQL(expressions.CONVERTED_NAME), name="conversions_name"
)
ConversionRow.add_index(
    ConversionRow.customer_id, SQL(expressions.CONVERTED_LAST_NAME), name="conversions_last_name"
)


class VisitorRow(Table):
    """A visitor whose own events were read once."""

    id = BigAutoField()
    customer_id = of_customer()
    visitor_key = TextField()
    read_at = UtcField()

    class Meta:
        table_name = "visitors"
        indexes = ((("customer_id", "visitor_key"), True),)


class MediaRow(Table):
    """What Wistia said of a video; ``gone`` when it knew none of that id."""

    id = BigAutoField()
    customer_id = of_customer()
    media_id = TextField()
    name = TextField()
    project_id = TextField(null=True)
    project_name = TextField(null=True)
    duration = DoubleField(null=True)
    gone = BooleanField()
    read_at = UtcField()

    class Meta:
        table_name = "medias"
        indexes = ((("customer_id", "media_id"), True),)


class OutboxRow(Table):
    """An intended write and its outcome. The unique index is the guard against doubles."""

    id = BigAutoField()
    customer_id = of_customer()
    target = TextField()
    event_key = TextField()
    state = TextField()
    external_id = TextField()
    payload = JsonField()
    place = TextField()
    run_id = TextField()
    settings_version = IntegerField()
    planned_at = UtcField()
    sent_at = UtcField(null=True)
    done_at = UtcField(null=True)
    upsales_id = BigIntegerField(null=True)
    company_id = BigIntegerField(null=True)
    contact_id = BigIntegerField(null=True)
    retry_at = UtcField(null=True)
    refusals = IntegerField()
    answer = TextField()
    request_id = TextField()
    needs_person = BooleanField()
    check_at = UtcField(null=True)
    checks = IntegerField(default=0)
    absences = IntegerField(default=0)
    doubts = IntegerField(default=0)
    by_hand = TextField(default="")
    by_hand_at = UtcField(null=True)

    class Meta:
        table_name = "outbox"
        indexes = (
            (("customer_id", "target", "event_key"), True),
            (("customer_id", "run_id"), False),
            (("customer_id", "settings_version"), False),
        )


# Of what is not done only: the rest, nearly all, needs no place in it.
OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.state, OutboxRow.target, where=OutboxRow.done_at.is_null()
)


OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.company_id, where=OutboxRow.company_id.is_null(False)
)
OutboxRow.add_index(
    OutboxRow.customer_id,
    OutboxRow.done_at,
    OutboxRow.target,
    OutboxRow.run_id,
    where=OutboxRow.done_at.is_null(False),
    name="outbox_done",
)
OutboxRow.add_index(OutboxRow.customer_id, OutboxRow.external_id, where=OutboxRow.external_id != "")
OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.check_at, where=OutboxRow.check_at.is_null(False)
)


OutboxRow.add_index(
    OutboxRow.customer_id, OutboxRow.by_hand_at, where=OutboxRow.by_hand_at.is_null(False)
)


class RunRow(Table):
    """One run and its report."""

    id = TextField(primary_key=True)
    customer_id = of_customer()
    kind = TextField()
    status = TextField()
    started_at = UtcField()
    ended_at = UtcField(null=True)
    window_from = UtcField()
    window_to = UtcField()
    settings_version = IntegerField()
    complete = BooleanField()
    report = JsonField(null=True)
    code = TextField(null=True)
    reason = TextField(null=True)

    class Meta:
        table_name = "runs"
        indexes = ((("customer_id", "started_at"), False),)


RunRow.add_index(
    RunRow.customer_id,
    RunRow.id,
    where=SQL("kind = 'poll'"),
    name="runs_polled",
)


class EndedSessionRow(Table):
    """A session of the pages that was ended by its button; ``until`` is in epoch seconds."""

    id = BigAutoField()
    customer_id = of_customer()
    session_id = TextField()
    until = DoubleField()

    class Meta:
        table_name = "ended_sessions"
        indexes = ((("customer_id", "session_id"), True),)


class InstanceRow(Table):
    """A fact of the whole deployment."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "instance"


OF_CUSTOMER: tuple[type[Table], ...] = (
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
    IgnoredRow,
    FiguresRow,
    NoticeRow,
    RunRow,
    LeaseRow,
    JobLeaseRow,
    JobRow,
    EndedSessionRow,
    WebhookEventRow,
    ArrivalRow,
    *ENRICHMENT,
    *PRIVACY,
)
"""Every table whose rows belong to one customer."""

TABLES: tuple[type[Table], ...] = (Customer, *OF_CUSTOMER, InstanceRow)
"""Every table, in an order in which they can be made."""
