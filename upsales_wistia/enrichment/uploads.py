"""Files at Mavera: put up, remembered before they have an address, and removed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ..clients.mavera_schema import FILE, UploadedFile
from ..errors import AppError, NotFound, VendorError
from ..store import enrichment as kept
from ..store.enrichment import Step, StepState
from .budget import Operation
from .desk import Desk, Leaving
from .docx import MIME, make_docx
from .gate import check_document

_GONE: Final = "deleted"


def upload(desk: Desk, place: int, paragraphs: Sequence[str]) -> UploadedFile:
    """Put a document up, unless it is there from before; its text went through the gate."""
    key = f"file {place}"
    check_document("\n".join(paragraphs), desk.known)
    content = make_docx(paragraphs)
    label = desk.label(key)
    name, size = f"{label}.docx", len(content)
    body = {"name": name, "file_type": MIME, "file_size": size, "text": list(paragraphs)}
    if desk.preview:
        desk.leaving.append(Leaving(key, Operation.UPLOAD, body))
        return UploadedFile("", name, "", MIME, size, {})
    before = kept.step(desk.customer_id, desk.run.id, key)
    there = _there(desk, before)
    if there is not None:
        return there
    step = kept.intend(
        desk.held,
        desk.run.id,
        key,
        operation=Operation.UPLOAD,
        label=label,
        body=body,
        used_before=None,
        now=desk.now,
    )
    try:
        made = desk.patience.read(lambda: desk.mavera.upload(name, content, MIME))
    except AppError:
        kept.conclude(desk.held, step, StepState.UNCERTAIN, now=desk.now)
        raise
    told = {"id": made.file_id, "name": made.name, "url": made.url, "type": MIME}
    answer = {**told, "size": made.size}
    kept.conclude(desk.held, step, StepState.ANSWERED, now=desk.now, answer=answer)
    return made


def remove_files(desk: Desk) -> int:
    """Delete what this run put up; returns how many files Mavera does not let us delete."""
    if desk.preview:
        return 0
    left = 0
    for step in kept.steps(desk.customer_id, desk.run.id):
        if step.operation != Operation.UPLOAD or step.problem == _GONE:
            continue
        if _remove(desk, step):
            state = step.state
            kept.conclude(desk.held, step, state, now=desk.now, answer=step.answer, problem=_GONE)
        else:
            left += 1
    return left


def _remove(desk: Desk, step: Step) -> bool:
    there = FILE.one(step.answer) if step.answer else _find(desk, step.body["name"])
    if there is None:
        return step.state is not StepState.ANSWERED
    try:
        return desk.patience.read(lambda: desk.mavera.delete_file(there.file_id))
    except VendorError:
        return False


def _there(desk: Desk, before: Step | None) -> UploadedFile | None:
    """The file as it was put up before, unless it was removed since."""
    if before is None or before.problem == _GONE:
        return None
    if before.state is StepState.ANSWERED:
        made: Any = FILE.one(before.answer)
        return made if isinstance(made, UploadedFile) else None
    return _find(desk, before.body["name"])


def _find(desk: Desk, name: str) -> UploadedFile | None:
    try:
        return desk.patience.read(lambda: desk.mavera.find_file(name))
    except NotFound:
        return None
