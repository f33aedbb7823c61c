"""Links: signed, for one customer, with the rights they were made with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.web.pages import config
from upsales_wistia.links import link_made_at, read_link, sign_link

THEN = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize("admin", [True, False])
def test_a_link_carries_customer_name_and_rights(admin: bool) -> None:
    home = config()
    token = sign_link(home, 4711, "Anna", admin=admin).partition("?t=")[2]
    assert read_link(home, token) == (4711, "Anna", admin)


def test_without_a_word_a_link_gives_no_rights_to_change() -> None:
    home = config()
    token = sign_link(home, 4711, "Anna").partition("?t=")[2]
    assert read_link(home, token) == (4711, "Anna", False)


def test_a_link_for_nobody_by_name_is_told_by_its_moment() -> None:
    home = config()
    with time_machine.travel(THEN, tick=False) as clock:
        token = sign_link(home, 4711, "").partition("?t=")[2]
        clock.shift(timedelta(minutes=9))
        _, who, _ = read_link(home, token) or (0, "", False)
    assert who == "link of 2026-11-21T14:02:00+00:00"
    assert link_made_at(who) == THEN


@pytest.mark.parametrize("who", ["Anna", "link of", "link of 14:02", "link of 2026-11-21", ""])
def test_a_name_is_no_moment(who: str) -> None:
    assert link_made_at(who) is None


@pytest.mark.parametrize("token", ["", "x", "W10.aSZ.x"])
def test_what_we_did_not_sign_opens_nothing(token: str) -> None:
    assert read_link(config(), token) is None
