"""The pages of a customer, a blueprint each."""

from __future__ import annotations

from . import failed, runs, status, views, ways_in

PAGES = (status, views, failed, runs, ways_in)
"""Every page's module; the web application adds them in this order."""
