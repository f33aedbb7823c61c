"""The funnel and the balance of a run's document, row by row, ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..funnel.reasons import REASONS
from ..funnel.report import unaccounted
from ..funnel.settings import IdentityRule, Settings
from ..status import Document
from . import charts, texts
from .wording import Speech

STAGES: Mapping[str, tuple[str, ...]] = {
    "activity": ("turnstile", "matched", "watched", "project", "new"),
    "form": ("turnstile", "watched", "project", "new"),
}


Filters = Mapping[str, str]
"""Which views a figure counts: parameters of the page of views. Empty where it counts none."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure in words, and the views that it counts."""

    text: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class Row:
    """A step: its count and name, its bar, and what was lost on the way to it and why."""

    count: Counted
    name: str
    step: charts.Step
    losses: tuple[Counted, ...]
    why: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """A state of the balance."""

    count: str
    name: Counted
    colour: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Every view in one of eight states. ``fault`` is "" when they add up."""

    accounts: tuple[Account, ...]
    bars: tuple[charts.Bar, ...]
    sum: str
    fault: str

    @property
    def width(self) -> float:
        """How wide all bars are together, in views."""
        return sum(bar.width for bar in self.bars) or 1


@dataclass(frozen=True, slots=True)
class Report:
    """One target of a run's document, with what its rows are told in."""

    document: Document
    target: str
    settings: Settings
    speech: Speech
    days: int
    waiting: Mapping[str, int]

    @property
    def balance(self) -> Mapping[str, Any]:
        """The target's balance; the target is on."""
        balance: Mapping[str, Any] = self.document["balance"][self.target]
        return balance

    def views(self, **filters: str) -> Filters:
        """The views of this run, as the page of views filters them."""
        return {"run": str(self.document["run"]), "target": self.target, **filters}

    def kept(self, stage: str) -> int:
        """How many views got through ``stage``."""
        funnel = self.document["funnel"]
        return int(funnel["turnstile"] if stage == "turnstile" else funnel[self.target][stage])

    def lost(self, stage: str) -> dict[str, int]:
        """How many views were left out at ``stage``, by reason code."""
        dropped: Mapping[str, int] = self.balance["dropped"]
        return {
            code: n for code, n in dropped.items() if code in REASONS and REASONS[code][1] == stage
        }


def targets(document: Document) -> tuple[str, ...]:
    """The targets that were on in the run."""
    return tuple(t for t in texts.TARGETS if document["balance"][t] is not None)


def rows(report: Report, since: str) -> list[Row]:
    """The funnel, from all views to the new ones. ``since`` is when the window began."""
    views = report.document["funnel"]["views"]
    step = charts.first_step(views)
    name = texts.STEPS["views"].format(days=report.days)
    every = Counted(report.speech.number(views), report.views())
    found = [Row(every, name, step, (), (Counted(since, {}),))]
    for stage in STAGES[report.target]:
        step = charts.step(views, step, _parts(report, stage))
        losses, why = _losses(report, stage)
        found.append(Row(_kept(report, stage), _name(report, stage), step, losses, why))
    return found


def _kept(report: Report, stage: str) -> Counted:
    count = report.speech.number(report.kept(stage))
    if stage == "new":
        return Counted(count, report.views(state=",".join(texts.PARTS)))
    return Counted(count, report.views(passed=stage))


def _name(report: Report, stage: str) -> str:
    if stage == "turnstile" and report.settings.identity is IdentityRule.ANY:
        return texts.STEPS["turnstile_any"]
    if stage == "project" and not report.settings.projects:
        return texts.STEPS["project_any"]
    if stage == "new" and report.kept("new") != report.balance["written"]:
        parts = [
            f"{report.speech.number(report.balance[state])} {word}"
            for state, word in texts.PARTS.items()
            if report.balance[state]
        ]
        return texts.STEPS["new_mixed"].format(parts=", ".join(parts))
    return texts.STEPS[stage].format(minimum=f"{report.settings.min_percent:f}")


def _parts(report: Report, stage: str) -> dict[str, int]:
    if stage != "new":
        return {"kept": report.kept(stage)}
    return {charts.COLOURS[state]: report.balance[state] for state in texts.PARTS}


def _losses(report: Report, stage: str) -> tuple[tuple[Counted, ...], tuple[Counted, ...]]:
    number = report.speech.number
    dropped, balance = report.lost(stage), report.balance
    waiting = report.waiting if stage == "matched" else {}
    there = balance["registered"] if stage == "new" else 0
    lines = (
        (texts.LEFT_OUT, sum(dropped.values()), {"code": ",".join(dropped)}),
        (texts.WAITING, balance["waiting"] if stage == "matched" else 0, {"state": "waiting"}),
        (texts.ALREADY_THERE, there, {"state": "registered"}),
    )
    why = [
        Counted(f"{number(n)} {texts.WHY[code]}", report.views(code=code))
        for code, n in _told(dropped, waiting)
    ]
    if there:
        why.append(Counted(texts.BY_EARLIER_RUNS, {}))
    losses = (
        Counted(line.format(n=number(n)), report.views(**which)) for line, n, which in lines if n
    )
    return tuple(losses), tuple(why)


def _told(*counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """The reasons we have words for, the most frequent of each first."""
    return [
        (code, n)
        for count in counts
        for code, n in sorted(count.items(), key=lambda item: -item[1])
        if n and code in texts.WHY
    ]


def balance(report: Report) -> Balance:
    """The eight states of the target, and whether they add up."""
    number, given = report.speech.number, report.balance
    counts = {state: given[state] for state in charts.COLOURS if state != "dropped"}
    counts = {state: counts.get(state, sum(given["dropped"].values())) for state in charts.COLOURS}
    views = report.speech.count(given["views"], "view", "views")
    off = unaccounted(dict(given))
    fault = report.speech.count(abs(off), "view is", "views are")
    return Balance(
        tuple(
            Account(
                number(n),
                Counted(texts.STATES[s], report.views(state=s) if n else {}),
                charts.COLOURS[s],
            )
            for s, n in counts.items()
        ),
        charts.balance_bars(counts),
        texts.ADDS_UP.format(sum=" + ".join(map(number, counts.values())), views=views),
        texts.FAULT.format(views=fault, run=report.document["run"]) if off else "",
    )
