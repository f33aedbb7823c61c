"""A run's share of a worker: what is large is done in parts, so that nobody waits long for it.

A run goes on as long as it likes while no other customer waits. Else it ends after a share of
calls or seconds, keeps how far it is, and the customer goes to the back of the line; whoever
takes it up goes on in the same run, under the same id and window. So still nothing is decided
before the last page is read, and one customer holds one worker's thread at most.

Wistia's list moves while it is read: new views come in on top and push the others down. A part
therefore begins with the last page of the one before; where that page now begins with a view
older than the last one read, rows are gone from above it, and all pages are read anew. What came
in on top since, the next poll reads: it begins at page 1, as every poll does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ..clock import monotonic
from ..errors import ShareUsed
from ..store import customers, runs

CALLS = 100
"""Pages read, questions asked or entries written in one share."""

SECONDS = 60.0
"""How long a share is where calls are slow."""

KEPT_FOR = timedelta(hours=2)
"""A run that was not taken up for so long is begun anew: what it read is old by then."""

_PER_PAGE = 100


class Share:
    """Counts what a run does; ``wanted`` says whether its thread is needed for others."""

    def __init__(self, wanted: Callable[[], bool] = lambda: False, calls: int = CALLS) -> None:
        self._wanted = wanted
        self._calls = calls
        self._begin()

    def _begin(self) -> None:
        self._left, self._until = self._calls, monotonic() + SECONDS

    def step(self) -> None:
        """One more is done and stored. Raises ShareUsed when the others are to have their turn."""
        self._left -= 1
        if self._left > 0 and monotonic() < self._until:
            return
        if self._wanted():
            raise ShareUsed
        self._begin()


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the list of views was read: so many rows, down to the one received at ``oldest``."""

    rows: int = 0
    oldest: str = ""

    @property
    def page(self) -> int:
        """The page to go on with: the last one that was read, once more."""
        return max(1, self.rows // _PER_PAGE)

    def joins(self, page: Sequence[Mapping[str, Any]]) -> bool:
        """Whether ``page`` begins no further down than what was read ends."""
        if self.page == 1:
            return True
        first, last = _moment(page[0]) if page else None, _parsed(self.oldest)
        return first is not None and last is not None and first >= last

    def begun(self) -> Reached:
        """As far as it was before the page that is read once more."""
        return replace(self, rows=(self.page - 1) * _PER_PAGE)

    def after(self, page: Sequence[Mapping[str, Any]]) -> Reached:
        """How far it is with one more page."""
        last = _moment(page[-1]) if page else None
        return Reached(self.rows + len(page), last.isoformat() if last else "")


def _moment(row: Mapping[str, Any]) -> datetime | None:
    return _parsed(row.get("received_at"))


def _parsed(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


@dataclass(frozen=True, slots=True)
class Part:
    """A run that goes on: what is kept of it until then.

    ``start``, ``end`` and ``read_from`` (aware UTC) are its window, ``version`` its settings'.
    ``reached`` is None once all pages are read. ``spent`` holds what the report will tell: calls
    to each vendor, and seconds.
    """

    run_id: str
    start: datetime
    end: datetime
    read_from: datetime
    version: int
    reached: Reached | None
    counts: Counter[str] = field(default_factory=Counter)
    spent: Mapping[str, float] = field(default_factory=dict)


def keep(customer_id: int, part: Part) -> None:
    """Remember a run that goes on later; inside its lease's commit."""
    told = {
        "run": part.run_id,
        "window": [one.isoformat() for one in (part.start, part.end, part.read_from)],
        "version": part.version,
        "reached": [part.reached.rows, part.reached.oldest] if part.reached else None,
        "counts": dict(part.counts),
        "spent": dict(part.spent),
    }
    customers.update_setup(customer_id, **{runs.PART: told})


def forget(customer_id: int) -> bool:
    """No run goes on, inside the lease's commit; returns whether one would have."""
    if not customers.setup(customer_id).get(runs.PART):
        return False
    customers.update_setup(customer_id, **{runs.PART: None})
    return True


def load(customer_id: int, now: datetime, version: int) -> Part | None:
    """The run that goes on; None when there is none, or it is old, or the rules have changed."""
    told = customers.setup(customer_id).get(runs.PART)
    if not told or told["version"] != version:
        return None
    start, end, read_from = (datetime.fromisoformat(one) for one in told["window"])
    if now - end > KEPT_FOR:
        return None
    reached = Reached(*told["reached"]) if told["reached"] else None
    counts = Counter(told["counts"])
    return Part(told["run"], start, end, read_from, version, reached, counts, told["spent"])
