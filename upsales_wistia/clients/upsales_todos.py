"""To-dos in Upsales: activities of the kind that is one.

https://api.upsales.com (Activities). No id of ours can be put on one, so none is found again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from marshmallow import post_load

from .answers import Answer, unclear
from .fields import Id, VendorSchema

DESCRIPTION_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class TodoDraft:
    """A to-do for one user. ``description`` is cut to 100 characters; ``notes`` may be long.

    ``day`` is when it is planned. ``type_id`` is what ``UpsalesClient.todo_type`` says.
    """

    description: str
    notes: str
    day: date
    user_id: int
    client_id: int
    type_id: int
    contact_id: int | None = None

    def document(self) -> dict[str, Any]:
        """The body of ``POST /activities``."""
        text = self.description
        if len(text) > DESCRIPTION_LENGTH:
            text = text[: DESCRIPTION_LENGTH - 1].rstrip() + "…"
        document: dict[str, Any] = {
            "description": text,
            "notes": self.notes,
            "date": self.day.isoformat(),
            "activityType": {"id": self.type_id},
            "users": [{"id": self.user_id}],
            "client": {"id": self.client_id},
        }
        if self.contact_id is not None:
            document["contacts"] = [{"id": self.contact_id}]
        return document


class _TodoSchema(VendorSchema[int]):
    id = Id(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> int:
        return int(data["id"])


TODO: Final = _TodoSchema()


def todo_type_of(answer: Answer) -> int:
    """The id in an answer of ``/todoTypes``, which has no envelope. Raises Unclear without one."""
    try:
        kinds = answer.json()
    except ValueError:
        kinds = None
    todo = kinds.get("TODO") if isinstance(kinds, Mapping) else None
    number = TODO.one(todo)
    if number is None:
        raise unclear(answer, "upsales")
    return number
