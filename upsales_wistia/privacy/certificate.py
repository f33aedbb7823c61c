"""What an erasure removed and where, and what stays elsewhere. It names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

TABLES = {
    "views": "views",
    "conversions": "e-mails left in a Turnstile",
    "visitors": "browsers that were looked into",
    "people": "what Upsales said of who this is",
    "outbox": "what was sent to Upsales, or was to be",
    "drafts": "follow-up drafts",
    "ignored": "ignored viewers",
    "webhook_events": "events told by Wistia",
    "runs": "reports of runs that named the person",
    "enrichment_runs": "runs of enrichment that named the person",
    "enrichment_steps": "answers of Mavera that named the person",
    "customers": "notes about your account that named the person",
}
"""The tables in the words of a certificate."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was found, and what became of it.

    ``removed`` counts rows by table. Of the ``activities`` in Upsales ``deleted`` were deleted,
    ``absent`` were not found any more, ``refused`` Upsales would not delete; they were only
    touched where that was ``asked``. ``forms`` and ``todos`` stay in Upsales.
    """

    views: int = 0
    activities: int = 0
    forms: int = 0
    drafts: int = 0
    todos: int = 0
    known: bool = False
    asked: bool = False
    deleted: int = 0
    absent: int = 0
    refused: int = 0
    removed: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Certificate:
        """A certificate as it was stored."""
        return cls(**stored)

    def stored(self) -> dict[str, Any]:
        """The certificate as it is stored."""
        return asdict(self)


def found(certificate: Certificate) -> str:
    """What was found, in one sentence."""
    parts = [
        _many(certificate.views, "view", "views"),
        _many(certificate.activities, "activity in Upsales", "activities in Upsales"),
        _many(certificate.forms, "form in Upsales", "forms in Upsales"),
        _many(certificate.drafts, "draft", "drafts"),
    ]
    told = ", ".join(part for part in parts if part)
    return f"We found: {told or 'the address, and no view'}."


def removed(certificate: Certificate) -> list[str]:
    """What was removed where, a line for each place."""
    order = [*TABLES, *sorted(certificate.removed)]
    lines = [
        f"{_capital(TABLES.get(table, table))}: {certificate.removed[table]}"
        for table in dict.fromkeys(order)
        if table in certificate.removed
    ]
    if certificate.asked and certificate.activities:
        lines.append(f"Activities in Upsales: {certificate.deleted} of {certificate.activities}")
    return lines


def remaining(certificate: Certificate, left: int) -> list[str]:
    """What stays elsewhere, and who can remove it; ``left`` entries are still to be deleted."""
    lines = ["Wistia keeps its own record of the viewer: delete the viewer there."]
    if certificate.asked:
        lines += _entries(certificate, left)
    elif certificate.activities:
        lines.append(
            f"{_many(certificate.activities, 'activity', 'activities')} in Upsales: not deleted, "
            "because that was not asked for."
        )
    lines.append("The contact in Upsales, if there is one: we never change contacts.")
    if certificate.forms:
        lines.append(
            f"{_many(certificate.forms, 'submitted form', 'submitted forms')} in Upsales: a "
            "submit cannot be taken back from here."
        )
    if certificate.todos:
        lines.append(f"{_many(certificate.todos, 'to-do', 'to-dos')} in Upsales made of drafts.")
    lines.append(
        "Mavera, where it was used: it was sent totals, titles and ids that mean nothing elsewhere."
    )
    lines.append("Backups from before: migrate erases the person again when one is put back.")
    return lines


_NOBODY = "Nothing was kept of the person. The address is on the list of people who stay forgotten."


def text(certificate: Certificate, left: int, number: int, at: datetime) -> list[str]:
    """The certificate as lines; it names nobody."""
    head = [f"Erasure {number}, asked for {at:%Y-%m-%d %H:%M} UTC."]
    if not certificate.known:
        return [*head, _NOBODY]
    return [
        *head,
        found(certificate),
        "Removed:",
        *(f"  {line}" for line in removed(certificate)),
        "What stays elsewhere:",
        *(f"  {line}" for line in remaining(certificate, left)),
    ]


def _entries(certificate: Certificate, left: int) -> list[str]:
    lines = []
    if left:
        lines.append(
            f"{_many(left, 'activity', 'activities')} in Upsales: still to be deleted, by itself."
        )
    if certificate.absent:
        lines.append(
            f"{_many(certificate.absent, 'activity', 'activities')} in Upsales: not found any more."
        )
    if certificate.refused:
        lines.append(
            f"{_many(certificate.refused, 'activity', 'activities')} in Upsales: Upsales would "
            "not delete it. Delete it there."
        )
    return lines


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}" if count else ""
