"""What vendors and viewers wrote, made fit to keep: short, and without control characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

KEY = 200
NAME = 512
EMAIL = 320
URL = 2000

REPLACED: Final = "\ufffd"
"""Stands where something was left out of what may be an e-mail address; no address holds it."""

_HOST: Final = re.compile(r"[a-z0-9.-]+(:[0-9]+)?")
_HARMLESS_FORMAT: Final = "\u00ad\u200c\u200d"
"""Invisible, but part of how some words, scripts and pictures are written."""


def clean(value: object, limit: int) -> str:
    """``value`` as text of at most ``limit`` characters; "" for anything but text and numbers.

    Control characters and lone surrogates go: PostgreSQL refuses NUL, and no database stores
    half a character. So does what turns the words around it or hides between them.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    if value.isprintable():
        return value.strip()[:limit].rstrip()
    return "".join(_kept(char) for char in value[: 4 * limit]).strip()[:limit].rstrip()


def email(value: object, limit: int) -> str:
    """As ``clean``, but what cannot be kept is replaced: without it another address may remain."""
    if not isinstance(value, str) or (value.isprintable() and len(value) <= limit):
        return clean(value, limit)
    marked = "".join(_kept(char) or REPLACED for char in value.strip(" \t\r\n")[: limit + 1])
    return marked if len(marked) <= limit else marked[: limit - 1] + REPLACED


def _kept(char: str) -> str:
    if char in "\t\n\r":
        return " "
    if char in _HARMLESS_FORMAT:
        return char
    return "" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char


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
    text = clean(value, 4 * URL)
    if text.startswith(f"{origin}/"):  # nearly all: there is nothing to look at in the host
        return text.partition("#")[0].partition("?")[0][:URL]
    parts = _split(text)
    if parts is None:
        return ""
    scheme, host, path, _ = parts
    own = scheme == "https" and host.endswith((".wistia.com", ".wistia.net"))
    if not own and f"{scheme}://{host}" != origin.rstrip("/").lower():
        return ""
    return urlunsplit((scheme, host, path, "", ""))[:URL]


def heatmap_shown(url: str, public_token: str) -> str:
    """The address of a heat map (as ``heatmap_address`` keeps it) for an anonymous browser.

    "" without the account's public token, which lets it be seen.
    """
    if not url or not public_token:
        return ""
    return f"{url}?public_token={quote(public_token, safe='')}"


def _web_address(value: object) -> tuple[str, str, str, str] | None:
    """Scheme, host with port, path and query of an http address, or None."""
    return _split(clean(value, 4 * URL))


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[str, str, str, str] | None:
    if not text.lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    # To a browser a backslash ends the host: what is not plainly one may be another's.
    host = parts.netloc.rpartition("@")[2].lower()
    if "\\" in parts.netloc or not _HOST.fullmatch(host):
        return None
    return parts.scheme, host, parts.path, parts.query
