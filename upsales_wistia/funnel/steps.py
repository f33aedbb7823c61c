"""The five questions a view is asked, each with what came of it for both targets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .decide import Decision, reason_of
from .reasons import ORDER, REASONS
from .settings import Settings
from .stages import before_start, project_reason, watched_enough
from .view import UNSENT, Known, Stage, Target, Verdict


class Mark(StrEnum):
    """What came of a question. ``WOULD``: a later one than where the view stands, and yes."""

    PASSES = "passes"
    STOPS = "stops"
    WAITS = "waits"
    WOULD = "would"
    NOT_ASKED = "not_asked"
    OFF = "off"


Marks = Mapping[Stage, Mapping[Target, Mark]]


def marks(decision: Decision, known: Known, settings: Settings) -> Marks:
    """What came of each question; for a target that is off and wrote nothing, ``OFF``."""
    by_target = {target: _column(decision, target, known, settings) for target in Target}
    return {stage: {target: by_target[target][stage] for target in Target} for stage in Stage}


def _column(
    decision: Decision, target: Target, known: Known, settings: Settings
) -> dict[Stage, Mark]:
    sent = known.sent.get((decision.view.event_key, target))
    settled = sent is not None and sent.state not in UNSENT
    if not settled and not settings.enabled(target):
        return dict.fromkeys(Stage, Mark.OFF)
    code = reason_of(decision.outcome(target), sent)
    verdict, stands_at = REASONS[code]
    column = {}
    for stage in Stage:
        if not _asks(stage, target, settings):
            column[stage] = Mark.NOT_ASKED
        elif ORDER.index(stage) < ORDER.index(stands_at):
            column[stage] = Mark.PASSES
        elif stage is stands_at:
            column[stage] = _STANDS.get(verdict, Mark.PASSES)
        else:
            column[stage] = _would(decision, stage, settings)
    return column


_STANDS = {
    Verdict.DROPPED: Mark.STOPS,
    Verdict.WAITING: Mark.WAITS,
    Verdict.SETTLING: Mark.WAITS,
}


def _asks(stage: Stage, target: Target, settings: Settings) -> bool:
    if target is Target.ACTIVITY:
        return True
    filters = stage in (Stage.WATCHED, Stage.PROJECT)
    return stage is not Stage.MATCHED and (settings.form_filters or not filters)


def _would(decision: Decision, stage: Stage, settings: Settings) -> Mark:
    """The answer to a question that a view did not come to."""
    view = decision.view
    if stage is Stage.MATCHED:
        return Mark.NOT_ASKED  # Nobody is known to be looked for.
    good = {
        Stage.WATCHED: watched_enough(view, settings),
        Stage.PROJECT: not project_reason(view, settings),
        Stage.NEW: not before_start(view, settings),
    }[stage]
    return Mark.WOULD if good else Mark.STOPS
