"""A customer's rules, typed. Read from the raw config by ``upsales_wistia.settings``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .view import Target


class IdentityRule(StrEnum):
    """Whose e-mail counts: one left in a Turnstile, or any that Wistia knows."""

    TURNSTILE = "turnstile"
    ANY = "any"


class FormPolicy(StrEnum):
    """Which form a view is submitted to."""

    SINGLE = "single"
    PROJECT = "project"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules of the funnel, with the defaults of a customer who chose nothing.

    ``min_percent`` is 0–100; ``projects`` holds Wistia's hashed project ids, empty for all;
    ``start`` is aware UTC (nothing older is written), None for no start.
    """

    projects: frozenset[str] = frozenset()
    min_percent: Decimal = Decimal(0)
    identity: IdentityRule = IdentityRule.TURNSTILE
    domain_matching: bool = True
    ignored_domains: frozenset[str] = frozenset()
    not_own_domains: frozenset[str] = frozenset()
    waiting_days: int = 90
    start: datetime | None = None
    activities_enabled: bool = False
    activity_score: int = 1
    score_by_percent: bool = False
    forms_enabled: bool = False
    form_policy: FormPolicy = FormPolicy.SINGLE
    form_score: int = 1
    form_filters: bool = True

    def enabled(self, target: Target) -> bool:
        """Whether ``target`` is switched on."""
        return self.activities_enabled if target is Target.ACTIVITY else self.forms_enabled
