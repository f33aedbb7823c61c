"""Addresses of pages that other pages link to, and of what is shown in Upsales.

None holds an e-mail: a person is named by the id of ``store.viewers``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, url_for
from markupsafe import Markup

from ..store.viewers import viewer_id
from .security import services
from .wording import shorten

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


def view_address(customer_id: int, event_key: str, **query: str | None) -> str:
    """The page of one view, with ``query`` where that is not None."""
    given: dict[str, Any] = dict(query)
    return url_for("view.page", customer_id=customer_id, event_key=event_key, **given)


def video_address(customer_id: int, media_id: str) -> str:
    """The page of a video; "" where there is none."""
    if not media_id or "videos.one" not in current_app.view_functions:
        return ""
    return url_for("videos.one", customer_id=customer_id, media_id=media_id)


def video_named(customer_id: int, media_id: str, name: str) -> Markup:
    """A video's name as a link to its page; the name alone where there is none."""
    address, shown = video_address(customer_id, media_id), shorten(name)
    return Markup('<a href="{}">{}</a>').format(address, shown) if address else shown


def contact_address(contact_id: int) -> str:
    """A contact in Upsales; "" where this is not Upsales' own installation."""
    return _upsales(f"contacts/{contact_id}")


def company_address(company_id: int) -> str:
    """A company in Upsales; "" where this is not Upsales' own installation."""
    return _upsales(f"companies/{company_id}")


def upsales_address() -> str:
    """Upsales' own web application; "" where this is not Upsales' own installation.

    How it names the page on which a contact is added, nobody tells.
    """
    return _upsales("").removesuffix("#/")


def _upsales(path: str) -> str:
    host = urlsplit(services().config.upsales_api_url).hostname or ""
    return f"{_UPSALES}/{path}" if host.endswith(".upsales.com") else ""
