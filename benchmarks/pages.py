"""How long the server takes for the status page and for the search, with 100,000 stored views.

    python -m benchmarks.pages [--views 100000] [--times 7] [--database postgresql://…]

Each page is asked for as a browser would, drawing included. Beside its time stands that of the
same answer got by reading the tables whole (``LIKE``, and no index), measured in between, without
any drawing.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from upsales_wistia.links import sign_link
from upsales_wistia.services import Services
from upsales_wistia.store import database
from upsales_wistia.store.fields import to_column
from upsales_wistia.store.search import Filter
from upsales_wistia.store.sql import fetch
from upsales_wistia.viewlist import every_row, scene
from upsales_wistia.web import create_app

from .year import CUSTOMER, filled, say

STATUS_AIM = 200
"""Milliseconds."""
SEARCH_AIM = 300
"""Milliseconds."""


def main() -> None:
    """Fill, measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--views", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=7, help="the median is of so many")
    parser.add_argument("--database", default="", help="an empty one; SQLite if not given")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = wanted.database or f"sqlite:///{folder}/measured.db"
        with filled(url, wanted.views) as services:
            for line in figures(services, wanted.times):
                say(line)
            say(table_to_take_away(services))


@dataclass(frozen=True, slots=True)
class Question:
    """A page as a browser asks for it, and the same answer by reading the tables whole."""

    name: str
    path: str
    aim: int
    plain: Callable[[], object]


def figures(services: Services, times: int) -> Iterator[str]:
    """A line for each page: its time, the aim, the plain way's time, and the ratio."""
    browser = create_app(services).test_client()
    visit(browser, services, sign_link(services.config, CUSTOMER, "Anna", admin=True))
    yield f"{'':34}{'page':>9}{'aim':>8}{'plain':>10}{'ratio':>9}"
    for question in questions():
        address = f"/c/{CUSTOMER}/{question.path}"
        visit(browser, services, address)
        page, plain = [], []
        for _ in range(times):
            page.append(milliseconds(lambda at=address: visit(browser, services, at)))
            plain.append(milliseconds(question.plain))
        ours, theirs = statistics.median(page), statistics.median(plain)
        mark = "" if ours <= question.aim else "  missed"
        yield (
            f"{question.name:34}{ours:6.0f} ms{question.aim:5} ms{theirs:7.0f} ms"
            f"{theirs / ours:8.1f}x{mark}"
        )


def table_to_take_away(services: Services) -> str:
    """How long all views take as CSV, and by how much memory grows, beside all of them at once."""
    browser = create_app(services).test_client()
    visit(browser, services, sign_link(services.config, CUSTOMER, "Anna", admin=True))
    before, started, size, lines, most = memory(), time.perf_counter(), 0, 0, 0.0
    answer = browser.get(
        f"/c/{CUSTOMER}/views?format=csv", base_url=services.config.public_url, buffered=False
    )
    for chunk in answer.response:
        text = chunk if isinstance(chunk, bytes) else chunk.encode()
        size, lines, most = size + len(text), lines + text.count(b"\n"), max(most, memory())
    seconds, grown = time.perf_counter() - started, most - before
    everything = list(every_row(scene(CUSTOMER), Filter(CUSTOMER)))
    at_once = memory() - before
    return (
        f"CSV: {lines - 1:,} rows, {size / 2**20:.0f} MB in {seconds:.0f} s; memory grows by "
        f"{grown:.0f} MB, with all {len(everything):,} at once by {at_once:.0f} MB"
    )


