"""One view: why it is, or is not, in Upsales."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest

from tests.sync.house import NOW, House, view
from tests.web.visiting import Visit
from upsales_wistia.clock import SystemClock
from upsales_wistia.sandbox import Limits, Media, Sandbox
from upsales_wistia.store import customers


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The queries are held on both in ``tests/store``."""
    return str(request.param)


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        made = House(sandbox, store)
        made.configure(activityMinPercent=25)
        yield made


def page(house: House, key: str = "e1") -> str:
    """What a person reads on the page of a view."""
    text = Visit(house).opens(f"/views/{key}")
    body = re.sub(r"<svg.*?</svg>", "", text[text.index("<main") :], flags=re.DOTALL)
    inline = re.sub(r"</?(?:span|a|b|time)\b[^>]*>", "", body)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inline)).split())


def add(house: House, typed: str = "anna@acme.example", **facts: object) -> None:
    """One view, read and decided."""
    house.world.add(view("e1", typed, **facts))
    house.run()


def test_a_written_view_says_where_it_is(house: House) -> None:
    add(house)
    shown = page(house)
    assert "In Upsales Anna Berg watched 83% of Product tour today at 13:20." in shown
    assert "Written today 14:20 on Anna Berg at Acme AB, score 10." in shown
    assert "The smallest change" not in shown
    assert "anna@acme.example, typed in the Turnstile of this video" in shown
    assert "Anna Berg at Acme AB, by the same e-mail" in shown
    assert "83%, that is 0:49 of 1:00 Your minimum is 25%." in shown
    assert "Product tour is in Demos You chose no project, so every video counts." in shown
    assert re.search(r"Log entry \d+ on Anna Berg at Acme AB settings version 2", shown)
    assert re.search(r"14:20 Written to Upsales, entry \d+\. Run \w{4}…\w\w", shown)
    assert "14:20 Decided with settings version 2: to be written." in shown
    assert "13:20 Viewing starts" in shown


def test_an_anonymous_entry_shows_us_who_it_was(house: House) -> None:
    house.configure(formsEnabled=False)
    add(house, "new@birch.example")
    shown = page(house)
    assert "Written today 14:20 on Birch Two AS as “Someone”, score 10." in shown
    assert "Birch Two AS, by the domain birch.example: 1 contact has it" in shown
    assert "new@birch.example watched 83%" in shown


def test_watched_too_little_names_the_smallest_change_and_who_else_it_lets_through(
    house: House,
) -> None:
    for key, fraction in (("e2", 0.12), ("e3", 0.2), ("e4", 0.01)):
        house.world.add(view(key, "bo@birch.example", fraction=fraction))
    add(house, fraction=0.1157)
    shown = page(house)
    assert "Not in Upsales: watched too little" in shown
    assert "today at 13:20. Your minimum is 25%." in shown
    assert (
        "Lower the minimum from 25% to 11%. The next run then writes this view and 2 others; "
        "nothing is lost."
    ) in shown
    assert "Passes Off Is it somebody" in shown
    assert "Your minimum is 25%. Stops here Off" in shown
    assert "Each view is written once. Would pass Off" in shown
    assert "14:20 Decided with settings version 2: left out. Run" in shown


def test_the_next_run_has_a_time_where_time_goes_on(house: House) -> None:
    add(house, fraction=0.1)
    house.services.clock = SystemClock()
    assert re.search(r"to 10%\. It is older than the 3 days a run reads", page(house))


def test_two_changes_are_named_as_two(house: House) -> None:
    house.configure(activityProjects=["proj2"])
    add(house, fraction=0.1)
    assert (
        "Two changes are needed: lower the minimum from 25% to 10%, and add the project Demos."
    ) in page(house)
    assert "You chose 1 more." in page(house)


def test_a_view_of_an_unread_project(house: House) -> None:
    house.world.add(view("e2", media_id="media00002"))
    house.configure(activityProjects=["proj2", "proj9"])
    add(house)
    shown = page(house)
    assert "Not in Upsales: in another project" in shown
    assert "“Product tour” is in Demos, which is not among the 2 projects you chose." in shown
    assert "You chose Stories and 1 more." in shown
    assert "Add the project Demos." in shown


