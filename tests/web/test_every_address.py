"""Every address there is, met by whoever has no business there, and by odd words in it.

The addresses are those that the application knows: a new page cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from tests.sync.house import House, view
from upsales_wistia import customers as people_of
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.web import create_app
from upsales_wistia.web.pages import PAGES

from .reader import Reader

WAYS_IN = {"ways_in.enter"}
ODD = ["-1", "0", "1000000000", "9" * 30, "%00", "..%2f..", "<script>", "'\"", "²", "é" * 300]
NAMES = [
    "after", "asked", "at", "before", "below", "checked", "code", "contact", "did", "domain",
    "format", "from", "group", "person", "project", "q", "saved", "set.activityMinPercent",
    "set.activityProjects", "set.startDate", "sort", "state", "target", "to", "video", "viewer",
    "wrong",
]  # fmt: skip
MAY_BE_NONE = ["run", "version"]
"""What a query names, and which may not be there."""


@pytest.fixture
def database_kind() -> str:
    """SQLite takes what a server would refuse too; the queries are held on both elsewhere."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer with a view, and another customer beside it."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        made.world.add(view("e1", "anna@acme.example"))
        made.run()
        people_of.add(made.services, 4712, "Birch", {"config": {}})
        yield made


def rules(house: House, method: str) -> list[Rule]:
    """The addresses of the customers' pages that take this method."""
    modules = {module.blueprint.name for module in PAGES}
    return [
        rule
        for rule in create_app(house.services).url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in modules
        and method in (rule.methods or ())
        and rule.endpoint not in WAYS_IN
    ]


def path_of(rule: Rule, customer: int, word: str = "1") -> str:
    """The rule's address for a customer, with ``word`` for all else that it names."""
    made, rest = "", rule.rule.replace("<int:customer_id>", str(customer))
    while "<" in rest:
        before, _, rest = rest.partition("<")
        name, _, rest = rest.partition(">")
        choices = name.partition("(")[2].partition(")")[0]
        made += before + (choices.split(",")[0].strip() if choices else word)
    return made + rest


def test_without_a_session_nobody_sees_or_does_anything(house: House) -> None:
    browser, base = create_app(house.services).test_client(), house.services.config.public_url
    for rule in rules(house, "GET"):
        answer = browser.get(path_of(rule, house.customer), base_url=base)
        assert answer.status_code == 403, rule
        assert "You are signed out" in answer.text
    for rule in rules(house, "POST"):
        assert browser.post(path_of(rule, house.customer), base_url=base).status_code == 400, rule


def test_another_customers_pages_are_not_there(house: House, reader: Reader) -> None:
    for customer in (4712, 9999):
        for rule in rules(house, "GET"):
            assert reader.fetches(path_of(rule, customer)).status_code == 404, rule
    token = reader.token()
    for rule in rules(house, "POST"):
        answer = reader.sends(path_of(rule, 4712), csrf_token=token, write="all", email="x@y.se")
        assert answer.status_code == 404, rule


def test_nothing_is_changed_without_the_forms_own_token(house: House, reader: Reader) -> None:
    found = rules(house, "POST")
    assert len(found) > 10
    for rule in found:
        for fields in ({}, {"csrf_token": "forged"}):
            answer = reader.sends(path_of(rule, house.customer), **fields)
            assert answer.status_code == 400, rule
            assert "Nothing was changed" in answer.text


def test_every_answer_has_its_headers(house: House, reader: Reader) -> None:
    for rule in rules(house, "GET"):
        headers = reader.fetches(path_of(rule, house.customer)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'; img-src"), rule
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("word", ODD)
def test_an_odd_word_in_a_path_is_not_there(house: House, reader: Reader, word: str) -> None:
    for rule in rules(house, "GET"):
        if rule.arguments != {"customer_id"}:
            safe = word if word.startswith(("%", "..")) else quote(word)
            status = reader.fetches(path_of(rule, house.customer, safe)).status_code
            assert status in (404, 308), (rule, word)


@pytest.mark.parametrize("word", ["", *ODD, "a,b", "2026-13-99", "0001-01-01", "1-1", "\u202e"])
def test_odd_words_in_a_query_are_answered_with_the_page(
    house: House, reader: Reader, word: str
) -> None:
    together = "&".join(f"{name}={quote(word)}" for name in NAMES)
    alone = [f"{name}={quote(word)}" for name in MAY_BE_NONE]
    for rule in rules(house, "GET"):
        path = path_of(rule, house.customer)
        plain = reader.fetches(path).status_code
        for query in (together, *alone):
            answer = reader.fetches(f"{path}?{query}")
            assert answer.status_code in (plain, 303, 404), (rule, query)
            assert "<script>" not in answer.text
