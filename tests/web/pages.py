"""A small house for the web to stand on: no database, a clock that stands, made-up runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cryptography.fernet import Fernet

from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.mavera_dialect import Dialect
from upsales_wistia.clock import StandingClock
from upsales_wistia.config import Config
from upsales_wistia.connection import Connection
from upsales_wistia.errors import DeploymentError
from upsales_wistia.frame import Frame
from upsales_wistia.funnel.settings import Settings
from upsales_wistia.store.keyring import Keyring
from upsales_wistia.web import RunShown, StatusData
from upsales_wistia.web.hook_request import HookRequest

NOW = datetime(2026, 11, 21, 13, 24, tzinfo=UTC)
STARTED = NOW - timedelta(minutes=4)
CUSTOMER = 4711

RULES = Settings(
    projects=frozenset({"abc"}),
    min_percent=Decimal(25),
    activities_enabled=True,
    forms_enabled=True,
)

DOCUMENT: dict[str, Any] = {
    "customer": CUSTOMER,
    "run": "01980000-0000-7000-8000-000000000001",
    "status": "ok",
    "reason": None,
    "code": None,
    "window": {"from": "2026-11-18T13:20:00Z", "to": "2026-11-21T13:20:00Z"},
    "funnel": {
        "views": 193,
        "turnstile": 54,
        "activity": {"matched": 30, "watched": 20, "project": 18, "new": 4},
        "form": {"watched": 40, "project": 35, "new": 9},
    },
    "balance": {
        "activity": {
            "views": 193,
            "written": 4,
            "registered": 14,
            "dropped": {
                "email_not_turnstile": 18,
                "no_email": 118,
                "not_an_email": 3,
                "below_minimum": 10,
                "other_project": 2,
            },
            "settling": 0,
            "waiting": 24,
            "retrying": 0,
            "failed": 0,
            "uncertain": 0,
        },
        "form": {
            "views": 193,
            "written": 9,
            "registered": 26,
            "dropped": {
                "no_email": 118,
                "email_not_turnstile": 18,
                "not_an_email": 3,
                "below_minimum": 14,
                "other_project": 5,
            },
            "settling": 0,
            "waiting": 0,
            "retrying": 0,
            "failed": 0,
            "uncertain": 0,
        },
    },
    "written": {
        "activities": 4,
        "forms": 9,
        "forms_created": 1,
        "late": {"activities": 0, "forms": 0},
    },
    "settling": 0,
    "waiting": 24,
    "retrying": 0,
    "failed": 0,
    "uncertain": 0,
    "healed": 0,
    "requests": {"wistia": 3, "upsales": 7, "mavera": 0},
    "seconds": 1.2,
}


def document(**changes: Any) -> dict[str, Any]:
    """The run of the example, with other values at the top."""
    return deepcopy(DOCUMENT) | changes


def run(at: datetime = STARTED, **changes: Any) -> RunShown:
    """A run that started at ``at``."""
    return RunShown(at, document(**changes))


def failed_run(code: str, reason: str, at: datetime = STARTED) -> RunShown:
    """A run that a vendor or a credential ended."""
    return run(at, status="failed", code=code, reason=reason)


def config(public_url: str = "http://127.0.0.1:8000", **environ: str) -> Config:
    """A deployment without a file."""
    return Config.load({"DATABASE_URL": "sqlite:///:memory:", "PUBLIC_URL": public_url, **environ})


def example() -> StatusData:
    """The page of the example."""
    return StatusData(
        "Nordlys Industri AB",
        RULES,
        runs=(run(),),
        last_good=run(),
        next_at=NOW + timedelta(minutes=16),
        waiting={"unknown": 15, "free_mail": 7, "own_domain": 2},
        zone="Europe/Stockholm",
    )


class NobodyToAsk:
    """The app is not in Upsales' directory."""

    can_ask = False

    def ask(self, customer_id: int, *, asked: bool = False) -> bool:
        return False


