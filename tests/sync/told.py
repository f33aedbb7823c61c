"""A house whose customer has set up Wistia's webhook, and the account that tells it things."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask.testing import FlaskClient

from tests.sync.house import House
from upsales_wistia.sandbox import View
from upsales_wistia.web import create_app

SECRET = "a secret that Wistia knows too"

BuildHouse = Callable[..., House]


class ToldHouse:
    """A house and its Wistia account: what happens is told by webhook, and then worked off."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.webhook = house.tenant.webhook
        self.browser: FlaskClient = create_app(house.services).test_client()
        self.webhook.address = f"/webhooks/wistia/{house.customer}"
        self.webhook.secret = SECRET
        self.webhook.carry = self._post
        house.configure(wistiaWebhookSecret=SECRET)

    def _post(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        return self.browser.post(address, data=body, headers=dict(headers)).status_code

    def happens(self, after: View, before: View | None = None) -> None:
        """A view comes in, or grows; the webhook tells of it."""
        self.webhook.happened(before, after)
        self.webhook.post()

    def comes(self, view: View) -> None:
        """A new view, told by webhook and worked off at once."""
        self.happens(self.house.world.add(view))
        self.works_off()

    def grows(self, key: str, **fields: Any) -> None:
        """A view grows, which is told and worked off at once."""
        before = self.house.world.view(key)
        self.happens(self.house.world.change(key, **fields), before)
        self.works_off()

    def works_off(self) -> None:
        """What the process does on account of what was told."""
        self.house.services.work_off(self.house.customer)


def told_house(build_house: BuildHouse, **parts: Any) -> ToldHouse:
    """A house that has polled once, with a webhook."""
    house = ToldHouse(build_house(**parts))
    house.house.run()
    return house
