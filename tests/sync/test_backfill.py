"""Older views, because a person asked for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.sync.house import NOW, House, check_balance, view
from upsales_wistia.errors import UsageError
from upsales_wistia.store import jobs, runs
from upsales_wistia.store.sql import execute, fetch
from upsales_wistia.sync.period import Wanted

BuildHouse = Callable[..., House]
OCTOBER = Wanted(date(2026, 10, 1), date(2026, 10, 31))


def old(key: str, email: str = "anna@acme.example", day: int = 12, **fields: Any) -> Any:
    received = NOW.replace(month=10, day=day, hour=9)
    return view(key, email, **({"received_at": received} | fields))


def run(house: House, *, commit: bool = True, forms: bool = False, **days: Any) -> dict[str, Any]:
    wanted = Wanted(
        days.get("since", OCTOBER.since), days.get("until", OCTOBER.until), forms, commit
    )
    made = house.services.fetching.run(house.customer, wanted, "test", lambda text: None)
    check_balance(made)
    return made


def outbox_rows(house: House) -> int:
    ((count,),) = fetch("SELECT count(*) FROM outbox WHERE customer_id = ?", [house.customer])
    return int(count)


def test_a_preview_says_what_a_commit_then_does(house: House) -> None:
    for n, email in enumerate(
        ["anna@acme.example", "bo@birch.example", "x@mail.birch.example", "who@nobody.example", ""]
    ):
        house.world.add(old(f"v{n}", email, day=10 + n))
    seen = run(house, commit=False)
    assert house.entries == []
    assert outbox_rows(house) == 0
    assert seen["written"]["activities"] == 3
    done = run(house)
    assert done["balance"] == seen["balance"]
    assert done["funnel"] == seen["funnel"]
    assert len(house.entries) == 3
    assert {row["date"][:10] for row in house.entries} == {"2026-10-10", "2026-10-11", "2026-10-12"}
    assert run(house)["balance"]["activity"]["registered"] == 3
    assert len(house.entries) == 3


def test_what_was_only_looked_at_is_not_written_by_a_run(house: House) -> None:
    house.world.add(old("v1"))
    house.world.add(old("v2", "late@nobody.example"))
    run(house, commit=False)
    house.run()
    house.tenant.crm.add_contact(email="late@nobody.example", company_id=2, name="Late")
    house.later(days=1)
    house.run(asked=True)
    assert house.entries == []


def test_activities_alone_are_written_unless_forms_are_asked_for(build_house: BuildHouse) -> None:
    house = build_house(config={"activitiesEnabled": True, "formsEnabled": True})
    house.world.add(old("v1"))
    assert run(house)["balance"]["form"] is None
    assert (len(house.entries), len(house.submits)) == (1, 0)
    house.run()
    house.later(hours=2)
    house.run(asked=True)
    assert house.submits == [], "the runs leave its form alone"
    seen = run(house, commit=False, forms=True)
    assert seen["points"] == [
        {"company": 1, "name": "Acme AB", "points": 1, "activities": 0, "forms": 1}
    ]
    done = run(house, forms=True)
    assert done["balance"] == seen["balance"]
    assert done["written"]["forms"] == 1
    house.tenant.settle()
    assert (len(house.entries), len(house.submits)) == (1, 1)


def test_a_form_of_the_present_window_is_left_to_the_runs(build_house: BuildHouse) -> None:
    house = build_house(config={"activitiesEnabled": True, "formsEnabled": True})
    house.world.add(view("now", "anna@acme.example"))
    made = run(house, since=date(2026, 11, 18), until=date(2026, 11, 20))
    assert made["written"] == {
        "activities": 1,
        "forms": 0,
        "forms_created": 0,
        "late": {"activities": 0, "forms": 0},
    }
    assert house.run()["written"]["forms"] == 1


def test_the_start_date_does_not_hold_back_what_a_person_asks_for(house: House) -> None:
    house.configure(startDate="2026-11-01")
    house.world.add(old("v1"))
    house.world.add(old("v2", "late@nobody.example"))
    assert run(house)["written"]["activities"] == 1
    house.tenant.crm.add_contact(email="late@nobody.example", company_id=2, name="Late")
    house.later(days=1)
    assert house.run(asked=True)["written"]["late"]["activities"] == 1


def test_who_would_have_waited_too_long_is_decided_once(house: House) -> None:
    house.configure(waitingDays=10)
    house.world.add(old("v1", "late@nobody.example"))
    assert run(house)["balance"]["activity"]["dropped"] == {"waited_out": 1}
    house.tenant.crm.add_contact(email="late@nobody.example", company_id=2, name="Late")
    house.later(days=1)
    house.run(asked=True)
    assert house.entries == []
    assert run(house)["written"]["activities"] == 1, "asked anew, and found"


def test_what_an_earlier_database_wrote_is_there_already(house: House) -> None:
    house.world.add(old("v1"))
    run(house)
    (entry,) = house.entries
    for table in ("outbox", "views"):
        execute(f"DELETE FROM {table} WHERE customer_id = ?", [house.customer])
    seen = run(house, commit=False)
    assert (seen["balance"]["activity"]["registered"], outbox_rows(house)) == (1, 0)
    assert run(house)["balance"] == seen["balance"]
    assert house.entries == [entry]


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date(2026, 11, 21), None, "Choose a day in the past."),
        (date(2026, 11, 1), date(2026, 12, 1), "Choose a day in the past."),
        (date(2024, 11, 19), None, "Wistia keeps views for two years: from 20 Nov 2024."),
        (date(2026, 11, 3), date(2026, 11, 2), "From must be before to."),
    ],
)
def test_days_that_cannot_be_fetched_are_refused_in_a_sentence(
    house: House, since: date, until: date | None, said: str
) -> None:
    with pytest.raises(UsageError, match=f"^{said}$"):
        run(house, since=since, until=until)
    assert jobs.load(house.customer, jobs.BACKFILL) is None
    assert runs.backfills(house.customer) == []


def test_a_second_one_is_refused_while_one_is_not_done(house: House) -> None:
    house.world.add(old("v1"))
    house.services.fetching.ask(house.customer, OCTOBER, "test")
    house.services.queues.join(jobs.BACKFILL)
    house.services.fetching.ask(
        house.customer, Wanted(OCTOBER.since, OCTOBER.until, commit=True), "test"
    )
    house.services.fetching.pause(house.customer)
    house.services.queues.join(jobs.BACKFILL)
    with pytest.raises(UsageError, match="One is running already"):
        house.services.fetching.ask(house.customer, OCTOBER, "test")


def test_a_poll_that_is_due_goes_first_between_two_days(build_house: BuildHouse) -> None:
    house = build_house()
    for day in range(1, 6):
        house.world.add(old(f"v{day}", day=day))
    house.world.add(view("now", "anna@acme.example"))
    polled: list[int] = []

    def pause(seconds: float) -> None:
        made = house.services.run(house.customer)
        polled.append(made["written"]["activities"] if made else -1)

    house.services.pause = pause
    made = run(house)
    assert made["written"]["activities"] == 5
    assert polled[0] == 1, "it was due, and found the lease free"
    assert len(house.entries) == 6
    assert house.entries[0]["date"].startswith("2026-11-20") or len(polled) >= 1


def test_settings_that_are_off_are_told_with_the_next_step(build_house: BuildHouse) -> None:
    house = build_house(config={"activitiesEnabled": False, "formsEnabled": True})
    made = run(house)
    assert (made["status"], made["code"]) == ("failed", "not_configured")
    assert "activity log is off" in made["reason"]
    house.configure(activitiesEnabled=True, formsEnabled=False)
    assert "Forms are off" in run(house, forms=True)["reason"]


def test_an_upsales_that_is_away_leaves_it_to_be_gone_on_with(house: House) -> None:
    for day in range(1, 6):
        house.world.add(old(f"v{day}", day=day))
    fault = house.sandbox.faults.add("upsales.create_event", "503", times=None)
    made = run(house)
    assert (made["status"], made["code"]) == ("failed", "upsales_away")
    house.sandbox.faults.remove(fault.id)
    house.later(minutes=10)
    again = run(house)
    assert again["run"] == made["run"], "the same one goes on"
    for _ in range(3):
        house.later(days=1)
        house.run(asked=True)
    dates = sorted(row["date"][:10] for row in house.entries)
    assert dates == [f"2026-10-0{day}" for day in range(1, 6)]


def test_one_that_was_stopped_takes_back_what_it_had_not_sent(house: House) -> None:
    for day in range(1, 6):
        house.world.add(old(f"v{day}", day=day))
    fault = house.sandbox.faults.add("upsales.create_event", "503", times=None)
    run(house)
    house.sandbox.faults.remove(fault.id)
    house.services.fetching.stop(house.customer)
    house.services.queues.join(jobs.BACKFILL)
    assert jobs.load(house.customer, jobs.BACKFILL) is None
    (ended,) = runs.backfills(house.customer)
    assert (ended.status, ended.reason) == ("partial", "It was stopped by a person.")
    house.later(days=1)
    document = house.run(asked=True)
    assert document["retrying"] == 0


def test_it_pauses_and_goes_on(house: House) -> None:
    for day in range(1, 6):
        house.world.add(old(f"v{day}", day=day))

    def pause(seconds: float) -> None:
        """The first gap between two turns is when the person presses Pause."""

    house.services.pause = pause
    fetching = house.services.fetching
    wanted = Wanted(OCTOBER.since, OCTOBER.until, commit=True)
    job = fetching.ask(house.customer, wanted, "Eva")
    fetching.pause(house.customer)
    house.services.queues.join(jobs.BACKFILL)
    paused = jobs.load(house.customer, jobs.BACKFILL)
    if paused is not None:  # else it was done before the press
        assert paused.progress["state"] == "paused"
        fetching.go_on(house.customer)
        house.services.queues.join(jobs.BACKFILL)
    assert [run.id for run in runs.backfills(house.customer)] == [job.run_id]
    assert len(house.entries) == 5