NOTHING_HELPS = (
    "Nothing lets this view through, because nobody left an e-mail. A Turnstile on “Product "
    "tour” helps with the next viewer."
)
A_LOOK_UP = (
    "Count any known e-mail. Whether it matches is known after a look-up in Upsales: the next "
    "run tells."
)
A_CONTACT = (
    "No setting lets it through. Add zoe@nowhere.example as a contact in Upsales, and it is "
    "written by itself."
)


@pytest.mark.parametrize(
    ("typed", "facts", "headline", "change"),
    [
        ("", {}, "Not in Upsales: no e-mail left", NOTHING_HELPS),
        (
            "",
            {"email": "anna@acme.example"},
            "Not in Upsales: e-mail known another way",
            A_LOOK_UP,
        ),
        (
            "not at home",
            {},
            "Not in Upsales: not an e-mail address",
            "Nothing lets this view through.",
        ),
        ("zoe@nowhere.example", {}, "Waiting for a contact", A_CONTACT),
    ],
)
def test_what_would_help(
    house: House, typed: str, facts: dict[str, object], headline: str, change: str
) -> None:
    add(house, typed, **facts)
    shown = page(house)
    assert headline in shown
    assert change in shown


def test_an_e_mail_known_another_way_of_somebody_who_is_known_too(house: House) -> None:
    house.world.add(view("e2", "anna@acme.example"))
    house.world.add(view("e3", "zoe@gmail.com"))
    house.world.add(view("e4", email="zoe@gmail.com"))
    add(house, "", email="anna@acme.example")
    assert "Count any known e-mail. The next run then writes this view; nothing is lost." in page(
        house
    )
    assert (
        "Two changes are needed: count any known e-mail, and add zoe@gmail.com as a contact in "
        "Upsales."
    ) in page(house, "e4")


def test_domain_rules_are_changes_too(house: House) -> None:
    house.configure(domainMatching=False)
    add(house, "new@birch.example")
    house.configure(domainMatching=True)
    house.run()
    house.configure(domainMatching=False)
    house.world.add(view("e2", "other@birch.example"))
    house.run()
    assert (
        "Turn on matching by domain, without a name on Birch Two AS. The next run then writes "
        "this view"
    ) in page(house, "e2")
    house.configure(domainMatching=True, ignoredDomains=["birch.example"])
    house.run()
    assert "Take birch.example off your ignored domains." in page(house, "e2")


def test_a_start_date_can_be_moved(house: House) -> None:
    house.configure(startDate="2026-11-21")
    add(house)
    shown = page(house)
    assert "Not in Upsales: before your start date" in shown
    assert "Move your start date to 20 Nov 2026." in shown
    assert "Nothing before 21 Nov 2026 is written." in shown


@pytest.mark.parametrize(
    ("minimum", "change"),
    [
        (0, "Turn on the activity log. The next run then writes this view; nothing is lost."),
        (25, "Two changes are needed: turn on the activity log, and lower the minimum"),
    ],
)
def test_with_nothing_switched_on(house: House, minimum: int, change: str) -> None:
    add(house, fraction=0.1)
    house.configure(activitiesEnabled=False, activityMinPercent=minimum)
    shown = page(house)
    assert "Not in Upsales: nothing is switched on" in shown
    assert "The activity log is off. Turn it on in Settings." in shown
    assert change in shown


def test_while_it_is_watched(house: House) -> None:
    add(house, received_at=NOW - timedelta(minutes=1))
    shown = page(house)
    assert "Still watching" in shown
    assert "It is written at about today 14:25, with the final percentage." in shown
    assert "The viewing is over" not in shown
    assert 'hx-trigger="every 60s"' in Visit(house).opens("/views/e1")


def test_a_form_that_is_waited_for_and_then_taken(house: House) -> None:
    house.configure(formsEnabled=True)
    add(house, "new@birch.example")
    shown = page(house)
    assert "Waiting for a contact" in shown
    assert "The form was sent at today 14:20, and Upsales may make the contact of it." in shown
    assert "or on Birch Two AS at today 15:20 at the latest." in shown
    assert "Submitted today 14:20 as Wistia: video views; Upsales has not confirmed it" in shown


