"""The things the funnel reasons about. All frozen, all without behaviour of the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Target(StrEnum):
    """Where a view is written: the activity log, or a form."""

    ACTIVITY = "activity"
    FORM = "form"


class Stage(StrEnum):
    """The five sieves, in their order."""

    TURNSTILE = "turnstile"
    MATCHED = "matched"
    WATCHED = "watched"
    PROJECT = "project"
    NEW = "new"


class Verdict(StrEnum):
    """What became of a view for one target."""

    WRITTEN = "written"
    REGISTERED = "registered"
    DROPPED = "dropped"
    SETTLING = "settling"
    WAITING = "waiting"
    RETRYING = "retrying"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class State(StrEnum):
    """Where a write stands in the outbox.

    ``WITHDRAWN`` is what is kept of one that was in doubt and then taken back: it may be in Upsales
    after all, so the view's next write must know. Until then it is as if there were none.
    """

    PLANNED = "planned"
    SENDING = "sending"
    WRITTEN = "written"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    UNCERTAIN = "uncertain"
    RETRY = "retry"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    LEFT = "left"
    UNDONE = "undone"


DONE = frozenset({State.WRITTEN, State.ACCEPTED, State.CONFIRMED})
"""States of a write that is in Upsales."""

UNSENT = frozenset({State.PLANNED, State.RETRY})
"""States of a write that surely is not in Upsales and may still be changed or withdrawn."""

CLOSED = DONE | {State.LEFT, State.UNDONE}
"""States of a write that nothing more is done about by itself: it is in Upsales, or left out."""


@dataclass(frozen=True, slots=True)
class Video:
    """A Wistia media as far as a view needs it. ``duration`` is in seconds, None when unknown.

    ``project_id`` is Wistia's hashed id; None when the video was deleted or never looked up.
    """

    media_id: str
    name: str
    project_id: str | None = None
    project_name: str | None = None
    duration: float | None = None


class Fetched(StrEnum):
    """Whether a view came by a run, or was fetched because a person asked for older ones.

    ``LOOKED_AT``: for a preview alone, so nothing is written of it; ``ACTIVITY``: for the activity
    log, and ``ALL``: for forms too, whatever the start date.
    """

    NOT = ""
    LOOKED_AT = "looked_at"
    ACTIVITY = "activity"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class View:
    """One viewing session, as the ledger keeps it.

    ``percent`` is 0–100 and exact (Wistia's own digits), ``received_at`` and ``percent_since``
    (the moment of the read that last changed the percent) are aware UTC. ``email`` is the e-mail
    Wistia knows in whatever way, ``conversion_email`` what the viewer typed in this view's
    Turnstile; both as they came, "" for none.
    """

    event_key: str
    visitor_key: str
    received_at: datetime
    percent: Decimal
    video: Video
    email: str = ""
    conversion_type: str = ""
    conversion_email: str = ""
    first_name: str = ""
    last_name: str = ""
    page: str = ""
    percent_since: datetime | None = None
    fetched: Fetched = Fetched.NOT


@dataclass(frozen=True, slots=True, order=True)
class Conversion:
    """A visitor left an e-mail in a Turnstile. ``email`` is normalised; ``at`` is aware UTC."""

    at: datetime
    event_key: str
    email: str
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact in Upsales that an e-mail belongs to, after the tie-break."""

    id: int
    name: str
    company_id: int
    company_name: str


@dataclass(frozen=True, slots=True)
class Company:
    """The company in Upsales that a domain belongs to, after the tie-break.

    ``contacts`` counts its contacts with that domain, ``of`` the companies that had one.
    """

    id: int
    name: str
    contacts: int
    of: int = 1


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What Upsales said when asked: ``found`` or None, and when (aware UTC)."""

    found: T | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """What the outbox holds for one view and target. Times are aware UTC.

    ``by`` is who decided about it by hand, "" for nobody.
    """

    state: State
    at: datetime
    where: str = ""
    retry_at: datetime | None = None
    answer: str = ""
    tries: int = 0
    needs_person: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A viewer is ignored: ``by`` whom, and since when (aware UTC)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known besides the view itself, for the views at hand.

    An e-mail or domain that is absent from ``contacts`` or ``companies`` was never asked for.
    ``own_domains`` maps a domain to how many active Upsales users have it (two or more),
    ``ignored`` a normalised e-mail to who chose to ignore it.
    ``last_read`` is the start of the newest complete read of the window (aware UTC), or None.
    """

    conversions: Mapping[str, tuple[Conversion, ...]] = field(default_factory=dict)
    contacts: Mapping[str, Asked[Contact]] = field(default_factory=dict)
    companies: Mapping[str, Asked[Company]] = field(default_factory=dict)
    own_domains: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, Ignored] = field(default_factory=dict)
    sent: Mapping[tuple[str, Target], Sent] = field(default_factory=dict)
    forms_paused: bool = False
    last_read: datetime | None = None
