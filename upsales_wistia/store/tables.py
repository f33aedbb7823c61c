"""What every table of this database has in common."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, Model, Node

from .database import database


class Table(Model):
    """A table of this database."""

    class Meta:
        database = database


def of_customer(*, alone: bool = False) -> BigIntegerField[int]:
    """The column every table of a customer begins with: removing the customer empties them."""
    reference: list[Node] = [SQL("REFERENCES customers (id) ON DELETE CASCADE")]
    return BigIntegerField(primary_key=alone, constraints=reference)
