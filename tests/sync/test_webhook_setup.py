"""Setting the webhook up: an address, a secret that is shown once, and the first signed event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.sync.house import NOW, House, view
from tests.sync.told import ToldHouse
from upsales_wistia import webhook_setup
from upsales_wistia.received import take_config
from upsales_wistia.store import customers
from upsales_wistia.webhook_setup import WebhookState, make_secret, state

BuildHouse = Callable[..., House]


@pytest.fixture
def told(build_house: BuildHouse) -> ToldHouse:
    """A house whose webhook has no secret yet."""
    made = ToldHouse(build_house())
    customers.save_secret(made.house.services.keyring, 4711, "wistiaWebhookSecret", "", NOW)
    return made


def secret_now(told: ToldHouse) -> str:
    stored = customers.secrets(told.house.services.keyring, 4711)
    return stored.get("wistiaWebhookSecret", "")


def played(told: ToldHouse) -> int:
    told.webhook.tell("viewing_session.play", view("e1"))
    (status,) = told.webhook.post()
    return status


def test_the_address_is_that_of_our_pages(told: ToldHouse) -> None:
    found = webhook_setup.address(told.house.services.config, 4711)
    assert found == "http://127.0.0.1:8000/webhooks/wistia/4711"


def test_a_secret_is_made_and_the_first_signed_event_proves_it(told: ToldHouse) -> None:
    house, keyring = told.house, told.house.services.keyring
    assert state(4711) == WebhookState(None, None, None)
    assert not state(4711).is_waiting
    told.webhook.secret = make_secret(keyring, 4711, NOW)
    assert len(told.webhook.secret) >= 40
    assert secret_now(told) == told.webhook.secret
    assert state(4711) == WebhookState(NOW, None, None)
    assert state(4711).is_waiting
    house.later(minutes=3)
    assert played(told) == 202
    first = house.clock.now()
    house.later(minutes=3)
    assert played(told) == 202
    assert state(4711) == WebhookState(NOW, first, first + timedelta(minutes=3))
    assert not state(4711).is_waiting


def test_a_new_secret_has_to_prove_itself_again(told: ToldHouse) -> None:
    keyring = told.house.services.keyring
    told.webhook.secret = make_secret(keyring, 4711, NOW)
    assert played(told) == 202
    told.house.later(minutes=1)
    fresh = make_secret(keyring, 4711, told.house.clock.now())
    assert fresh != told.webhook.secret
    assert state(4711).is_waiting
    assert played(told) == 401
    told.webhook.secret = fresh
    assert played(told) == 202
    assert state(4711).first_at == told.house.clock.now()


def test_what_upsales_sets_takes_the_place_of_ours_and_what_it_repeats_does_not(
    told: ToldHouse,
) -> None:
    keyring = told.house.services.keyring
    config = told.house.tenant.config | {"wistiaWebhookSecret": "from Upsales"}
    make_secret(keyring, 4711, NOW)
    take_config(keyring, 4711, config, NOW)
    assert secret_now(told) == "from Upsales"
    ours = make_secret(keyring, 4711, NOW)
    take_config(keyring, 4711, config, NOW)
    assert secret_now(told) == ours, "Upsales merely repeats what was replaced here"
