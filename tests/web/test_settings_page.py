"""The settings and What if: change a rule knowing what it does, and nothing by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.sync.house import NOW, House, small_world, view
from upsales_wistia.clock import SystemClock
from upsales_wistia.links import sign_link
from upsales_wistia.received import take_config
from upsales_wistia.sandbox import Limits, Project, Sandbox
from upsales_wistia.store import customers, versions
from upsales_wistia.web import create_app

from .forms import Form
from .markup import Markup
from .pages import text_of

TOKEN, PUBLIC = "wistiaApiPassword", "wistiaPublicToken"


@pytest.fixture
def database_kind() -> str:
    """What a page says does not depend on the database."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    """A customer of the sandbox whose minimum is 50 %."""
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        made.configure(activityMinPercent=50)
        yield made


class Admin:
    """Somebody at the settings page, without scripts."""

    def __init__(self, house: House, who: str = "Anna Kjellberg", *, admin: bool = True) -> None:
        self.house = house
        self.browser: FlaskClient = create_app(house.services).test_client()
        self.get(sign_link(house.services.config, house.customer, who, admin=admin))

    def get(self, address: str) -> TestResponse:
        base = self.house.services.config.public_url
        return self.browser.get(address, base_url=base, buffered=True)

    def opens(self, query: str = "") -> str:
        """The page's markup."""
        answer = self.get(f"/c/{self.house.customer}/settings{query}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def posts(self, sent: dict[str, Any], path: str = "settings") -> TestResponse:
        return self.browser.post(
            f"/c/{self.house.customer}/{path}",
            base_url=self.house.services.config.public_url,
            data=sent,
            buffered=True,
        )

    def sends(self, do: str, page: str = "", **changes: str | bool | Iterable[str]) -> TestResponse:
        """Fill in the form of ``page`` and press a button."""
        return self.posts(Form(page or self.opens(), "split").with_(**{"do": do, **changes}))

    def tries(self, **changes: str | bool | Iterable[str]) -> str:
        """What the page says to a change that is not saved."""
        answer = self.posts(Form(self.opens(), "split").with_(**{"do": "show", **changes}))
        assert answer.status_code == 200, answer.text
        return answer.text

    def saves(self, page: str = "", **changes: str | bool | Iterable[str]) -> str:
        """The words of the page after saving."""
        answer = self.posts(Form(page or self.opens(), "split").with_(**{"do": "save", **changes}))
        assert answer.status_code == 303, text_of(answer.text)
        return text_of(self.get(answer.location).text)

    @property
    def config(self) -> dict[str, Any]:
        version = versions.current(self.house.customer)
        assert version
        return version.config


@pytest.fixture
def admin(house: House) -> Admin:
    return Admin(house)


def whatif(page: str) -> str:
    """The words in What if."""
    box = page[page.index('id="whatif"') : page.index("</aside>")]
    return text_of("<main>" + box.partition(">")[2])


def told(page: str) -> str:
    """The one sentence that is heard."""
    found = re.search(r'role="status"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert found
    assert page.count('role="status"') == 1
    return unescape(found[1])


def number(house: House) -> int:
    version = versions.current(house.customer)
    assert version
    return version.number


# ── the form ──


def test_before_anything_is_changed(admin: Admin) -> None:
    page = admin.opens()
    assert "Move a setting and see here which views would come and go." in whatif(page)
    assert "Saved today" not in page
    assert "on the command line. It is never shown again." in text_of(page)
    assert "Not saved yet" not in page
    assert admin.house.tenant.wistia_token not in page


def test_the_page_is_what_the_policy_allows(admin: Admin) -> None:
    for page in (admin.opens(), admin.tries(activityMinPercent="15", identity="any")):
        markup = Markup()
        markup.feed(page)
        assert markup.forbidden == []


def test_sending_the_form_as_it_is_changes_nothing(admin: Admin) -> None:
    before = number(admin.house)
    assert "Not saved yet" not in admin.tries()
    admin.saves()
    assert number(admin.house) == before


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"activityMinPercent": "12.5"}, "activityMinPercent", "12.5"),
        ({"identity": "any"}, "identity", "any"),
        ({"activityProjects": ["proj2", "proj1"]}, "activityProjects", ["proj1", "proj2"]),
        ({"domainMatching": False}, "domainMatching", False),
        ({"ignoredDomains": "B.example, a.example"}, "ignoredDomains", ["a.example", "b.example"]),
        ({"notOwnDomains": "own.example"}, "notOwnDomains", ["own.example"]),
        ({"waitingDays": "30"}, "waitingDays", 30),
        ({"startDate": "2026-11-01"}, "startDate", "2026-11-01"),
        ({"activityScore": "7"}, "activityScore", 7),
        ({"scoreByPercent": True}, "scoreByPercent", True),
        ({"formsEnabled": True}, "formsEnabled", True),
        ({"formPolicy": "video"}, "formPolicy", "video"),
        ({"formScore": "3"}, "formScore", 3),
        ({"formFilters": False}, "formFilters", False),
        ({"notifyUsers": "12, 7"}, "notifyUsers", ["7", "12"]),
        ({"retentionDays": "365"}, "retentionDays", 365),
        ({"maveraJobs": ["cta", "personas"]}, "maveraJobs", ["cta", "personas"]),
        ({"maveraMaxCredits": "20"}, "maveraMaxCredits", 20),
        ({"maveraWorkspaceId": "ws-1"}, "maveraWorkspaceId", "ws-1"),
        ({"followupPercent": "90"}, "followupPercent", 90),
        ({"followupTodo": True}, "followupTodo", True),
        ({"generateAppId": "app-1"}, "generateAppId", "app-1"),
        ({"ctaEngine": "focus-group"}, "ctaEngine", "focus-group"),
    ],
)
def test_every_setting_can_be_changed(
    admin: Admin, change: dict[str, Any], name: str, value: Any
) -> None:
    assert "Saved as version 3. The next run uses it." in admin.saves(**change)
    assert admin.config[name] == value
    before = versions.get(admin.house.customer, 2)
    assert before
    assert {n for n, v in before.config.items() if admin.config[n] != v} <= {name}
    assert "Not saved yet" not in admin.tries()


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("activityMinPercent", "101", "It must be a number from 0 to 100."),
        ("activityMinPercent", "", "Give a value."),
        ("waitingDays", "<b>", "It must be a whole number from 0 to 3650."),
        ("activityScore", "-1", "It must be a whole number from 0 to 10000."),
        ("startDate", "yesterday", "It must be a day such as 2026-11-21."),
        ("identity", "'\"><script>", "It must be turnstile or any."),
        ("notifyUsers", "anna", "It must be numbers of Upsales users."),
        ("retentionDays", "9" * 400, "It must be a whole number from 1 to 3650."),
    ],
)
def test_what_cannot_be_read_is_said_and_not_saved(
    admin: Admin, name: str, value: str, wanted: str
) -> None:
    answer = admin.sends("save", **{name: value, "formScore": "4"})
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert "Nothing was saved. Correct what is marked in red." in page
    assert wanted in page
    assert "<script>" not in answer.text.replace("<script defer", "")
    assert Form(answer.text, "split").fields[name] == [value]
    assert Form(answer.text, "split").fields["formScore"] == ["4"]
    assert number(admin.house) == 2
    assert "Correct what is marked in red" in whatif(admin.tries(**{name: value}))


