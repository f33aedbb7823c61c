"""The list of views: search, filters, pages, and the table to take away."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sync.house import NOW, House, view
from tests.web.visiting import Visit, chips, lines
from upsales_wistia.sandbox import Limits, Media, Project, Sandbox


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The queries are held on both in ``tests/store``."""
    return str(request.param)


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store)


@pytest.fixture
def some_views(house: House) -> House:
    """Four views, synced: one written, one that waits, one watched too little, one anonymous."""
    house.configure(activityMinPercent=25)
    for one in (
        view("event-anna", "anna@acme.example", received_at=NOW - timedelta(hours=4)),
        view("event-wait", "zoe@nowhere.example", received_at=NOW - timedelta(hours=3)),
        view("event-less", "bo@birch.example", fraction=0.1, media_id="media00002"),
        view("event-none", received_at=NOW - timedelta(hours=1, minutes=30)),
    ):
        house.world.add(one)
    house.run()
    return house


def test_before_the_first_view(house: House) -> None:
    assert "No views yet. The first run reads the last 3 days." in Visit(house).opens("/views")


def test_the_newest_first_each_with_its_state_for_both_targets(some_views: House) -> None:
    page = Visit(some_views).opens("/views")
    assert [line.replace("20 Nov ", "") for line in lines(page)] == [
        "Today 13:20 Bo Dahl bo@birch.example A story Stories 10% Left out under your 25% Off",
        "Today 12:50 No e-mail left session …none Product tour Demos 83% Left out no e-mail Off",
        "Today 11:20 zoe@nowhere.example Product tour Demos 83% Waiting not in Upsales yet Off",
        "Today 10:20 Anna Berg anna@acme.example Product tour Demos 83% Written Acme AB Off",
    ]
    assert chips(page) == ["All 4", "Written 1", "Left out 2", "Waiting 1"]
    assert "1 to 4 of 4, newest first" in page


def test_a_state_a_reason_and_a_stage_are_filters(some_views: House) -> None:
    visit = Visit(some_views)
    for query, expected in {
        "state=waiting": ["zoe@nowhere.example"],
        "state=dropped": ["Bo Dahl", "No e-mail left"],
        "code=no_email": ["No e-mail left"],
        "passed=turnstile": ["Bo Dahl", "zoe@nowhere.example", "Anna Berg"],
        "passed=matched": ["Bo Dahl", "Anna Berg"],
        "passed=new": ["Anna Berg"],
        "passed=turnstile&state=waiting": ["zoe@nowhere.example"],
        "target=form&state=off": ["Bo Dahl", "No e-mail left", "zoe@nowhere.example", "Anna Berg"],
        "code=nonsense": [],
        "state=nonsense": [],
        "passed=nonsense": [],
        "project=proj2": ["Bo Dahl"],
        "project=proj2&video=media00001": [],
        "video=media00001&state=written": ["Anna Berg"],
        "domain=nowhere.example": ["zoe@nowhere.example"],
        "to=2026-11-19": [],
        "from=2026-11-20&to=2026-11-20&state=written": ["Anna Berg"],
        "from=2026-11-20T11:00:00Z&to=2026-11-20T12:00:00Z": ["zoe@nowhere.example"],
        "from=when&to=9999-12-31&state=written": ["Anna Berg"],
        "q=BO": ["Bo Dahl"],
        "q=tour": ["No e-mail left", "zoe@nowhere.example", "Anna Berg"],
        "q=event-none": ["No e-mail left"],
        "contact=101": ["Anna Berg"],
        "contact=x": [],
        "viewer=nonsense": [],
    }.items():
        shown = lines(visit.opens(f"/views?{query}"))
        assert len(shown) == len(expected), query
        for line, who in zip(shown, expected, strict=True):
            assert who in line, query


def test_what_a_run_wrote_is_written_in_its_eyes_and_there_already_in_those_of_the_next(
    some_views: House,
) -> None:
    first = some_views.services.run(some_views.customer, asked=True)
    assert first
    second = some_views.services.run(some_views.customer, asked=True)
    assert second
    visit = Visit(some_views)
    page = visit.opens(f"/views?run={second['run']}&state=registered")
    assert ["Already there today 14:20" in line for line in lines(page)] == [True]
    assert "the run of today 14:20 Take away" in chips(page)
    assert visit.get(f"/c/{some_views.customer}/views?run=nonsense").status_code == 404


def search_for(visit: Visit, text: str, **fields: str) -> dict[str, str]:
    """The filters of the address that a search leads to."""
    answer = visit.sends("/views", q=text, **fields)
    assert answer.status_code == 303
    assert "@" not in answer.location
    assert "%40" not in answer.location
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


@pytest.mark.parametrize(
    "typed",
    ["bo@birch.example", " BO@Birch.example ", "Bo Dahl <bo@birch.example>", "bo%40birch.example",
     "mailto:bo@birch.example"],
)  # fmt: skip
def test_an_e_mail_never_comes_into_an_address(some_views: House, typed: str) -> None:
    visit = Visit(some_views)
    found = search_for(visit, typed)
    assert found.keys() == {"viewer"}
    assert "birch" not in found["viewer"]
    page = visit.opens(f"/views?viewer={found['viewer']}")
    assert [line.split(" bo@")[0] for line in lines(page)] == ["Today 13:20 Bo Dahl"]
    assert 'value="bo@birch.example"' in page


