"""*Why is it not here?* and *what if?* on what is stored; no vendor is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from .errors import UsageError
from .funnel.explain import Explanation, explain
from .funnel.identity import address
from .funnel.settings import IdentityRule
from .funnel.view import Target, View
from .funnel.whatif import Simulation, simulate
from .opening import rules_of
from .services import Services
from .settings import NAMES, read, typed
from .store import customers, versions, views
from .sync.knowledge import known_for
from .sync.work import window_of
from .whatif import views_to_decide


def explain_views(services: Services, customer_id: int, asked: str) -> dict[str, Any]:
    """The document of ``explain --json`` for an e-mail or an event key."""
    customers.load(customer_id)
    found = views.views(customer_id, [asked]) or _views_of(customer_id, asked)
    settings = rules_of(customer_id).settings
    known = known_for(customer_id, found, replace(settings, identity=IdentityRule.ANY))
    now = services.clock.now()
    return {"views": [_shown(v, explain(v, known, settings, now)) for v in found]}


def _views_of(customer_id: int, asked: str) -> list[View]:
    return views.person_views(customer_id, address(asked) or asked.strip().lower())


def _shown(view: View, found: Mapping[Target, Explanation | None]) -> dict[str, Any]:
    return {
        "event_key": view.event_key,
        "received_at": view.received_at.isoformat().replace("+00:00", "Z"),
        "media": {"id": view.video.media_id, "name": view.video.name},
        "percent": float(view.percent),
        "targets": {
            target.value: asdict(explained) if explained else None
            for target, explained in found.items()
        },
    }


def simulate_change(
    services: Services, customer_id: int, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The document of ``simulate --json``: what ``changes`` to the config would do.

    Raises UsageError for a name that is no setting and a value that cannot be read.
    """
    last_read = customers.load(customer_id).last_complete_read
    version = versions.current(customer_id)
    config = version.config if version else {}
    before, after = typed(config), typed(_changed(config, changes))
    now = services.clock.now()
    window = window_of(now, services.config.window_days, last_read)
    found: dict[Target, list[Simulation]] = {target: [] for target in Target}
    for batch in views_to_decide(customer_id, window):
        known = known_for(customer_id, batch, before)
        wider = known_for(customer_id, batch, after)
        for target, one in simulate(batch, known, wider, before, after, now).items():
            found[target].append(one)
    return {target.value: _joined(parts) for target, parts in found.items()}


def _changed(config: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    for name in changes:
        if name not in NAMES:
            raise UsageError(f"“{name}” is no setting. Settings are: {', '.join(NAMES)}.")
    reading = read({**config, **changes}, config)
    if reading.problems:
        wrong = reading.problems[0]
        raise UsageError(f"“{wrong.value}” cannot be read as {wrong.name}. Nothing was simulated.")
    return reading.config


def _joined(parts: Sequence[Simulation]) -> dict[str, list[str]]:
    return {
        name: sorted(key for part in parts for key in getattr(part, name))
        for name in ("gained", "lost", "unknown")
    }
