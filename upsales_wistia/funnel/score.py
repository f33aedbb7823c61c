"""What a view is worth."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from .settings import Settings


def activity_score(percent: Decimal, settings: Settings) -> int:
    """The lead score of a view of ``percent`` (0–100).

    With ``score_by_percent`` it is ``max(1, ceil(score × fraction))``.
    """
    full = settings.activity_score
    if not settings.score_by_percent:
        return full
    share = (full * percent / 100).to_integral_value(rounding=ROUND_CEILING)
    return max(1, int(share))
