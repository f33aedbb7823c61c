"""A whole house for a test: the sandbox, one customer, a clock that stands, and the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet

from tests.databases import tombstones_for
from upsales_wistia import customers as people_of
from upsales_wistia.clients.limits import Limits
from upsales_wistia.clock import StandingClock
from upsales_wistia.config import Config
from upsales_wistia.sandbox import Company, Contact, Media, Project, Sandbox, User, View, World
from upsales_wistia.services import Services
from upsales_wistia.sync.run import Document

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
BASE = {"activitiesEnabled": True, "activityScore": 10}


def small_world(**parts: Any) -> World:
    """A world with two videos in two projects, three companies, a few contacts and users."""
    known: dict[str, Any] = {
        "projects": [Project(1, "proj1", "Demos"), Project(2, "proj2", "Stories")],
        "medias": [
            Media(11, "media00001", "Product tour", "proj1", 60.0),
            Media(12, "media00002", "A story", "proj2", 600.0),
        ],
        "companies": [
            Company(1, "Acme AB"),
            Company(2, "Birch AS"),
            Company(3, "Birch Two AS", "customer"),
        ],
        "contacts": [
            Contact(101, "Anna Berg", "anna@acme.example", 1),
            Contact(102, "Bo Dahl", "bo@birch.example", 2),
            Contact(103, "Cy Ek", "cy@mail.birch.example", 3),
        ],
        "users": [
            User(1, "Eva", "eva@own.example"),
            User(2, "Finn", "finn@own.example"),
            User(3, "Key", "key@api.upsales.com"),
        ],
    }
    return World(NOW, **(known | parts))


def view(key: str, typed: str = "", **fields: Any) -> View:
    """A view that is over, received an hour before NOW; ``typed`` is left in its Turnstile."""
    converted = {"conversion_type": 1, "conversion": {"email": typed}, "email": typed}
    facts: dict[str, Any] = {
        "visitor_key": f"visitor-{key}",
        "received_at": NOW - timedelta(hours=1),
        "fraction": 0.83,
        "media_id": "media00001",
        **(converted if typed else {}),
    }
    return View(key, **(facts | fields))


class PassingClock(StandingClock):
    """A clock on which each look takes a thousandth of a second."""

    def now(self) -> datetime:
        """The moment it has come to, aware UTC."""
        self.advance(timedelta(milliseconds=1))
        return super().now()


@dataclass
class House:
    """What a test plays with. ``pauses`` are the seconds the runs would have slept."""

    sandbox: Sandbox
    database_url: str
    world: World = field(default_factory=small_world)
    config: dict[str, Any] = field(default_factory=lambda: dict(BASE))
    customer: int = 4711
    key: bool = True
    environ: dict[str, str] = field(default_factory=dict)
    clock_class: type[StandingClock] = StandingClock

    def __post_init__(self) -> None:
        self.tenant = self.sandbox.add_customer(self.customer, self.world, config=self.config)
        self.clock = self.clock_class(self.world.now)
        self.pauses: list[float] = []
        self.services = Services(
            Config.load(self._environment()),
            clock=self.clock,
            limits=Limits().scaled(1000),
            pause=self.pauses.append,
        )
        self.configure()

    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": "a secret of the tests",
            "ENCRYPTION_KEYS": KEY,
            "TOMBSTONES_FILE": str(tombstones_for(self.database_url)),
            "WISTIA_API_URL": self.sandbox.wistia_url,
            "UPSALES_API_URL": self.sandbox.upsales_url,
            "UPSALES_EXTERNAL_URL": self.sandbox.external_url,
            "MAVERA_API_URL": self.sandbox.mavera_url,
            **self.environ,
        }

    def configure(self, **changes: Any) -> list[str]:
        """Change settings as ``customers add`` does; returns what could not be read."""
        config = self.tenant.config | changes
        self.tenant.base_config.update(changes)
        given = {"config": config} | ({"apiKey": self.tenant.upsales_key} if self.key else {})
        problems = people_of.add(self.services, self.customer, "Acme", given)
        return [problem.name for problem in problems]

    def run(self, *, asked: bool = False) -> Document:
        """One run; every balance in its document is checked."""
        document = self.services.run(self.customer, asked=asked)
        assert document is not None
        check_balance(document)
        return document

    def later(self, **step: float) -> None:
        """Let time pass, for the world and for us."""
        self.clock.advance(timedelta(**step))
        self.world.move_to(self.clock.now())

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The log entries in Upsales, in the order they were written."""
        return [row for _, row in sorted(self.tenant.crm.events.items())]

    @property
    def submits(self) -> list[dict[str, Any]]:
        """The form submits in Upsales, in order."""
        return [row for _, row in sorted(self.tenant.crm.submits.items())]

    def calls(self, operation: str) -> int:
        """How many calls of this operation the sandbox has seen since the last ``forget_calls``."""
        return self.sandbox.counters.count(operation)

    def forget_calls(self) -> None:
        """Count calls from now on."""
        self.sandbox.counters.reset()


def check_balance(document: Document) -> None:
    """Every view is accounted for, for each target that is on, and the funnel only narrows."""
    views = document["funnel"]["views"]
    for target, balance in document["balance"].items():
        steps = document["funnel"][target]
        assert (balance is None) == (steps is None)
        if balance is None:
            continue
        open_counts = ("settling", "waiting", "retrying", "failed", "uncertain")
        parts = [balance["written"], balance["registered"], *balance["dropped"].values()]
        assert sum(parts) + sum(balance[name] for name in open_counts) == balance["views"] == views
        counts = [views, document["funnel"]["turnstile"], *steps.values()]
        assert counts == sorted(counts, reverse=True)
        new = balance["written"] + sum(balance[name] for name in open_counts if name != "waiting")
        assert steps["new"] == new
