"""Which views are to be decided, and what the sieve said of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..funnel.reasons import PASS, WAITING
from ..funnel.view import Fetched, Target, View
from . import people
from .fields import from_column, to_column
from .sql import BATCH, among, among_keys, batches, execute, execute_each, fetch
from .views import COLUMNS, TABLES, view


@dataclass(frozen=True, slots=True)
class Sieved:
    """The sieve's word on one view of the ledger, ``id`` its row.

    ``person`` is the normalised e-mail of whoever watched ("" for nobody), ``domain`` its
    registrable domain; the codes are "" (undecided), "pass", "settling" or a reason; ``needs`` is
    what must be looked up first ("", "email" or "domain"); ``decide_at`` is when to look again
    (aware), None for never.
    """

    id: int
    person: str
    domain: str
    activity_code: str
    form_code: str
    needs: str
    decide_at: datetime | None


_LATER = "(decide_at IS NULL OR decide_at > ?)"
_WAITING = ", ".join(f"'{code}'" for code in sorted(WAITING))
# Of the older views those alone that the answer is for: another that was left out under earlier
# settings stays so. Who was waited for in vain is decided again by a backfill alone.
_CONCERNED = (
    f"AND (received_at >= ? OR activity_code IN ({_WAITING}) OR needs <> '') "
    "AND activity_code <> 'waited_out'"
)


def undecided(
    customer_id: int,
    now: datetime,
    *,
    until: datetime,
    after_id: int = 0,
    limit: int = 500,
    only: Collection[str] | None = None,
) -> list[tuple[int, View]]:
    """The next views to be decided at ``now``, each with its row's id, by id after ``after_id``.

    Only those received by ``until`` (aware): a later one belongs to the next run's window. Of
    ``only`` these event keys, None for all.
    """
    which, keys = among_keys("v.event_key", only)
    rows = fetch(
        f"SELECT v.id, {COLUMNS} FROM {TABLES} WHERE v.customer_id = ? AND v.decide_at <= ? "
        f"AND v.id > ? AND v.received_at <= ? {which} ORDER BY v.id LIMIT ?",
        [customer_id, to_column(now), after_id, to_column(until), *keys, limit],
    )
    return [(row[0], view(row[1:])) for row in rows]


def received(
    customer_id: int, since: datetime, until: datetime
) -> Iterator[list[tuple[int, View]]]:
    """The views received from ``since`` on and before ``until`` (aware), each with its row's id.

    Oldest first, in batches: memory stays flat whatever the number.
    """
    after, after_key = to_column(since), ""
    while True:
        rows = fetch(
            f"SELECT v.id, {COLUMNS} FROM {TABLES} WHERE v.customer_id = ? "
            "AND v.received_at >= ? AND v.received_at < ? "
            "AND (v.received_at > ? OR v.event_key > ?)"
            f" ORDER BY v.received_at, v.event_key LIMIT {BATCH}",
            [customer_id, after, to_column(until), after, after_key],
        )
        batch = [(row[0], view(row[1:])) for row in rows]
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        after, after_key = to_column(batch[-1][1].received_at), batch[-1][1].event_key


def fetch_as(customer_id: int, fetched: Iterable[tuple[int, Fetched]]) -> None:
    """Keep for what these rows of views were fetched, in the caller's transaction."""
    execute_each(
        "UPDATE views SET fetched = ? WHERE id = ? AND customer_id = ?",
        [(what.value, number, customer_id) for number, what in fetched],
    )


def save_sieve(customer_id: int, rows: Sequence[Sieved]) -> None:
    """Store what the sieve said."""
    execute_each(
        "UPDATE views SET person = ?, domain = ?, activity_code = ?, "
        "form_code = ?, needs = ?, decide_at = ? WHERE id = ? AND customer_id = ?",
        [
            (
                row.person,
                row.domain,
                row.activity_code,
                row.form_code,
                row.needs,
                to_column(row.decide_at) if row.decide_at else None,
                row.id,
                customer_id,
            )
            for row in rows
        ],
    )


def reopen(
    customer_id: int, now: datetime, *, since: datetime, waiting_codes: Sequence[str]
) -> None:
    """The settings changed: decide at ``now`` all views since ``since``, and all that wait."""
    moment = to_column(now)
    execute(
        f"UPDATE views SET decide_at = ? WHERE customer_id = ? AND received_at >= ? AND {_LATER}",
        [moment, customer_id, to_column(since), moment],
    )
    if waiting_codes:
        _reopen_where(customer_id, "activity_code", waiting_codes, moment)


def reopen_people(
    customer_id: int, emails: Sequence[str], now: datetime, *, since: datetime
) -> None:
    """Something is known of these people now: decide at ``now`` their views since ``since``.

    Of older ones (both aware) those that wait.
    """
    for batch in batches(emails):
        _reopen_where(customer_id, "person", batch, to_column(now), _CONCERNED, to_column(since))


def reopen_domains(
    customer_id: int, domains: Sequence[str], now: datetime, *, since: datetime
) -> None:
    """The same for all people of these domains."""
    for batch in batches(domains):
        _reopen_where(customer_id, "domain", batch, to_column(now), _CONCERNED, to_column(since))


