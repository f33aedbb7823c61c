"""Upsales' forms, the public endpoint that takes submits, and the list of submits."""

from __future__ import annotations

import hashlib
from typing import Any

from .crm import Row, columns
from .tenant import Tenant
from .upsales_events import RefusedError

REQUIRED = [
    "name",
    "internalName",
    "title",
    "description",
    "landingPage",
    "buttonText",
    "thankYouTitle",
    "thankYouText",
]
LONGEST_ANSWER = 512
CONTROL_FIELDS = frozenset(
    ["formCid", "formId", "isFrame", "validation", "isAjax", "g-recaptcha-response"]
)
_LANDING_PAGE = "<!DOCTYPE html>\n" + "<div class='upsales-form-row'><input/></div>\n" * 700


def new_form(tenant: Tenant, body: Any) -> Row:
    """Make a form, even when one of that internal name exists. Raises RefusedError."""
    if not isinstance(body, dict):
        raise RefusedError("Body must be an object")
    for name in REQUIRED:
        if not isinstance(body.get(name), str):
            raise RefusedError(f"{name} is required")
    crm = tenant.crm
    number = crm.new_id()
    row: Row = {
        "score": 0,
        "fields": [],
        "actions": [],
        "isArchived": 0,
        **{k: v.strip() if isinstance(v, str) else v for k, v in body.items()},
        "id": number,
        "uuid": crm.new_uuid(number),
        "submits": 0,
        "views": 0,
        "lastSubmitDate": None,
        "regDate": crm.stamp(),
        "modDate": crm.stamp(),
        "user": columns(crm.api_user(), ("id", "name", "email")),
        "html": _LANDING_PAGE,
    }
    crm.forms[number] = row
    return row


def changed_form(tenant: Tenant, form: Row, body: Any) -> Row:
    """Change a form's own fields. Raises RefusedError."""
    if not isinstance(body, dict):
        raise RefusedError("Body must be an object")
    fixed = {"id", "uuid", "regDate", "submits", "views"}
    form.update({k: v for k, v in body.items() if k not in fixed})
    form["modDate"] = tenant.crm.stamp()
    return form


def submit(tenant: Tenant, form: Row, fields: dict[str, str]) -> str:
    """Take a submit, to be processed when the switches say. Its token. Raises RefusedError."""
    answers = {k: v for k, v in fields.items() if k not in CONTROL_FIELDS}
    email = answers.get("Contact.email", "").strip()
    if fields.get("validation") or "@" not in email:
        raise RefusedError("Invalid submit")
    crm = tenant.crm
    number = crm.new_id()
    row: Row = {
        "id": number,
        "formId": form["id"],
        "form": columns(form, ("id", "name")),
        "user": None,
        "contact": None,
        "client": None,
        "score": form["score"],
        "regDate": crm.stamp(),
        "processedDate": None,
        "fieldValues": [
            {"name": name, "value": value.strip()[:LONGEST_ANSWER]}
            for name, value in answers.items()
        ],
        "brandId": 1,
        "userRemovable": True,
        "userEditable": True,
    }
    crm.unprocessed.append(row)
    process_due(tenant)
    return hashlib.sha256(f"{tenant.id}:{number}".encode()).hexdigest()[:24]


def process_due(tenant: Tenant) -> None:
    """Process the submits whose time has come."""
    switches = tenant.switches
    tenant.crm.process_submits(
        creates_contacts=switches.creates_contacts, delay=switches.submit_delay
    )
