"""Live checks of what an admin typed, before anything of it is stored.

A check asks Wistia itself: which permissions a token has is known for sure only when it was used.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .clients.limits import Limiters
from .clients.mavera import MaveraClient
from .clients.mavera_dialect import Dialect
from .clients.wistia import READ_MEDIA, READ_STATS, WistiaClient
from .clients.wistia_schema import Project
from .clock import Clock
from .errors import CredentialRefused, NoCredits, VendorError
from .funnel.settings import Settings
from .preview import Preview, preview

READ_TIMEOUT = 8.0
"""Seconds for one answer of Wistia's: whoever asked waits for 30 at most."""

PROJECTS_FOR = timedelta(minutes=1)
PROJECTS_KEPT = 200
"""For how many tokens the projects are remembered."""

NO_TOKEN = "Paste an API token."  # noqa: S105
WORKS = "Works: may read views and videos, and nothing more."
MAY_WRITE = "Works, but may also change your Wistia account. A token that only reads is safer."
UNTOLD = "Works. Wistia does not tell whether it may also change your account."
LACKS = (
    "The token lacks the permission {missing}. Ask the owner of your Wistia account for a token "
    f'that may "{READ_MEDIA}" and "{READ_STATS}".'
)
REFUSED = {
    "unauthorized_credentials": (
        "Wistia does not know this API token; it was revoked or mistyped. Paste it again, or ask "
        "the owner of your Wistia account for a new one."
    ),
    "account_inactive": "Your Wistia account is not active. Its owner can tell why.",
}
AWAY = "Wistia does not answer just now, so this cannot be checked. Try again in a minute."

NO_KEY = "Paste a Mavera key."
KEY_WORKS = "Works. Mavera does not tell how many credits are left."
CREDITS_LEFT = "Works: {n:,.0f} credits left."
NO_CREDITS = "Works, but no credits are left."
KEY_REFUSED = "Mavera does not know this key; it was revoked or mistyped. Paste it again."
MAVERA_AWAY = "Mavera does not answer just now, so this cannot be checked. Try again in a minute."

