"""Upsales' custom marketing events.

https://support.upsales.com/hc/en-us/articles/360001704867
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .crm import Crm, Row, columns, iso
from .tenant import Tenant
from .upsales_lists import Filter, matching

LONGEST = {"subType": 64, "value": 512, "externalId": 36}
USABLE = frozenset(
    ["id", "client.id", "externalId", "integrationId", "subType", "entityType", "date"]
)
"""What the list can be filtered by. Without one of them it answers 500."""


class RefusedError(ValueError):
    """The body breaks a rule; the text says which."""


def new_event(tenant: Tenant, body: Any) -> Row:
    """Check a body as documented, keep it as an entry, and return its row. Raises RefusedError."""
    if not isinstance(body, dict):
        raise RefusedError("Body must be an object")
    fields = {k: v.strip() if isinstance(v, str) else v for k, v in body.items()}
    _check(fields)
    crm = tenant.crm
    client = _party(fields.get("client"), crm.companies, "client", required=True)
    contact = _party(fields.get("contact"), crm.contacts, "contact", required=False)
    event_id = crm.new_id()
    row = {
        "id": event_id,
        "entityType": "marketingCustom",
        "subType": fields["subType"],
        "entityId": 0,
        "client": columns(client or {}, ("id", "name", "hasActivity", "journeyStep")),
        "contacts": None if contact is None else [columns(contact, ("id", "name"))],
        "users": [columns(crm.api_user(), ("id", "name", "email"))],
        "date": _date(fields.get("date"), tenant),
        "value": fields.get("value") or "",
        "score": fields["score"],
        "externalId": fields.get("externalId"),
        "integrationId": fields.get("integrationId"),
        "notify": bool(fields.get("notify", True)),
    }
    crm.events[event_id] = row
    return row


def found_events(tenant: Tenant, filters: list[Filter], faults: frozenset[str]) -> list[Row]:
    """The entries a query finds, newest first. Raises LookupError when no filter is usable."""
    usable = [f for f in filters if f.attribute in USABLE]
    if not usable or len(usable) < len(filters):
        raise LookupError("no usable filter")
    crm, broken = tenant.crm, tenant.switches.event_filters
    outcomes = {broken.get(f.attribute) for f in usable}
    if "refused" in outcomes:
        raise LookupError("a filter that is not known")
    rows = [r for r in crm.events.values() if _searchable(crm, r, faults)]
    if "finds_nothing" in faults or "nothing" in outcomes:
        return []
    if "ignore_filter" not in faults:
        heeded = [f for f in usable if f.attribute not in broken]
        rows = matching(rows, [_in_zone(f, tenant) for f in heeded])
    return sorted(rows, key=lambda row: (row["date"], row["id"]), reverse=True)


def _searchable(crm: Crm, row: Row, faults: frozenset[str]) -> bool:
    return "lagging_search" not in faults or row["id"] in crm.searchable


def _check(fields: dict[str, Any]) -> None:
    if fields.get("entityType") != "MarketingCustom":
        raise RefusedError("entityType must be MarketingCustom")
    if not isinstance(fields.get("subType"), str) or not fields["subType"]:
        raise RefusedError("subType is required")
    score = fields.get("score")
    if not isinstance(score, int | float) or isinstance(score, bool):
        raise RefusedError("score is required")
    for name, longest in LONGEST.items():
        text = fields.get(name)
        if text is not None and not isinstance(text, str):
            raise RefusedError(f"{name} must be a string")
        if text is not None and len(text) > longest:
            raise RefusedError(f"{name} may be at most {longest} characters")


def _party(given: Any, rows: dict[int, Row], name: str, *, required: bool) -> Row | None:
    number = given.get("id") if isinstance(given, dict) else given
    if number is None and not required:
        return None
    row = rows.get(number) if isinstance(number, int) else None
    if row is None or not row["active"]:
        raise RefusedError(f"No such {name}: {number}")
    return row


def _date(text: Any, tenant: Tenant) -> str:
    now = tenant.world.now
    if text is None:
        return iso(now)
    zone = ZoneInfo(tenant.switches.event_zone)
    try:
        if len(text) == 10:
            # A date alone came back with the time of day of the call.
            day = date.fromisoformat(text)
            return iso(datetime.combine(day, now.astimezone(zone).time(), zone))
        moment = datetime.fromisoformat(_whole(text)).replace(tzinfo=zone)
    except (ValueError, TypeError):
        raise RefusedError("date must be YYYY-MM-DD HH:mm:ss") from None
    return iso(moment.astimezone(UTC))


def _whole(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        raise ValueError(text)
    return text


def _in_zone(condition: Filter, tenant: Tenant) -> Filter:
    if condition.attribute != "date":
        return condition
    zone = ZoneInfo(tenant.switches.event_zone)
    values = tuple(_utc(value, zone) for value in condition.values)
    return Filter(condition.attribute, condition.comparator, values)


def _utc(text: str, zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=zone))
