"""Links: signed, for one customer, with the rights they were made with."""

from __future__ import annotations

import pytest

from tests.web.pages import config
from upsales_wistia.links import read_link, sign_link


@pytest.mark.parametrize("admin", [True, False])
def test_a_link_carries_customer_name_and_rights(admin: bool) -> None:
    home = config()
    token = sign_link(home, 4711, "Anna", admin=admin).partition("?t=")[2]
    assert read_link(home, token) == (4711, "Anna", admin)


def test_without_a_word_a_link_gives_no_rights_to_change() -> None:
    home = config()
    token = sign_link(home, 4711, "Anna").partition("?t=")[2]
    assert read_link(home, token) == (4711, "Anna", False)


@pytest.mark.parametrize("token", ["", "x", "W10.aSZ.x"])
def test_what_we_did_not_sign_opens_nothing(token: str) -> None:
    assert read_link(config(), token) is None
