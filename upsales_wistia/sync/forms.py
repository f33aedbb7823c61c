"""The forms views are submitted to: found again by internal name, never made twice."""

from __future__ import annotations

from collections.abc import Iterable

from ..clients.upsales_schema import FormDraft, FormRow
from ..errors import Rejected, Unclear
from ..store import forms
from ..store.forms import Form
from .work import Work


def form_for(work: Work, internal_name: str, title: str) -> Form:
    """The form with ``internal_name``: remembered, found in Upsales, or made now.

    Its score follows the setting. Raises VendorError as the clients do.
    """
    form = forms.remembered(work.customer_id).get(internal_name)
    if form is None:
        form = _found(work, internal_name) or _made(work, internal_name, title)
    if form.score != work.settings.form_score:
        work.upsales().update_form(form.form_id, score=work.settings.form_score)
        form = _remember(work, form.internal_name, _as_row(form, work.settings.form_score))
    return form


def _found(work: Work, internal_name: str) -> Form | None:
    rows = work.patience.read(work.upsales().forms)
    row = pick_form(rows, internal_name)
    return _remember(work, internal_name, row) if row else None


def pick_form(rows: Iterable[FormRow], internal_name: str) -> FormRow | None:
    """The oldest form with exactly this internal name, or None when there is none.

    Raises Rejected when all there are were archived: an admin who did that meant it, so no
    other is made in its place.
    """
    ours = [row for row in rows if row.internal_name == internal_name]
    found = min((r for r in ours if not r.archived), key=lambda row: row.id, default=None)
    if ours and found is None:
        raise Rejected(
            f"The form {ours[0].name} is archived in Upsales. Restore it there.",
            vendor="upsales",
            status=200,
            answer="the form is archived",
        )
    return found


def _made(work: Work, internal_name: str, title: str) -> Form:
    draft = FormDraft(title, internal_name, work.settings.form_score)
    try:
        row = work.upsales().create_form(draft)
    except Unclear:
        # It may have been made: whoever looks next finds it by its internal name.
        found = pick_form(work.patience.read(work.upsales().forms), internal_name)
        if found is None:
            raise
        row = found
    work.counts["forms_created"] += 1
    return _remember(work, internal_name, row)


def _as_row(form: Form, score: int) -> FormRow:
    return FormRow(form.form_id, form.uuid, form.name, form.internal_name, score, False)


def _remember(work: Work, internal_name: str, row: FormRow) -> Form:
    form = Form(internal_name, row.id, row.uuid, row.name, row.score)
    with work.lease.commit():
        forms.remember(work.customer_id, form)
    return form
