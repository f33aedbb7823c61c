"""What Wistia's webhook told, each event once, and what is still to be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from ..funnel.lateness import Heard
from . import customers
from .fields import from_nullable, to_column
from .sql import among, batches, fetch

FIRST_HEARD = "webhook_first_at"
"""The name in a customer's ``setup`` of when its first signed event came."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event of the webhook; "" and None stand for what it does not tell.

    ``fraction`` is 0–1, ``email_digest`` the keyed digest of the e-mail that was left. Times are
    aware UTC: ``fetch_at`` is when Wistia is to be asked for the view or the video, ``compare_at``
    when the ledger is to be held against it; None for never.
    """

    uuid: str
    kind: str
    event_key: str = ""
    media_id: str = ""
    fraction: float | None = None
    email_digest: str = ""
    generated_at: datetime | None = None
    fetch_at: datetime | None = None
    compare_at: datetime | None = None


_TOLD = tuple(field.name for field in fields(Telling))


def keep(customer_id: int, tellings: Sequence[Telling], now: datetime) -> set[str]:
    """Store events that came ``now``; returns the uuids of those that had not come before."""
    columns = ("customer_id", "received_at", "tries", *_TOLD)
    marks = f"({', '.join('?' * len(columns))})"
    new: set[str] = set()
    for batch in batches({telling.uuid: telling for telling in tellings}.values()):
        rows = fetch(
            f"INSERT INTO webhook_events ({', '.join(columns)}) "
            f"VALUES {', '.join([marks] * len(batch))} "
            "ON CONFLICT (customer_id, uuid) DO NOTHING RETURNING uuid",
            [v for telling in batch for v in (customer_id, to_column(now), 0, *_row(telling))],
        )
        new |= {uuid for (uuid,) in rows}
    return new


def _row(telling: Telling) -> list[object]:
    return [to_column(v) if isinstance(v, datetime) else v for v in astuple(telling)]


def told(customer_id: int, event_keys: Sequence[str]) -> set[str]:
    """Those of these views that the webhook has told of."""
    found: set[str] = set()
    for batch in batches(event_keys):
        condition, values = among("event_key", batch)
        rows = fetch(
            f"SELECT event_key FROM webhook_events WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
        found |= {key for (key,) in rows}
    return found


def last_heard(customer_id: int) -> datetime | None:
    """When the newest signed event came, aware UTC; None when there was none."""
    ((last,),) = fetch(
        "SELECT max(received_at) FROM webhook_events WHERE customer_id = ?", [customer_id]
    )
    return from_nullable(last)


def heard(customer_id: int, since: datetime) -> Heard | None:
    """When signed events came, and with how many views since ``since`` (aware) they disagreed.

    None before the first one.
    """
    first = customers.setup(customer_id).get(FIRST_HEARD)
    last = last_heard(customer_id)
    if first is None or last is None:
        return None
    ((views,),) = fetch(
        "SELECT count(DISTINCT event_key) FROM webhook_events "
        "WHERE customer_id = ? AND disagreed_at >= ?",
        [customer_id, to_column(since)],
    )
    return Heard(datetime.fromisoformat(first), last, views)
