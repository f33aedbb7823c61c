"""The lines of ``make bench``: what is compared with what, and the goal."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from upsales_wistia.store import database

from . import many
from .ground import CUSTOMER, Ground, Vendors, folder, measured, vendors, workers
from .many import Scratch
from .sides import plain

Line = Callable[[int], Iterator[str]]

_MANY = 10_000
_PEOPLE = 1000
_IDLE = 500
_LATENCY = {"wistia": 0.05, "upsales": 0.05}
_SERVER = os.environ.get("BENCH_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
"""Where line d makes a database of its own for as long as it lasts."""

_HASTE = 10.0
"""How many times as fast time runs where a limit of the vendor is what is measured."""


def unchanged(pairs: int) -> Iterator[str]:
    """A. A poll over 10,000 unchanged views : downloading and parsing the same pages."""
    with vendors() as there, folder() as here:
        made = there.add(views=_MANY)
        ground = plain(Ground.beside(there, f"sqlite:///{here}/app.db"))
        measured("whole", ground=ground, made=made)
        measured("poll", ground=ground)  # what was held is written now; from here on nothing is
        found = [
            (
                measured("poll", ground=ground),
                measured("download", ground=ground, token=made["wistia_token"]),
            )
            for _ in range(pairs)
        ]
    yield compared("poll of 10,000 unchanged views : download and parse, CPU", "cpu", found, 1.5)


def first_poll(pairs: int) -> Iterator[str]:
    """B. A first poll over 10,000 views, half converted, to verdicts : dlt loading them."""
    with vendors() as there, folder() as here:
        made = there.add(views=_MANY, converted_share=0.5, people=_PEOPLE)
        found = [_first_pair(there, made, here, number) for number in range(pairs)]
    yield compared("first poll of 10,000 views : dlt merge into SQLite, wall", "wall", found, 0.7)


def _first_pair(there: Vendors, made: Any, here: Path, number: int) -> tuple[Any, Any]:
    ground = plain(Ground.beside(there, f"sqlite:///{here}/app{number}.db"))
    ours = measured("first", ground=ground, made=made, people=_PEOPLE)
    token = made["wistia_token"]
    theirs = measured("dlt", ground=ground, token=token, folder=f"{here}/dlt{number}")
    return ours, theirs


def idle_customers(pairs: int) -> Iterator[str]:
    """C. 500 customers without news at 50 ms latency, a sequential loop : a pool of 16."""
    with vendors() as there, folder() as here:
        made = [there.add(number, views=50, converted_share=0.0) for number in range(1, _IDLE + 1)]
        ground = Ground.beside(there, f"sqlite:///{here}/app.db")
        many.set_up(ground, made)
        there.control("POST", "latency", _LATENCY)
        ids = [one["id"] for one in made]
        found = [
            tuple(measured("idle", ground=plain(ground), ids=ids, threads=n) for n in (0, 16))
            for _ in range(pairs)
        ]
    name = f"{_IDLE} idle customers at 50 ms, a loop : a pool of 16, wall"
    yield compared(name, "wall", found, 8, least=True)
    each = statistics.median(pool["wall"] for _, pool in found) / _IDLE
    yield f"that is {20 * 60 / each:,.0f} idle customers in 20 minutes by one process"


def two_workers(pairs: int) -> Iterator[str]:
    """D. 200 customers without news at 50 ms latency, one worker of 4 : two."""
    with Scratch(_SERVER) as url, vendors() as there:
        made = [there.add(number, views=50, converted_share=0.0) for number in range(1, 201)]
        ground = Ground.beside(there, url)
        many.set_up(ground, made)
        there.control("POST", "latency", _LATENCY)
        ids = [one["id"] for one in made]
        database.connect(url)
        found = []
        for _ in range(pairs):
            took = []
            for processes in (1, 2):
                with workers(ground, processes):
                    took.append({"wall": many.seconds_for_all(ground, ids)})
            found.append((took[0], took[1]))
        database.close()
    yield compared("200 customers, one worker of 4 : two, wall", "wall", found, 1.5, least=True)


def under_the_limit(pairs: int) -> Iterator[str]:
    """E. A read of 100,000 views under our limiter and the vendor's : the limiter alone.

    In time that runs ten times as fast, and once in real time: what a call takes does not
    run faster, so that only the second tells what a customer sees.
    """
    yield _read_under(_HASTE, pairs)
    yield _read_under(1, 1)


def _read_under(speed: float, pairs: int) -> str:
    with vendors("documented") as there:
        there.control("POST", "limits", {"speed": speed})
        token = there.add(views=100_000, converted_share=0.0)["wistia_token"]
        ground = plain(Ground.beside(there, "sqlite://"))
        found, refused = [], 0
        for _ in range(pairs):
            time.sleep(60 / speed)  # until the vendor has forgotten the pair before
            there.control("DELETE", "counters")
            ours = measured("read", ground=ground, token=token, speed=speed)
            refused += sum(r["status"] == 429 for r in there.control("GET", "requests"))
            found.append((ours, measured("turns", calls=int(ours["calls"]), speed=speed)))
    name = (
        f"read of 100,000 views, time x{speed:.0f}, {refused} times 429 : the limiter alone, wall"
    )
    return compared(name, "wall", found, 1.05)


def memory(pairs: int) -> Iterator[str]:
    """F. Peak memory of a first poll over 1,000, 10,000 and 100,000 views."""
    del pairs  # a peak does not vary as a time does
    with vendors() as there, folder() as here:
        peaks = []
        for number, many in enumerate((1000, 10_000, 100_000), start=1):
            made = there.add(CUSTOMER + number, views=many)
            ground = Ground.beside(there, f"sqlite:///{here}/app{number}.db")
            found = measured("first", ground=plain(ground), made=made, people=_PEOPLE)
            peaks.append(found["peak"])
    grown = peaks[-1] - peaks[0]
    told = " / ".join(f"{peak:.0f}" for peak in peaks)
    yield f"peak memory at 1,000 / 10,000 / 100,000 views: {told} MB {_goal(grown, 40, ' MB more')}"


def calls(pairs: int) -> Iterator[str]:
    """G. Calls of a poll : the fewest there can be."""
    del pairs  # calls are counted, not timed
    with vendors() as there, folder() as here:
        made = there.add(views=_MANY)
        ground = plain(Ground.beside(there, f"sqlite:///{here}/app.db"))
        measured("whole", ground=ground, made=made)
        there.control("DELETE", "counters")
        idle = measured("poll", ground=ground)
        yield _against_least(there, made, idle, "a poll with what was held")
        there.control("DELETE", "counters")
        idle = measured("poll", ground=ground)
        yield _against_least(there, made, idle, "an idle poll")


def _against_least(there: Vendors, made: Any, found: dict[str, Any], name: str) -> str:
    asked = there.calls()
    written = asked.get("create_event", 0)
    fewest = math.ceil(_MANY / 100) + 1 + written
    made_calls = sum(asked.values())
    return f"{name}: {made_calls} calls : {fewest} {_goal(made_calls / fewest, 1.0, '')} {asked}"


def compared(
    name: str,
    what: str,
    pairs: list[tuple[dict[str, float], dict[str, float]]],
    goal: float,
    *,
    least: bool = False,
) -> str:
    """A line: the median ratio of what was measured of both sides, and whether it is the goal."""
    ratio = statistics.median(ours[what] / theirs[what] for ours, theirs in pairs)
    ours, theirs = (
        statistics.median(side[what] for side in sides) for sides in zip(*pairs, strict=True)
    )
    return f"{name}: {ours:.2f} s : {theirs:.2f} s = {_goal(ratio, goal, '', least=least)}"


def _goal(found: float, goal: float, unit: str, *, least: bool = False) -> str:
    met = found >= goal if least else found <= goal
    sign = ">=" if least else "<="
    return f"{found:.2f}{unit} (goal {sign} {goal:g}{unit}: {'met' if met else 'MISSED'})"


LINES: dict[str, Line] = {
    "a": unchanged,
    "b": first_poll,
    "c": idle_customers,
    "d": two_workers,
    "e": under_the_limit,
    "f": memory,
    "g": calls,
}