def test_a_changed_field_says_what_is_saved(admin: Admin) -> None:
    page = text_of(admin.tries(activityMinPercent="15", domainMatching=False))
    assert "Saved: 50%. Not saved yet." in page
    assert "Saved: on. Not saved yet." in page
    assert "Minimum watched 50% 15%" in page


def test_an_address_opens_the_page_with_changes_filled_in(admin: Admin) -> None:
    query = "?set.activityMinPercent=41&set.activityProjects=proj1,proj2&set.nothing=1"
    page = admin.opens(query)
    form = Form(page, "split").fields
    assert form["activityMinPercent"] == ["41"]
    assert set(form["activityProjects"]) == {"proj1", "proj2"}
    assert "Saved: 50%. Not saved yet." in page
    assert Form(admin.opens("?set.activityProjects=proj2"), "split").fields["activityProjects"] == [
        "proj2"
    ]
    assert "It must be a number" in admin.opens("?set.activityMinPercent=%3Cscript%3E")
    assert number(admin.house) == 2


# ── projects ──


def test_projects_have_names_and_numbers_of_videos(admin: Admin) -> None:
    page = text_of(admin.opens("?set.activityProjects=proj2"))
    assert "Demos 1 video" in page
    assert "1 of 2 chosen. Choose none to take all projects, also new ones." in page


