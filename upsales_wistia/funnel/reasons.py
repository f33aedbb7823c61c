"""Every reason a view can have, and the verdict and stage it stands for.

``PASS`` is the sieve's own word for "all stages let it through": the outbox then says what
became of it.
"""

from __future__ import annotations

from .view import DONE, Sent, Stage, State, Verdict

PASS = "pass"

REASONS: dict[str, tuple[Verdict, Stage]] = {
    "no_email": (Verdict.DROPPED, Stage.TURNSTILE),
    "email_not_turnstile": (Verdict.DROPPED, Stage.TURNSTILE),
    "not_an_email": (Verdict.DROPPED, Stage.TURNSTILE),
    "unknown": (Verdict.WAITING, Stage.MATCHED),
    "free_mail": (Verdict.WAITING, Stage.MATCHED),
    "disposable": (Verdict.WAITING, Stage.MATCHED),
    "own_domain": (Verdict.WAITING, Stage.MATCHED),
    "ignored_domain": (Verdict.WAITING, Stage.MATCHED),
    "matching_off": (Verdict.WAITING, Stage.MATCHED),
    "form_first": (Verdict.WAITING, Stage.MATCHED),
    "waited_out": (Verdict.DROPPED, Stage.MATCHED),
    "ignored_viewer": (Verdict.DROPPED, Stage.MATCHED),
    "below_minimum": (Verdict.DROPPED, Stage.WATCHED),
    "other_project": (Verdict.DROPPED, Stage.PROJECT),
    "project_unknown": (Verdict.DROPPED, Stage.PROJECT),
    "before_start": (Verdict.DROPPED, Stage.NEW),
    "left_by_hand": (Verdict.DROPPED, Stage.NEW),
    "undone": (Verdict.DROPPED, Stage.NEW),
    "settling": (Verdict.SETTLING, Stage.NEW),
    "written": (Verdict.WRITTEN, Stage.NEW),
    "registered": (Verdict.REGISTERED, Stage.NEW),
    "retry": (Verdict.RETRYING, Stage.NEW),
    "parked": (Verdict.FAILED, Stage.NEW),
    "uncertain": (Verdict.UNCERTAIN, Stage.NEW),
    "uncertain_you": (Verdict.UNCERTAIN, Stage.NEW),
}

WAITING = frozenset(code for code, (verdict, _) in REASONS.items() if verdict is Verdict.WAITING)
"""Codes of views that are written by themselves once somebody appears in Upsales."""

ORDER = tuple(Stage)


def passed(code: str, stage: Stage) -> bool:
    """Whether a view with this reason got through ``stage``."""
    if code == PASS:
        return True
    verdict, stopped_at = REASONS[code]
    if stopped_at is not stage:
        return ORDER.index(stopped_at) > ORDER.index(stage)
    return verdict in (Verdict.WRITTEN, Verdict.REGISTERED)


def outbox_reason(sent: Sent, *, this_run: bool = False, paused: bool = False) -> str:
    """The reason code of a view whose write stands in the outbox.

    ``paused``: writes of its target wait until a person lets them go on.
    """
    if sent.state in DONE:
        return "written" if this_run else "registered"
    if sent.state is State.LEFT:
        return "left_by_hand"
    if sent.state is State.UNDONE:
        return "undone"
    if sent.state is State.FAILED:
        return "parked"
    if sent.state in (State.UNCERTAIN, State.SENDING):
        return "uncertain_you" if sent.needs_person else "uncertain"
    return "parked" if paused else "retry"
