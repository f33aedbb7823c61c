"""The tables of what Upsales said: people, domains, the directory, our forms."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, IntegerField, TextField

from . import expressions
from .fields import UtcField
from .tables import Table, of_customer


class PersonRow(Table):
    """What Upsales said when asked for an e-mail; no ``contact_id`` when it knew none."""

    id = BigAutoField()
    customer_id = of_customer()
    email = TextField()
    contact_id = BigIntegerField(null=True)
    contact_name = TextField()
    company_id = BigIntegerField(null=True)
    company_name = TextField()
    asked_at = UtcField()
    ask_at = UtcField(null=True)
    misses = IntegerField()

    class Meta:
        table_name = "people"
        indexes = (
            (("customer_id", "email"), True),
            (("customer_id", "ask_at"), False),
        )


PersonRow.add_index(PersonRow.customer_id, SQL(expressions.CONTACT_NAME), name="people_name")
PersonRow.add_index(
    PersonRow.customer_id, SQL(expressions.CONTACT_LAST_NAME), name="people_last_name"
)
PersonRow.add_index(
    PersonRow.customer_id,
    PersonRow.contact_id,
    where=PersonRow.contact_id.is_null(False),
    name="people_contact",
)


class DomainRow(Table):
    """What Upsales said when asked for a domain; no ``company_id`` when it knew none."""

    id = BigAutoField()
    customer_id = of_customer()
    domain = TextField()
    company_id = BigIntegerField(null=True)
    company_name = TextField()
    contacts = IntegerField()
    companies = IntegerField()
    asked_at = UtcField()
    ask_at = UtcField(null=True)
    misses = IntegerField()

    class Meta:
        table_name = "domains"
        indexes = (
            (("customer_id", "domain"), True),
            (("customer_id", "ask_at"), False),
        )


class DirectoryRow(Table):
    """A contact in Upsales as keyed hashes and ids only."""

    id = BigAutoField()
    customer_id = of_customer()
    contact_id = BigIntegerField()
    domain_hash = TextField()
    company_id = BigIntegerField()

    class Meta:
        table_name = "directory"
        indexes = (
            (("customer_id", "contact_id"), True),
            (("customer_id", "domain_hash"), False),
        )


class FormRow(Table):
    """A form of ours in Upsales, found again by its internal name."""

    id = BigAutoField()
    customer_id = of_customer()
    internal_name = TextField()
    form_id = BigIntegerField()
    uuid = TextField()
    name = TextField()
    score = IntegerField()

    class Meta:
        table_name = "forms"
        indexes = ((("customer_id", "internal_name"), True),)
