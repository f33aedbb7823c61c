"""The tables of those who stay forgotten, and of how they were erased."""

from __future__ import annotations

from peewee import BigAutoField, BooleanField, TextField

from .fields import JsonField, UtcField
from .tables import Table, of_customer


class TombstoneKeyRow(Table):
    """The key of the customer's tombstones, as ciphertext; ``name`` is a digest of the key.

    It is never changed. There are several only where a backup met tombstones made since.
    """

    id = BigAutoField()
    customer_id = of_customer()
    name = TextField()
    sealed = TextField()

    class Meta:
        table_name = "tombstone_keys"
        indexes = ((("customer_id", "name"), True),)


class TombstoneRow(Table):
    """Something of an erased person as a keyed hash: an e-mail, a visitor's or an event's key.

    ``person`` is the hash of the person's e-mail: what belongs together goes together.
    """

    id = BigAutoField()
    customer_id = of_customer()
    person = TextField()
    hash = TextField()
    since = UtcField()

    class Meta:
        table_name = "tombstones"
        indexes = ((("customer_id", "hash"), True), (("customer_id", "person"), False))


class ErasureRow(Table):
    """One erasure: asked for, then carried out, then with its certificate (which names nobody).

    ``sealed`` is the e-mail as ciphertext until all tables are clean, then "". ``left`` are the
    entries in Upsales that are still to be deleted.
    """

    id = BigAutoField()
    customer_id = of_customer()
    state = TextField()
    sealed = TextField()
    entries = BooleanField()
    asked_by = TextField()
    asked_at = UtcField()
    done_at = UtcField(null=True)
    left = JsonField()
    certificate = JsonField()

    class Meta:
        table_name = "erasures"
        indexes = ((("customer_id", "state"), False),)


class ThinnedRow(Table):
    """What is left of a view that was kept as long as it may be: a keyed hash and the outcomes.

    ``activity`` and ``form`` are the state of the write, or where there was none the sieve's
    code. A write that is in Upsales stays in the outbox, under the hash.
    """

    id = BigAutoField()
    customer_id = of_customer()
    hash = TextField()
    activity = TextField()
    form = TextField()

    class Meta:
        table_name = "thinned"
        indexes = ((("customer_id", "hash"), True),)


PRIVACY: tuple[type[Table], ...] = (TombstoneKeyRow, TombstoneRow, ErasureRow, ThinnedRow)