def test_many_projects_can_be_searched_and_what_is_hidden_stays_ticked(store: str) -> None:
    many = [Project(n, f"p{n}", f"Project {n:02}") for n in range(20)]
    with Sandbox(limits=Limits.off()) as sandbox:
        house = House(sandbox, store, small_world(projects=many))
        house.configure(activityProjects=["p3"])
        page = Admin(house).tries(find="ject 07")
    shown = re.findall(r'<label class="tick"( hidden)?><input[^>]*name="activityProjects"', page)
    assert (len(shown), shown.count("")) == (20, 1)
    assert Form(page, "split").fields["activityProjects"] == ["p3"]


def test_a_project_that_is_gone_can_be_taken_out(house: House) -> None:
    house.configure(activityProjects=["gone", "proj1"])
    admin = Admin(house)
    assert "A project that Wistia no longer shows (gone)" in text_of(admin.opens())
    admin.saves(activityProjects=["proj1"], sure="0")
    assert admin.config["activityProjects"] == ["proj1"]


def test_while_wistia_is_away_the_projects_are_those_we_know(house: House) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    house.sandbox.faults.add("wistia.projects", "500", times=None)
    page = text_of(Admin(house).opens())
    assert "Wistia does not answer just now. These are the projects of the videos we know." in page
    assert "Demos" in page


def test_without_a_token_there_are_no_projects_and_its_field_is_open(house: House) -> None:
    keyring = house.services.keyring
    customers.save_secret(keyring, house.customer, TOKEN, "", house.clock.now())
    page = Admin(house).opens()
    assert "Connect Wistia first" in text_of(page)
    assert "<details open><summary" in page


# ── what if? ──


def seen(house: House) -> None:
    """Anna watched 40 % and 83 %, somebody of Birch 40 %, all of the second project."""
    for key, email, fraction in (
        ("low", "anna@acme.example", 0.4),
        ("high", "anna@acme.example", 0.83),
        ("birch", "new@birch.example", 0.45),
    ):
        house.world.add(view(key, email, fraction=fraction))
    house.run()


def test_what_is_gained_is_told_by_name(house: House, admin: Admin) -> None:
    seen(house)
    page = admin.tries(activityMinPercent="40")
    assert told(page) == "2 activities gained, none lost."
    box = whatif(page)
    assert "Activities +2 Forms 0 Lost 0" in box
    assert "3 stored views Now Then Match a contact or company 3 3" in box
    assert "Watched enough 1 3 In a chosen project 1 3 To write at the next run 0 2" in box
    assert "anna@acme.example Product tour · Acme AB 40%" in box
    assert "new@birch.example Product tour · Birch Two AS, “Someone” 45%" in box
    assert "Lead score: +20 on 2 companies." in box
    assert "This is exactly what the next run does with these views." in box
    assert number(house) == 2


def test_what_is_gained_is_written_by_the_next_run(house: House, admin: Admin) -> None:
    seen(house)
    assert len(house.entries) == 1
    assert "Saved as version 3." in admin.saves(activityMinPercent="40")
    assert house.run()["written"]["activities"] == 2
    assert whatif(admin.tries(activityMinPercent="30")).startswith("What if?")
    assert told(admin.tries(activityMinPercent="30")) == "Nothing changes for the 3 stored views."


def test_a_change_of_form_and_score_is_told_too(house: House, admin: Admin) -> None:
    seen(house)
    page = admin.tries(formsEnabled=True, formFilters=False, activityMinPercent="40")
    assert told(page) == "2 activities and 3 forms gained, none lost."
    assert "after the form" in whatif(page)
    assert "1 of the gained wait for the end of the viewing" in whatif(page)


def test_what_needs_a_look_up_is_told_by_name(house: House, admin: Admin) -> None:
    tagged = view("tag", email="cy@mail.birch.example")
    house.world.add(tagged)
    house.run()
    page = admin.tries(identity="any")
    assert told(page) == "Nothing gained, none lost. 1 not known before a look-up."
    assert "1 activity not known yet It needs a look-up in Upsales; the next run tells." in (
        whatif(page)
    )
    assert "cy@mail.birch.example" in whatif(page)


