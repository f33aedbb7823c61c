"""The web on top of a small house, and somebody who opens its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.sync.house import House as RealHouse
from upsales_wistia.links import sign_link
from upsales_wistia.web import create_app

from .pages import CUSTOMER, House
from .reader import Reader


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Errors that a test asks for are not printed."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


class Person:
    """A browser, with a verb for each thing a person does."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.browser: FlaskClient = create_app(house).test_client()

    def opens(self, path: str, **headers: str) -> TestResponse:
        """Ask for a page."""
        return self.browser.get(
            path, base_url=self.house.config.public_url, headers=headers, buffered=True
        )

    def enters(self, customer_id: int = CUSTOMER, who: str = "Anna Kjellberg") -> TestResponse:
        """Follow a signed link."""
        return self.opens(sign_link(self.house.config, customer_id, who))

    def sees_status(self, query: str = "", **headers: str) -> str:
        """The text of the status page, after entering."""
        self.enters()
        page = self.opens(f"/c/{CUSTOMER}/status{query}", **headers)
        assert page.status_code == 200, page.text
        return page.text


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def person(house: House) -> Person:
    return Person(house)


@pytest.fixture
def reader(house: RealHouse) -> Reader:
    """An administrator who has just followed a link; for tests whose house is a real one."""
    made = Reader(house, create_app(house.services).test_client())
    made.enters()
    return made
