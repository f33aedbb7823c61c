"""Takes the tombstones of the file into the database, and erases again what a backup holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import structlog

from ..clock import SystemClock
from ..config import Config
from ..store import customers, database, persons, tombstones, traces
from ..store.keyring import Keyring
from ..store.leases import hold
from ..store.tombstones import Forgotten, normalised
from ..store.traces import Traces
from .burial import Burial, newly_buried
from .tombstone_file import TombstoneFile

log = structlog.get_logger(__name__)

Wanted = dict[str, tuple[str, tuple[str, ...]]]
"""Key and hashes of each person, by the hash of the person's e-mail."""


def replay_tombstones(config: Config) -> int:
    """Bury whom the deployment's file names; see ``replay``. The database is bound already."""
    with database.session():
        return replay(
            TombstoneFile(config.tombstones_file),
            Keyring(config.encryption_keys),
            SystemClock().now(),
            config.lease_seconds,
        )


def replay(file: TombstoneFile, keyring: Keyring, now: datetime, lease_seconds: float) -> int:
    """Bury whom the file names and the database does not; returns how many people that were.

    What the database holds of them is erased again. Waits for a run that is going on. Raises
    DeploymentError when the file cannot be opened.
    """
    buried, lifted = _read(file)
    there = {customer.id for customer in customers.list_all()}
    people = 0
    for customer_id in sorted(there & (set(buried) | set(lifted))):
        if lifted[customer_id]:
            tombstones.lift(customer_id, sorted(lifted[customer_id]))
        if _absent(customer_id, buried[customer_id]):
            with hold(customer_id, lease_seconds, wait=True) as lease, lease.commit():
                people += _bury(keyring, customer_id, buried[customer_id], now)
    if people:
        database.forget_deleted()
        log.warning("erased again what a backup held", people=people)
    return people


def _read(file: TombstoneFile) -> tuple[Mapping[int, Wanted], Mapping[int, set[str]]]:
    """Who is buried at the end of the file, and who was taken off the list, by customer."""
    buried: dict[int, Wanted] = defaultdict(dict)
    lifted: dict[int, set[str]] = defaultdict(set)
    for line in file.lines():
        if line.lifted:
            buried[line.customer].pop(line.person, None)
            lifted[line.customer].add(line.person)
            continue
        lifted[line.customer].discard(line.person)
        _, before = buried[line.customer].get(line.person, ("", ()))
        hashes = tuple(dict.fromkeys([*before, *line.hashes]))
        buried[line.customer][line.person] = (line.key, hashes)
    return buried, lifted


def _absent(customer_id: int, wanted: Wanted) -> list[Burial]:
    named = [(key, person, some) for person, (key, some) in wanted.items()]
    return newly_buried(customer_id, named)


def _bury(keyring: Keyring, customer_id: int, wanted: Wanted, now: datetime) -> int:
    absent = _absent(customer_id, wanted)
    for burial in absent:
        burial.keep(keyring, now)
    keys = tuple(dict.fromkeys(burial.key for burial in absent))
    forgotten = Forgotten(keys, frozenset(one for burial in absent for one in burial.hashes))
    for found in _held(customer_id, forgotten):
        traces.remove(found, [keyring.digest(customer_id, found.email)] if found.email else [])
    return len(absent)


def _held(customer_id: int, forgotten: Forgotten) -> list[Traces]:
    """What the database holds of these people."""
    known = {normalised(email) for email in persons.emails(customer_id)}
    found = [
        traces.find(customer_id, email)
        for email in sorted(known)
        if forgotten.knows("email", email)
    ]
    # Nameless views that were known to be theirs when they were erased.
    views = {
        number: (event_key, visitor_key)
        for number, event_key, visitor_key, *emails in persons.views(customer_id)
        if forgotten.is_of_erased(event_key, visitor_key, *emails)
    }
    for one in found:
        for number in one.views:
            views.pop(number, None)
    if views:
        found.append(
            Traces(
                customer_id,
                "",
                frozenset(),
                {number: event_key for number, (event_key, _) in views.items()},
                frozenset(visitor for _, visitor in views.values()) - {""},
                frozenset(),
                frozenset(),
            )
        )
    return found
