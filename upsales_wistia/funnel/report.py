"""Counts that add up: the funnel and the balance of a set of views.

For each target: views = written + registered + dropped + settling + waiting + retrying
+ failed + uncertain. The same counting serves the run, the dry run and the status page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .reasons import PASS, REASONS, outbox_reason, passed
from .settings import Settings
from .view import Sent, Stage, Target, Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Where a view stands for one target: the sieve's code, and what the outbox holds.

    ``this_run`` tells whether the write was done by the run that is reported, ``paused`` whether
    writes of the target wait until a person lets them go on.
    """

    code: str
    sent: Sent | None = None
    this_run: bool = False
    paused: bool = False

    @property
    def reason(self) -> str:
        """The one reason code."""
        if self.sent is not None and (self.code == PASS or outbox_reason(self.sent) != "retry"):
            return outbox_reason(self.sent, this_run=self.this_run, paused=self.paused)
        # Not sieved yet, or let through and not planned: the next run goes on with it.
        return "retry" if self.code in (PASS, "") else self.code

    @property
    def verdict(self) -> Verdict:
        """The one verdict."""
        return REASONS[self.reason][0]


@dataclass(frozen=True, slots=True)
class Tally:
    """``count`` views that stand at the same two places."""

    count: int
    activity: Place
    form: Place

    def place(self, target: Target) -> Place:
        """Where these views stand for ``target``."""
        return self.activity if target is Target.ACTIVITY else self.form


_OWN_STAGES = {
    Target.ACTIVITY: (Stage.MATCHED, Stage.WATCHED, Stage.PROJECT),
    Target.FORM: (Stage.WATCHED, Stage.PROJECT),
}
NEW = (
    Verdict.WRITTEN, Verdict.SETTLING, Verdict.RETRYING, Verdict.FAILED, Verdict.UNCERTAIN,
)  # fmt: skip
"""Verdicts that a funnel counts as new: written by the run, or to be written."""

_COUNTED = (
    Verdict.SETTLING, Verdict.WAITING, Verdict.RETRYING, Verdict.FAILED, Verdict.UNCERTAIN,
)  # fmt: skip


def counts(tallies: Iterable[Tally], settings: Settings) -> dict[str, Any]:
    """``funnel``, ``balance`` and the five counts of views, as the run's document has them.

    A target that is off is None.
    """
    rows = list(tallies)
    on = [target for target in Target if settings.enabled(target)]
    return {
        "funnel": {
            "views": _sum(rows),
            "turnstile": _sum(r for r in rows if _identified(r)),
            **{t.value: _funnel(rows, t) if t in on else None for t in Target},
        },
        "balance": {t.value: balance(rows, t) if t in on else None for t in Target},
        **{verdict.value: _sum(_either(rows, verdict, on)) for verdict in _COUNTED},
    }


def _identified(row: Tally) -> bool:
    # Either target: an entry written under an earlier identity rule stays in its funnel.
    return any(passed(row.place(t).reason, Stage.TURNSTILE) for t in Target)


def _sum(rows: Iterable[Tally]) -> int:
    return sum(row.count for row in rows)


def _either(rows: Iterable[Tally], verdict: Verdict, on: Sequence[Target]) -> Iterable[Tally]:
    return (row for row in rows if any(row.place(t).verdict is verdict for t in on))


def _funnel(rows: Sequence[Tally], target: Target) -> dict[str, int]:
    stages = {
        stage.value: _sum(r for r in rows if passed(r.place(target).reason, stage))
        for stage in _OWN_STAGES[target]
    }
    return stages | {"new": _sum(r for r in rows if r.place(target).verdict in NEW)}


def balance(rows: Iterable[Tally], target: Target) -> dict[str, Any]:
    """The balance of one target; ``dropped`` is by reason code."""
    verdicts: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for row in rows:
        place = row.place(target)
        verdicts[place.verdict.value] += row.count
        if place.verdict is Verdict.DROPPED:
            dropped[place.reason] += row.count
    return {
        "views": verdicts.total(),
        "written": verdicts["written"],
        "registered": verdicts["registered"],
        "dropped": dict(sorted(dropped.items(), key=lambda item: (-item[1], item[0]))),
        **{verdict.value: verdicts[verdict.value] for verdict in _COUNTED},
    }


def unaccounted(balance: dict[str, Any]) -> int:
    """How many views a balance leaves unexplained: 0, or there is a fault of ours."""
    parts = balance["written"] + balance["registered"] + sum(balance["dropped"].values())
    return int(balance["views"] - parts - sum(balance[v.value] for v in _COUNTED))
