"""A dry run's Upsales: it is read like the real one, and nothing is ever written to it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from ..clients.upsales import SubmitPermit, UpsalesClient, WritePermit
from ..clients.upsales_schema import EventDraft, EventRow, FormDraft, FormRow
from ..clients.upsales_todos import TodoDraft

_ids = count(1)


class RehearsedUpsales(UpsalesClient):
    """Every write succeeds and none is sent."""

    def write_permit(self) -> WritePermit:
        """Nothing is sent, so nothing needs to wait."""
        return WritePermit()

    def submit_permit(self) -> SubmitPermit:
        """Nothing is sent, so nothing needs to wait."""
        return SubmitPermit()

    def create_event(self, draft: EventDraft, permit: WritePermit) -> EventRow:
        """The entry as it would come back."""
        return EventRow(
            id=next(_ids),
            external_id=draft.external_id,
            sub_type=draft.sub_type,
            client_id=draft.client_id,
            contact_ids=(draft.contact_id,) if draft.contact_id else (),
            date=None,
            value=draft.value,
            score=draft.score,
        )

    def create_todo(self, draft: TodoDraft, permit: WritePermit) -> int:
        """The id of a to-do as it would come back."""
        return next(_ids)

    def delete_event(self, event_id: int) -> None:
        """Delete nothing."""

    def create_form(self, draft: FormDraft) -> FormRow:
        """The form as it would come back."""
        return FormRow(next(_ids), "0u0", draft.name, draft.internal_name, draft.score, False)

    def update_form(self, form_id: int, *, score: int) -> FormRow:
        """The form as it would come back."""
        return FormRow(form_id, "0u0", "", "", score, False)

    def submit_form(self, form_uuid: str, fields: Mapping[str, str], permit: SubmitPermit) -> str:
        """A token as it would come back."""
        return "rehearsed"
