"""The app as Upsales drives it: keys in memory only, callbacks, hooks, suspended customers."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from tests.sync.house import BASE, NOW, House, view
from upsales_wistia import callbacks, logs
from upsales_wistia.asking import REFUSALS
from upsales_wistia.errors import OldRequest
from upsales_wistia.received import take_config
from upsales_wistia.store import customers, database, versions
from upsales_wistia.store.customers import FORETOLD, FORGOTTEN_AFTER
from upsales_wistia.store.leases import hold
from upsales_wistia.sync.keyed import KeyedRun, KeyedRuns

BuildHouse = Callable[..., House]


@dataclass
class Asked:
    """A request of Upsales', already proved."""

    customer_id: int = 4711
    customer_name: str = "Acme AB"
    config: Mapping[str, Any] | None = None
    api_key: str = ""
    callback_url: str = ""
    sent_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@pytest.fixture
def house(build_house: BuildHouse, sandbox: Any) -> Iterator[House]:
    """A house whose app is in Upsales' directory, its customer without a stored key."""
    platform = sandbox.platform
    environ = {"UPSALES_APP_ID": str(platform.app_id), "UPSALES_APP_KEY": platform.app_key}
    made = build_house(key=False, environ=environ)
    customers.remove(made.customer)
    yield made
    made.services.hooks.close()


def asked(house: House, *, callback: bool = True, **more: Any) -> Asked:
    url = f"{house.sandbox.external_url}/callback/{house.customer}" if callback else ""
    return Asked(
        config=house.tenant.config, api_key=house.tenant.upsales_key, callback_url=url, **more
    )


def messages(house: House) -> list[str]:
    return [message["message"] for _, message in house.sandbox.platform.callbacks]


def external(house: House, **more: Any) -> None:
    house.services.hooks.external(asked(house, **more))
    house.services.hooks.join()


