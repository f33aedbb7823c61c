"""The pages of a customer, a blueprint each."""

from __future__ import annotations

from . import (
    backfill,
    domains,
    enriched,
    enrichment,
    erase,
    export,
    failed,
    history,
    runs,
    settings,
    status,
    undo,
    videos,
    view,
    views,
    waiting,
    ways_in,
)

PAGES = (
    status,
    views,
    view,
    videos,
    waiting,
    failed,
    enrichment,
    enriched,
    runs,
    settings,
    history,
    backfill,
    undo,
    domains,
    erase,
    export,
    ways_in,
)
"""Every page's module; the web application adds them in this order."""
