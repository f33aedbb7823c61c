"""Random kills over runs of many views, with faults on; prints what came of it.

    python -m tests.engine.storm --kills 300 --views 200 --database sqlite

Ends with 1 when anything was lost, or was there twice after healing. PostgreSQL is looked for
where ``--server`` says, and gets a database of its own that goes away afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT

from tests.databases import OwnDatabase
from tests.engine.processes import App, Child, Vendors
from tests.engine.stage import SETTLE, Stage
from upsales_wistia.funnel.writes import external_id

WRITES = [
    (operation, kind)
    for operation in ("upsales.create_event", "upsales.form_submit")
    for kind in (
        "write_then_cut",
        "500_after_writing",
        "odd_answer",
        "write_late",
        "timeout",
        "timeout_after_writing",
        "slow",
        "reset",
        "500",
        "400",
        "429",
        "429_bare",
    )
]
OTHERS = [
    *(("upsales.events", kind) for kind in ("ignore_filter", "lagging_search", "500", "reset")),
    *(("upsales.contacts", kind) for kind in ("429", "reset", "not_json", "cut")),
    ("upsales.create_form", "500_after_writing"),
    ("upsales.form_submits", "500"),
    *(("wistia.events", kind) for kind in ("insert", "duplicate", "500", "429", "cut", "revoked")),
]

BLOCKED = 4.0
"""Seconds after which a run that waits for a frozen one counts as blocked by it."""


@dataclass
class Figures:
    """What a storm did and what was there in the end. ``steps`` says where the kills hit."""

    database: str = ""
    seed: int = 0
    rounds: int = 0
    kills: int = 0
    frozen: int = 0
    blocked: int = 0
    runs: int = 0
    calls_spoilt: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    entries_expected: int = 0
    entries_found: int = 0
    entries_doubled_before_healing: int = 0
    entries_healed: int = 0
    entries_doubled: int = 0
    submits_expected: int = 0
    submits_found: int = 0
    submits_doubled: int = 0
    lost: int = 0
    uncertain: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Nothing lost, nothing twice, nothing left for a person."""
        bad = (self.entries_doubled, self.submits_doubled, self.lost, self.uncertain, self.failed)
        return not any(bad)


