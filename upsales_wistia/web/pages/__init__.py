"""The pages of a customer, a blueprint each."""

from __future__ import annotations

from . import runs, status, views, ways_in

PAGES = (status, views, runs, ways_in)
"""Every page's module; the web application adds them in this order."""