def test_an_activated_app_runs_with_the_key_it_was_sent_and_calls_back(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    external(house)
    assert len(house.entries) == 1
    assert messages(house) == ["1 activities and 0 forms written; 1 views read; 0 waiting."]
    known = customers.load(house.customer)
    assert (known.name, known.origin) == ("Acme AB", "upsales")


def test_a_key_that_was_sent_is_kept_nowhere_after_100_runs(house: House) -> None:
    said = io.StringIO()
    logs.configure(said, logging.DEBUG)
    try:
        for n in range(100):
            if n % 10 == 0:
                house.world.add(view(f"e{n}", "anna@acme.example", received_at=house.clock.now()))
            external(house)
            house.later(minutes=20)
    finally:
        logs.configure()
    assert len(house.entries) == 10
    assert "run closed" in said.getvalue()
    for kept in (everything_stored(), said.getvalue()):
        assert house.tenant.upsales_key not in kept
        assert house.tenant.wistia_token not in kept
    assert "apiKey" not in customers.secrets(house.services.keyring, house.customer)


def everything_stored() -> str:
    tables = database.database.get_tables()
    rows = (database.database.execute_sql(f"SELECT * FROM {t}").fetchall() for t in tables)
    return repr(list(rows))


def test_with_retain_api_key_it_is_stored_encrypted(build_house: BuildHouse, sandbox: Any) -> None:
    platform = sandbox.platform
    environ = {
        "UPSALES_APP_ID": str(platform.app_id),
        "UPSALES_APP_KEY": platform.app_key,
        "RETAIN_API_KEY": "true",
    }
    house = build_house(key=False, environ=environ)
    external(house)
    assert customers.secrets(house.services.keyring, 4711)["apiKey"] == house.tenant.upsales_key
    assert house.tenant.upsales_key not in everything_stored()


def test_the_poll_reads_without_a_key_and_asks_for_it_when_it_needs_one(house: House) -> None:
    external(house)
    house.later(minutes=20)
    house.services._run_due(house.customer)
    assert house.sandbox.platform.hooks == [], "nothing to look up or write"
    house.world.add(view("e1", "anna@acme.example"))
    house.later(minutes=20)
    house.services._run_due(house.customer)
    assert house.sandbox.platform.hooks == [house.customer]
    assert house.entries == []
    status = house.services.status_page(house.customer)
    assert status is not None
    assert status.runs[0].document["status"] == "ok"
    house.forget_calls()
    external(house, data={"action": "sync"})
    assert len(house.entries) == 1
    assert house.calls("wistia.events") == 0, "it was read just before"


def test_a_poll_that_finds_a_run_going_on_asks_nobody(house: House) -> None:
    external(house)
    house.world.add(view("e1", "anna@acme.example"))
    house.later(minutes=20)
    house.services.run(house.customer)
    customers.set_due(house.customer, "poll", house.clock.now())
    with hold(house.customer, 60, wait=False, heartbeat=False):
        house.services._run_due(house.customer)
    assert house.sandbox.platform.hooks == []
    house.services._run_due(house.customer)
    assert house.sandbox.platform.hooks == [house.customer]


def test_the_first_request_leaves_its_run_alone_with_the_customer(house: House) -> None:
    house.services.hooks._take_over(asked(house))
    assert customers.due(house.clock.now()) == []
    assert customers.due(house.clock.now() + timedelta(minutes=5)) == [house.customer]


def test_a_scheduled_request_soon_after_a_run_starts_none(house: House) -> None:
    external(house)
    house.forget_calls()
    house.services.hooks.job(asked(house))
    house.services.hooks.join()
    assert house.calls("wistia.events") == 0
    assert messages(house)[-1] == "The last run was just now."
    house.later(minutes=5)
    house.services.hooks.job(asked(house))
    house.services.hooks.join()
    assert house.calls("wistia.events") == 1


def test_while_runs_are_paused_none_starts_by_itself(house: House) -> None:
    house.world.add(view("e1", "late@nobody.example"))
    external(house)
    customers.set_state(house.customer, "paused")
    house.later(minutes=20)
    house.forget_calls()
    house.tenant.crm.add_contact(email="late@nobody.example", company_id=2, name="Late")
    data = {"object": {"id": 5, "email": "late@nobody.example"}}
    hooks = house.services.hooks
    hooks.job(asked(house))
    hooks.contact_changed(asked(house, data=data), 5)
    hooks.external(asked(house, data={"action": "sync"}))
    hooks.join()
    assert house.calls("wistia.events") == house.calls("upsales.contacts") == 0
    assert messages(house)[1:] == [callbacks.PAUSED] * 3
    assert customers.load(house.customer).state == "paused"
    customers.set_state(house.customer, "active")
    external(house, data={"action": "sync"})
    assert len(house.entries) == 1, "who waited was released all the same"


def test_what_a_person_asks_for_runs_though_runs_are_paused(house: House) -> None:
    external(house)
    customers.set_state(house.customer, "paused")
    house.later(minutes=20)
    house.forget_calls()
    external(house)
    house.later(minutes=20)
    external(house, data={"action": "sync", "asked": True})
    assert house.calls("wistia.events") == 2


def test_a_new_contact_releases_who_waits_for_it(house: House) -> None:
    house.world.add(view("e1", "late@nobody.example"))
    external(house)
    house.later(minutes=1)
    house.tenant.crm.add_contact(email="Late@nobody.example", company_id=2, name="Late")
    data = {"object": {"id": 5, "email": "Late@Nobody.example"}}
    house.services.hooks.contact_changed(asked(house, data=data), 5)
    house.services.hooks.join()
    assert len(house.entries) == 1
    house.services.hooks.contact_changed(asked(house, data={"object": {"email": "x@y.example"}}), 6)
    house.services.hooks.join()
    assert messages(house)[-1] == "Nobody waits for this contact."


def test_a_failure_is_told_once_a_day_to_those_who_are_to_be_told(house: House) -> None:
    house.tenant.base_config["notifyUsers"] = [{"value": "7"}, 8]
    external(house)
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=None)
    for _ in range(3):
        house.later(hours=1)
        external(house)
    house.sandbox.faults.clear()
    house.later(hours=1)
    external(house)
    told = [m for _, m in house.sandbox.platform.callbacks if "notify" in m]
    assert [m["notifyUserIds"] for m in told] == [[7, 8], [7, 8]]
    assert "Read detailed stats" in told[0]["notify"]
    assert told[1]["notify"] == "Everything is in sync again."
    assert len(messages(house)) == 5


def test_ten_refusals_suspend_and_a_word_of_upsales_wakes(house: House) -> None:
    external(house)
    house.sandbox.platform.refuses.add(house.customer)
    for _ in range(REFUSALS):
        assert customers.load(house.customer).state == "active"
        house.services.asking.ask(house.customer)
    assert customers.load(house.customer).state == "suspended"
    assert customers.due(house.clock.now() + timedelta(days=9)) == []
    external(house)
    assert customers.load(house.customer).state == "active"


@pytest.mark.parametrize("looks", ["spoken_of", "event_details", "iframe"])
def test_a_suspended_customer_wakes_when_somebody_looks_at_the_app(
    house: House, looks: str
) -> None:
    external(house)
    house.sandbox.platform.refuses.add(house.customer)
    for _ in range(REFUSALS):
        house.services.asking.ask(house.customer)
    shown = house.services.status_page(house.customer)
    assert shown is not None
    assert shown.suspended
    getattr(house.services.hooks, looks)(asked(house))
    known = customers.load(house.customer)
    assert (known.state, known.setup["hook_refusals"]) == ("active", 0)
    house.later(minutes=20)
    assert customers.due(house.clock.now()) == [house.customer]