@dataclass
class HooksSeen:
    """What Upsales' requests would set going; ``raises`` is what each does instead."""

    calls: list[tuple[str, object]] = field(default_factory=list)
    raises: Exception | None = None

    def _seen(self, name: str, value: object) -> None:
        if self.raises:
            raise self.raises
        self.calls.append((name, value))

    def external(self, request: HookRequest) -> None:
        """Upsales calls us back."""
        self._seen("external", request)

    def job(self, request: HookRequest) -> None:
        """Upsales' schedule."""
        self._seen("job", request)

    def contact_changed(self, request: HookRequest, contact_id: int) -> None:
        """A contact is new or changed."""
        self._seen("contact_changed", contact_id)

    def event_details(self, request: HookRequest) -> dict[str, Any]:
        """An opened entry."""
        self._seen("event_details", request)
        return {"rows": []}

    def widget(self, request: HookRequest, name: str) -> dict[str, Any]:
        """A card."""
        self._seen("widget", name)
        return {"rows": []}

    def iframe(self, request: HookRequest) -> str:
        """An opened entry as a document."""
        self._seen("iframe", request)
        return "<!doctype html><title>Videos</title>"

    def unknown_path(self) -> None:
        """Nothing to count with."""

    def spoken_of(self, request: HookRequest) -> bool:
        """Somebody looks; whoever is new is noted."""
        known = request.customer_id == CUSTOMER
        if not known:
            self._seen("unknown", (request.customer_id, request.customer_name))
        return known


@dataclass
class WebhooksSeen:
    """What Wistia posted; ``signed`` is whether that is taken for signed."""

    signed: bool = True
    raises: Exception | None = None
    bodies: list[tuple[str, bytes, str]] = field(default_factory=list)

    def receive(self, customer: str, body: bytes, signature: str) -> bool:
        """Take it in."""
        if self.raises:
            raise self.raises
        self.bodies.append((customer, body, signature))
        return self.signed


@dataclass
class House:
    """What the web is given: one customer, whose page may be changed at will."""

    config: Config = field(default_factory=config)
    clock: StandingClock = field(default_factory=lambda: StandingClock(NOW))
    data: StatusData = field(default_factory=example)
    broken: Exception | None = None
    hooks: HooksSeen = field(default_factory=HooksSeen)
    ended: set[tuple[int, str]] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    webhooks: WebhooksSeen = field(default_factory=WebhooksSeen)
    asking: NobodyToAsk = field(default_factory=NobodyToAsk)
    enriching: Any = None
    videos: Any = None
    erasing: Any = None
    fetching: Any = None
    undoing: Any = None

    @property
    def connection(self) -> Connection:
        """Checks against the configured Wistia."""
        return self._connection

    def __post_init__(self) -> None:
        limiters = Limiters(Limits().scaled(1000))
        self._connection = Connection(
            self.config.wistia_api_url,
            limiters,
            self.clock,
            self.config.mavera_api_url,
            Dialect.of({}),
        )

    @property
    def keyring(self) -> Keyring:
        """Nothing is sealed here."""
        return Keyring([Fernet.generate_key().decode()])

    @contextmanager
    def answering(self) -> Iterator[None]:
        """There is no database, but it may be out of reach."""
        self.check_database()
        yield

    def check_database(self) -> None:
        """Answer, or break as told."""
        if self.broken:
            raise self.broken

    def end_session(self, customer_id: int, session_id: str, until: float) -> None:
        """Note the session as over."""
        self.check_database()
        self.ended.add((customer_id, session_id))

    def is_session_ended(self, customer_id: int, session_id: str) -> bool:
        """Whether it was noted."""
        self.check_database()
        return (customer_id, session_id) in self.ended

    def frame(self, customer_id: int) -> Frame | None:
        """What stands around the one customer's pages."""
        self.check_database()
        known = customer_id == CUSTOMER
        return Frame(self.data.customer_name, zone=self.data.zone) if known else None

    def run_soon(self, customer_id: int) -> None:
        """Somebody asks for a run."""
        self.asked.append(customer_id)

    def status_page(self, customer_id: int) -> StatusData | None:
        """The one customer's page."""
        self.check_database()
        return self.data if customer_id == CUSTOMER else None

    def shows(self, **changes: Any) -> None:
        """Change what the page is given."""
        self.data = replace(self.data, **changes)

    def loses_its_database(self) -> None:
        """From now on the database is out of reach."""
        self.broken = DeploymentError("The database does not answer: connection refused.")


def text_of(page: str) -> str:
    """What a person reads, on one line."""
    body = page[page.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split()).replace(" .", ".").replace(" ,", ",")


def says(page: str) -> str:
    """The state: headline and sentence."""
    found = re.search(r"<h1>(.*?)</h1><p>(.*?)</p>", page, re.DOTALL)
    assert found
    plain = (re.sub(r"<[^>]+>", "", part) for part in found.groups())
    return " / ".join(" ".join(part.split()) for part in plain)
