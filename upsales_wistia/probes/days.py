"""Whose midnight ends a day of Wistia's ``start_date`` and ``end_date``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from ..clients.fields import moment
from ..clients.wistia import PER_PAGE
from ..clients.wistia_schema import Event
from .question import CannotTell, Found

_BEFORE: Final = timedelta(hours=1)
"""A view so close before a midnight in UTC is of the next day anywhere to the east."""

_AFTER: Final = timedelta(hours=4)
"""A view so soon after one is of the day before in all of America."""

OfDay = Callable[[date], Sequence[Mapping[str, Any]]]


def of_midnights(views: Sequence[Event], of_day: OfDay, today: date) -> Found:
    """Compare what is listed of a day with the day of its views in UTC.

    ``views`` are the newest ones, ``of_day`` lists the newest of one day, ``today`` is in UTC.
    One call is made. Raises CannotTell when no view lies close enough to a midnight.
    """
    known = {view.event_key: view.received_at for view in views}
    day = _telling_day(list(known.values()), today)
    listed = _times(of_day(day))
    strays = [at for at in listed.values() if at.date() != day]
    if strays:
        return Found("behind UTC" if max(strays).date() > day else "ahead of UTC", False)
    # A full page is cut off below its oldest view.
    since = min(listed.values()) if len(listed) >= PER_PAGE else _midnight(day)
    missing = [at for key, at in known.items() if _is_missing(key, at, day, since, listed)]
    if missing:
        noon = _midnight(day) + timedelta(hours=12)
        return Found("ahead of UTC" if max(missing) > noon else "behind UTC", False)
    if not _tells([*listed.values(), *known.values()], _midnight(day + timedelta(days=1))):
        raise CannotTell("No view came shortly before and after a midnight in UTC.")
    return Found("UTC", True)


def _telling_day(known: Sequence[datetime], today: date) -> date:
    """The newest day whose end would tell, else yesterday."""
    days = sorted({at.date() for at in known if at.date() < today}, reverse=True)
    telling = (d for d in days if _tells(known, _midnight(d + timedelta(days=1))))
    return next(telling, today - timedelta(days=1))


def _tells(known: Sequence[datetime], midnight: datetime) -> bool:
    before = any(midnight - _BEFORE <= at < midnight for at in known)
    return before and any(midnight <= at < midnight + _AFTER for at in known)


def _is_missing(
    key: str, at: datetime, day: date, since: datetime, listed: Mapping[str, datetime]
) -> bool:
    return at.date() == day and at > since and key not in listed


def _times(rows: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    read = {str(row.get("event_key")): moment(row.get("received_at")) for row in rows}
    return {key: at for key, at in read.items() if at is not None}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