def test_the_operator_is_told_14_days_before_a_customer_is_erased(house: House) -> None:
    external(house)
    house.sandbox.platform.refuses.add(house.customer)
    for _ in range(REFUSALS):
        house.services.asking.ask(house.customer)
    told: list[int] = []
    while customers.list_all():
        house.later(days=1, seconds=1)
        with structlog.testing.capture_logs() as lines:
            house.services.asking.ask_suspended()
        told += [line["days"] for line in lines if line["event"] == "customer will be erased"]
    assert told == list(range(FORETOLD, 0, -1))


def test_a_suspended_customer_is_erased_after_90_days_of_refusals_only(house: House) -> None:
    external(house)
    house.sandbox.platform.refuses.add(house.customer)
    for _ in range(REFUSALS):
        house.services.asking.ask(house.customer)
    for _ in range(FORGOTTEN_AFTER - 2):
        house.later(days=1, seconds=1)
        house.services.asking.ask_suspended()
    house.later(days=300)  # the app was down: that counts for nothing
    assert customers.load(house.customer).setup["refused_days"] == FORGOTTEN_AFTER - 1
    house.services.asking.ask_suspended()
    assert customers.list_all() == []


def test_a_vendor_that_is_away_suspends_nobody(house: House) -> None:
    external(house)
    house.sandbox.faults.add("upsales.app_hook", "503", times=None)
    for _ in range(REFUSALS + 5):
        house.services.asking.ask(house.customer)
    assert customers.load(house.customer).state == "active"


def test_a_customer_of_the_command_line_is_never_erased(house: House) -> None:
    house.configure()
    house.sandbox.platform.refuses.add(house.customer)
    for _ in range(REFUSALS):
        house.services.asking.ask(house.customer)
    for _ in range(FORGOTTEN_AFTER + 5):
        house.later(days=1, seconds=1)
        house.services.asking.ask_suspended()
    assert customers.load(house.customer).origin == "cli"


def test_an_unknown_customer_is_registered_and_asked_for_once(house: House) -> None:
    assert not house.services.hooks.spoken_of(asked(house))
    house.services.hooks.join()
    assert house.sandbox.platform.hooks == [house.customer]
    assert customers.load(house.customer).origin == "upsales"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/callback/4711",
        "http://169.254.169.254/latest",
        "https://upsales.com.evil.example/x",
        "https://user:pass@integration.upsales.com/x",
        "http://integration.upsales.com/x",
        "https://integration.upsales.com:8443/x",
        "ftp://integration.upsales.com/x",
        "https://[",
        "https://evil.example\\.upsales.com/",
        "",
    ],
)
def test_a_callback_to_another_host_is_refused(house: House, url: str) -> None:
    request = asked(house)
    request.callback_url = url
    house.services.hooks.external(request)
    house.services.hooks.join()
    assert house.sandbox.platform.callbacks == []
    assert house.services.asking.can_ask


def test_a_replayed_request_puts_nothing_old_back(house: House) -> None:
    newer = asked(house, sent_at=NOW)
    house.services.hooks.external(newer)
    house.services.hooks.join()
    older = asked(house, sent_at=NOW - timedelta(minutes=1))
    older.config = {**house.tenant.config, "activityMinPercent": 77}
    with pytest.raises(OldRequest):
        house.services.hooks.external(older)
    assert current()["activityMinPercent"] == 0
    house.services.hooks.external(asked(house, sent_at=NOW))
    house.services.hooks.join()
    assert len(messages(house)) == 2


def test_what_upsales_did_not_touch_keeps_what_was_set_here(house: House) -> None:
    keyring = house.services.keyring
    customers.add(4711, "Acme", "upsales", NOW)
    first = BASE | {"activityMinPercent": 20, "activityScore": 5}
    take_config(keyring, 4711, first, NOW)
    here = versions.current(4711)
    assert here is not None
    versions.save(4711, here.config | {"activityScore": 9}, [], "link", NOW)
    take_config(keyring, 4711, first | {"activityMinPercent": 30}, NOW)
    config = current()
    assert (config["activityMinPercent"], config["activityScore"]) == (30, 9)
    take_config(keyring, 4711, first | {"activityMinPercent": "lots"}, NOW)
    assert current()["activityMinPercent"] == 30
    take_config(keyring, 4711, first | {"activityMinPercent": 30, "activityScore": 6}, NOW)
    assert current()["activityScore"] == 6


def current() -> dict[str, Any]:
    version = versions.current(4711)
    assert version is not None
    return version.config


