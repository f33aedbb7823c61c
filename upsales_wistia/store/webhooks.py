"""What Wistia's webhook told, each event once, and what is still to be done about it.

The work an event starts is a column of its own row (``fetch_at``): it is stored with the event or
not at all, and no wake-up can be lost between two tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta

from ..funnel.lateness import Heard
from . import customers
from .fields import from_column, from_nullable, to_column
from .models import Credential
from .sql import among, batches, execute, fetch

KEPT = timedelta(days=14)
"""For how long an event is known again. An older one that comes starts nothing."""

SECRET = "wistiaWebhookSecret"  # noqa: S105  (its name)
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


@dataclass(frozen=True, slots=True)
class Stored:
    """A telling as it stands in the table; ``tries`` counts how often Wistia was asked in vain."""

    id: int
    kind: str
    event_key: str
    media_id: str
    fraction: float | None
    email_digest: str
    tries: int


_TOLD = tuple(field.name for field in fields(Telling))
_STORED = ", ".join(field.name for field in fields(Stored))


def secret_of(customer_id: int) -> tuple[str, datetime] | None:
    """The customer's sealed webhook secret and when it was saved (aware UTC), or None."""
    row = Credential.get_or_none(Credential.customer_id == customer_id, Credential.name == SECRET)
    return None if row is None else (row.sealed, row.saved_at)


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


def due_customers(now: datetime) -> list[int]:
    """The active customers of whom something is to be asked at ``now``."""
    rows = fetch(
        "SELECT c.id FROM customers c WHERE c.state = 'active' AND (SELECT 1 FROM webhook_events w "
        "WHERE w.customer_id = c.id AND w.fetch_at <= ? LIMIT 1) = 1 ORDER BY c.id",
        [to_column(now)],
    )
    return [customer_id for (customer_id,) in rows]


def pending(customer_id: int, now: datetime, limit: int) -> list[Stored]:
    """What is to be asked of Wistia at ``now``, the longest due first."""
    rows = fetch(
        f"SELECT {_STORED} FROM webhook_events WHERE customer_id = ? AND fetch_at <= ? "
        "ORDER BY fetch_at, id LIMIT ?",
        [customer_id, to_column(now), limit],
    )
    return [Stored(*row) for row in rows]


def leave(customer_id: int, ids: Sequence[int]) -> None:
    """Ask nothing more on account of these."""
    for batch in batches(ids):
        condition, values = among("id", batch)
        execute(
            f"UPDATE webhook_events SET fetch_at = NULL WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )


def ask_again(customer_id: int, ids: Sequence[int], at: datetime, tries: int) -> None:
    """Ask once more at ``at`` (aware UTC), after ``tries`` in vain."""
    for batch in batches(ids):
        condition, values = among("id", batch)
        execute(
            "UPDATE webhook_events SET fetch_at = ?, tries = ? "
            f"WHERE customer_id = ? AND {condition}",
            [to_column(at), tries, customer_id, *values],
        )


def to_compare(customer_id: int, now: datetime, limit: int) -> list[Stored]:
    """Tellings that the ledger is to be held against at ``now``."""
    rows = fetch(
        f"SELECT {_STORED} FROM webhook_events WHERE customer_id = ? AND compare_at <= ? "
        "ORDER BY compare_at LIMIT ?",
        [customer_id, to_column(now), limit],
    )
    return [Stored(*row) for row in rows]


def compared(
    customer_id: int, ids: Sequence[int], disagreeing: Sequence[int], now: datetime
) -> None:
    """Remember that these were compared ``now``, and which of them told something else."""
    for column, value, some in (
        ("compare_at", None, ids),
        ("disagreed_at", to_column(now), disagreeing),
    ):
        for batch in batches(some):
            condition, values = among("id", batch)
            execute(
                f"UPDATE webhook_events SET {column} = ? WHERE customer_id = ? AND {condition}",
                [value, customer_id, *values],
            )


def told(customer_id: int, event_keys: Sequence[str]) -> set[str]:
    """Those of these views that the webhook has told of."""
    return _told(customer_id, event_keys, "")


def told_turnstile(customer_id: int, event_keys: Sequence[str]) -> set[str]:
    """Those of these views of which the webhook told that an e-mail was left."""
    return _told(customer_id, event_keys, "AND email_digest <> ''")


def _told(customer_id: int, event_keys: Sequence[str], which: str) -> set[str]:
    found: set[str] = set()
    for batch in batches(event_keys):
        condition, values = among("event_key", batch)
        rows = fetch(
            f"SELECT event_key FROM webhook_events WHERE customer_id = ? AND {condition} {which}",
            [customer_id, *values],
        )
        found |= {key for (key,) in rows}
    return found


def erase(customer_id: int, event_keys: Sequence[str]) -> int:
    """Forget all that was told of these views; returns how many events that were."""
    gone = 0
    for batch in batches(event_keys):
        condition, values = among("event_key", batch)
        gone += execute(
            f"DELETE FROM webhook_events WHERE customer_id = ? AND {condition}",
            [customer_id, *values],
        )
    return gone


def forget(customer_id: int, before: datetime) -> None:
    """Drop the events that came before ``before``, but for the newest: it tells when that was."""
    last = last_heard(customer_id)
    if last is not None:
        execute(
            "DELETE FROM webhook_events WHERE customer_id = ? AND received_at < ?",
            [customer_id, to_column(min(before, last))],
        )


@dataclass(frozen=True, slots=True)
class Word:
    """What the webhook told of one view, and when (aware UTC). ``fraction`` is 0–1 or None."""

    kind: str
    at: datetime
    fraction: float | None


def of_view(customer_id: int, event_key: str) -> list[Word]:
    """All that the webhook told of a view, the oldest first."""
    rows = fetch(
        "SELECT kind, COALESCE(generated_at, received_at), fraction FROM webhook_events "
        "WHERE customer_id = ? AND event_key = ? ORDER BY 2, id",
        [customer_id, event_key],
    )
    return [Word(kind, from_column(at), fraction) for kind, at, fraction in rows]


def last_heard(customer_id: int) -> datetime | None:
    """When the newest signed event came, aware UTC; None when there was none."""
    ((last,),) = fetch(
        "SELECT max(received_at) FROM webhook_events WHERE customer_id = ?", [customer_id]
    )
    return from_nullable(last)


def first_heard(customer_id: int) -> datetime | None:
    """When the first event signed with the present secret came, aware UTC, or None."""
    found = secret_of(customer_id)
    first = customers.setup(customer_id).get(FIRST_HEARD)
    if found is None or first is None:
        return None
    moment = datetime.fromisoformat(first)
    return moment if moment >= found[1] else None


def hear(customer_id: int, saved_at: datetime, now: datetime) -> None:
    """Remember ``now`` as the first event signed with the secret saved at ``saved_at``."""
    first = customers.setup(customer_id).get(FIRST_HEARD)
    if first is None or datetime.fromisoformat(first) < saved_at:
        customers.update_setup(customer_id, **{FIRST_HEARD: now.isoformat()})


def heard(customer_id: int, since: datetime) -> Heard | None:
    """When signed events came, and with how many views since ``since`` (aware) they disagreed.

    None before the first one.
    """
    first, last = first_heard(customer_id), last_heard(customer_id)
    if first is None or last is None:
        return None
    ((views,),) = fetch(
        "SELECT count(DISTINCT event_key) FROM webhook_events "
        "WHERE customer_id = ? AND disagreed_at >= ?",
        [customer_id, to_column(since)],
    )
    return Heard(first, max(first, last), views)