NO_PUBLIC_TOKEN = "Without it heat maps are not shown; everything else works."  # noqa: S105
SAME = "Works: the same as in a recent heat map."
OTHER = "Not the one in your heat maps."
TOO_EARLY = "Cannot be checked until the first view."
UNCOMPARED = "Cannot be checked yet: it is compared with a heat map, which needs the API token."


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: whether the value can be used, and a sentence."""

    good: bool
    sentence: str


class Connection:
    """Asks vendors with tokens that may be stored nowhere. Safe for several threads.

    ``dialect`` is how this deployment's Mavera is spoken with.
    """

    def __init__(
        self,
        wistia_url: str,
        limiters: Limiters,
        clock: Clock,
        mavera_url: str,
        dialect: Dialect,
    ) -> None:
        self._url = wistia_url
        self._mavera_url = mavera_url
        self._dialect = dialect
        self._limiters = limiters
        self._clock = clock
        self._lock = threading.Lock()
        self._projects: dict[str, tuple[datetime, list[Project]]] = {}

    def check_token(self, token: str) -> Finding:
        """Whether the API token may do what is needed, and whether it may do more."""
        if not token:
            return Finding(False, NO_TOKEN)
        with self._client(token) as wistia:
            try:
                wistia.account()
                missing = self._missing(wistia)
                return _lacks(missing) if missing else Finding(True, _beyond(wistia))
            except CredentialRefused as refused:
                return Finding(False, REFUSED.get(refused.code or "", refused.sentence))
            except VendorError:
                return Finding(False, AWAY)

    def check_public_token(self, public_token: str, token: str) -> Finding:
        """Whether the public token is the one in a heat map of the last days."""
        if not public_token:
            return Finding(True, NO_PUBLIC_TOKEN)
        if not token:
            return Finding(True, UNCOMPARED)
        try:
            with self._client(token) as wistia:
                known = _public_tokens(next(self._recent(wistia, days=3), []))
        except VendorError:
            return Finding(True, UNCOMPARED)
        if not known:
            return Finding(True, TOO_EARLY)
        return Finding(True, SAME) if public_token in known else Finding(False, OTHER)

    def check_mavera_key(self, key: str) -> Finding:
        """Whether Mavera knows the key, and how many credits are left; it costs none."""
        if not key:
            return Finding(False, NO_KEY)
        client = MaveraClient(self._mavera_url, key, limiters=self._limiters, dialect=self._dialect)
        with client as mavera:
            try:
                usage = mavera.usage()
            except CredentialRefused:
                return Finding(False, KEY_REFUSED)
            except NoCredits:
                return Finding(True, NO_CREDITS)
            except VendorError:
                return Finding(False, MAVERA_AWAY)
        if usage is None or usage.left is None:
            return Finding(True, KEY_WORKS)
        return Finding(True, CREDITS_LEFT.format(n=usage.left) if usage.left else NO_CREDITS)

    def projects(self, token: str) -> list[Project]:
        """All projects by name, at most a minute old.

        Raises CredentialRefused or another VendorError.
        """
        digest, now = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest(), self._now()
        with self._lock:
            read_at, known = self._projects.get(digest, (now - PROJECTS_FOR, []))
        if now - read_at < PROJECTS_FOR:
            return known
        with self._client(token) as wistia:
            known = sorted(wistia.projects(), key=lambda one: (one.name.casefold(), one.project_id))
        self._remember(digest, known, now)
        return known

    def preview(self, token: str, settings: Settings, days: int) -> Preview:
        """How many views of the last ``days`` would pass ``settings``; nothing is stored.

        Raises CredentialRefused or another VendorError.
        """
        with self._client(token) as wistia:
            return preview(wistia, settings, self._now(), days)

    def _client(self, token: str) -> WistiaClient:
        return WistiaClient(self._url, token, limiters=self._limiters, read_timeout=READ_TIMEOUT)

    def _now(self) -> datetime:
        return self._clock.now()

    def _recent(self, wistia: WistiaClient, days: int) -> Any:
        today = self._now().date()
        return wistia.event_pages(today - timedelta(days=days), today + timedelta(days=1))

    def _missing(self, wistia: WistiaClient) -> list[str]:
        """The permissions the token lacks. It works: a refusal is about the permission alone."""
        needed: dict[str, Callable[[], object]] = {
            READ_MEDIA: wistia.projects,
            READ_STATS: lambda: next(self._recent(wistia, days=0), None),
        }
        return [name for name, use in needed.items() if _is_refused(use)]

    def _remember(self, digest: str, projects: list[Project], now: datetime) -> None:
        with self._lock:
            self._projects.pop(digest, None)
            while len(self._projects) >= PROJECTS_KEPT:
                del self._projects[next(iter(self._projects))]
            self._projects[digest] = (now, projects)


def _is_refused(use: Callable[[], object]) -> bool:
    try:
        use()
    except CredentialRefused as refused:
        # v1 may leave the code out, and then the client takes it for an unknown token.
        if refused.code == "account_inactive":
            raise
        return True
    return False


def _lacks(missing: list[str]) -> Finding:
    return Finding(False, LACKS.format(missing=" and ".join(f'"{name}"' for name in missing)))


def _beyond(wistia: WistiaClient) -> str:
    """Whether the token may do more than read, as far as Wistia tells."""
    try:
        scopes = wistia.scopes().scopes
    except VendorError:
        return UNTOLD
    if not scopes:
        return UNTOLD
    return WORKS if all(scope.endswith(":read") for scope in scopes) else MAY_WRITE


def _public_tokens(rows: list[Mapping[str, Any]]) -> set[str]:
    """The public tokens in the rows' heat-map addresses, which carry it in their query."""
    found: set[str] = set()
    for row in rows:
        try:
            query = urlsplit(str(row.get("iframe_heatmap_url") or "")).query
            found.update(parse_qs(query).get("public_token", ()))
        except ValueError:
            continue
    return found
