"""Whose vendors are asked, and with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..clients.limits import Limiters
from ..config import Config
from ..funnel.settings import Settings


@dataclass(frozen=True)
class Subject:
    """A customer. ``secrets`` are its credentials in clear, ``setup`` what was found out once.

    ``now`` is aware UTC.
    """

    customer_id: int
    secrets: dict[str, str] = field(repr=False)
    setup: dict[str, Any]
    settings: Settings
    config: Config
    limiters: Limiters
    now: datetime