class Storm:
    """Customers one after another in one database, each with ``views`` views."""

    def __init__(
        self,
        vendors: Vendors,
        app: App,
        database_url: str,
        views: int,
        seed: int,
        tell: Callable[[Figures], None] = lambda figures: None,
    ) -> None:
        self.tell = tell
        self.vendors, self.app, self.database_url, self.views = vendors, app, database_url, views
        self.random = random.Random(seed)
        self.figures = Figures(database_url.partition(":")[0], seed)

    def rage(self, kills: int) -> Figures:
        """Go on until there were so many kills."""
        started = time.monotonic()
        while self.figures.kills < kills:
            self._round(kills)
            self.figures.seconds = round(time.monotonic() - started, 1)
            self.tell(self.figures)
        return self.figures

    def _round(self, kills: int) -> None:
        """One customer: its views come in four parts, its runs die, then it heals."""
        # Forms go first: in half of the rounds there are none, so that more kills hit entries.
        stage = Stage(self.vendors, self.app, self.database_url, forms=self.figures.rounds % 2 == 1)
        self.figures.rounds += 1
        least = self.figures.kills + 4
        part = self.views // 4
        for _ in range(4):
            stage.watch_videos(part - part // 10, nobodies=part // 10)
            for _ in range(self.random.randint(2, 3)):
                self._attempt(stage)
        while self.figures.kills < min(least, kills):
            self._attempt(stage)
        self._count(stage)

    def _attempt(self, stage: Stage) -> None:
        stage.clear_faults()
        chosen = self.random.sample(WRITES, self.random.randint(0, 3))
        chosen += self.random.sample(OTHERS, self.random.choice((0, 0, 1, 2)))
        for operation, kind in chosen:
            times, after = self.random.randint(1, 3), self.random.choice((0, 0, 3, 10))
            stage.fault(operation, kind, times=times, after=after, seconds=0.5)
        self._attack(stage, stage.start(marks=True))
        stage.later(self.random.choice((0, 30, 300, 900)))
        if self.random.random() < 0.15:
            stage.settle()

    def _attack(self, stage: Stage, child: Child) -> None:
        self.figures.runs += 1
        # Half of the attacks wait until it writes: reading takes the most of its time.
        begun = child.wait(self.random.choice(("holding", "writing")))
        if not begun or child.wait("ended", self._moment()):
            child.end()
        elif self.random.random() < 0.1:
            self._freeze(stage, child)
        elif child.kill():
            self.figures.kills += 1
            self.figures.steps[child.mark()] += 1

    def _moment(self) -> float:
        """Seconds after which a run is attacked: some early, some late."""
        return self.random.expovariate(1 / self.random.choice((0.05, 0.2, 0.8)))

    def _freeze(self, stage: Stage, child: Child) -> None:
        if not child.freeze():
            return
        self.figures.frozen += 1
        self.figures.runs += 1
        other = stage.start()
        if not other.wait("ended", BLOCKED):
            self.figures.blocked += 1
        child.send(SIGCONT)
        child.end()
        other.end()

    def _count(self, stage: Stage) -> None:
        figures = self.figures
        stage.clear_faults()
        if self.random.random() < 0.5:
            # What is absent beside a later entry is sent again before what is late arrives.
            self._good_runs(stage)
        stage.settle()
        figures.entries_doubled_before_healing += _extra(stage.entries())
        figures.entries_doubled_before_healing += stage.calls("upsales.delete_event")
        document = stage.heal()
        entries, submits = stage.entries(), stage.submits()
        figures.calls_spoilt += stage.vendors.traffic(stage.customer)["spoilt"]
        missing = [key for key in stage.keys if not entries[external_id(key)]]
        missing += [key for key in stage.keys if stage.forms and not submits[key]]
        figures.entries_healed += stage.calls("upsales.delete_event")
        figures.entries_expected += len(stage.keys)
        figures.submits_expected += len(stage.keys) if stage.forms else 0
        figures.entries_found += entries.total()
        figures.submits_found += submits.total()
        figures.entries_doubled += _extra(entries)
        figures.submits_doubled += _extra(submits)
        figures.lost += len(missing)
        figures.uncertain += document["uncertain"]
        figures.failed += document["failed"]
        if missing or _extra(entries) or _extra(submits) or document["status"] != "ok":
            told = {"customer": stage.customer, "missing": missing, "document": document}
            sys.stderr.write(json.dumps(told) + "\n")

    def _good_runs(self, stage: Stage) -> None:
        for _ in range(3):
            stage.later(SETTLE)
            stage.run()
            self.figures.runs += 1


def _extra(found: Counter[str]) -> int:
    return found.total() - len(found)


def _progress(figures: Figures) -> None:
    told = f"{figures.rounds} rounds, {figures.kills} kills, {figures.seconds} s"
    sys.stderr.write(f"{told}, good: {figures.good}\n")


def main() -> int:
    """Rage as the arguments say. Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--views", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--folder", type=Path, help="keep logs and the SQLite file here")
    wanted = parser.parse_args()
    with ExitStack() as opened:
        folder = wanted.folder or Path(opened.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder}/storm.db"
        if wanted.database == "postgresql":
            url = opened.enter_context(OwnDatabase(wanted.server))
        vendors = opened.enter_context(Vendors(1 + wanted.kills))
        app = opened.enter_context(App(folder))
        storm = Storm(vendors, app, url, wanted.views, wanted.seed, _progress)
        figures = storm.rage(wanted.kills)
    sys.stdout.write(json.dumps(vars(figures), indent=2) + "\n")
    return 0 if figures.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
