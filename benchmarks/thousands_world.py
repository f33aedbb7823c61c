"""The vendors of ``benchmarks.thousands``: many small customers, driven by words on stdin.

Each has one view from the start; ``more`` lets another come in, ``count`` tells how many of the
views are in Upsales once and how many more often.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.sync.house import small_world, view
from upsales_wistia.funnel.writes import external_id
from upsales_wistia.sandbox import Limits, Sandbox, Tenant

CONFIG = {"activitiesEnabled": True, "activityScore": 10}
EMAIL = "anna@acme.example"
LATENCY = 0.1
"""Seconds that each answer takes, so that at any moment some polls are under way."""


def main() -> None:
    """Serve as many customers as the first argument says, until stdin ends."""
    with Sandbox(limits=Limits.off()) as sandbox:
        tenants = [_tenant(sandbox, number) for number in range(1, int(sys.argv[1]) + 1)]
        sandbox.latency.update(dict.fromkeys(sandbox.latency, LATENCY))
        _tell(sandbox.overview())
        for word in sys.stdin:
            if word.strip() == "more":
                for tenant in tenants:
                    _come_in(tenant, 2, _now() - timedelta(minutes=30))
                _tell({})
            else:
                _tell(_counted(tenants))


def _now() -> datetime:
    return datetime.now(UTC)


def _tenant(sandbox: Sandbox, number: int) -> Tenant:
    world = small_world()
    world.move_to(_now() + timedelta(days=1))
    tenant = sandbox.add_customer(number, world, config=CONFIG)
    _come_in(tenant, 1, _now() - timedelta(hours=1))
    return tenant


def _come_in(tenant: Tenant, which: int, received_at: datetime) -> None:
    tenant.world.add(view(f"view-{tenant.id}-{which}", EMAIL, received_at=received_at))


def _counted(tenants: list[Tenant]) -> dict[str, int]:
    once = twice = views = 0
    for tenant in tenants:
        written = Counter(row["externalId"] for row in list(tenant.crm.events.values()))
        for one in tenant.world.views():
            views += 1
            there = written[external_id(one.event_key)]
            once += there == 1
            twice += there > 1
    return {"views": views, "once": once, "twice": twice}


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
