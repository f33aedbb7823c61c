"""What is kept no longer than it may be, and what thinned views still keep from happening."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.enrichment.house import MaveraHouse
from tests.privacy.people import ANNA, files, found, tables
from tests.sync.house import NOW, view
from tests.web.reader import Reader
from upsales_wistia import details
from upsales_wistia.funnel.view import Target
from upsales_wistia.sandbox.wistia_rows import event_row
from upsales_wistia.store import customers, outbox, retention, thinned, versions
from upsales_wistia.store.leases import claim
from upsales_wistia.store.sql import fetch
from upsales_wistia.sync.period import Wanted
from upsales_wistia.web import create_app


def prune(house: MaveraHouse, limit: int = 50) -> int:
    """Let the pruning do all that is to be done; how many steps that took."""
    for steps in range(1, limit):
        if not house.services.pruning.run_due(house.customer):
            return steps
    raise AssertionError


def column(name: str, table: str = "views") -> list[object]:
    return sorted((value for (value,) in fetch(f"SELECT {name} FROM {table}")), key=str)


@pytest.fixture
def reader(house: MaveraHouse) -> Reader:
    made = Reader(house, create_app(house.services).test_client())
    made.enters()
    return made


def test_nothing_is_taken_away_before_its_time(house: MaveraHouse) -> None:
    before = tables()
    house.later(days=29)
    prune(house)
    after = tables()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"jobs", "leases"}


def test_what_was_sent_goes_after_thirty_days_and_the_entry_is_still_told(
    house: MaveraHouse, reader: Reader
) -> None:
    key = outbox.sent(house.customer, [ANNA.views[0]])
    assert (ANNA.views[0], Target.ACTIVITY) in key
    row = fetch(
        "SELECT external_id FROM outbox WHERE event_key = 'annas-first' AND target = 'activity'"
    )
    house.later(days=31)
    prune(house)
    assert set(column("payload", "outbox")) == {"{}"}
    told = details.event_details(house.customer, {"externalId": row[0][0]}, "")
    assert "Watched 83% of Product tour" in str(told)
    assert "score" not in str(told)
    assert reader.opens(f"views/{ANNA.views[0]}").status_code == 200
    house.run()
    assert len(house.entries) == 4


def test_viewers_nobody_knows_lose_their_name_after_the_waiting_days(
    house: MaveraHouse, reader: Reader
) -> None:
    house.configure(formsEnabled=False, domainMatching=False)
    said = {"email": "zoe@nowhere.example", "first_name": "Zoë", "last_name": "Quist"}
    house.watch(view("of-zoe", "zoe@nowhere.example", conversion=said))
    house.later(days=89)
    prune(house)
    assert "zoe@nowhere.example" in column("person")
    house.later(days=2)
    prune(house)
    assert "zoe@nowhere.example" not in str(tables())
    assert "Quist" not in str(tables())
    assert ANNA.email in column("person")
    assert fetch("SELECT activity_code FROM views WHERE event_key = 'of-zoe'") == [("waited_out",)]
    assert reader.opens("views/of-zoe").status_code == 200
    assert reader.opens("views").status_code == 200


def test_a_view_without_its_name_is_read_again_when_a_person_asks(house: MaveraHouse) -> None:
    house.configure(formsEnabled=False, domainMatching=False, waitingDays=10)
    house.watch(view("of-zoe", "zoe@nowhere.example"))
    house.later(days=20)
    prune(house)
    assert "zoe@nowhere.example" not in column("person")
    house.configure(domainMatching=True, waitingDays=90)
    wanted = Wanted(date(2026, 11, 19), date(2026, 11, 21), commit=True)
    house.services.fetching.run(house.customer, wanted, "Eva", lambda text: None)
    assert "zoe@nowhere.example" in column("person")


def test_after_the_retention_only_a_hash_and_the_outcome_stay(
    house: MaveraHouse, store: str
) -> None:
    ids = column("upsales_id", "outbox")
    version = versions.current(house.customer)
    assert version
    house.later(days=731)
    prune(house)
    assert column("event_key") == []
    assert found(store) == []
    assert "bo@birch.example" not in files(store)
    assert thinned.count(house.customer) == 5
    assert ("written", "accepted") in fetch("SELECT activity, form FROM thinned")
    assert ("no_email", "no_email") in fetch("SELECT activity, form FROM thinned")
    assert column("upsales_id", "outbox") == ids
    (run,) = set(column("run_id", "outbox"))
    assert run
    written = versions.written_under(house.customer, [version.number])
    assert written == {(version.number, Target.ACTIVITY): 4, (version.number, Target.FORM): 4}


def test_a_thinned_view_is_never_written_twice(house: MaveraHouse) -> None:
    house.configure(retentionDays=10)
    house.later(days=20)
    prune(house)
    assert column("event_key") == []
    house.configure(retentionDays=730)
    wanted = Wanted(date(2026, 11, 19), date(2026, 11, 21), forms=True, commit=True)
    house.services.fetching.run(house.customer, wanted, "Eva", lambda text: None)
    assert column("event_key") == []
    assert (len(house.entries), len(house.submits)) == (4, 4)
    house.world.add(view("older", "bo@birch.example", received_at=NOW))
    house.services.fetching.run(house.customer, wanted, "Eva", lambda text: None)
    assert column("event_key") == ["older"]
    assert (len(house.entries), len(house.submits)) == (5, 5)


def test_a_short_retention_bears_the_window_of_the_runs(house: MaveraHouse) -> None:
    house.configure(retentionDays=1)
    house.later(days=2)
    prune(house)
    document = house.run()
    assert document["funnel"]["views"] == 0
    assert len(house.entries) == 4


def test_every_page_bears_thinned_views(house: MaveraHouse, reader: Reader) -> None:
    house.later(days=731)
    prune(house)
    for path in ("status", "views", "videos", "waiting", "failed", "domains", "history", "runs"):
        assert reader.opens(path).status_code == 200, path
    assert reader.opens(f"views/{ANNA.views[0]}").status_code == 404
    (run,) = set(column("run_id", "outbox"))
    assert reader.opens(f"runs/{run}").status_code == 200


def test_pruning_is_done_in_small_steps(
    house: MaveraHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    house.later(days=731)
    assert prune(house) >= 3
    assert column("event_key") == []
    assert thinned.count(house.customer) == 5


def test_no_run_is_waited_for_and_none_waits(house: MaveraHouse) -> None:
    running = claim(house.customer, 60)
    assert running
    house.later(days=731)
    assert not house.services.pruning.run_due(house.customer)
    assert len(column("event_key")) == 5
    again = customers.due_at(house.customer, retention.JOB)
    assert again
    assert again - house.clock.now() < timedelta(hours=1)
    running.release()
    prune(house)
    assert column("event_key") == []


def test_whose_turn_it_is(house: MaveraHouse) -> None:
    now = house.clock.now()
    assert retention.due(now) == [house.customer]
    prune(house)
    assert retention.due(now) == []
    customers.set_state(house.customer, "paused")
    assert retention.due(now + timedelta(days=2)) == [house.customer]


def test_neither_ip_address_nor_place_is_ever_stored(house: MaveraHouse, store: str) -> None:
    raw = [event_row(one, house.world, "", "") for one in house.world.views()]
    assert any(row["ip"] and row.get("lat") for row in raw)
    everything = str(tables()) + files(store)
    for secret in (
        "192.0.2.",
        "Nordnet",
        "59.33",
        "18.06",
        "59.91",
        "10.75",
        "Uusimaa",
        "Helsinki",
    ):
        assert secret not in everything