def test_losing_views_asks_once(house: House, admin: Admin) -> None:
    house.world.add(view("e1", "anna@acme.example", received_at=NOW, fraction=0.6))
    house.run()
    answer = admin.sends("save", activityMinPercent="70")
    assert answer.status_code == 200
    assert "Save and leave out 1 view?" in whatif(answer.text)
    assert number(house) == 2
    sure = re.search(r'name="sure" value="([^"]*)"', answer.text)
    assert sure
    done = admin.sends("save", answer.text, sure=unescape(sure[1]))
    assert done.status_code == 303
    assert admin.config["activityMinPercent"] == 70


def test_an_answer_to_another_question_is_asked_again(house: House, admin: Admin) -> None:
    answer = admin.sends("save", activitiesEnabled=False, formsEnabled=True, sure="1")
    assert "Save and switch the activity log off?" in whatif(answer.text)
    assert admin.config["activitiesEnabled"] is True
    admin.saves(activitiesEnabled=False, formsEnabled=True, sure="0 the activity log")
    assert admin.config["activitiesEnabled"] is False


def test_the_next_run_is_named_where_time_goes_on(house: House, admin: Admin) -> None:
    seen(house)
    house.services.clock = SystemClock()
    customers.set_due(house.customer, "poll", NOW)
    assert 'The next run at <time datetime="2026-11-20T14:20:00+00:00">' in (
        admin.get(admin.sends("save", activityScore="4").location).text
    )


# ── saving ──


def test_undo_brings_back_the_values_as_a_new_version(admin: Admin) -> None:
    saved = admin.sends("save", activityMinPercent="15", waitingDays="30")
    page = admin.get(saved.location).text
    token = Form(page, "split").fields["csrf_token"][0]
    sent = {"csrf_token": token, "version": "3"}
    undone = admin.posts(sent, "settings/undo")
    assert "Saved as version 4." in text_of(admin.get(undone.location).text)
    assert (admin.config["activityMinPercent"], admin.config["waitingDays"]) == (50, 90)
    assert admin.posts(sent, "settings/undo").status_code == 400
    assert number(admin.house) == 4


def test_who_saved_is_kept(admin: Admin) -> None:
    admin.saves(activityScore="4")
    version = versions.current(admin.house.customer)
    assert version
    assert version.by == "Anna Kjellberg"


def test_two_people_see_each_others_change(house: House, admin: Admin) -> None:
    old = admin.opens()
    Admin(house, "Bo Ek").saves(activityMinPercent="30", waitingDays="10")
    answer = admin.sends("save", old, activityMinPercent="15")
    assert answer.status_code == 409
    page = text_of(answer.text)
    assert "Bo Ek saved version 3 at" in page
    assert "Your change is kept below; look at both and save again." in page
    assert "Saved: 30%. Not saved yet." in page
    form = Form(answer.text, "split")
    assert (form.fields["activityMinPercent"], form.fields["waitingDays"]) == (["15"], ["10"])
    assert "Saved as version 4." in admin.saves(answer.text)
    assert (admin.config["activityMinPercent"], admin.config["waitingDays"]) == (15, 10)


def test_a_form_of_another_change_does_not_undo_what_was_saved_meanwhile(
    house: House, admin: Admin
) -> None:
    old = admin.opens()
    Admin(house, "Bo Ek").saves(waitingDays="10")
    assert admin.sends("save", old, activityMinPercent="15").status_code == 409
    page = admin.sends("show", old, activityMinPercent="15").text
    assert Form(page, "split").fields["waitingDays"] == ["10"]


@pytest.mark.parametrize("version", ["", "0", "77", "-1", "x", "9" * 30, None])
def test_a_form_of_no_version_changes_nothing(admin: Admin, version: str | None) -> None:
    sent = Form(admin.opens(), "split").with_(do="save", activityMinPercent="15")
    sent.pop("version")
    if version is not None:
        sent["version"] = [version]
    assert admin.posts(sent).status_code == 400
    assert number(admin.house) == 2


def test_without_the_forms_own_token_nothing_is_taken(admin: Admin) -> None:
    sent = Form(admin.opens(), "split").with_(do="save", activityMinPercent="15", csrf_token="x")
    answer = admin.posts(sent)
    assert answer.status_code == 400
    assert "This page was open too long" in answer.text
    assert number(admin.house) == 2


def test_a_session_that_is_over_changes_nothing(admin: Admin) -> None:
    sent = Form(admin.opens(), "split").with_(do="save", activityMinPercent="15")
    admin.browser.delete_cookie("upsales_wistia", domain="127.0.0.1")
    assert admin.posts(sent).status_code in (400, 403)
    assert number(admin.house) == 2


