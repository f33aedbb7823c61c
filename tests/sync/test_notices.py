"""Notices in Upsales: each cause once a day, its end once, whoever tells and whatever comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sync.house import House, view
from tests.sync.test_hooks import asked, external, messages
from upsales_wistia.notices import Notices
from upsales_wistia.services import Services
from upsales_wistia.store import customers

BuildHouse = Callable[..., House]

REVOKED = "Wistia refuses the API token."
INACTIVE = "Your Wistia account is not active."
WELL = "Everything is in sync again."


@pytest.fixture
def house(build_house: BuildHouse, sandbox: Any) -> Iterator[House]:
    """A house whose app is in Upsales' directory, with two users to be told."""
    platform = sandbox.platform
    environ = {"UPSALES_APP_ID": str(platform.app_id), "UPSALES_APP_KEY": platform.app_key}
    made = build_house(key=False, environ=environ)
    customers.remove(made.customer)
    made.tenant.base_config["notifyUsers"] = [{"value": "7"}, 8]
    external(made)
    assert told(made) == []
    yield made
    made.services.hooks.close()


def told(house: House) -> list[str]:
    """The first sentence of each notice, in order; all are for the users chosen."""
    notices = [m for _, m in house.sandbox.platform.callbacks if "notify" in m]
    assert all(m["notifyUserIds"] == [7, 8] for m in notices)
    return [m["notify"].partition(".")[0] + "." for m in notices]


def breaks(house: House, fault: str) -> None:
    house.sandbox.faults.clear()
    house.sandbox.faults.add("wistia.events", fault, times=None)


def tick(house: House) -> None:
    """The app's own poll, which Upsales did not ask for: nobody is to be called back."""
    house.later(minutes=20)
    house.services._run_due(house.customer)


def test_causes_that_take_turns_are_each_told_once_a_day(house: House) -> None:
    for _ in range(3):
        for fault in ("unauthorized_scope", "account_inactive"):
            breaks(house, fault)
            house.later(hours=2)
            external(house)
    assert told(house) == [REVOKED, INACTIVE]
    house.later(hours=14)  # a day after the first
    breaks(house, "unauthorized_scope")
    external(house)
    assert told(house) == [REVOKED, INACTIVE, REVOKED]
    house.sandbox.faults.clear()
    for _ in range(3):
        house.later(hours=1)
        external(house)
    assert told(house)[3:] == [WELL]


def test_a_notice_says_what_to_do_next(house: House) -> None:
    breaks(house, "revoked")
    house.later(hours=1)
    external(house)
    ((_, said),) = [one for one in house.sandbox.platform.callbacks if "notify" in one[1]]
    assert said["notify"].startswith(f"{REVOKED} Ask the owner of your Wistia account for a new")
    assert "<" not in said["notify"]


def test_what_needs_a_person_is_told_though_no_run_failed(house: House) -> None:
    house.tenant.base_config["activityScore"] = 0
    house.later(hours=1)
    external(house)
    assert told(house) == ["Entries are hidden: the lead score is 0."]
    house.tenant.base_config["activityScore"] = 5
    house.later(hours=1)
    external(house)
    assert told(house)[1:] == [WELL]


def test_a_poll_of_our_own_asks_for_a_callback_to_tell_it_with(house: House) -> None:
    house.sandbox.platform.hooks.clear()
    breaks(house, "revoked")
    tick(house)
    assert told(house) == []
    assert house.sandbox.platform.hooks == [house.customer], "only a callback can carry a notice"
    tick(house)
    assert house.sandbox.platform.hooks == [house.customer], "but Upsales is not asked each time"
    external(house, data={"action": "sync"})
    assert told(house) == [REVOKED]
    for _ in range(5):
        tick(house)
    assert house.sandbox.platform.hooks == [house.customer], "it was told"
    house.sandbox.faults.clear()
    tick(house)
    assert len(house.sandbox.platform.hooks) == 2
    external(house, data={"action": "sync"})
    assert told(house) == [REVOKED, WELL]


def test_where_nobody_is_to_be_told_upsales_is_not_asked(house: House) -> None:
    house.tenant.base_config["notifyUsers"] = []
    external(house)
    house.sandbox.platform.hooks.clear()
    breaks(house, "revoked")
    tick(house)
    external(house)
    assert house.sandbox.platform.hooks == []
    assert told(house) == []
    house.tenant.base_config["notifyUsers"] = [7, 8]
    house.later(hours=1)
    external(house)
    assert told(house) == [REVOKED]


