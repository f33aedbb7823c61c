"""The tables of who works on a customer, and of when there is work."""

from __future__ import annotations

from peewee import BigAutoField, DoubleField, TextField

from .fields import JsonField, UtcField
from .tables import Table, of_customer


class LeaseRow(Table):
    """Who works on the customer, until when (epoch seconds), and on what (for the pages)."""

    customer_id = of_customer(alone=True)
    owner = TextField()
    until = DoubleField()
    doing = TextField(default="")

    class Meta:
        table_name = "leases"


class JobLeaseRow(Table):
    """Who carries out the customer's long job, until when (epoch seconds), and what is done."""

    customer_id = of_customer(alone=True)
    owner = TextField()
    until = DoubleField()
    doing = TextField(default="")

    class Meta:
        table_name = "job_leases"


class JobRow(Table):
    """When the customer's work of a kind is due.

    Of a long job also ``run_id``, how far it has come (``progress``), and what a person ``wish``es
    of it meanwhile ("" for nothing).
    """

    id = BigAutoField()
    customer_id = of_customer()
    kind = TextField()
    due_at = UtcField()
    run_id = TextField(default="")
    progress = JsonField(null=True)
    wish = TextField(default="")

    class Meta:
        table_name = "jobs"
        indexes = (
            (("customer_id", "kind"), True),
            (("kind", "due_at"), False),
        )