def memory() -> float:
    """What the process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def visit(browser: FlaskClient, services: Services, address: str) -> str:
    """The page behind an address, and behind where that leads."""
    base = services.config.public_url
    answer = browser.get(address, base_url=base, follow_redirects=True)
    assert answer.status_code == 200, answer.text  # noqa: S101  (nothing else is to be measured)
    return answer.text


def milliseconds(call: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def questions() -> Sequence[Question]:
    """The pages that are measured."""
    ((when,),) = fetch(
        "SELECT received_at FROM views WHERE customer_id = ? ORDER BY id LIMIT 1 OFFSET ?",
        [CUSTOMER, 40_000 if count_views() > 50_000 else count_views() // 2],
    )
    middle = str(when)[:10]
    month = (datetime.fromisoformat(middle) + timedelta(days=30)).date().isoformat()
    email = "person7@company7.example"
    of = Searching
    return [
        Question("status", "status", STATUS_AIM, status_plainly),
        Question("views: all", "views", SEARCH_AIM, of("1 = 1")),
        Question("views: e-mail", f"views?q={email}", SEARCH_AIM, of.like("person", email)),
        Question("views: part of an e-mail", "views?q=person7", SEARCH_AIM,
                 of.like("person", "person7")),
        Question("views: domain", "views?q=company7.example", SEARCH_AIM,
                 of.like("person", "company7.example")),
        Question("views: name", "views?q=Person 7", SEARCH_AIM,
                 of.like("v.first_name || ' ' || v.last_name", "person 7")),
        Question("views: title of a video", "views?q=number 17", SEARCH_AIM,
                 of.like("m.name", "number 17")),
        Question("views: video", "views?video=bigmedia0017", SEARCH_AIM,
                 of("v.media_id = 'bigmedia0017'")),
        Question("views: project", "views?project=bigproj002", SEARCH_AIM,
                 of("m.project_id = 'bigproj002'")),
        Question("views: state waiting", "views?state=waiting", SEARCH_AIM,
                 of("v.activity_code IN ('unknown', 'free_mail', 'form_first')")),
        Question("views: state left out", "views?state=dropped", SEARCH_AIM,
                 of("v.activity_code NOT IN ('pass', 'unknown', 'settling', '')")),
        Question("views: state written before", "views?state=registered", SEARCH_AIM,
                 of("a.state = 'written'")),
        Question("views: one day", f"views?from={middle}&to={middle}", SEARCH_AIM,
                 of(f"v.received_at LIKE '{middle}%'")),
        Question("views: a month of a project",
                 f"views?project=bigproj002&from={middle}&to={month}", SEARCH_AIM,
                 of(f"m.project_id = 'bigproj002' AND v.received_at >= '{middle}' "
                    f"AND v.received_at <= '{month}'")),
        Question("views: state of an e-mail", f"views?q={email}&state=dropped", SEARCH_AIM,
                 of.like("person", email)),
        Question("waiting room", "waiting", SEARCH_AIM,
                 of("v.activity_code IN ('unknown', 'free_mail', 'form_first')")),
        Question("domains", "domains", SEARCH_AIM, of("v.domain <> ''")),
        Question("failed", "failed", SEARCH_AIM, of("a.state IN ('failed', 'uncertain')")),
    ]  # fmt: skip


def count_views() -> int:
    """How many are stored."""
    ((found,),) = fetch("SELECT count(*) FROM views WHERE customer_id = ?", [CUSTOMER])
    return int(found)


@dataclass(frozen=True, slots=True)
class Searching:
    """The plain way: every row of the tables is looked at, for the counts and for the page."""

    condition: str

    @classmethod
    def like(cls, column: str, text: str) -> Searching:
        """With the words somewhere in a column."""
        return cls(f"lower({column}) LIKE '%{text.lower()}%'")

    def __call__(self) -> object:
        """Count by state, and read the newest 50."""
        tables = (
            f"FROM views v{unindexed()} LEFT JOIN medias m ON m.customer_id = v.customer_id "
            "AND m.media_id = v.media_id LEFT JOIN outbox a ON a.customer_id = v.customer_id "
            "AND a.target = 'activity' AND a.event_key = v.event_key "
            f"WHERE v.customer_id = {CUSTOMER} AND {self.condition}"
        )
        counts = f"SELECT v.activity_code, a.state, count(*) {tables} GROUP BY 1, 2"
        page = f"SELECT v.*, m.name, a.state {tables} ORDER BY v.received_at DESC LIMIT 50"
        return fetch_raw(counts), fetch_raw(page)


def status_plainly() -> object:
    """The figures of the status page: the states of the last 3 days, what waits, what is done."""
    since = to_column(datetime.now(UTC) - timedelta(days=3))
    month = to_column(datetime.now(UTC) - timedelta(days=31))
    views = (
        f"views v{unindexed()} LEFT JOIN outbox a ON a.customer_id = v.customer_id "
        "AND a.target = 'activity' AND a.event_key = v.event_key"
    )
    waits = "v.activity_code IN ('unknown', 'free_mail') AND a.state IS NULL"
    writes = f"outbox a{unindexed()}"
    recent = f"v.received_at >= '{since}'"
    figures = (
        f"v.activity_code, a.state, count(*) FROM {views} WHERE {recent} GROUP BY 1, 2",
        f"count(*), count(DISTINCT v.person) FROM {views} WHERE {waits}",
        f"substr(a.done_at, 1, 16), count(*) FROM {writes} WHERE a.done_at >= '{month}' GROUP BY 1",
        f"count(*) FROM {writes} WHERE a.state = 'failed'",
    )
    return [fetch_raw(f"SELECT {figure}") for figure in figures]


def unindexed() -> str:
    """Makes SQLite read a table whole, in its order; PostgreSQL chooses for itself."""
    return "" if database.is_postgresql() else " NOT INDEXED"


def fetch_raw(statement: str) -> list[tuple[object, ...]]:
    """All rows of a statement that has its values in it."""
    return list(database.database.execute_sql(statement).fetchall())


if __name__ == "__main__":
    main()
