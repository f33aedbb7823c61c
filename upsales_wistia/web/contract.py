"""What the pages need from the rest of the house, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ..clock import Clock
from ..config import Config
from ..funnel.settings import Settings

Document = Mapping[str, Any]
"""A run's report: the document that ``sync --json`` prints."""


@dataclass(frozen=True, slots=True)
class RunShown:
    """A run that has ended. ``started_at`` is aware UTC."""

    started_at: datetime
    document: Document


@dataclass(frozen=True, slots=True)
class StatusData:
    """All that a customer's status page shows.

    ``runs`` are the newest first, the last one of them is the page's subject; ``last_good`` is
    the newest run that was complete. ``problems`` are sentences on settings that cannot be read.
    ``waiting`` counts the waiting views of the activity log by reason code, {} when not known.
    ``zone`` is the name of the zone in which times are shown.
    """

    customer_name: str
    settings: Settings
    runs: tuple[RunShown, ...] = ()
    last_good: RunShown | None = None
    next_at: datetime | None = None
    running: bool = False
    paused: bool = False
    problems: tuple[str, ...] = ()
    waiting: Mapping[str, int] = field(default_factory=dict)
    zone: str = "UTC"


class Services(Protocol):
    """The part of the object graph that the web is given."""

    @property
    def config(self) -> Config:
        """The process's environment."""

    @property
    def clock(self) -> Clock:
        """What time the pages take it to be."""

    def check_database(self) -> None:
        """Raise DeploymentError with the cause when the database does not answer."""

    def status_page(self, customer_id: int) -> StatusData | None:
        """What the status page of a customer shows; None when there is no such customer.

        Raises DeploymentError when the database does not answer.
        """
