"""Videos that are watched much and ask nobody for an e-mail, found once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import customers
from .customers import CustomerRecord
from .fields import to_column
from .sql import fetch

FEWEST_PLAYS = 20
MOST = 3
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Hint:
    """A video that was played ``plays`` times in a month without a Turnstile."""

    media_id: str
    name: str
    plays: int


def find(customer_id: int, now: datetime) -> list[Hint]:
    """The videos played most in the month before ``now`` (aware) that nobody left an e-mail in."""
    rows = fetch(
        "SELECT media_id, max(media_name), count(*) FROM views "
        "WHERE customer_id = ? AND received_at >= ? AND media_id <> '' GROUP BY media_id "
        "HAVING count(*) >= ? AND max(CASE WHEN conversion_email <> '' THEN 1 ELSE 0 END) = 0 "
        "ORDER BY 3 DESC, 1 LIMIT ?",
        [customer_id, to_column(now - MONTH), FEWEST_PLAYS, 10 * MOST],
    )
    return [Hint(*row) for row in rows]


def note(customer_id: int, found: list[Hint], now: datetime) -> None:
    """Keep what was found, for the pages of the coming day."""
    kept = [[hint.media_id, hint.name, hint.plays] for hint in found]
    customers.update_setup(customer_id, hints=kept, hints_at=now.isoformat())


def shown(customer: CustomerRecord) -> tuple[Hint, ...]:
    """What is shown: the most played ones that nobody has hidden."""
    hidden = customer.setup.get("hidden_hints", [])
    kept = (Hint(*hint) for hint in customer.setup.get("hints", []))
    return tuple([hint for hint in kept if hint.media_id not in hidden][:MOST])


def hide(customer_id: int, media_id: str) -> None:
    """Do not show this one again."""
    hidden = customers.setup(customer_id).get("hidden_hints", [])
    customers.update_setup(customer_id, hidden_hints=sorted({*hidden, media_id}))
