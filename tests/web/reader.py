"""Somebody in front of the pages, on the real object graph."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.sync.house import House
from upsales_wistia.links import sign_link
from upsales_wistia.web import create_app

from .pages import text_of


@dataclass
class Reader:
    """Somebody in front of the pages of a house."""

    house: House
    browser: FlaskClient

    @classmethod
    def of(cls, house: House) -> Reader:
        """Somebody who has followed a link."""
        made = cls(house, create_app(house.services).test_client())
        made.enters()
        return made

    def enters(self, *, admin: bool = True) -> None:
        """Follow a signed link."""
        config = self.house.services.config
        self.fetches(sign_link(config, self.house.customer, "Anna Kjellberg", admin=admin))

    def fetches(self, address: str) -> TestResponse:
        """Ask for an address."""
        base = self.house.services.config.public_url
        return self.browser.get(address, base_url=base, buffered=True)

    def opens(self, path: str) -> TestResponse:
        """Ask for one of the customer's pages."""
        return self.fetches(f"/c/{self.house.customer}/{path}")

    def reads(self, path: str) -> str:
        """The words of one of the customer's pages."""
        answer = self.opens(path)
        assert answer.status_code == 200, answer.text
        return text_of(answer.text)

    def token(self) -> str:
        """What every form of a page carries."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.opens("status").text)
        assert token
        return token[1]

    def sends(self, address: str, **fields: str) -> TestResponse:
        """Send these fields to an address, and nothing besides."""
        base = self.house.services.config.public_url
        return self.browser.post(address, base_url=base, data=fields)

    def presses(self, path: str, **fields: str) -> TestResponse:
        """Send a form."""
        address = f"/c/{self.house.customer}/{path}"
        return self.sends(address, csrf_token=self.token(), **fields)

    def does(self, path: str, **fields: str) -> str:
        """Send a form, let a run that it asked for end, and read where that leads."""
        answer = self.presses(path, **fields)
        assert answer.status_code == 303, answer.text
        self.house.services.hooks.join()
        return text_of(self.fetches(answer.location).text)
