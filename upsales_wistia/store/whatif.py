"""The views that the next run decides once more when the settings change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ..funnel.reasons import WAITING
from ..funnel.view import View
from .fields import to_column
from .sql import BATCH, fetch
from .views import COLUMNS, TABLES, view

# Literals, because a condition with parameters could not be proved to be that of the index.
_WAITING = ", ".join(f"'{code}'" for code in sorted(WAITING))
# Whoever left nothing that is an address is nobody under every setting.
_NOBODY = "('no_email', 'not_an_email')"
_BY_NOBODY = (
    f"v.activity_code IN {_NOBODY} AND v.form_code IN {_NOBODY} "
    "AND (v.decide_at IS NULL OR v.decide_at > ?)"
)
_IN_WINDOW = "v.received_at BETWEEN ? AND ?"
_UNSENT = (
    "SELECT event_key FROM outbox WHERE customer_id = ? AND done_at IS NULL "
    "AND state IN ('planned', 'retry')"
)


def count_nobody(customer_id: int, since: datetime, until: datetime) -> int:
    """How many views from ``since`` to ``until`` (aware, both included) no setting touches."""
    ((count,),) = fetch(
        f"SELECT count(*) FROM views v WHERE v.customer_id = ? AND {_IN_WINDOW} AND {_BY_NOBODY}",
        [customer_id, to_column(since), to_column(until), to_column(until)],
    )
    return int(count)


def window_views(customer_id: int, since: datetime, until: datetime) -> Iterator[list[View]]:
    """The other views from ``since`` to ``until``, oldest first, in batches."""
    after, after_key, end = to_column(since), "", to_column(until)
    while True:
        batch = _select(
            f"v.customer_id = ? AND {_IN_WINDOW} AND (v.received_at > ? OR v.event_key > ?) "
            f"AND NOT ({_BY_NOBODY}) ORDER BY v.received_at, v.event_key LIMIT {BATCH}",
            [customer_id, after, end, after, after_key, end],
        )
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        after, after_key = to_column(batch[-1].received_at), batch[-1].event_key


def older_views(customer_id: int, before: datetime) -> list[View]:
    """Views received before ``before`` (aware) that are decided again: they wait, or are unsent."""
    moment = to_column(before)
    waiting = _select(
        f"v.customer_id = ? AND v.activity_code IN ({_WAITING}) AND v.received_at < ?",
        [customer_id, moment],
    )
    unsent = _select(
        f"v.customer_id = ? AND v.event_key IN ({_UNSENT}) AND v.received_at < ?",
        [customer_id, customer_id, moment],
    )
    return list({one.event_key: one for one in (*waiting, *unsent)}.values())


def _select(condition: str, parameters: Sequence[Any]) -> list[View]:
    return [
        view(row) for row in fetch(f"SELECT {COLUMNS} FROM {TABLES} WHERE {condition}", parameters)
    ]
