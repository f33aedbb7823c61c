"""Forms: which one, once, and before the activity where Upsales may make a contact of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sync.house import BASE, House, view

BuildHouse = Callable[..., House]


@pytest.fixture
def forms(build_house: BuildHouse) -> House:
    """A house with forms alone."""
    return build_house(config={"formsEnabled": True, "formScore": 7})


@pytest.fixture
def both(build_house: BuildHouse) -> House:
    """A house with both targets on."""
    return build_house(config=BASE | {"formsEnabled": True})


def fields(submit: dict[str, object]) -> list[str]:
    return [str(f.get("value")) for f in submit["fieldValues"]]  # type: ignore[attr-defined]


def test_a_view_is_submitted_once_with_its_fields(forms: House) -> None:
    forms.world.add(
        view(
            "e1",
            "new@nobody.example",
            conversion={"email": "new@nobody.example", "first_name": "Nea", "last_name": "Ny"},
            page="https://x.example/p?email=a%40b.se&utm_source=mail#t",
        )
    )
    assert forms.run()["written"] == {
        "activities": 0,
        "forms": 1,
        "forms_created": 1,
        "late": {"activities": 0, "forms": 0},
    }
    forms.run()
    (submit,) = forms.submits
    (form,) = forms.tenant.crm.forms.values()
    assert form["internalName"] == "wistia:single"
    assert form["score"] == 7
    sent = fields(submit)
    for value in ("new@nobody.example", "Nea", "Ny", "Product tour", "Demos", "83", "e1"):
        assert value in sent
    assert "https://x.example/p?utm_source=mail" in sent
    assert forms.calls("upsales.contacts") == 0, "Upsales itself connects the e-mail"


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        ("single", ["wistia:single"]),
        ("project", ["wistia:project:none", "wistia:project:proj1", "wistia:project:proj2"]),
        (
            "video",
            ["wistia:video:gone000001", "wistia:video:media00001", "wistia:video:media00002"],
        ),
    ],
)
def test_the_policy_names_the_form(forms: House, policy: str, names: list[str]) -> None:
    forms.configure(formPolicy=policy)
    for n, media in enumerate(["media00001", "media00002", "gone000001", "media00001"]):
        forms.world.add(view(f"e{n}", "a@acme.example", media_id=media, fraction=1.0))
    forms.run()
    assert sorted(f["internalName"] for f in forms.tenant.crm.forms.values()) == names
    assert len(forms.submits) == 4


def test_a_form_that_is_there_is_found_and_never_made_twice(forms: House) -> None:
    forms.world.add(view("e1", "a@acme.example"))
    forms.sandbox.faults.add("upsales.create_form", "500_after_writing", times=1)
    assert forms.run()["written"]["forms"] == 1
    assert len(forms.tenant.crm.forms) == 1


def test_a_changed_score_updates_the_form(forms: House) -> None:
    forms.world.add(view("e1", "a@acme.example"))
    forms.run()
    forms.configure(formScore=20)
    forms.world.add(view("e2", "a@acme.example"))
    forms.run()
    assert [f["score"] for f in forms.tenant.crm.forms.values()] == [20]
    assert len(forms.submits) == 2


def test_the_filters_can_be_lifted_for_forms(both: House) -> None:
    both.configure(activityMinPercent=90, activityProjects=["proj2"], formFilters=False)
    both.world.add(view("e1", "anna@acme.example"))
    document = both.run()
    assert document["balance"]["activity"]["dropped"] == {"below_minimum": 1}
    assert document["written"]["forms"] == 1


def test_the_activity_of_a_stranger_waits_an_hour_for_the_forms_contact(both: House) -> None:
    both.world.add(view("e1", "new@acme.example"))
    document = both.run()
    assert document["written"]["forms"] == 1
    assert document["balance"]["activity"]["waiting"] == 1
    both.later(minutes=59)
    assert both.run()["written"]["activities"] == 0
    both.later(minutes=1)
    assert both.run()["written"]["activities"] == 1
    (entry,) = both.entries
    assert entry["client"]["id"] == 1
    assert not entry["contacts"]


def test_the_contact_that_upsales_made_of_the_form_gets_the_activity(both: House) -> None:
    both.tenant.switches.creates_contacts = True
    both.world.add(view("e1", "new@acme.example"))
    both.run()
    both.tenant.settle()
    both.later(minutes=20)
    assert both.run()["written"]["activities"] == 1
    (entry,) = both.entries
    assert entry["contacts"]
    assert entry["value"].startswith("Watched ")


def test_a_known_contact_does_not_wait_for_the_form(both: House) -> None:
    both.world.add(view("e1", "anna@acme.example"))
    assert both.run()["written"]["activities"] == 1


@pytest.mark.parametrize("kind", ["400", "write_then_cut"])
def test_a_form_that_is_refused_or_uncertain_is_waited_for_only_when_it_may_still_come(
    both: House, kind: str
) -> None:
    both.world.add(view("e1", "new@acme.example"))
    both.sandbox.faults.add("upsales.form_submit", kind, times=1)
    document = both.run()
    if kind == "write_then_cut":
        assert document["written"]["activities"] == 1
        assert document["balance"]["form"]["uncertain"] == 1
    else:
        assert document["balance"]["activity"]["waiting"] == 1
        assert document["balance"]["form"]["retrying"] == 1


def test_two_refused_submits_in_a_row_pause_the_forms_and_free_the_activities(both: House) -> None:
    for n in range(4):
        both.world.add(view(f"e{n}", f"new{n}@acme.example"))
    both.sandbox.faults.add("upsales.form_submit", "400", times=None)
    document = both.run()
    assert both.calls("upsales.form_submit") == 2
    assert document["written"]["activities"] == 4
    both.forget_calls()
    both.later(hours=1)
    both.run()
    assert both.calls("upsales.form_submit") == 0
    both.sandbox.faults.clear()
    assert both.run(asked=True)["written"]["forms"] == 4


def test_an_uncertain_submit_is_not_sent_again(forms: House) -> None:
    forms.world.add(view("e1", "a@acme.example"))
    forms.sandbox.faults.add("upsales.form_submit", "500_after_writing", times=1)
    assert forms.run()["uncertain"] == 1
    forms.later(hours=1)
    forms.run(asked=True)
    assert len(forms.submits) == 1
