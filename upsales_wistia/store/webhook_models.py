"""The tables of Wistia's webhook, and of how late views arrive."""

from __future__ import annotations

from peewee import BigAutoField, DoubleField, IntegerField, TextField

from .fields import UtcField
from .tables import Table, of_customer


class WebhookEventRow(Table):
    """An event of Wistia's webhook, and what is still to be done about it.

    ``fraction`` (0–1) and ``email_digest`` are what it told of the view; an address is kept as a
    keyed digest alone. ``fetch_at`` is when Wistia is asked for the view or the video, NULL for
    never; ``compare_at`` when the ledger is held against it, ``disagreed_at`` when that differed.
    """

    id = BigAutoField()
    customer_id = of_customer()
    uuid = TextField()
    kind = TextField()
    event_key = TextField()
    media_id = TextField()
    fraction = DoubleField(null=True)
    email_digest = TextField()
    generated_at = UtcField(null=True)
    received_at = UtcField()
    fetch_at = UtcField(null=True)
    tries = IntegerField()
    compare_at = UtcField(null=True)
    disagreed_at = UtcField(null=True)

    class Meta:
        table_name = "webhook_events"
        indexes = (
            (("customer_id", "uuid"), True),
            (("customer_id", "event_key"), False),
            (("customer_id", "received_at"), False),
        )


for _column in (WebhookEventRow.fetch_at, WebhookEventRow.compare_at, WebhookEventRow.disagreed_at):
    WebhookEventRow.add_index(WebhookEventRow.customer_id, _column, where=_column.is_null(False))


class ArrivalRow(Table):
    """How many views of an hour came how late, and who told of them first.

    ``minutes`` are whole ones from when Wistia received the view until it stood in the ledger;
    ``witness`` is "webhook", "poll", or "" for a view of which a webhook would not have told.
    """

    id = BigAutoField()
    customer_id = of_customer()
    hour = UtcField()
    witness = TextField()
    minutes = IntegerField()
    count = IntegerField()

    class Meta:
        table_name = "arrivals"
        indexes = ((("customer_id", "hour", "witness", "minutes"), True),)
