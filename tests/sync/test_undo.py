"""What a run or a version of the settings wrote is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sync.house import House, view
from tests.sync.test_backfill import BuildHouse
from upsales_wistia.errors import UsageError
from upsales_wistia.inquiry import explain_views
from upsales_wistia.store import jobs
from upsales_wistia.store.taken_back import Chosen


def undo(house: House, chosen: Chosen) -> dict[str, Any]:
    return house.services.undoing.run(house.customer, chosen, "Eva", lambda text: None)


def of_run(document: dict[str, Any]) -> Chosen:
    return Chosen("run_id", document["run"])


def test_an_undone_run_leaves_upsales_as_it_was_before(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    before = house.entries
    house.later(minutes=20)
    house.world.add(view("e2", "bo@birch.example"))
    house.world.add(view("e3", "x@mail.birch.example"))
    document = house.run()
    assert len(house.entries) == 3
    found = house.services.undoing.foresee(house.customer, of_run(document))
    assert (found.entries, found.forms, found.checked) == (2, 0, 0)
    assert undo(house, of_run(document))["taken_back"] == 2
    assert house.entries == before
    house.later(minutes=20)
    again = house.run(asked=True)
    assert again["balance"]["activity"]["dropped"] == {"undone": 2}
    assert house.entries == before, "not written again until somebody asks"
    with pytest.raises(UsageError, match=r"^Already taken back on 20 Nov 2026\.$"):
        undo(house, of_run(document))
    (told,) = explain_views(house.services, house.customer, "e2")["views"]
    why = told["targets"]["activity"]
    assert (why["verdict"], why["stage"], why["code"]) == ("dropped", "new", "undone")
    assert why["reason"].startswith("Eva took it back on 20 Nov 14:40 UTC.")


def test_it_is_written_again_once_when_somebody_asks(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    (entry,) = house.entries
    undo(house, of_run(document))
    chosen = of_run(document)
    assert house.services.undoing.write_again(house.customer, chosen, "Eva") == 1
    assert house.services.undoing.write_again(house.customer, chosen, "Eva") == 0
    house.services.hooks.join()
    house.run(asked=True)
    (again,) = house.entries
    assert again["externalId"] == entry["externalId"]
    assert again["id"] != entry["id"]


def test_a_version_of_the_settings_is_undone_and_forms_stay(build_house: BuildHouse) -> None:
    house = build_house(config={"activitiesEnabled": True, "formsEnabled": True})
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house.configure(activityScore=5)
    house.world.add(view("e2", "bo@birch.example"))
    house.run()
    chosen = Chosen("settings_version", 2)
    found = house.services.undoing.foresee(house.customer, chosen)
    assert (found.entries, found.forms) == (1, 1)
    assert undo(house, chosen)["taken_back"] == 1
    house.tenant.settle()
    assert [row["score"] for row in house.entries] == [1]
    assert len(house.submits) == 2, "a submit cannot be taken back"


def test_what_is_gone_already_counts_and_what_is_refused_is_shown(house: House) -> None:
    for n in range(3):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    document = house.run()
    gone = house.entries[0]["id"]
    del house.tenant.crm.events[gone]
    house.sandbox.faults.add("upsales.delete_event", "403", times=1)
    made = undo(house, of_run(document))
    assert made["status"] == "partial"
    assert made["taken_back"] == 2
    assert len(made["refused"]) == 1
    assert len(house.entries) <= 1
    made = undo(house, of_run(document))
    assert (made["status"], house.entries) == ("ok", [])


def test_an_answer_that_is_lost_is_asked_for_again(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    house.sandbox.faults.add("upsales.delete_event", "500_after_writing", times=1)
    assert undo(house, of_run(document))["taken_back"] == 1
    assert house.entries == []


def test_one_that_broke_off_goes_on(house: House) -> None:
    for n in range(5):
        house.world.add(view(f"e{n}", "anna@acme.example"))
    document = house.run()
    fault = house.sandbox.faults.add("upsales.delete_event", "503", times=None)
    made = undo(house, of_run(document))
    assert (made["status"], made["code"], made["taken_back"]) == ("failed", "upsales_away", 0)
    house.sandbox.faults.remove(fault.id)
    assert undo(house, of_run(document))["taken_back"] == 5
    assert house.entries == []


def test_on_a_page_it_goes_on_by_itself(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    document = house.run()
    house.services.undoing.ask(house.customer, of_run(document), "Eva")
    house.services.queues.join(jobs.UNDO)
    assert house.entries == []


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (Chosen("run_id", "no-such-run"), "No run has this number."),
        (Chosen("settings_version", 99), "The settings have no version of this number."),
        (Chosen("settings_version", 1), "Nothing of it is in Upsales"),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(house: House, chosen: Chosen, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        house.services.undoing.foresee(house.customer, chosen)
    assert jobs.load(house.customer, jobs.UNDO) is None
