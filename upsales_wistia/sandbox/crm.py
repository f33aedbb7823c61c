"""The contents of one customer's Upsales, as rows of its API."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from .facts import Company, Contact, User
from .world import World

Row = dict[str, Any]

JOURNEY = ["lead", "mql", "sql", "assigned", "pipeline", "customer"]
"""Steps in their order, the furthest last."""

FREE_MAIL = frozenset(
    ["gmail.com", "hotmail.com", "outlook.com", "icloud.com", "yahoo.com", "live.com"]
)

BUSINESS_FIELDS = ["phone", "cellPhone", "title", "notes", "linkedin", "salutation"]


class Crm:
    """Companies, contacts, users, events, forms and submits, each a dict by id."""

    def __init__(self, customer: int, world: World) -> None:
        self.customer = customer
        self.world = world
        self.users = {user.id: _user_row(user) for user in world.users}
        self.companies = {company.id: _company_row(company) for company in world.companies}
        self.contacts = {c.id: self._contact_row(c) for c in world.contacts}
        self.events: dict[int, Row] = {}
        self.todos: dict[int, Row] = {}
        self.forms: dict[int, Row] = {}
        self.submits: dict[int, Row] = {}
        self.unprocessed: list[Row] = []
        self.searchable: set[int] = set()
        self._ids = itertools.count(22_001)

    def stamp(self) -> str:
        """The world's moment as Upsales writes it."""
        return iso(self.world.now)

    def api_user(self) -> Row:
        """The user that the API key is."""
        keys = [u for u in self.users.values() if u["email"].endswith("@api.upsales.com")]
        return keys[0] if keys else {"id": 1, "name": "API", "email": "key@api.upsales.com"}

    def new_id(self) -> int:
        """An id no row has."""
        return next(self._ids)

    def add_contact(self, *, email: str, company_id: int, name: str = "", **fields: Any) -> Row:
        """Let a contact appear. ``fields`` override those of the row. Returns the row."""
        contact = Contact(self.new_id(), name or email, email, company_id)
        row = {**self._contact_row(contact), "regDate": self.stamp(), **fields}
        self.contacts[contact.id] = row
        return row

    def remove_contact(self, contact_id: int) -> None:
        """Let a contact be deleted, or merged into another."""
        del self.contacts[contact_id]

    def add_company(self, name: str) -> Row:
        """Let a company appear. Returns the row."""
        row = _company_row(Company(self.new_id(), name))
        self.companies[row["id"]] = row
        return row

    def new_uuid(self, number: int) -> str:
        """A form's uuid: the customer's id, ``u``, 32 hex digits."""
        return f"{self.customer}u{_digits(f'{self.customer}:{number}')}"

    def form_by_uuid(self, uuid: str) -> Row | None:
        """A form that is not archived, by the id the public endpoint uses."""
        live = (form for form in self.forms.values() if not form["isArchived"])
        return next((form for form in live if form["uuid"] == uuid), None)

    def catch_up(self) -> None:
        """Let the search find every entry written so far."""
        self.searchable.update(self.events)

    def process_submits(self, *, creates_contacts: bool, delay: float | None) -> None:
        """Process the submits that are at least ``delay`` seconds old; None: none of them."""
        if delay is None:
            return
        due_before = self.world.now - timedelta(seconds=delay)
        for submit in list(self.unprocessed):
            if datetime.fromisoformat(submit["regDate"]) <= due_before or delay == 0:
                self.unprocessed.remove(submit)
                self._process(submit, creates_contacts)

    def _process(self, submit: Row, creates_contacts: bool) -> None:
        answers = {value["name"]: value["value"] for value in submit["fieldValues"]}
        contact = self._contact_of(answers, creates_contacts)
        if contact is not None:
            submit["contact"] = {key: contact[key] for key in ("id", "name", "email")}
            submit["client"] = {key: contact["client"][key] for key in ("id", "name")}
        submit["processedDate"] = self.stamp()
        self.submits[submit["id"]] = submit
        form = self.forms.get(submit["formId"])
        if form is not None:
            form["submits"] += 1
            form["lastSubmitDate"] = submit["regDate"]

    def _contact_of(self, answers: dict[str, str], creates_contacts: bool) -> Row | None:
        # https://support.upsales.com/hc/en-us/articles/360012896198
        email = answers["Contact.email"].strip()
        same = self._active(lambda mail: mail == email.casefold())
        if same:
            return max(same, key=_rank)
        if not creates_contacts:
            return None
        domain = email.rpartition("@")[2].casefold()
        peers = (
            [] if domain in FREE_MAIL else self._active(lambda mail: mail.endswith(f"@{domain}"))
        )
        company_id = max(peers, key=_rank)["client"]["id"] if peers else None
        if company_id is None:
            company_id = self.add_company(answers.get("Client.name") or domain)["id"]
        first, last = answers.get("Contact.firstname", ""), answers.get("Contact.lastname", "")
        return self.add_contact(email=email, company_id=company_id, name=f"{first} {last}".strip())

    def _active(self, fits: Any) -> list[Row]:
        return [c for c in self.contacts.values() if c["active"] and fits(c["email"].casefold())]

    def _contact_row(self, contact: Contact) -> Row:
        first, _, last = contact.name.partition(" ")
        company = self.companies[contact.company_id]
        return {
            "id": contact.id,
            "name": contact.name,
            "firstName": first,
            "lastName": last,
            "email": contact.email,
            **dict.fromkeys(BUSINESS_FIELDS),
            "client": {"id": company["id"], "name": company["name"], "users": []},
            "active": 1 if contact.active else 0,
            "unsubscribed": None,
            "score": 0,
            "journeyStep": contact.journey_step,
            "hasActivity": "2026-11-01" if contact.has_activity else None,
            "hadActivity": None,
            "hasAppointment": None,
            "hasForm": False,
            "hasVisit": False,
            "hasMail": False,
            "custom": [],
            "regDate": "2024-03-01T08:00:00.000Z",
            "modDate": "2025-11-07T09:30:00.000Z",
            "userRemovable": True,
            "userEditable": True,
        }


def iso(moment: datetime) -> str:
    """A moment as both vendors write it: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _rank(contact: Row) -> tuple[int, bool, int]:
    # Several: the furthest journey step, then a planned activity, then the oldest.
    planned = bool(contact["hasActivity"] or contact["hasAppointment"])
    step = contact["journeyStep"]
    return (JOURNEY.index(step) if step in JOURNEY else -1, planned, -contact["id"])


def _company_row(company: Company) -> Row:
    return {
        "id": company.id,
        "name": company.name,
        "active": 1,
        "isExternal": 0,
        "journeyStep": company.journey_step,
        "hasActivity": "2026-11-01" if company.has_activity else None,
        "hasAppointment": None,
        "score": 0,
        "users": [{"id": company.manager}] if company.manager else [],
        "webpage": None,
        "custom": [],
        "regDate": "2023-09-14T08:00:00.000Z",
    }


def _user_row(user: User) -> Row:
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "active": 1 if user.active else 0,
        "administrator": 1 if user.administrator else 0,
        "role": None,
    }


def columns(row: Row, names: Iterable[str]) -> Row:
    """Only the named columns of a row, for ``f[]``."""
    return {name: row[name] for name in names if name in row}