def test_who_may_only_look_can_ask_what_if_and_save_nothing(house: House) -> None:
    seen(house)
    looker = Admin(house, admin=False)
    page = looker.tries(activityMinPercent="40")
    assert told(page) == "2 activities gained, none lost."
    assert "You can look and run." in whatif(page)
    assert '<button name="do" value="save" disabled' in page
    answer = looker.sends("save", activityMinPercent="40")
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    token = Form(page, "split").fields["csrf_token"][0]
    undo = looker.posts({"csrf_token": token, "version": "2"}, "settings/undo")
    assert undo.status_code == 403
    assert number(house) == 2


def test_an_older_version_can_be_gone_back_to(admin: Admin) -> None:
    admin.saves(activityMinPercent="15", waitingDays="30")
    page = admin.opens("?version=2")
    assert "These are the values of version 2." in text_of(page)
    assert "Minimum watched 15% 50%" in whatif(page)
    assert "Saved as version 4." in admin.saves(page)
    assert (admin.config["activityMinPercent"], admin.config["waitingDays"]) == (50, 90)
    assert admin.get(f"/c/{admin.house.customer}/settings?version=99").status_code == 404


# ── Upsales ──


def sent_by_upsales(house: House, **config: Any) -> None:
    take_config(house.services.keyring, house.customer, config, house.clock.now())


def test_where_upsales_has_another_value_it_can_be_taken(house: House, admin: Admin) -> None:
    sent_by_upsales(house, activitiesEnabled=True, activityScore=5)
    assert "differs from Upsales" not in admin.opens()
    admin.saves(activityScore="10")
    page = admin.opens()
    assert "differs from Upsales" in page
    assert "Upsales has 5. Use 5" in text_of(page)
    used = admin.sends("", page, use="activityScore", activityMinPercent="3").text
    form = Form(used, "split").fields
    assert (form["activityScore"], form["activityMinPercent"]) == (["5"], ["3"])
    assert admin.config["activityScore"] == 10


def test_what_upsales_sent_and_cannot_be_read_is_told_and_settled_by_saving(
    house: House, admin: Admin
) -> None:
    sent_by_upsales(house, activitiesEnabled=True, activityMinPercent="<lots>")
    assert "It came from Upsales as “<lots>”, which cannot be read." in unescape(
        text_of(admin.opens())
    )
    admin.saves()
    version = versions.current(house.customer)
    assert version
    assert version.problems == []


# ── credentials ──


def test_a_credential_is_checked_and_not_kept(house: House, admin: Admin) -> None:
    right = house.tenant.wistia_token
    answer = admin.sends(f"check {TOKEN}", **{TOKEN: right})
    assert "Works: may read views and videos, and nothing more" in text_of(answer.text)
    wrong = admin.sends(f"check {TOKEN}", **{TOKEN: "n0nsense"})
    assert "Wistia does not know this API token" in text_of(wrong.text)
    assert "n0nsense" not in wrong.text + answer.text
    assert right not in answer.text
    assert number(house) == 2
    assert customers.secrets(house.services.keyring, house.customer)[TOKEN] == right


def test_a_public_token_is_compared_with_a_heat_map(house: House, admin: Admin) -> None:
    house.world.add(view("e1", "anna@acme.example"))
    good = admin.sends(f"check {PUBLIC}", **{PUBLIC: house.tenant.public_token})
    assert "Works: the same as in a recent heat map" in text_of(good.text)
    other = admin.sends(f"check {PUBLIC}", **{PUBLIC: "other"})
    assert "Not the one in your heat maps" in text_of(other.text)


def test_a_credential_that_does_not_work_leaves_the_old_one(house: House, admin: Admin) -> None:
    answer = admin.sends("save", **{TOKEN: "n0nsense", "activityScore": "4"})
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert "The old token stays in use until the new one works." in page
    assert "Wistia does not know this API token" in page
    assert "n0nsense" not in answer.text
    assert number(house) == 2
    kept = customers.secrets(house.services.keyring, house.customer)
    assert kept[TOKEN] == house.tenant.wistia_token