def test_a_config_without_a_credential_erases_none(house: House) -> None:
    keyring = house.services.keyring
    customers.add(4711, "Acme", "upsales", NOW)
    take_config(keyring, 4711, BASE | {"wistiaApiPassword": "from Upsales"}, NOW)
    take_config(keyring, 4711, BASE | {"wistiaApiPassword": ""}, NOW)
    take_config(keyring, 4711, BASE, NOW)
    assert customers.secrets(keyring, 4711)["wistiaApiPassword"] == "from Upsales"
    customers.save_secret(keyring, 4711, "wistiaApiPassword", "from our page", NOW)
    take_config(keyring, 4711, BASE | {"wistiaApiPassword": "from Upsales"}, NOW)
    assert customers.secrets(keyring, 4711)["wistiaApiPassword"] == "from our page"
    told = [(v.by, v.secrets) for v in versions.history(4711)]
    assert told == [("from Upsales", ("wistiaApiPassword",))]


def test_a_credential_given_anew_on_the_command_line_is_told_once(house: House) -> None:
    house.configure()
    (first,) = versions.history(4711)
    assert "wistiaApiPassword" in first.secrets
    house.configure(wistiaApiPassword="another")
    assert [v.secrets for v in versions.history(4711)] == [("wistiaApiPassword",), first.secrets]
    assert customers.saved_secrets(4711)["wistiaApiPassword"].by == "command line"


def test_several_requests_during_a_run_become_one_run_with_the_newest_key() -> None:
    started, go_on = threading.Event(), threading.Event()
    seen: list[KeyedRun] = []

    def run(wanted: KeyedRun) -> None:
        seen.append(wanted)
        started.set()
        go_on.wait(10)

    keyed = KeyedRuns(run, threads=2)
    keyed.put(KeyedRun(1, "first", ["a"]))
    started.wait(10)
    for key in ("second", "third"):
        keyed.put(KeyedRun(1, key, [key], reads=False))
    go_on.set()
    keyed.join()
    keyed.close()
    assert [(one.key, one.callbacks, one.reads) for one in seen] == [
        ("first", ["a"], True),
        ("third", ["second", "third"], False),
    ]
    assert "first" not in repr(seen)


def test_requests_that_overtake_each_other_are_all_served(house: House) -> None:
    house.world.add(view("e1", "late@nobody.example"))
    house.services.hooks.external(asked(house, sent_at=NOW + timedelta(days=400)))
    house.services.hooks.join()
    house.tenant.crm.add_contact(email="late@nobody.example", company_id=2, name="Late")
    data = {"object": {"email": "late@nobody.example"}}
    earlier = NOW - timedelta(seconds=5)
    house.services.hooks.contact_changed(asked(house, data=data, sent_at=earlier), 5)
    house.services.hooks.join()
    assert len(house.entries) == 1
    assert len(messages(house)) == 2


def test_a_request_without_a_key_takes_none_away() -> None:
    started, go_on = threading.Event(), threading.Event()
    seen: list[str] = []

    def run(wanted: KeyedRun) -> None:
        seen.append(wanted.key)
        started.set()
        go_on.wait(10)

    keyed = KeyedRuns(run, threads=1)
    keyed.put(KeyedRun(1, "first"))
    started.wait(10)
    keyed.put(KeyedRun(1, "good"))
    keyed.put(KeyedRun(1, ""))
    go_on.set()
    keyed.join()
    keyed.close()
    assert seen == ["first", "good"]


def test_a_callback_is_closed_also_when_the_run_breaks(house: House) -> None:
    external(house)
    house.services.pause = _break
    house.sandbox.faults.add("wistia.events", "429", times=1, seconds=1)
    house.later(minutes=20)
    external(house)
    assert messages(house)[-1].startswith("The run was broken off.")


def test_a_callback_is_closed_also_when_its_run_has_not_begun(house: House) -> None:
    external(house)
    hooks, before = house.services.hooks, len(messages(house))
    keyed = hooks._keyed
    with hold(house.customer, 60, wait=False):
        hooks.external(asked(house))
        until(lambda: not keyed._waiting)  # it has begun, and waits for the lease
        hooks.external(asked(house))
        stopping = threading.Thread(target=hooks.close)
        stopping.start()
        until(lambda: not keyed._waiting)  # it is given up
    stopping.join()
    assert len(messages(house)) == before + 2
    assert messages(house)[-1].startswith("The run was broken off.")


def until(so: Callable[[], bool]) -> None:
    while not so():
        time.sleep(0.01)


def _break(seconds: float) -> None:
    raise ZeroDivisionError


def test_who_is_added_on_the_command_line_is_the_operators(house: House) -> None:
    external(house)
    assert customers.load(house.customer).origin == "upsales"
    house.configure()
    assert customers.load(house.customer).origin == "cli"
    assert house.services.hooks.spoken_of(asked(house, customer_name=""))
    house.services.hooks.join()
    assert customers.load(house.customer).name == "Acme"
