"""The address that Wistia posts to: what is answered, and in which order things are looked at."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from .conftest import Person
from .pages import CUSTOMER

ADDRESS = f"/webhooks/wistia/{CUSTOMER}"


def posts(person: Person, body: bytes = b"{}", **headers: str) -> TestResponse:
    base = person.house.config.public_url
    return person.browser.post(ADDRESS, base_url=base, data=body, headers=headers)


def test_what_is_signed_is_answered_at_once_and_handed_on_as_it_came(person: Person) -> None:
    answer = posts(person, b'{"a":  1}\n', **{"X-Wistia-Signature": "abc"})
    assert (answer.status_code, answer.json) == (202, {})
    assert person.house.webhooks.bodies == [(str(CUSTOMER), b'{"a":  1}\n', "abc")]


def test_what_is_not_signed_is_answered_401(person: Person) -> None:
    person.house.webhooks.signed = False
    answer = posts(person)
    assert (answer.status_code, answer.json) == (401, {})


def test_too_much_is_answered_413_and_handed_to_nobody(person: Person) -> None:
    assert posts(person, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert person.house.webhooks.bodies == []


def test_without_a_database_wistia_is_told_to_come_again(person: Person) -> None:
    person.house.loses_its_database()
    answer = posts(person)
    assert (answer.status_code, answer.json) == (503, {})


def test_a_fault_of_ours_has_a_number(person: Person) -> None:
    person.house.webhooks.raises = ZeroDivisionError()
    answer = posts(person)
    assert answer.status_code == 500
    assert answer.json
    assert len(answer.json["error"]) == 12


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_nothing_but_a_post_is_known_there(person: Person, method: str) -> None:
    base = person.house.config.public_url
    assert person.browser.open(ADDRESS, method=method, base_url=base).status_code == 405
