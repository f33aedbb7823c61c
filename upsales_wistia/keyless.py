"""Runs that a person asks for on the command line where no key of Upsales' is stored.

Then the key comes only with Upsales' own requests, to the process that serves them: Upsales is
asked to send one, and the run that it starts there is waited for.
"""

from __future__ import annotations

from .clock import monotonic
from .privacy.erase import Erased
from .services import Services
from .store import customers, runs
from .store.leases import is_held
from .store.runs import Run
from .sync.lookup import wants_upsales
from .sync.run import Document
from .sync.work import Progress

PATIENCE = 60.0
"""Seconds in which the key must have come."""

_LOOK = 0.5  # seconds between two looks
_REFUSED = (
    "Upsales does not send a key for this customer just now. Open the app in Upsales and see that "
    "it is active. What is to be written is kept, and nothing is lost."
)
_NOT_COME = (
    "Upsales was asked for a key and has sent none within a minute. See that the app is being "
    "served, and that Upsales reaches it. What is to be written is kept, and nothing is lost."
)


def finish(
    services: Services,
    customer_id: int,
    made: Document,
    progress: Progress,
    *,
    patience: float = PATIENCE,
) -> Document:
    """The document of the run in which what ``made`` left for want of a key is done.

    ``made`` itself where nothing is left, or a key is stored; where no key comes within
    ``patience`` (seconds), ``made`` as a run that failed for want of one.
    """
    if not services.asking.can_ask or not _is_wanting(services, customer_id):
        return made
    progress("Asking Upsales for the key")
    if not services.asking.ask(customer_id, asked=True):
        return _without_key(made, _REFUSED)
    found = _run_with_key(services, customer_id, made["run"], monotonic() + patience)
    return found.report if found and found.report else _without_key(made, _NOT_COME)


def with_key(
    services: Services,
    customer_id: int,
    number: int,
    progress: Progress,
    *,
    patience: float = PATIENCE,
) -> Erased | None:
    """An erasure once Upsales has sent the key that it lacked, as far as it came in ``patience``.

    None where Upsales cannot be asked, or does not send one.
    """
    if not services.asking.can_ask:
        return None
    progress("Asking Upsales for the key")
    if not services.asking.ask(customer_id, asked=True):
        return None
    until = monotonic() + patience
    while monotonic() < until or is_held(customer_id):
        found = services.erasing.of(customer_id, number)
        if found is None or found.done:
            return found
        services.pause(_LOOK)
    return None


def _is_wanting(services: Services, customer_id: int) -> bool:
    stored = customers.secrets(services.keyring, customer_id).get("apiKey")
    return not stored and wants_upsales(customer_id, services.clock.now())


def _run_with_key(services: Services, customer_id: int, after: str, until: float) -> Run | None:
    """The run that has ended by ``until``, or after it if it was going on by then."""
    while True:
        going_on = is_held(customer_id)
        newest = runs.last(customer_id)
        if newest and newest.id > after and _had_key(newest):
            return newest
        if monotonic() >= until and not going_on:
            return None
        services.pause(_LOOK)


def _had_key(run: Run) -> bool:
    """Whether it spoke with Upsales, or failed: a poll in between does neither."""
    report = run.report
    return bool(report and (report["requests"]["upsales"] or report["status"] == "failed"))


def _without_key(made: Document, reason: str) -> Document:
    return made | {"status": "failed", "code": "no_upsales_key", "reason": reason}
