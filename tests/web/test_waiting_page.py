"""The Waiting room: who waits and why, and whom somebody chose to ignore."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.sync.house import House, small_world, view
from upsales_wistia.inquiry import explain_views
from upsales_wistia.links import sign_link
from upsales_wistia.sandbox import Limits, Sandbox, View
from upsales_wistia.store.database import database
from upsales_wistia.sync import ignoring

from .pages import text_of
from .reader import Reader
from .visiting import lines


@pytest.fixture
def database_kind() -> str:
    """What a page says does not depend on the database; what is stored does (see below)."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store, small_world())


def waits(house: House, *views: Any) -> None:
    """These views were seen, and a run has looked for their people."""
    for one in views:
        house.world.add(one)
    house.run()


def named(key: str, email: str, first: str, last: str) -> View:
    """A view whose viewer gave a name too."""
    return view(key, email, conversion={"email": email, "first_name": first, "last_name": last})


def viewer(page: str, email: str) -> str:
    """What stands for somebody in the page's forms."""
    row = next(row for row in re.findall(r"<tr role.*?</tr>", page, re.DOTALL) if email in row)
    found = re.search(r'name="viewer" value="([^"]+)"', row)
    assert found
    return found[1]


def ignore(reader: Reader, email: str, verb: str = "ignore") -> str:
    """Press the button in somebody's row; what is read then."""
    return reader.does(f"waiting/{verb}", viewer=viewer(reader.opens("waiting").text, email))


def activity(house: House, key: str) -> dict[str, Any]:
    """What ``explain`` says of a view."""
    (one,) = explain_views(house.services, house.customer, key)["views"]
    found: dict[str, Any] = one["targets"]["activity"]
    return found


def test_nobody_waits(reader: Reader) -> None:
    told = reader.reads("waiting")
    assert "Nobody is waiting" in told
    assert "Ignored" not in told
    assert "Look again" not in told


def test_who_waits_is_told_by_group_with_the_reason(house: House, reader: Reader) -> None:
    house.configure(ignoredDomains=["left.example"])
    waits(
        house,
        named("e1", "new@nobody.example", "Nora", "New"),
        view("e2", "new@nobody.example", media_id="media00002", fraction=0.5),
        view("e3", "some@gmail.com"),
        view("e4", "boss@own.example"),
        view("e5", "x@10minutemail.com"),
        view("e6", "y@left.example"),
    )
    told = reader.reads("waiting")
    assert "6 views by 5 people wait" in told
    assert "Each is written by itself, with its original time" in told
    assert [w for w in ("Not in Upsales 2", "Free-mail 1", "Your own domain 1", "Other 2") if
            w not in told] == []  # fmt: skip
    rows = {row.split()[0]: row for row in lines(reader.opens("waiting").text)}
    nora = rows["new@nobody.example"]
    assert "Nora New" in nora
    assert "Product tour 83%" in nora
    assert "A story 50%" in nora
    assert "since today 13:20 until 18 Feb 2027" in nora
    assert "No contact has an address at nobody.example ." in nora
    assert "gmail.com is free-mail" in rows["some@gmail.com"]
    assert "own.example is your own: 2 of your Upsales users have it." in rows["boss@own.example"]
    assert "throw-away addresses" in rows["x@10minutemail.com"]
    assert "on your list of ignored domains" in rows["y@left.example"]


