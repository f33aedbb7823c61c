"""What became of the writes of some views, with all that a page tells of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..funnel.view import Sent, State, Target
from .fields import from_column, from_nullable
from .sql import among, batches, fetch


@dataclass(frozen=True, slots=True)
class Write:
    """An intended write and its outcome. Times are aware UTC, None for what did not happen.

    ``place`` is who or what it is written on, ``contact_id`` None where that is a company alone;
    ``answer`` and ``request_id`` are Upsales' last ones; ``check_at`` is when it is asked whether
    the write is there; ``score`` is a log entry's.
    """

    event_key: str
    target: Target
    state: State
    place: str
    run_id: str
    settings_version: int
    planned_at: datetime
    sent_at: datetime | None
    done_at: datetime | None
    retry_at: datetime | None
    check_at: datetime | None
    refusals: int
    answer: str
    request_id: str
    needs_person: bool
    upsales_id: int | None
    company_id: int | None
    contact_id: int | None
    score: int | None

    @property
    def sent(self) -> Sent:
        """The same as the funnel knows it."""
        return Sent(
            self.state,
            self.done_at or self.sent_at or self.planned_at,
            self.place,
            self.retry_at,
            self.answer,
            self.refusals,
            self.needs_person,
        )


_COLUMNS = (
    "event_key, target, state, place, run_id, settings_version, planned_at, sent_at, done_at, "
    "retry_at, check_at, refusals, answer, request_id, needs_person, upsales_id, company_id, "
    "contact_id, payload"
)


def of_views(customer_id: int, keys: Sequence[str]) -> dict[tuple[str, Target], Write]:
    """The writes of these views, by event key and target."""
    found: dict[tuple[str, Target], Write] = {}
    for batch in batches(keys):
        targets, values = among("target", [target.value for target in Target])
        condition, chosen = among("event_key", batch)
        rows = fetch(
            f"SELECT {_COLUMNS} FROM outbox WHERE customer_id = ? AND {targets} AND {condition} "
            f"AND state <> '{State.WITHDRAWN}'",
            [customer_id, *values, *chosen],
        )
        found |= {(row[0], Target(row[1])): _write(*row) for row in rows}
    return found


def _write(
    key: str,
    target: str,
    state: str,
    place: str,
    run_id: str,
    version: int,
    planned_at: Any,
    *rest: Any,
) -> Write:
    sent_at, done_at, retry_at, check_at = map(from_nullable, rest[:4])
    refusals, answer, request_id, needs_person = rest[4:8]
    upsales_id, company_id, contact_id, payload = rest[8:]
    return Write(
        key,
        Target(target),
        State(state),
        place,
        run_id,
        version,
        from_column(planned_at),
        sent_at,
        done_at,
        retry_at,
        check_at,
        refusals,
        answer,
        request_id,
        bool(needs_person),
        upsales_id,
        company_id,
        contact_id,
        json.loads(payload).get("score"),
    )
