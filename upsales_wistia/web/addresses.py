"""Addresses of pages that other pages link to, and of what is shown in Upsales.

None holds an e-mail: a person is named by the id of ``store.viewers``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from ..config import Config
from ..store.viewers import viewer_id
from .security import services

# How Upsales' own web application names a contact and a company. It is not documented; seen in
# programs that link there.
_UPSALES = "https://power.upsales.com/#"


def views_address(customer_id: int, **filters: str | int | None) -> str:
    """The list of views, of those alone for which ``filters`` hold; None and "" are no filter.

    The names are those of ``pages.views``: ``views_address(7, state="waiting")``. For ``from``,
    which is a word of Python's, pass ``**{"from": "2026-11-20"}``.
    """
    given: dict[str, Any] = {n: v for n, v in filters.items() if v not in (None, "")}
    return url_for("views.page", customer_id=customer_id, **given)


def viewer_of(customer_id: int, email: str) -> str:
    """The ``viewer`` filter for an e-mail. Raises DeploymentError when no key can be read."""
    return viewer_id(services().keyring, customer_id, email)


def contact_address(config: Config, contact_id: int) -> str:
    """A contact in Upsales; "" where this is not Upsales' own installation."""
    return _upsales(config, f"contacts/{contact_id}")


def company_address(config: Config, company_id: int) -> str:
    """A company in Upsales; "" where this is not Upsales' own installation."""
    return _upsales(config, f"companies/{company_id}")


def _upsales(config: Config, path: str) -> str:
    host = urlsplit(config.upsales_api_url).hostname or ""
    return f"{_UPSALES}/{path}" if host.endswith(".upsales.com") else ""
