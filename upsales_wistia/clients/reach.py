"""Whether an address answers at all; for the check of a deployment."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import requests

from .credentials import Nobody

PATIENCE = 5.0
"""Seconds to wait for a connection, and for a byte of the answer."""

_ENOUGH = 200


def is_local(url: str) -> bool:
    """Whether only this machine itself gets to ``url``."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def reach(url: str) -> str:
    """Connect to the host of ``url`` and return its name. Raises OSError when it cannot be."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((parts.hostname or "", port), PATIENCE):
        return parts.hostname or ""


def look(url: str) -> tuple[int, bytes]:
    """The status at ``url`` and how its answer begins, as anybody gets it; 0 for no answer.

    No redirect is followed.
    """
    try:
        with requests.get(
            url, timeout=PATIENCE, allow_redirects=False, auth=Nobody(), stream=True
        ) as answer:
            return answer.status_code, answer.raw.read1(_ENOUGH)
    except (requests.RequestException, OSError):
        return 0, b""
