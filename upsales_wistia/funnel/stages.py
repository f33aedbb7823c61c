"""The sieves after the match: watched enough, in a chosen project, not too old, over."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from .settings import Settings
from .view import Fetched, Target, View

# Upsales' log entries cannot be changed once written, so a view is held until no further
# watching can be expected.
_GRACE = timedelta(seconds=300)
_SHORTEST = 60.0
_LONGEST = 30 * 86_400.0
_UNKNOWN_LENGTH = timedelta(seconds=1800)
# A view that was fetched after so long was over when it was read; no run reads it a second time.
_LONG_AGO = timedelta(days=3)
_ALL_OF_IT = Decimal(99)


def watched_enough(view: View, settings: Settings) -> bool:
    """Whether the percent reaches the minimum; compared exactly, 24.99 is not 25."""
    return view.percent >= settings.min_percent


def project_reason(view: View, settings: Settings) -> str:
    """The reason code why the video's project is not wanted, "" when it is."""
    if not settings.projects:
        return ""
    if view.video.project_id is None:
        return "project_unknown"
    return "" if view.video.project_id in settings.projects else "other_project"


def before_start(view: View, settings: Settings, target: Target = Target.ACTIVITY) -> bool:
    """Whether the view is older than what the runs are to write for ``target``.

    That is the customer's start date. A view that a person asked for is written whatever that is,
    but for the target alone that was asked for.
    """
    if view.fetched is Fetched.NOT:
        return settings.start is not None and view.received_at < settings.start
    if view.fetched is Fetched.LOOKED_AT:
        return True
    return target is Target.FORM and view.fetched is not Fetched.ALL


def over_at(view: View, now: datetime, last_read: datetime | None) -> datetime | None:
    """When the viewing counts as over: None when it does already, else the moment to look again.

    With an unknown length the same percent must have been seen in two reads of the window;
    ``last_read`` is the start of the newest complete one.
    """
    if view.percent >= _ALL_OF_IT:
        return None
    length = view.video.duration
    if length is not None:
        end = view.received_at + timedelta(seconds=min(max(_SHORTEST, length), _LONGEST)) + _GRACE
        return None if now >= end else end
    end = view.received_at + _UNKNOWN_LENGTH
    if view.fetched is not Fetched.NOT and now >= view.received_at + _LONG_AGO:
        return None
    twice = bool(last_read and view.percent_since and last_read > view.percent_since)
    return None if now >= end and twice else max(end, now)