def test_the_navigation_and_the_page_count_the_same(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"), view("e2", "some@gmail.com"))
    page = reader.opens("waiting").text
    assert re.search(r"aria-current=\"page\">Waiting room <b>2</b>", page)
    assert "2 views by 2 people wait" in reader.reads("waiting")
    house.configure(activitiesEnabled=False, formsEnabled=True)
    told = reader.reads("waiting")
    assert "Nobody is waiting" in told
    assert "The activity log is switched off" in told
    assert "Waiting room <b>" not in reader.opens("waiting").text


def test_a_domain_one_letter_away_is_offered(house: House, reader: Reader) -> None:
    waits(
        house,
        view("e1", "someone@acme.example"),
        view("e2", "anna@amce.example"),
        view("e3", "bo@brch.example"),
        view("e4", "bo@birch.example"),
        view("e5", "far@amcee.example"),
    )
    rows = {row.split()[0]: row for row in lines(reader.opens("waiting").text)}
    assert "Did they mean acme.example ? 1 contact has it." in rows["anna@amce.example"]
    assert "Did they mean birch.example ? At least 1 contact has it" in rows["bo@brch.example"]
    assert "Did they mean" not in rows["far@amcee.example"]


def test_adding_leads_into_upsales_own_application_alone(house: House, reader: Reader) -> None:
    waits(
        house, view("e1", "x@acme.example"), view("e2", "a@amce.example"), view("e3", "b@c.example")
    )
    assert "Add in Upsales" not in reader.opens("waiting").text
    config = replace(house.services.config, upsales_api_url="https://integration.upsales.com/api")
    house.services.config = config
    page = reader.opens("waiting").text
    links = re.findall(
        r'href="([^"]*)" target="_blank" rel="noopener noreferrer" aria-label="Add', page
    )
    assert sorted(links) == [
        "https://power.upsales.com/",
        "https://power.upsales.com/#/companies/1",
    ]


def test_a_viewer_is_ignored_at_once_and_in_every_run_after(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"), view("e2", "new@nobody.example"))
    told = ignore(reader, "new@nobody.example")
    assert "new@nobody.example is ignored. 2 views are left out." in told
    assert "Nobody is waiting" in told
    assert "by Anna Kjellberg, today 14:20" in told
    assert "Waiting room <b>" not in reader.opens("waiting").text
    found = activity(house, "e1")
    assert (found["verdict"], found["stage"], found["code"]) == (
        "dropped", "matched", "ignored_viewer",
    )  # fmt: skip
    assert found["reason"].startswith("Anna Kjellberg chose on 20 Nov 2026 to ignore this viewer.")
    assert found["would_pass_with"] is None
    assert "ignored by Anna Kjellberg" in reader.reads("views")
    told = reader.reads("views/e1")
    assert "Anna Kjellberg chose on 20 Nov 2026 to ignore this viewer." in told
    assert "Open the Waiting room" in told

    house.tenant.crm.add_contact(email="new@nobody.example", company_id=1, name="Nora")
    house.world.add(view("e3", "New@Nobody.example"))
    house.later(hours=2)
    document = house.run(asked=True)
    assert document["balance"]["activity"]["dropped"] == {"ignored_viewer": 3}
    assert document["waiting"] == 0
    assert house.entries == []
    house.configure(activityScore=3)
    assert house.run(asked=True)["balance"]["activity"]["dropped"] == {"ignored_viewer": 3}
    assert house.entries == []


def test_taken_back_their_views_come(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"))
    ignore(reader, "new@nobody.example")
    told = ignore(reader, "new@nobody.example", "back")
    assert "new@nobody.example is not ignored any more. The next run looks" in told
    assert "1 view by 1 person waits" in told
    assert activity(house, "e1")["code"] == "unknown"
    house.tenant.crm.add_contact(email="new@nobody.example", company_id=1, name="Nora")
    house.later(hours=2)
    assert house.run(asked=True)["balance"]["activity"]["written"] == 1
    assert len(house.entries) == 1
    assert "Nobody is waiting" in reader.reads("waiting")


def test_what_was_to_be_written_is_not_once_its_viewer_is_ignored(
    house: House, reader: Reader
) -> None:
    house.sandbox.faults.add("upsales.create_event", "400", times=None)
    waits(house, view("e1", "anna@acme.example"), view("e2", "new@nobody.example"))
    now = house.clock.now()
    assert ignoring.ignore(house.customer, "anna@acme.example", "Bo", now, since=now)
    house.sandbox.faults.clear()
    house.later(hours=2)
    document = house.run(asked=True)
    assert document["balance"]["activity"]["dropped"] == {"ignored_viewer": 1}
    assert house.entries == []


def test_what_is_in_upsales_stays_registered(house: House, reader: Reader) -> None:
    waits(house, view("e1", "anna@acme.example"))
    now = house.clock.now()
    assert ignoring.ignore(house.customer, "anna@acme.example", "Bo", now, since=now)
    assert house.run(asked=True)["balance"]["activity"]["registered"] == 1


def test_a_second_click_is_told_kindly(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"))
    number = viewer(reader.opens("waiting").text, "new@nobody.example")
    reader.does("waiting/ignore", viewer=number)
    told = reader.does("waiting/ignore", viewer=number)
    assert "Anna Kjellberg ignored new@nobody.example today 14:20 already" in told
    reader.does("waiting/back", viewer=number)
    told = reader.does("waiting/back", viewer=number)
    assert "new@nobody.example is not ignored. Nothing was changed." in told


def test_an_old_result_says_what_is_so_by_now(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"))
    number = viewer(reader.opens("waiting").text, "new@nobody.example")
    answer = reader.presses("waiting/ignore", viewer=number)
    reader.does("waiting/back", viewer=number)
    assert "is not ignored. Nothing was changed." in reader.fetches(answer.location).text


def test_no_address_and_no_form_names_anybody(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"))
    page = reader.opens("waiting").text
    answer = reader.presses("waiting/ignore", viewer=viewer(page, "new@nobody"))
    told = page + answer.location
    assert not re.findall(r'(?:href|action|value)="[^"]*new@nobody', told)
    assert "new" not in answer.location


@pytest.mark.parametrize("viewer", ["", "x", "²", "A" * 500, "bmV3QG5vYm9keS5leGFtcGxl"])
def test_a_viewer_that_is_none(house: House, reader: Reader, viewer: str) -> None:
    assert reader.presses("waiting/ignore", viewer=viewer).status_code == 404
    assert "Nobody is waiting" in reader.reads(f"waiting?did=ignore&viewer={viewer}")


def test_whoever_may_only_look_changes_nothing(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"))
    number = viewer(reader.opens("waiting").text, "new@nobody.example")
    reader.enters(admin=False)
    page = reader.opens("waiting").text
    assert re.findall(r"<button[^>]*disabled[^>]*>(.*?)</button>", page) == ["Ignore"]
    assert "You can look and run" in page
    for verb in ("ignore", "back"):
        assert reader.presses(f"waiting/{verb}", viewer=number).status_code == 403
    assert "1 view by 1 person waits" in reader.reads("waiting")


def test_others_rooms_are_not_there(house: House, reader: Reader) -> None:
    assert reader.fetches("/c/999/waiting").status_code == 404


def seen(page: str) -> dict[str, Any]:
    """What the page sends when it looks again."""
    opened = re.search(r'name="opened" value="([^"]+)"', page)
    assert opened
    return {"opened": opened[1], "seen": re.findall(r'name="seen" value="([^"]+)"', page)}


def test_who_is_written_while_the_page_is_open_stays_in_green(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"), view("e2", "some@gmail.com"))
    page = reader.opens("waiting").text
    house.tenant.crm.add_contact(email="new@nobody.example", company_id=1, name="Nora")
    house.later(hours=2)
    house.run(asked=True)
    again = reader.presses("waiting/now", **seen(page)).text
    (green,) = re.findall(r'<tr role="row" class="came">.*?</tr>', again, re.DOTALL)
    assert "new@nobody.example" in green
    assert "</svg> Written</span> on <span" in green
    assert "Ignore" not in green
    assert "Nora : written to Upsales." in text_of(again)
    assert 'class="came"' in reader.presses("waiting/now", **seen(again)).text
    assert "new@nobody.example" not in reader.opens("waiting").text


@pytest.mark.parametrize("told", ["", "unknown.x", "burn.x", "unknown", "x" * 9999])
def test_odd_words_of_an_open_page_are_passed_over(house: House, reader: Reader, told: str) -> None:
    waits(house, view("e1", "new@nobody.example"))
    answer = reader.presses("waiting/now", seen=told, opened=told)
    assert answer.status_code == 200
    assert "1 view by 1 person waits" in html.unescape(answer.text)


@pytest.mark.parametrize(
    "query",
    ["group=x", "group=other&before=x", "group=ignored&below=-1", "group=unknown&before=9-9",
     "group=ignored&below=99999999999999999999", "did=burn", "did=ignore&viewer=x"],
)  # fmt: skip
def test_an_odd_address_shows_the_page(house: House, reader: Reader, query: str) -> None:
    waits(house, view("e1", "new@nobody.example"))
    assert "1 view by 1 person waits" in reader.reads(f"waiting?{query}")


def test_many_are_shown_in_parts(house: House, reader: Reader) -> None:
    waits(house, *(view(f"e{n}", f"p{n}@gmail.com") for n in range(60)))
    page = reader.opens("waiting").text
    assert len(lines(page)) == 50
    (more,) = re.findall(r'href="([^"]*group=free[^"]*)"', page)
    rest = reader.fetches(html.unescape(more)).text
    assert len(lines(rest)) == 10
    assert not {row.split()[0] for row in lines(page)} & {row.split()[0] for row in lines(rest)}
    assert "All who wait" in rest


def test_of_many_views_of_one_person_the_newest_are_shown(house: House, reader: Reader) -> None:
    waits(house, *(view(f"e{n}", "p@gmail.com") for n in range(9)))
    told = reader.reads("waiting")
    assert "9 views by 1 person wait" in told
    assert "and 6 more" in told


def test_hostile_words_stay_words(house: House, reader: Reader) -> None:
    title = '<script>alert(1)</script> =HYPERLINK("x")' + "y" * 99
    waits(house, named("e1", "b@nobody.example", "<i>x", "\n\u202e"))
    waits(house, view("e2", "o'x@nobody.example"))
    database.execute_sql("UPDATE medias SET name = ?", (title,))
    page = reader.opens("waiting").text
    assert "<script>alert" not in page
    assert "<i>x" not in page
    assert "<b>" not in page.split("<h1>")[1].replace("<b>2</b>", "")
    assert "o&#39;x@nobody.example" in page


def test_a_company_is_never_guessed_from_free_mail(house: House, reader: Reader) -> None:
    house.tenant.crm.add_contact(email="gun@gmail.com", company_id=1, name="Gun")
    waits(house, view("e1", "gun@gmail.com"), view("e2", "x@gmaul.com"))
    assert "Did they mean" not in reader.reads("waiting")


def test_whoever_came_by_a_link_is_named_by_its_time(house: House, reader: Reader) -> None:
    waits(house, view("e1", "new@nobody.example"))
    reader.fetches(sign_link(house.services.config, house.customer, "", admin=True))
    assert "by link of" in ignore(reader, "new@nobody.example")
    told = reader.reads("views/e1")
    assert re.search(r"link of [\w ]*\d\d:\d\d chose on 20 Nov 2026", told)
    assert "T" not in told.split("chose on")[0].rpartition("link of")[2]
