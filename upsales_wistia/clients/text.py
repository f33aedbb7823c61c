"""What vendors and viewers wrote, made fit to keep: short, and without control characters."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit, urlunsplit

KEY = 200
NAME = 512
EMAIL = 320
URL = 2000


def clean(value: object, limit: int) -> str:
    """``value`` as text of at most ``limit`` characters; "" for anything but text and numbers.

    Control characters and lone surrogates go: PostgreSQL refuses NUL, and no database stores
    half a character.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    if value.isprintable():
        return value.strip()[:limit].rstrip()
    return "".join(_kept(char) for char in value[: 4 * limit]).strip()[:limit].rstrip()


def _kept(char: str) -> str:
    if char in "\t\n\r":
        return " "
    return "" if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char


def page_address(value: object) -> str:
    """A web page's address without its query and fragment, but for ``utm_…``; "" for no page.

    They carry e-mails and tokens, and so does a user name in front of the host.
    """
    parts = _web_address(value)
    if parts is None:
        return ""
    scheme, host, path, query = parts
    kept = "&".join(pair for pair in query.split("&") if pair.lower().startswith("utm_"))
    return urlunsplit((scheme, host, path, kept, ""))[:URL]


def heatmap_address(value: object, origin: str) -> str:
    """The address of a heat map at ``origin`` or at Wistia's own hosts over https; else "".

    Its query is left out: it carries the account's public token.
    """
    parts = _web_address(value)
    if parts is None:
        return ""
    scheme, host, path, _ = parts
    own = scheme == "https" and host.endswith((".wistia.com", ".wistia.net"))
    if not own and f"{scheme}://{host}" != origin.rstrip("/").lower():
        return ""
    return urlunsplit((scheme, host, path, "", ""))[:URL]


def _web_address(value: object) -> tuple[str, str, str, str] | None:
    """Scheme, host with port, path and query of an http address, or None."""
    text = clean(value, 4 * URL)
    if not text.lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2].lower()
    return (parts.scheme, host, parts.path, parts.query) if host else None
