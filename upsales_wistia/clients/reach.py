"""Whether a vendor's address answers at all; for the check of a deployment."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

PATIENCE = 5.0
"""Seconds to wait for a connection."""


def reach(url: str) -> str:
    """Connect to the host of ``url`` and return its name. Raises OSError when it cannot be."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((parts.hostname or "", port), PATIENCE):
        return parts.hostname or ""
