"""The tables behind what people are shown: ignored viewers, figures of videos, notices."""

from __future__ import annotations

from peewee import BigAutoField, BooleanField, IntegerField, TextField

from .fields import JsonField, UtcField
from .tables import Table, of_customer


class IgnoredRow(Table):
    """A viewer that somebody (``who``) chose to ignore; ``email`` is normalised."""

    id = BigAutoField()
    customer_id = of_customer()
    email = TextField()
    who = TextField()
    since = UtcField()

    class Meta:
        table_name = "ignored"
        indexes = ((("customer_id", "email"), True),)


class FiguresRow(Table):
    """What Wistia last said of how a video is watched; ``plays`` in a column of its own to sort."""

    id = BigAutoField()
    customer_id = of_customer()
    media_id = TextField()
    plays = IntegerField()
    content = JsonField()
    read_at = UtcField()

    class Meta:
        table_name = "figures"
        indexes = ((("customer_id", "media_id"), True),)


class NoticeRow(Table):
    """A cause that a notice in Upsales is told of; ``is_open`` until its end was told too.

    ``claimed_until`` while a process is about to tell it.
    """

    id = BigAutoField()
    customer_id = of_customer()
    cause = TextField()
    told_at = UtcField(null=True)
    is_open = BooleanField()
    claimed_until = UtcField(null=True)

    class Meta:
        table_name = "notices"
        indexes = ((("customer_id", "cause"), True),)
