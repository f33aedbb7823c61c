"""What is kept on a person, as one JSON document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..store import customers, kept, tombstones, traces
from ..store.keyring import Keyring
from .certificate import TABLES
from .person import checked


def export(keyring: Keyring, customer_id: int, email: str, now: datetime) -> dict[str, Any]:
    """All that is kept on a person, by table and row; ``known`` is false when that is nothing.

    ``forgotten`` tells whether the person was erased and stays so. Raises UsageError for what is
    no e-mail address or no customer.
    """
    customers.load(customer_id)
    address = checked(email)
    found = traces.find(customer_id, address)
    all_of_it = kept.kept(found, [keyring.digest(customer_id, address)])
    return {
        "customer": customer_id,
        "email": address,
        "exported_at": now.isoformat().replace("+00:00", "Z"),
        "known": bool(all_of_it.rows or all_of_it.mentions),
        "forgotten": tombstones.load(keyring, customer_id).knows_email(address),
        "what": {table: TABLES.get(table, table) for table in all_of_it.rows},
        "kept": all_of_it.rows,
        "mentioned": all_of_it.mentions,
    }
