"""A backfill as it was asked for, and how far it has come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..funnel.settings import Settings
from ..funnel.view import Target
from ..store.jobs import Job
from .period import Period


@dataclass
class Backfill:
    """One backfill, in the hands of the process that carries it out.

    ``period``, ``forms`` and ``commit`` are what was asked for; ``progress`` is stored with the
    job. ``submitted`` are the views whose form is in Upsales already, None when not asked yet.
    """

    period: Period
    forms: bool
    commit: bool
    asked_at: datetime
    progress: dict[str, Any]
    submitted: frozenset[str] | None = None
    spent: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, job: Job) -> Backfill:
        """The backfill of a stored job."""
        told = job.progress
        period = Period(*(datetime.fromisoformat(told[name]) for name in ("from", "to")))
        asked_at = datetime.fromisoformat(told["asked_at"])
        return cls(period, told["forms"], told["commit"], asked_at, dict(told))

    @property
    def next(self) -> datetime:
        """The start of the first day that is not done (aware UTC)."""
        return datetime.fromisoformat(self.progress["next"])

    @property
    def targets(self) -> tuple[Target, ...]:
        """What was asked for; the form goes first."""
        return (Target.FORM, Target.ACTIVITY) if self.forms else (Target.ACTIVITY,)

    def settings_of(self, settings: Settings) -> Settings:
        """The settings with that alone switched on which was asked for."""
        return replace(settings, forms_enabled=settings.forms_enabled and self.forms)