def test_what_upsales_refused(house: House) -> None:
    house.sandbox.faults.add("upsales.create_event", "400", times=None)
    add(house)
    shown = page(house)
    assert "Not in Upsales yet: tried again" in shown
    assert re.search(r"Upsales answered “[^”]+” at today 14:20\. It is tried again", shown)
    assert re.search(r"14:20 Upsales answered “[^”]+”\. Run", shown)
    for _ in range(7):
        house.run(asked=True)
    assert "Failed: needs you" in page(house)


def test_what_upsales_did_not_answer(house: House) -> None:
    house.sandbox.faults.add("upsales.create_event", "500", times=1)
    add(house)
    shown = page(house)
    assert "Being checked" in shown
    assert "Upsales did not answer in time, so it may be there already." in shown


def test_when_the_next_run_writes_it(house: House) -> None:
    house.sandbox.faults.add("upsales.contacts", "500", times=None)
    house.world.add(view("e1", "anna@acme.example"))
    house.services.run(house.customer, asked=True)
    assert "after a look-up in Upsales" in page(house)


def test_others_by_the_same_viewer(house: House) -> None:
    for number in range(2, 9):
        house.world.add(
            view(f"e{number}", "Anna@acme.example", received_at=NOW - timedelta(hours=number))
        )
    add(house)
    shown = page(house)
    also = shown[shown.index("Also by Anna") :]
    assert also.count("Product tour") == 5
    text = Visit(house).opens("/views/e1")
    theirs = re.search(r'href="([^"]+)">All views', text)
    assert theirs
    assert "anna" not in theirs[1].lower()
    assert "1 to 8 of 8" in Visit(house).get(theirs[1]).text


def test_a_heat_map_needs_the_public_token(house: House) -> None:
    add(house)
    ring, token = house.services.keyring, "wistiaPublicToken"
    customers.save_secret(ring, house.customer, token, "", NOW)
    assert "Add the public token in Settings to see which parts." in page(house)
    house.configure(wistiaPublicToken="public0token")
    text = Visit(house).opens("/views/e1")
    assert "/v1/stats/events/e1/iframe.html?public_token=public0token" in text
    assert "About 0:49 of 1:00 (83%)" in text


def test_hostile_words_are_words(house: House) -> None:
    title = "<script>alert(1)</script>\n" + "long " * 40
    house.world.medias.append(Media(77, "media00077", title, "proj1", None))
    add(
        house,
        '"<b>"@acme.example',
        media_id="media00077",
        page="javascript:alert(1)",
        received_at=NOW - timedelta(hours=2),
    )
    text = Visit(house).opens("/views/e1")
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert "83% of it" in text


def test_what_is_not_there(house: House) -> None:
    visit = Visit(house)
    for key in ("e9", "a/b", "%00", "..%2f", "é" * 300):
        assert visit.get(f"/c/{house.customer}/views/{key}").status_code in (404, 308)
    assert visit.get("/c/4712/views/e1").status_code == 404


def test_a_key_with_a_slash_has_a_page(house: House) -> None:
    house.world.add(view("a/b?c#d", "anna@acme.example"))
    house.run()
    visit = Visit(house)
    address = re.search(r'href="([^"]+)"><span dir="auto">Anna Berg', visit.opens("/views"))
    assert address
    assert "In Upsales" in visit.get(address[1]).text


def test_one_hit_opens_and_several_are_listed(house: House) -> None:
    house.world.add(view("e2", "di@acme.example"))
    house.world.add(view("e3", "di@acme.example"))
    add(house)
    visit = Visit(house)

    def leads(text: str) -> str:
        return visit.sends("/views", q=text, open="1").location

    assert leads("anna@acme.example").endswith("/views/e1")
    assert leads("https://power.upsales.com/#/contacts/101").endswith("/views/e1")
    assert leads("e3").endswith("/views/e3")
    for text in ("di@acme.example", "who@else.example", ""):
        assert "/views/e" not in leads(text)
