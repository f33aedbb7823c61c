"""A house with a Mavera, and verbs that plant a pattern in what its Wistia tells."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.sync.house import NOW, House, small_world, view
from upsales_wistia.enrichment.rules import JobName
from upsales_wistia.enrichment.run import Document, Wanted
from upsales_wistia.sandbox import View, World

ALL_OFF = {"activitiesEnabled": True, "activityScore": 10}


@dataclass
class MaveraHouse(House):
    """A small house whose customer gave a Mavera key."""

    world: World = field(default_factory=small_world)
    config: dict[str, Any] = field(default_factory=lambda: dict(ALL_OFF))

    def __post_init__(self) -> None:
        self.environ = {"MAVERA_API_URL": self.sandbox.mavera_url, **self.environ}
        super().__post_init__()
        self.configure(maveraApiKey=self.tenant.mavera_key)

    def environment(self) -> dict[str, str]:
        """What a process of its own needs to work on this house."""
        return self._environment()

    @property
    def desk(self) -> Any:
        """The customer's Mavera, as the sandbox keeps it."""
        return self.tenant.desk

    @property
    def bodies(self) -> list[Any]:
        """Every body that reached Mavera, the uploaded words too."""
        return [asked.body for asked in self.desk.asked]

    @property
    def sent(self) -> str:
        """All that reached Mavera, as one text."""
        files = (content.decode("latin-1") for content in self.desk.stored.values())
        return "\n".join([*(json.dumps(b, ensure_ascii=False) for b in self.bodies), *files])

    def enrich(self, job: JobName, subject: str = "", **wanted: Any) -> Document:
        """Run a job as a person does."""
        return self.services.enriching.run(self.customer, job, subject, Wanted(**wanted), by="Eva")

    def watch(self, *views: View) -> None:
        """Let these be watched, and a poll see them."""
        for one in views:
            self.world.add(one)
        self.run()


def watcher(name: str, number: int, fraction: float, **facts: Any) -> View:
    """One of several alike, who left an e-mail."""
    key = f"{name}{number}"
    return view(
        key,
        f"{key}@{name}.example",
        fraction=fraction,
        received_at=NOW - timedelta(hours=2, minutes=number),
        **facts,
    )
