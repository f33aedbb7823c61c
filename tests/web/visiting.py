"""Somebody who visits the pages of a real house, with a verb for each thing a person does."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.sync.house import House
from upsales_wistia.links import sign_link
from upsales_wistia.web import create_app


class Visit:
    """A browser that is signed in; ``admin`` may change things."""

    def __init__(self, house: House, *, admin: bool = True) -> None:
        self.house = house
        self.browser = create_app(house.services).test_client()
        entered = self.get(
            sign_link(house.services.config, house.customer, "Anna Kjellberg", admin=admin)
        )
        assert entered.status_code == 303

    def get(self, address: str) -> TestResponse:
        """Ask for an address."""
        config = self.house.services.config
        return self.browser.get(address, base_url=config.public_url, buffered=True)

    def opens(self, path: str) -> str:
        """The text of a page of the customer's."""
        answer = self.get(f"/c/{self.house.customer}{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def sends(self, path: str, **fields: str) -> TestResponse:
        """Fill in a form of a page at ``path`` and send it."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.opens(path))
        assert token
        return self.browser.post(
            f"/c/{self.house.customer}{path}",
            base_url=self.house.services.config.public_url,
            data={"csrf_token": token[1], **fields},
        )


def lines(page: str) -> list[str]:
    """What a person reads of each row of a page's table."""
    rows = re.findall(r"<tr role=\"row\">(.*?)</tr>", page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows][1:]


def chips(page: str) -> list[str]:
    """The states above the table, with their counts."""
    shown = page[page.index('id="chips"') : page.index('id="results"')]
    found = re.findall(r'<li><a href="[^"]*"[^>]*>(.*?)</a></li>', shown, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", chip).split()) for chip in found]
