"""What needs a person: failed and uncertain writes, shown, tried again, or settled by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .clock import Clock
from .config import Config
from .errors import UsageError
from .funnel.reasons import outbox_reason
from .funnel.sentences import Situation, sentence
from .funnel.view import UNSENT, Known, State, Target, View
from .settings import typed
from .store import by_hand, checks, customers, versions, views
from .store.leases import hold
from .store.outbox import OutboxItem
from .sync.run import Document
from .sync.work import Progress

_BY = "command line"


class Services(Protocol):
    """The part of the object graph that a command is given."""

    @property
    def config(self) -> Config:
        """The process's environment."""

    @property
    def clock(self) -> Clock:
        """What time it is."""

    def run_now(self, customer_id: int, *, progress: Progress = ...) -> Document:
        """A run that a person asks for."""


def listing(
    customer_id: int, keys: Sequence[str] = (), target: Target | None = None
) -> list[dict[str, Any]]:
    """Failed and uncertain writes, the longest known first, each with reason and payload."""
    customers.load(customer_id)
    found = _chosen(customer_id, keys, target)
    known = {
        view.event_key: view for view in views.views(customer_id, [i.event_key for i in found])
    }
    return [_shown(customer_id, item, known.get(item.event_key)) for item in found]


def retry(
    services: Services,
    customer_id: int,
    keys: Sequence[str],
    target: Target | None,
    progress: Progress,
) -> dict[str, Any]:
    """Send failed writes again, now, and let paused forms go on.

    Returns how many were failed, and the run's document.
    """
    return _again(services, customer_id, keys, target, State.FAILED, progress)


def resend(
    services: Services,
    customer_id: int,
    keys: Sequence[str],
    target: Target | None,
    progress: Progress,
) -> dict[str, Any]:
    """Send uncertain writes again, now: a person has looked, and they are not in Upsales."""
    return _again(services, customer_id, keys, target, State.UNCERTAIN, progress)


def there(
    services: Services, customer_id: int, keys: Sequence[str], target: Target | None
) -> dict[str, Any]:
    """Take writes as registered: a person has looked, and they are in Upsales."""
    customers.load(customer_id)
    with hold(customer_id, services.config.lease_seconds, wait=True):
        found = [i for i in _chosen(customer_id, keys, target) if i.state not in UNSENT]
        _, changed = by_hand.decide(customer_id, found, by_hand.THERE, services.clock.now(), _BY)
    return {"customer": customer_id, "changed": changed}


def _again(
    services: Services,
    customer_id: int,
    keys: Sequence[str],
    target: Target | None,
    state: State,
    progress: Progress,
) -> dict[str, Any]:
    customers.load(customer_id)
    with hold(customer_id, services.config.lease_seconds, wait=True):
        found = [i for i in _chosen(customer_id, keys, target) if i.state is state]
        _, changed = by_hand.decide(customer_id, found, by_hand.AGAIN, services.clock.now(), _BY)
    paused = state is State.FAILED and customers.load(customer_id).forms_paused
    run = services.run_now(customer_id, progress=progress) if changed or paused else None
    return {"customer": customer_id, "changed": changed, "run": run}


def _chosen(customer_id: int, keys: Sequence[str], target: Target | None) -> list[OutboxItem]:
    paused = customers.load(customer_id).forms_paused
    found = checks.need_attention(customer_id, target, keys, paused=paused)
    unknown = set(keys) - {item.event_key for item in found}
    if unknown:
        raise UsageError(
            f"Nothing failed or uncertain has the key {min(unknown)}. See: upsales-wistia failed "
            f"list --customer {customer_id}."
        )
    return found


def _shown(customer_id: int, item: OutboxItem, view: View | None) -> dict[str, Any]:
    paused = item.target is Target.FORM and customers.load(customer_id).forms_paused
    sent = item.as_sent()
    code = outbox_reason(sent, paused=paused)
    version = versions.current(customer_id)
    settings = typed(version.config if version else {})
    at = Situation(view, item.target, code, sent=sent) if view else None
    return {
        "event_key": item.event_key,
        "target": item.target.value,
        "state": item.state.value,
        "code": code,
        "reason": sentence(at, Known(), settings) if at else "",
        "answer": item.answer,
        "request_id": item.request_id,
        "tries": item.refusals,
        "sent_at": item.sent_at.isoformat().replace("+00:00", "Z") if item.sent_at else None,
        "needs_person": code in ("parked", "uncertain_you"),
        "payload": item.payload,
    }
