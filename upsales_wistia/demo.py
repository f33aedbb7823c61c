"""The demo: the real job against the sandbox, in a world of its own whose clock stands.

The world is first synced as it was yesterday, then moves on a day and is synced again. The
database and the world's clock are kept, so a second demo finds everything registered. Then each
of the five jobs asks the sandbox's Mavera.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .clients.limits import Limits
from .clock import StandingClock
from .config import Config
from .customers import add
from .enrichment.rules import JOBS
from .enrichment.run import Document as Enriched
from .enrichment.run import Wanted
from .funnel.view import Target
from .sandbox import Sandbox, example_world
from .services import DEMO_CLOCK, Services
from .store import database, instance, outbox
from .sync.run import Document

DATABASE = "upsales_wistia_demo.db"
TODAY = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
"""The demo's world is always the same: its clock is moved to here and stands."""

CUSTOMER = 4711
# The sandbox is no vendor: its limits need not be spared, and a newcomer need not wait.
_FASTER = 20.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Demo:
    """A demo that has run: the last run's document, what it wrote, and what the jobs found."""

    services: Services
    customer_id: int
    document: Document
    written: list[dict[str, Any]]
    enriched: list[Enriched]


@contextmanager
def demo(say: Say, ready: Callable[[Config], None], port: int | None = None) -> Iterator[Demo]:
    """Start the sandbox, run the job, and keep the sandbox up as long as the block lasts.

    ``ready`` is told the deployment before anything is run, and may refuse it.
    """
    with Sandbox() as sandbox, ExitStack() as open_things:
        config = Config.load(_environment(sandbox, port))
        ready(config)
        database.migrate(config.database_url)
        database.connect(config.database_url)
        world = example_world(TODAY)
        tenant = sandbox.add_customer(CUSTOMER, world)
        clock = StandingClock(world.yesterday)
        services = Services(config, clock=clock, limits=Limits().scaled(_FASTER), pause=_pause)
        open_things.enter_context(database.session())
        config_given = {**tenant.config, "maveraApiKey": tenant.mavera_key}
        given = {"apiKey": tenant.upsales_key, "config": config_given}
        stood = instance.read(DEMO_CLOCK)
        if stood is None:
            add(services, tenant.id, "Test AB", given)
            say("Yesterday: the first run reads what Wistia had received by then.")
            _run(services, tenant.id, say)
            instance.write(DEMO_CLOCK, TODAY.isoformat())
        else:
            add(services, tenant.id, "Test AB", given)
        world.move_to(TODAY)
        clock.move_to(TODAY)
        say("Today: the world has moved on a day.")
        document = _run(services, tenant.id, say)
        written = [_entry(*row) for row in outbox.written_by(tenant.id, document["run"])]
        yield Demo(services, tenant.id, document, written, _enrich(services, tenant.id, say))


def _run(services: Services, customer_id: int, say: Say) -> Document:
    document = services.run(customer_id, asked=True, progress=say)
    assert document is not None  # noqa: S101  (a person's run waits, it is never skipped)
    return document


def _enrich(services: Services, customer_id: int, say: Say) -> list[Enriched]:
    """What the five jobs find; the demo's admin agrees to the upload that one of them needs."""
    say("The five jobs ask the sandbox's Mavera.")
    wanted = Wanted(consent=True)
    return [
        services.enriching.run(customer_id, job, wanted=wanted, by="demo", progress=say)
        for job in JOBS
    ]


def _pause(seconds: float) -> None:
    time.sleep(seconds / _FASTER)


def _entry(target: Target, payload: dict[str, Any], where: str) -> dict[str, Any]:
    what = (
        payload["text"]
        if target is Target.ACTIVITY
        else f"{payload['percent']}% of {payload['video']}"
    )
    return {"target": target.value, "what": what, "where": where}


def _environment(sandbox: Sandbox, port: int | None) -> dict[str, str]:
    chosen = str(port) if port else os.environ.get("PORT", "")
    return {
        "PORT": chosen,
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "WISTIA_API_URL": sandbox.wistia_url,
        "UPSALES_API_URL": sandbox.upsales_url,
        "UPSALES_EXTERNAL_URL": sandbox.external_url,
        "MAVERA_API_URL": sandbox.mavera_url,
    }
