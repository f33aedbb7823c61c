"""One customer, its database and its two vendors, and what must be true in the end."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.databases import tombstones_for
from tests.engine.processes import PATIENCE, App, Child, Vendors
from tests.engine.vendors import CONFIG, PEOPLE
from tests.sync.house import KEY, NOW, check_balance, view
from upsales_wistia.clients.upsales_schema import FIELD_VIEW_ID
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.sync.run import Document

SETTLE = 300.0
HEALING = (0, 1, 1, 12, 288, 12, 288)
"""Good runs after a trouble: how many settling times pass before each."""


@dataclass
class Stage:
    """Time stands; ``later`` moves it. ``lease`` is in seconds of real time."""

    vendors: Vendors
    app: App
    database_url: str
    forms: bool = True
    lease: float = 1.0
    now: datetime = NOW
    keys: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = self.vendors.next_customer()
        self.customer: int = self.facts["id"]
        self.move_to(self.now)
        self.move_house(self.database_url)

    def move_house(self, database_url: str) -> None:
        """Begin in a database where this customer is not, as after the loss of one."""
        self.database_url = database_url
        config = self.facts["config"] | CONFIG | {"formsEnabled": self.forms}
        given = {"apiKey": self.facts["upsales_key"], "config": config}
        assert self.start(prepare=given, moments=[]).outcome()["errors"] == []

    def begin(self) -> Stage:
        """Write two views by a good run, then let six more come in, and two of nobody."""
        self.watch_videos(2)
        assert self.run()["status"] == "ok"
        self.later(3600)
        self.watch_videos(6, nobodies=2)
        return self

    def _environment(self) -> dict[str, str]:
        overview = self.vendors.overview
        return {
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": "a secret of the tests",
            "ENCRYPTION_KEYS": KEY,
            "TOMBSTONES_FILE": str(tombstones_for(self.database_url)),
            "WISTIA_API_URL": overview["wistia_url"],
            "UPSALES_API_URL": overview["upsales_url"],
            "UPSALES_EXTERNAL_URL": overview["external_url"],
            "MAVERA_API_URL": overview["mavera_url"],
            "LEASE_SECONDS": str(self.lease),
            "SETTLE_SECONDS": str(SETTLE),
            "WINDOW_DAYS": "30",
            # No run is so late that it adopts what is there: settling alone has to find it.
            "POLL_MINUTES": "10000",
            **self.environ,
        }

    def start(self, **order: Any) -> Child:
        """Start a process; by default it does one run now that a person asked for."""
        whole = {"moments": [self.now.isoformat()], **order}
        return self.app.start(
            environ=self._environment(), customer=self.customer, now=self.now.isoformat(), **whole
        )

    def run(self, **order: Any) -> Document:
        """One run to its end."""
        child = self.start(**order)
        outcome = child.outcome()
        assert not outcome["errors"], child.told()
        document: Document = outcome["documents"][-1]
        check_balance(document)
        return document

    def move_to(self, moment: datetime) -> None:
        """Let it be ``moment``, for the vendors and for us."""
        self.now = moment
        self.control("POST", "time", {"now": moment.isoformat(), "customer": self.customer})

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.move_to(self.now + timedelta(seconds=seconds))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the vendors' control endpoint."""
        return self.vendors.call(method, path, body)

    def watch_videos(self, people: int, nobodies: int = 0, at: str = "") -> None:
        """Let so many views come in of people whom Upsales knows, and so many of nobody.

        An hour ago, or ``at`` a moment (ISO).
        """
        for _ in range(people):
            key = f"view-{len(self.keys)}"
            self._add(key, f"person{len(self.keys) % PEOPLE}@acme.example", at)
            self.keys.append(key)
        for n in range(nobodies):
            self._add(f"nobody-{len(self.keys)}-{n}", "", at)

    def _add(self, key: str, email: str, at: str) -> None:
        received = datetime.fromisoformat(at) if at else self.now - timedelta(hours=1)
        row = asdict(view(key, email, received_at=received))
        row["received_at"] = row["received_at"].isoformat()
        del row["fate"]
        self.control("POST", "views", {"customer": self.customer, **row})

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        """Switch a fault on, for this customer."""
        wanted = {"operation": operation, "kind": kind, "customer": self.customer, **more}
        self.control("POST", "faults", wanted)

    def clear_faults(self) -> None:
        """Switch off the faults of this customer."""
        for fault in self.faults():
            self.control("DELETE", f"faults/{fault['id']}")

    def settle(self) -> None:
        """Let what is under way at Upsales arrive: calls that hang, writes that land late."""
        # Slow calls take real time, while ours stands and is moved by a day in no time.
        deadline = time.monotonic() + PATIENCE
        while self.vendors.traffic(self.customer)["in_flight"]:
            assert time.monotonic() < deadline, "a call hangs at the vendors"
            time.sleep(0.02)
        self.control("POST", "settle", {"customer": self.customer})

    def calls(self, operation: str) -> int:
        """How many calls of this operation there were."""
        counted = self.control("GET", f"counters?customer={self.customer}")
        return int(counted["operations"].get(operation, 0))

    def refused(self) -> int:
        """How many of its calls were answered with 429."""
        return self.vendors.traffic(self.customer)["refused"]

    def faults(self) -> list[dict[str, Any]]:
        """The faults of this customer that are on."""
        every = self.control("GET", "faults")
        return [fault for fault in every if fault["customer"] == self.customer]

    def entries(self) -> Counter[str]:
        """How often each external id is in Upsales."""
        rows = self.control("GET", f"upsales/{self.customer}")["events"]
        return Counter(row["externalId"] for row in rows)

    def submits(self) -> Counter[str]:
        """How often each view was submitted."""
        contents = self.control("GET", f"upsales/{self.customer}")
        rows = contents["submits"] + contents["unprocessed"]
        fields = (field for row in rows for field in row["fieldValues"])
        return Counter(f["value"] for f in fields if f["name"] == FIELD_VIEW_ID)

    def heal(self) -> Document:
        """Good runs until nothing is in doubt; the last one's document."""
        self.clear_faults()
        self.settle()
        moments = []
        for step in HEALING:
            self.later(step * SETTLE)
            moments.append(self.now.isoformat())
        return self.run(moments=moments)

    def expect_all(self) -> None:
        """After healing: each entry and each submit once, and everything accounted for."""
        document = self.heal()
        assert self.entries() == Counter(external_id(key) for key in self.keys)
        assert self.submits() == Counter(self.keys if self.forms else ())
        told = {n: document[n] for n in ("status", "reason", "uncertain", "failed", "retrying")}
        assert told == {
            "status": "ok",
            "reason": None,
            "uncertain": 0,
            "failed": 0,
            "retrying": 0,
        }
        for balance in document["balance"].values():
            if balance is not None:
                assert balance["written"] + balance["registered"] == len(self.keys)