def reopen_views(customer_id: int, keys: Sequence[str], now: datetime) -> None:
    """A write of these views came out: decide them at ``now``."""
    for batch in batches(keys):
        _reopen_where(customer_id, "event_key", batch, to_column(now))


def settled(customer_id: int, target: Target, keys: Sequence[str], now: datetime) -> None:
    """Writes of these views are in Upsales whatever the sieve said: decide them at ``now``.

    Its word for ``target`` becomes ``pass`` at once, so that lists ask the outbox.
    """
    for batch in batches(keys):
        condition, values = among("event_key", batch)
        execute(
            f"UPDATE views SET decide_at = ?, {target.value}_code = '{PASS}' "
            f"WHERE customer_id = ? AND {condition}",
            [to_column(now), customer_id, *values],
        )


def release(customer_id: int, email: str, domain: str, now: datetime) -> int:
    """Let views that wait for this person or domain be looked up again; returns how many."""
    return execute(
        "UPDATE views SET decide_at = ? WHERE customer_id = ? "
        "AND (person = ? OR (domain <> '' AND domain = ?)) "
        "AND activity_code IN ('unknown', 'form_first', 'free_mail', 'disposable', 'own_domain', "
        "'ignored_domain', 'matching_off')",
        [to_column(now), customer_id, email, domain],
    )


def reopen_unsent(customer_id: int, now: datetime, *, asked: bool) -> None:
    """Decide at ``now`` the views whose write is to be sent: it may have been intended long ago.

    ``asked`` by a person, also those whose time to try again has not come.
    """
    moment = to_column(now)
    execute(
        f"UPDATE views SET decide_at = ? WHERE customer_id = ? AND {_LATER} AND event_key IN "
        "(SELECT event_key FROM outbox WHERE customer_id = ? AND (state = 'planned' "
        "OR (state = 'retry' AND (retry_at <= ? OR ?))) AND run_id NOT IN "
        "(SELECT j.run_id FROM jobs j WHERE j.customer_id = ? AND j.kind = 'backfill'))",
        [moment, customer_id, moment, customer_id, moment, asked, customer_id],
    )


def reopen_code(customer_id: int, code: str, now: datetime) -> None:
    """What views with this activity code wait for has changed: decide them at ``now``."""
    _reopen_where(customer_id, "activity_code", [code], to_column(now))


def forget_person(customer_id: int, key: str) -> None:
    """Forget what Upsales said of this view's person and domain: it names what is gone."""
    rows = fetch(
        "SELECT person, domain FROM views WHERE customer_id = ? AND event_key = ?",
        [customer_id, key],
    )
    for person, domain in rows:
        people.forget(customer_id, person)
        people.forget_domain(customer_id, domain)


def to_be_decided(customer_id: int, keys: Sequence[str], now: datetime) -> set[str]:
    """Those of these views that are to be decided at ``now``."""
    found: set[str] = set()
    for batch in batches(keys):
        condition, values = among("event_key", batch)
        rows = fetch(
            f"SELECT event_key FROM views WHERE customer_id = ? AND {condition} AND decide_at <= ?",
            [customer_id, *values, to_column(now)],
        )
        found |= {key for (key,) in rows}
    return found


def settling(customer_id: int, keys: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Those of these views that are held, each with when its viewing counts as over (aware)."""
    found: dict[str, datetime] = {}
    for batch in batches(keys):
        condition, values = among("event_key", batch)
        rows = fetch(
            f"SELECT event_key, decide_at FROM views WHERE customer_id = ? AND {condition} "
            "AND decide_at > ? AND (activity_code = 'settling' OR form_code = 'settling')",
            [customer_id, *values, to_column(now)],
        )
        found |= {key: from_column(at) for key, at in rows}
    return found


def needed_emails(customer_id: int, only: Collection[str] | None = None) -> list[str]:
    """The e-mails that must be looked up before their views can be decided.

    Of ``only`` these views, None for all.
    """
    return _needed(customer_id, "person", "email", only)


def needed_domains(customer_id: int, only: Collection[str] | None = None) -> list[str]:
    """The domains that must be looked up before their people's views can be decided.

    Of ``only`` these views, None for all.
    """
    return _needed(customer_id, "domain", "domain", only)


def _needed(customer_id: int, column: str, kind: str, only: Collection[str] | None) -> list[str]:
    # The literal condition is that of the partial index, which a bound parameter cannot prove.
    # DISTINCT would tempt SQLite into walking all views in the column's order instead.
    which, keys = among_keys("event_key", only)
    rows = fetch(
        f"SELECT {column} FROM views WHERE customer_id = ? AND needs <> '' AND needs = ? {which}",
        [customer_id, kind, *keys],
    )
    return sorted({value for (value,) in rows})


def _reopen_where(
    customer_id: int, column: str, values: Sequence[str], moment: str, which: str = "", *more: str
) -> None:
    condition, parameters = among(column, values)
    execute(
        f"UPDATE views SET decide_at = ? WHERE customer_id = ? AND {condition} "
        f"AND {_LATER} {which}",
        [moment, customer_id, *parameters, moment, *more],
    )
