"""The tables of who works on a customer, and of when there is work."""

from __future__ import annotations

from peewee import BigAutoField, DoubleField, TextField

from .fields import UtcField
from .tables import Table, of_customer


class LeaseRow(Table):
    """Who works on the customer, until when (epoch seconds), and on what (for the pages)."""

    customer_id = of_customer(alone=True)
    owner = TextField()
    until = DoubleField()
    doing = TextField(default="")

    class Meta:
        table_name = "leases"


class JobRow(Table):
    """When the customer's work of a kind is due."""

    id = BigAutoField()
    customer_id = of_customer()
    kind = TextField()
    due_at = UtcField()

    class Meta:
        table_name = "jobs"
        indexes = (
            (("customer_id", "kind"), True),
            (("kind", "due_at"), False),
        )