def test_a_callback_that_was_not_taken_has_told_nothing(house: House) -> None:
    breaks(house, "revoked")
    house.sandbox.faults.add("upsales.callback", "400", times=None)
    house.later(hours=1)
    external(house)
    assert told(house) == []
    breaks(house, "revoked")
    house.later(minutes=1)
    external(house)
    house.later(minutes=1)
    external(house)
    assert told(house) == [REVOKED]


def test_a_callback_that_finds_upsales_busy_is_sent_again(house: House) -> None:
    breaks(house, "revoked")
    house.sandbox.faults.add("upsales.callback", "503", times=2)
    before = len(messages(house))
    house.later(hours=1)
    external(house)
    assert told(house) == [REVOKED]
    assert len(messages(house)) == before + 1


def test_of_several_callbacks_of_a_run_one_carries_it(house: House) -> None:
    breaks(house, "revoked")
    url = f"{house.sandbox.external_url}/callback/{house.customer}"
    before = len(messages(house))
    house.later(hours=1)
    house.services.run(house.customer)
    house.services.hooks._closing.close(house.customer, [url, url, url], "a run")
    assert len(messages(house)) == before + 3
    assert told(house) == [REVOKED]


def test_also_a_request_that_starts_no_run_carries_it(house: House) -> None:
    breaks(house, "revoked")
    house.later(hours=1)
    house.services.run(house.customer)
    house.services.hooks.job(asked(house))
    house.services.hooks.join()
    assert messages(house)[-1] == "The last run was just now."
    assert told(house) == [REVOKED]


def test_of_two_processes_one_tells_it(house: House) -> None:
    breaks(house, "revoked")
    house.later(hours=1)
    house.services.run(house.customer)
    here, there = (Notices(house.services.config, house.clock) for _ in range(2))
    with here.carried(house.customer) as first, there.carried(house.customer) as second:
        assert first.fields["notify"].startswith(REVOKED)
        assert second.fields == {}
        assert not there.due(house.customer)
        first.taken = second.taken = True
    house.sandbox.faults.clear()
    house.services.run(house.customer)
    with here.carried(house.customer) as first, there.carried(house.customer) as second:
        assert (first.fields["notify"], second.fields) == (WELL, {})
        first.taken = True
    assert not here.due(house.customer)


def test_what_a_process_was_about_to_tell_when_it_died_is_told_by_the_next(house: House) -> None:
    breaks(house, "revoked")
    house.later(hours=1)
    house.services.run(house.customer)
    dying = Notices(house.services.config, house.clock).carried(house.customer)
    dying.__enter__()  # and never left
    external(house)
    assert told(house) == []
    house.later(minutes=3)
    external(house)
    assert told(house) == [REVOKED]


def test_what_was_told_is_known_after_a_restart(house: House) -> None:
    breaks(house, "revoked")
    house.later(hours=1)
    external(house)
    house.services.hooks.close()
    house.services = Services(
        house.services.config, clock=house.clock, limits=house.services.limits, pause=lambda _: None
    )
    house.later(hours=1)
    external(house)
    assert told(house) == [REVOKED]
    house.sandbox.faults.clear()
    external(house)
    assert told(house) == [REVOKED, WELL]


def test_a_run_that_did_not_read_does_not_say_that_wistia_is_well(house: House) -> None:
    house.world.add(view("e1", "late@nobody.example"))
    house.later(minutes=20)
    external(house)
    breaks(house, "revoked")
    house.later(minutes=20)
    external(house)
    house.tenant.crm.add_contact(email="late@nobody.example", company_id=2, name="Late")
    data = {"object": {"id": 5, "email": "late@nobody.example"}}
    house.services.hooks.contact_changed(asked(house, data=data), 5)
    house.services.hooks.join()
    assert len(house.entries) == 1, "who waited is written at once all the same"
    assert messages(house)[-1].startswith("Failed: Wistia ")
    assert told(house) == [REVOKED]
    external(house, data={"action": "sync"})
    assert house.services.status_page(house.customer).runs[0].document["status"] == "failed"  # type: ignore[union-attr]
    house.sandbox.faults.clear()
    external(house, data={"action": "sync"})
    assert told(house) == [REVOKED, WELL]
