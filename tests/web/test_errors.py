"""Every error is a page with words, and monitors get theirs."""

from __future__ import annotations

import re

import pytest
from flask import abort

from upsales_wistia import __version__
from upsales_wistia.web import create_app

from .conftest import Person
from .pages import CUSTOMER, House


def test_health_answers_the_name(person: Person) -> None:
    answer = person.opens("/health")
    assert (answer.status_code, answer.json) == (200, "upsales-wistia")


def test_health_tells_why_the_database_is_out_of_reach(person: Person) -> None:
    person.house.loses_its_database()
    answer = person.opens("/health")
    assert answer.status_code == 503
    assert answer.json == {"error": "The database does not answer: connection refused."}


def test_version(person: Person) -> None:
    assert person.opens("/version").json == {"name": "upsales-wistia", "version": __version__}


def test_what_does_not_exist(person: Person) -> None:
    page = person.opens("/c/x/y")
    assert page.status_code == 404
    assert "There is nothing here" in page.text


def test_a_wrong_method_says_which_are_right(person: Person) -> None:
    answer = person.browser.put("/health")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_the_page_tries_again_while_the_database_is_away(person: Person) -> None:
    person.enters()
    person.house.loses_its_database()
    page = person.opens(f"/c/{CUSTOMER}/status")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "30"
    assert "We are restarting" in page.text
    assert '<meta http-equiv="refresh" content="30">' in page.text
    assert "connection refused" not in page.text


def test_a_fault_of_ours_has_a_number_and_tells_nothing_else(person: Person) -> None:
    person.enters()
    person.house.broken = RuntimeError("token=s3cr3t")
    page = person.opens(f"/c/{CUSTOMER}/status")
    assert page.status_code == 500
    assert "Something broke on our side" in page.text
    assert re.search(r"send us the number [0-9a-f]{12}\.", page.text)
    assert "s3cr3t" not in page.text
    assert "RuntimeError" not in page.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "That could not be understood"),
        (413, "That is too much at once"),
        (429, "Too many requests from here. Try again in 60 seconds."),
        (502, "Something broke on our side"),
    ],
)
def test_words_of_other_errors(status: int, words: str) -> None:
    app = create_app(House())
    app.add_url_rule("/refuse", view_func=lambda: abort(status))
    page = app.test_client().get("/refuse")
    assert page.status_code == (500 if status == 502 else status)
    assert words in page.text
    assert ("Retry-After" in page.headers) == (status == 429)
