"""The pages on the real object graph: what a run left behind is what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from tests.sync.house import House, view
from upsales_wistia.clock import SystemClock
from upsales_wistia.links import sign_link
from upsales_wistia.sandbox import Limits, Sandbox
from upsales_wistia.store import runs
from upsales_wistia.store.leases import hold
from upsales_wistia.web import create_app


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer of the sandbox."""
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store)


@pytest.fixture
def page(house: House) -> Callable[[], str]:
    """Reads the status page by a link, as a newcomer does."""
    client: FlaskClient = create_app(house.services).test_client()

    def read() -> str:
        entered = client.get(sign_link(house.services.config, house.customer, "test"))
        assert entered.status_code == 303
        answer = client.get(entered.location, base_url=house.services.config.public_url)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return read


def test_before_the_first_run(page: Callable[[], str]) -> None:
    assert "Connected" in page()


def test_after_a_run(house: House, page: Callable[[], str]) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    assert "Everything is in sync" in page()


def test_where_time_stands_no_next_run_is_promised(house: House, page: Callable[[], str]) -> None:
    assert "starts at" not in page()
    house.run()
    assert "The next run" not in page()
    house.services.clock = SystemClock()
    assert "we are late" in page().lower()


def test_after_a_refusal(house: House, page: Callable[[], str]) -> None:
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=None)
    house.run()
    shown = page()
    assert "Wistia refuses the API token" in shown
    assert "Read detailed stats" in shown


def test_after_a_refused_write_that_needs_a_person(house: House, page: Callable[[], str]) -> None:
    house.sandbox.faults.add("upsales.create_event", "400", times=None)
    house.world.add(view("e1", "anna@acme.example"))
    for _ in range(8):
        house.run(asked=True)
    assert "1 view needs you" in page()


def test_after_two_refused_submits_in_a_row(house: House, page: Callable[[], str]) -> None:
    house.configure(activitiesEnabled=False, formsEnabled=True)
    house.sandbox.faults.add("upsales.form_submit", "400", times=2)
    for key in ("e1", "e2", "e3"):
        house.world.add(view(key, f"{key}@acme.example"))
    house.run()
    assert "3 forms are paused" in page()
    house.run(asked=True)
    assert "Everything is in sync" in page()


def test_a_run_that_died_is_passed_over(house: House, page: Callable[[], str]) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    now = house.services.clock.now()
    runs.open_run(
        house.customer, "poll", now=now, window_from=now, window_to=now, settings_version=1
    )
    assert "Everything is in sync" in page()
    runs.close_dead(house.customer, now, "It died in its course.")
    assert "Everything is in sync" in page()


def test_while_a_run_goes_on(house: House, page: Callable[[], str]) -> None:
    house.run()
    with hold(house.customer, 60, wait=False, heartbeat=False):
        assert "A run is going on" in page()
    assert "A run is going on" not in page()


def test_health_and_version(house: House) -> None:
    client = create_app(house.services).test_client()
    assert client.get("/health").get_json() == "upsales-wistia"
    assert client.get("/version").status_code == 200