def test_an_e_mail_in_an_address_made_by_hand_is_taken_out_of_it(some_views: House) -> None:
    answer = Visit(some_views).get(
        f"/c/{some_views.customer}/views?q=bo@birch.example&state=dropped"
    )
    assert answer.status_code == 303
    assert "birch" not in answer.location
    assert "state=dropped" in answer.location


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("https://api.wistia.com/v1/stats/events/event-none/iframe.html?public_token=x",
         {"q": "event-none"}),
        ("https://acme.wistia.com/stats/viewer/visitor-e1", {"q": "visitor-e1"}),
        ("https://acme.wistia.com/medias/media00002", {"video": "media00002"}),
        ("https://power.upsales.com/#/contacts/101", {"contact": "101"}),
        ("https://power.upsales.com/ui/contact/101/events", {"contact": "101"}),
        ("http://[broken", {"q": "http://[broken"}),
        ("@acme.example", {"q": "acme.example"}),
        ("  \n ", {}),
        ("@", {}),
        ("a\x00b\r\nc", {"q": "ab c"}),
    ],
)  # fmt: skip
def test_what_is_pasted_is_understood(house: House, pasted: str, expected: dict[str, str]) -> None:
    assert search_for(Visit(house), pasted) == expected


def test_a_search_keeps_the_filters_and_begins_at_the_top(some_views: House) -> None:
    kept = {"state": "dropped", "project": "proj2", "from": "2026-11-01", "target": "activity"}
    found = search_for(Visit(some_views), "tour", before="1-1", contact="5", **kept)
    assert found == {"q": "tour", **kept}


def test_nothing_found_says_what_to_do(some_views: House) -> None:
    visit = Visit(some_views)
    assert "No view matches. Take away a filter" in visit.opens("/views?q=zzz&state=written")
    page = visit.opens(f"/views?viewer={search_for(visit, 'who@else.example')['viewer']}")
    assert "Wistia has sent no view of" in page
    assert "who@else.example" in page
    assert "never reach us" in page


@pytest.mark.parametrize("place", ["-1", "0", "1000000000", "x", "9" * 40, "1-1", "9" * 19 + "-1"])
def test_an_impossible_page_shows_the_first(some_views: House, place: str) -> None:
    visit = Visit(some_views)
    for name in ("before", "after"):
        assert len(lines(visit.opens(f"/views?{name}={place}"))) == 4


def test_fifty_a_page_and_back(house: House) -> None:
    for number in range(120):
        received = NOW - timedelta(hours=2, minutes=number)
        house.world.add(view(f"event-{number:03}", received_at=received))
    house.run()
    visit = Visit(house)
    seen: list[list[str]] = []
    page = visit.opens("/views")
    for expected in ("1 to 50 of 120", "51 to 100 of 120", "101 to 120 of 120"):
        assert expected in page
        seen.append(lines(page))
        older = re.search(r'href="([^"]+)">Older', page)
        page = visit.get(older[1].replace("&amp;", "&")).text if older else page
    assert [len(some) for some in seen] == [50, 50, 20]
    newer = re.search(r'href="([^"]+)">Newer', page)
    assert newer
    back = visit.get(newer[1].replace("&amp;", "&")).text
    assert lines(back) == seen[1]


def rows(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(text[1:].splitlines()))


def test_the_table_to_take_away_is_what_is_filtered(some_views: House) -> None:
    answer = Visit(some_views).get(f"/c/{some_views.customer}/views?state=dropped&format=csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="views-2026-11-20.csv"'
    heading, *found = rows(answer.text)
    assert heading[:4] == ["When (UTC)", "Name", "E-mail", "Video"]
    assert [row[1:3] for row in found] == [["Bo Dahl", "bo@birch.example"], ["", ""]]
    assert found[0][5:8] == ["10", "Left out", "under your 25%"]


def test_no_cell_is_a_formula_and_no_title_is_markup(house: House) -> None:
    titles = ['=HYPERLINK("http://evil.example","x")', "@SUM(1)", "<script>alert(1)</script>"]
    house.world.projects.append(Project(9, "proj9", "+1"))
    for number, title in enumerate(titles):
        house.world.medias.append(Media(90 + number, f"media0009{number}", title, "proj9", 60.0))
        house.world.add(view(f"event-{number}", '"-2"@acme.example', media_id=f"media0009{number}"))
    house.run()
    visit = Visit(house)
    text = visit.get(f"/c/{house.customer}/views?format=csv").text
    cells = [cell for row in rows(text)[1:] for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=HYPERLINK" in text
    page = visit.opens("/views")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_another_customers_views_are_not_there(some_views: House) -> None:
    visit = Visit(some_views)
    assert visit.get("/c/4712/views").status_code == 404
    assert visit.browser.post("/c/4712/views").status_code == 400


def test_whoever_may_only_look_may_search(some_views: House) -> None:
    visit = Visit(some_views, admin=False)
    assert search_for(visit, "bo@birch.example").keys() == {"viewer"}
