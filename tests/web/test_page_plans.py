"""Whatever a page asks of the database is answered from an index, however large the tables grow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sync.house import House, view
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store.database import database

from .reader import Reader

Steps = list[tuple[str, str]]
"""A statement, and a step of how SQLite goes about it."""


@pytest.fixture
def database_kind() -> str:
    """Plans are SQLite's; PostgreSQL rightly reads a small table whole."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A few views in different states; both targets are on."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        made.configure(formsEnabled=True, activityMinPercent=25)
        for one in (
            view("e1", "anna@acme.example"),
            view("e2", "zoe@nowhere.example"),
            view("e3", "bo@birch.example", fraction=0.1),
            view("e4"),
        ):
            made.world.add(one)
        made.run()
        yield made


@pytest.fixture
def steps_of() -> Callable[[Callable[[], object]], Steps]:
    """How SQLite goes about every statement of a call, whichever thread makes it."""

    def explained(call: Callable[[], object]) -> Steps:
        asked: list[Any] = []
        database.query_hooks.append(asked.append)
        try:
            call()
        finally:
            database.query_hooks.remove(asked.append)
        assert asked
        return [
            (query.sql, step[3])
            for query in asked
            if query.sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"))
            for step in database.execute_sql(f"EXPLAIN QUERY PLAN {query.sql}", query.params)
        ]

    return explained


PAGES = [
    "status",
    "status?target=form",
    "views",
    "views?viewer={anna}",
    "views?q=anna",
    "views?q=acme.example",
    "views?q=Product tour",
    "views?contact=101",
    "views?video=media00001",
    "views?project=proj1",
    "views?project=proj1&q=anna&state=registered",
    *(f"views?state={state}" for state in ("written", "registered", "dropped", "waiting", "off")),
    "views?code=below_minimum&target=form",
    "views?passed=turnstile",
    "views?from=2026-11-01&to=2026-11-20",
    "views?domain=acme.example",
    "views?version=2",
    "views?before=9999999999999999-9",
    "views?after=1-1",
    "views?format=csv",
    "views/e1",
    "views/e3",
    "failed",
    "failed?group=needs&after=1",
    "runs",
    "history",
    "waiting",
    "waiting?group=unknown&before=9999999999999999-9",
    "waiting?group=ignored&below=9",
    "domains",
    "domains?domain=acme&after=9-a.example",
    "videos",
    "videos/media00001",
    "settings?set.activityMinPercent=10",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_reads_a_table_whole(
    house: House, reader: Reader, steps_of: Callable[[Callable[[], object]], Steps], path: str
) -> None:
    if "{anna}" in path:
        found = reader.presses("views", q="anna@acme.example")
        path = found.location.partition(f"/c/{house.customer}/")[2]
        assert "viewer=" in path
    steps = steps_of(lambda: reader.opens(path))
    assert [one for one in steps if reads_whole(*one)] == []


def reads_whole(sql: str, step: str) -> bool:
    """Whether the step walks a table, and not what the statement itself has found."""
    walked = re.match(r"SCAN (\w+)", step)
    if not walked or walked[1] == "CONSTANT":
        return False
    name = re.escape(walked[1])
    return not re.search(rf"\) (AS )?\"?{name}\b|\b{name} AS (MATERIALIZED )?\(", sql)


def test_a_table_read_whole_would_be_seen(
    house: House, steps_of: Callable[[Callable[[], object]], Steps]
) -> None:
    steps = steps_of(lambda: database.execute_sql("SELECT page FROM views WHERE page <> ''"))
    assert [reads_whole(*one) for one in steps] == [True]
