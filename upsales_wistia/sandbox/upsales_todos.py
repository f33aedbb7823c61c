"""Upsales' activities, of which a to-do is one kind."""

from __future__ import annotations

from typing import Any

from .crm import Row, columns
from .tenant import Tenant

LONGEST = 100
TODO_TYPE = 10


def new_todo(tenant: Tenant, body: Any) -> Row:
    """Check a body as documented, keep it, and return its row. Raises ValueError."""
    if not isinstance(body, dict):
        raise ValueError("Body must be an object")
    crm = tenant.crm
    description = body.get("description")
    if not isinstance(description, str) or not description.strip():
        raise ValueError("description is required")
    if len(description) > LONGEST:
        raise ValueError(f"description may be at most {LONGEST} characters")
    if (body.get("activityType") or {}).get("id") != TODO_TYPE:
        raise ValueError("activityType is not known")
    users = [_known(crm.users, user, "user") for user in body.get("users") or []]
    if not users:
        raise ValueError("users is required")
    client = _known(crm.companies, body.get("client"), "client") if body.get("client") else None
    for contact in body.get("contacts") or []:
        _known(crm.contacts, contact, "contact")
    number = crm.new_id()
    row = {
        "id": number,
        "description": description,
        "notes": body.get("notes") or "",
        "date": body.get("date"),
        "closeDate": None,
        "activityType": {"id": TODO_TYPE, "name": "Todo"},
        "users": [columns(user, ("id", "name", "email")) for user in users],
        "client": columns(client, ("id", "name")) if client else None,
        # Seen in the documented samples: a contact is taken and not told.
        "contacts": [],
        "regDate": crm.stamp(),
    }
    crm.todos[number] = {**row, "contacts": body.get("contacts") or []}
    return row


def _known(rows: dict[int, Row], given: Any, name: str) -> Row:
    number = given.get("id") if isinstance(given, dict) else None
    row = rows.get(number) if isinstance(number, int) else None
    if row is None or not row["active"]:
        raise ValueError(f"No such {name}: {number}")
    return row