def test_a_credential_that_works_is_saved_and_told_without_its_value(
    house: House, admin: Admin
) -> None:
    customers.save_secret(house.services.keyring, house.customer, TOKEN, "old", house.clock.now())
    right = house.tenant.wistia_token
    page = admin.saves(**{TOKEN: f" {right} "})
    assert "Saved as version 3." in page
    assert right not in page
    assert customers.secrets(house.services.keyring, house.customer)[TOKEN] == right
    version = versions.current(house.customer)
    assert version
    assert (version.secrets, version.by) == ((TOKEN,), "Anna Kjellberg")
    assert "by Anna Kjellberg. It is never shown again." in page


def test_the_stored_ones_are_checked_when_asked(house: House, admin: Admin) -> None:
    page = text_of(admin.opens("?checked=1"))
    assert "Works: may read views and videos, and nothing more" in page
    house.later(days=91)
    assert "Works, but is 91 days old. Time for a new one." in text_of(admin.opens("?checked=1"))


def test_until_then_the_last_run_tells(house: House, admin: Admin) -> None:
    assert "Not tried yet" in text_of(admin.opens())
    house.run()
    assert "Worked in the run of" in text_of(admin.opens())
    house.sandbox.faults.add("wistia.events", "unauthorized_scope", times=None)
    house.run()
    assert "Refused in the run of" in text_of(admin.opens())


def test_hostile_names_are_text(house: House, admin: Admin) -> None:
    evil = "<script>alert(1)</script>"
    house.world.medias[0] = replace(house.world.medias[0], name=evil)
    seen(house)
    page = admin.tries(activityMinPercent="40", ignoredDomains=f"{evil}, =HYPERLINK(1)")
    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


# ── users ──


def test_users_are_chosen_by_name_once_they_are_known(house: House, admin: Admin) -> None:
    assert "Notices to nobody Users to notify Their numbers in Upsales" in text_of(admin.opens())
    admin.saves(notifyUsers="2, 99")
    house.world.add(view("e1", "anna@acme.example"))
    house.run()
    page = text_of(admin.opens())
    assert "Notices to Finn, User 99, once a day for each cause" in page
    assert "Users to notify Eva Finn User 99" in page
    assert Form(admin.opens(), "split").fields["notifyUsers"] == ["2", "99"]
    assert "Notices to Eva" in admin.saves(notifyUsers=["1"])
    assert admin.config["notifyUsers"] == ["1"]
    assert "Notices to nobody" in admin.saves(notifyUsers=[])
    assert "@" not in str(customers.setup(house.customer)["users"])


# ── the webhook and Mavera ──


def test_a_secret_for_the_webhook_is_shown_once(house: House, admin: Admin) -> None:
    page = text_of(admin.opens())
    assert "Wistia webhook off" in page
    assert f"/webhooks/wistia/{house.customer}" in page
    assert "Tick Turnstile converted, Percent watched and the media events." in page
    made = admin.sends("secret", waitingDays="30")
    secret = customers.secrets(house.services.keyring, house.customer)["wistiaWebhookSecret"]
    assert secret in made.text
    assert Form(made.text, "split").fields["waitingDays"] == ["30"]
    version = versions.current(house.customer)
    assert version
    assert (version.secrets, version.by) == (("wistiaWebhookSecret",), "Anna Kjellberg")
    saved = admin.saves(made.text)
    assert secret not in saved
    assert "Wistia webhook Waiting for the first signed event" in saved
    assert admin.config["waitingDays"] == 30


def test_who_may_only_look_makes_no_secret(house: House) -> None:
    assert Admin(house, admin=False).sends("secret").status_code == 403
    assert "wistiaWebhookSecret" not in customers.saved_secrets(house.customer)


def test_a_mavera_key_is_tried_and_saved(house: House, admin: Admin) -> None:
    right = house.tenant.mavera_key
    wrong = admin.sends("check maveraApiKey", maveraApiKey="mvra_wrong")
    assert "Mavera does not know this key" in text_of(wrong.text)
    good = admin.sends("check maveraApiKey", maveraApiKey=right)
    assert re.search(r"Works: [\d,]+ credits left", text_of(good.text))
    assert "Mavera no key" in text_of(good.text)
    admin.saves(maveraApiKey=right, maveraJobs=["cta"])
    assert "Mavera key saved, 1 job on" in text_of(admin.opens())
    assert re.search(r"Works: [\d,]+ credits left", text_of(admin.opens("?checked=1")))
    house.sandbox.faults.add("mavera.usage", "500", times=None)
    away = admin.sends("check maveraApiKey", maveraApiKey=right)
    assert "Mavera does not answer just now" in text_of(away.text)
