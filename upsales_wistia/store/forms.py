"""The forms we made in Upsales, remembered by their internal name so that none is made twice."""

from __future__ import annotations

from dataclasses import dataclass

from .models_upsales import FormRow


@dataclass(frozen=True, slots=True)
class Form:
    """A form in Upsales; ``uuid`` is what its public address is made of."""

    internal_name: str
    form_id: int
    uuid: str
    name: str
    score: int


def remembered(customer_id: int) -> dict[str, Form]:
    """The customer's forms, by internal name."""
    rows = FormRow.select().where(FormRow.customer_id == customer_id)
    return {
        row.internal_name: Form(row.internal_name, row.form_id, row.uuid, row.name, row.score)
        for row in rows
    }


def remember(customer_id: int, form: Form) -> None:
    """Remember a form, in the place of an older one of its internal name."""
    (
        FormRow.insert(
            customer_id=customer_id,
            internal_name=form.internal_name,
            form_id=form.form_id,
            uuid=form.uuid,
            name=form.name,
            score=form.score,
        )
        .on_conflict(
            conflict_target=[FormRow.customer_id, FormRow.internal_name],
            preserve=[FormRow.form_id, FormRow.uuid, FormRow.name, FormRow.score],
        )
        .execute()
    )
