"""Running now, the runs that were, the figures around them: on the real object graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest

from tests.sync.house import NOW, House, view
from upsales_wistia.sandbox import EXAMPLE_CONFIG, Limits, Sandbox, example_world
from upsales_wistia.store import database
from upsales_wistia.store.leases import hold
from upsales_wistia.web import create_app, texts

from .reader import Reader


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store)


@pytest.fixture
def example(store: str) -> Iterator[Reader]:
    """Somebody in front of the example of 193 views, after its two days."""
    with Sandbox(limits=Limits.off()) as sandbox:
        house = House(sandbox, store, example_world(NOW), dict(EXAMPLE_CONFIG))
        house.run()
        house.later(days=1)
        house.run()
        made = Reader(house, create_app(house.services).test_client())
        made.enters()
        yield made


def test_run_now_runs_and_the_page_waits_for_it(house: House, reader: Reader) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    answer = reader.presses("run")
    assert answer.status_code == 303
    house.services.hooks.join()
    assert [entry["value"] for entry in house.entries] == ["Watched 83% of Product tour"]
    shown = reader.fetches(answer.location).text
    assert "Everything is in sync" in shown
    assert "every 60s" in shown


def test_a_run_that_was_asked_for_and_has_not_begun_is_waited_for(
    house: House, reader: Reader
) -> None:
    house.run()
    house.later(minutes=1)
    asked = f"{house.clock.now().timestamp():.0f}"
    page = reader.opens(f"status?asked={asked}").text
    assert "every 2s" in page
    assert "The run starts" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    house.later(minutes=3)
    assert "every 60s" in reader.opens(f"status?asked={asked}").text


@pytest.mark.parametrize("asked", ["-1", "x", "9" * 40, "99999999999", "²"])
def test_an_odd_moment_is_none(reader: Reader, asked: str) -> None:
    assert "every 60s" in reader.opens(f"status?asked={asked}&customer_id=1&_external=1").text


def test_what_a_run_does_is_told_to_every_process(house: House, reader: Reader) -> None:
    house.run()
    with hold(house.customer, 60, wait=False, heartbeat=False) as lease:
        lease.tell("Reading views, page 3")
        page = reader.opens("status").text
        assert "Reading views, page 3" in page
        assert "Run now" not in page
    assert "Run now" in reader.opens("status").text


def test_a_second_press_while_a_run_goes_on_is_a_run_afterwards(
    house: House, reader: Reader
) -> None:
    with hold(house.customer, 60, wait=False, heartbeat=False):
        answer = reader.presses("run")
        assert "yours starts when it ends" in reader.fetches(answer.location).text
    house.services.hooks.join()
    assert "Everything is in sync" in reader.reads("status")


def test_whoever_may_only_look_may_run_too(house: House, reader: Reader) -> None:
    reader.enters(admin=False)
    assert reader.presses("run").status_code == 303
    house.services.hooks.join()
    assert reader.presses("hints/hide", video="x").status_code == 403


def test_a_run_asked_for_tries_what_is_not_due_yet(house: House, reader: Reader) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.sandbox.faults.add("upsales.create_event", "400", times=1)
    house.run()
    assert house.entries == []
    reader.presses("run")
    house.services.hooks.join()
    assert len(house.entries) == 1


def test_the_tiles_count_today_and_who_waits(house: House, reader: Reader) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    for key in ("e2", "e3"):
        house.world.add(view(key, "zoe@nowhere.example"))
    house.run()
    text = reader.reads("status")
    assert "Written today 1 1 activity, 0 forms" in text
    assert "Waiting for a contact 2 1 person, since today" in text
    house.later(days=2)
    text = reader.reads("status")
    assert "Written today 0 0 activities, 0 forms" in text
    assert "1 person, the longest 2 days" in text


def test_thirty_days_and_their_trouble(house: House, reader: Reader) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house.later(days=1)
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=1)
    house.run()
    house.later(hours=1)
    house.run()
    page = reader.opens("status").text
    assert "1 in all. Last trouble today: Wistia refused the API token." in page
    assert "<title>yesterday: 1 activity</title>" in page
    assert page.count('<polygon class="pin"') == 2  # wide and slim


def test_a_video_without_a_turnstile_is_worth_knowing_until_it_is_hidden(
    house: House, reader: Reader
) -> None:
    for n in range(25):
        house.world.add(view(f"p{n}", media_id="media00002"))
        house.world.add(view(f"q{n}", "anna@acme.example"))
    house.run()
    assert "was played 25 times this month without a Turnstile." in reader.reads("status")
    assert '<span dir="auto">A story</span></a>” was played' in reader.opens("status").text
    assert "Product tour</span></a>” was played" not in reader.opens("status").text
    assert reader.presses("hints/hide", video="media00002").status_code == 303
    assert "without a Turnstile" not in reader.reads("status")


def test_all_runs_fifty_a_page(house: House, reader: Reader) -> None:
    assert "No run has ended yet" in reader.reads("runs")
    for _ in range(53):
        house.run()
        house.later(minutes=20)
    first = reader.opens("runs").text
    older = re.search(r'href="(\?before=[^"]+)"', first)
    assert older
    second = reader.opens(f"runs{older[1]}").text
    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (50, 3)
    assert 'rel="next"' not in second
    assert reader.opens("runs?before=no-such-run").status_code == 200


def test_one_run_shows_its_funnel_and_what_belongs_to_it(house: House, reader: Reader) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    made = house.run()
    text = reader.reads(f"runs/{made['run']}")
    for words in ("1 activity, 0 forms", "version 1", "1 Views in the last 3 days", "It adds up."):
        assert words in text
    assert reader.opens("runs/no-such-run").status_code == 404
    assert reader.opens(f"runs/{made['run']}?target=nonsense").status_code == 200


def test_a_run_that_failed_says_why(house: House, reader: Reader) -> None:
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=1)
    made = house.run()
    text = reader.reads(f"runs/{made['run']}")
    assert "It could not finish." in text
    assert "Read detailed stats" in text


def test_another_customers_run_is_not_there(house: House, reader: Reader) -> None:
    made = house.run()
    with database.session():
        other = House(house.sandbox, house.database_url, customer=4712)
        theirs = other.run()
    assert reader.opens(f"runs/{theirs['run']}").status_code == 404
    assert reader.fetches(f"/c/4712/runs/{theirs['run']}").status_code == 404
    assert reader.opens(f"runs/{made['run']}").status_code == 200


def test_every_address_on_the_pages_exists(house: House, reader: Reader) -> None:
    for key, typed in (("e1", "anna@acme.example"), ("e2", ""), ("e3", "zoe@nowhere.example")):
        house.world.add(view(key, typed))
    made = house.run()
    for start in ("status", "runs", f"runs/{made['run']}"):
        page = reader.opens(start).text
        addresses = set(re.findall(r'(?:href|src|hx-get)="([^"#][^"]*)"', page)) - {
            "data:,",
            texts.HELP,
        }
        assert len(addresses) >= 4
        for address in addresses:
            path = f"/c/{house.customer}/{start}{address}" if address[0] == "?" else address
            got = reader.fetches(path.replace("&amp;", "&"))
            assert got.status_code == 200, address


def test_the_hour_of_the_reader_decides_which_day_it_is(house: House, reader: Reader) -> None:
    house.later(hours=9)  # 23:20 in UTC, past midnight in Stockholm
    house.world.add(view("e1", "anna@acme.example", received_at=house.clock.now() - timedelta(2)))
    house.run()
    house.later(hours=1)
    reader.browser.set_cookie("zone", domain="127.0.0.1", value="Europe/Stockholm")
    assert "Written today 1" in reader.reads("status")
    reader.browser.set_cookie("zone", domain="127.0.0.1", value="UTC")
    assert "Written today 0" in reader.reads("status")
    reader.browser.set_cookie("zone", domain="127.0.0.1", value="../../etc/passwd")
    assert "UTC." in reader.opens("status").text


@pytest.mark.parametrize("target", ["activity", "form"])
def test_every_figure_of_the_funnel_opens_as_many_views_as_it_counts(
    example: Reader, target: str
) -> None:
    page = unescape(example.opens(f"status?target={target}").text)
    found = re.findall(r'<a href="(/c/\d+/views\?[^"]+)">(\d+)[^<]*</a>', page)
    assert len(found) >= 12
    for address, figure in found:
        shown = re.search(r" of (\d+), newest first", example.fetches(address).text)
        assert shown, address
        assert shown[1] == figure, address


def test_why_is_it_not_here_leads_to_the_views_of_a_person(house: House, reader: Reader) -> None:
    house.world.add(view("e1", "zoe@nowhere.example"))
    house.run()
    found = reader.presses("views", q="zoe@nowhere.example", open="1")
    assert "zoe" not in found.location
    assert "zoe@nowhere.example" in reader.fetches(found.location).text
