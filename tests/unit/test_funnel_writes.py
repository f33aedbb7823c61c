"""What is written into Upsales: the text, the anonymous text, the form and its name."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.funnel_examples import NOW, TOUR, a_view
from upsales_wistia.funnel.identity import Person
from upsales_wistia.funnel.matching import Match
from upsales_wistia.funnel.settings import FormPolicy, Settings
from upsales_wistia.funnel.view import Video
from upsales_wistia.funnel.writes import external_id, form_for, log_entry, submit

ON_ANNA = Match(1, "Acme AB", 11, "Anna Berg")
ON_ACME = Match(1, "Acme AB", sharing=3)
SCORED = Settings(activity_score=10, score_by_percent=True)


def titled(title: str) -> Video:
    return replace(TOUR, name=title)


def test_an_entry_on_a_contact() -> None:
    entry = log_entry(a_view("83.9"), ON_ANNA, SCORED)
    assert entry.text == "Watched 83% of Product tour"
    assert (entry.company, entry.contact, entry.score) == (1, 11, 9)
    assert entry.date == a_view().received_at
    assert entry.where == "Anna Berg at Acme AB"


def test_an_entry_on_a_company_tells_nothing_of_the_viewer() -> None:
    view = a_view(
        email="zoe.quist@acme.se", first_name="Zoe", last_name="Quist", visitor_key="vis-4711",
        event_key="ev-4712", page="https://acme.se/zoe",
    )  # fmt: skip
    entry = log_entry(view, ON_ACME, SCORED)
    assert entry.text == "Someone watched 83% of Product tour"
    assert entry.contact is None
    told = str(asdict(entry)).lower()
    assert [word for word in ("zoe", "quist", "@", "4711", "4712", "page") if word in told] == []


@pytest.mark.parametrize("where", [ON_ANNA, ON_ACME])
@pytest.mark.parametrize("length", [400, 484, 485, 486, 487, 512, 513, 5000])
def test_the_title_is_cut_at_512_characters(where: Match, length: int) -> None:
    whole = f"{log_entry(a_view(video=titled('')), where, SCORED).text} ".replace("  ", " ")
    text = log_entry(a_view(video=titled("å" * length)), where, SCORED).text
    assert len(text) == min(len(whole) + length, 512)
    assert text.endswith("…") is (len(whole) + length > 512)
    assert text.startswith(whole)


@given(st.text(max_size=1500))
def test_whatever_the_title_the_text_is_one_short_line(title: str) -> None:
    text = log_entry(a_view(video=titled(title)), ON_ACME, SCORED).text
    assert len(text) <= 512
    assert len(text.splitlines()) == 1
    assert text.startswith("Someone watched 83% of")


def test_the_external_id_is_frozen() -> None:
    assert external_id("ev1") == "9eadabba-21f9-5025-9116-d6b534d0468f"


@given(st.text(min_size=1), st.text(min_size=1))
def test_the_external_id_is_36_characters_and_one_per_view(one: str, two: str) -> None:
    assert re.fullmatch(r"[0-9a-f-]{36}", external_id(one))
    assert UUID(external_id(one)).version == 5
    assert (external_id(one) == external_id(two)) is (one == two)


def test_times_are_written_in_utc() -> None:
    view = a_view(received_at=NOW.astimezone(timezone(timedelta(hours=2))))
    assert log_entry(view, ON_ANNA, SCORED).date.utcoffset() == timedelta(0)
    assert submit(view, Person("anna@acme.se"), SCORED).viewed_at.utcoffset() == timedelta(0)


def test_a_submit_carries_the_person_and_the_view() -> None:
    view = a_view("83.9", page="https://acme.se/tour?utm_source=mail")
    made = submit(view, Person("old@acme.se", "Old", "Name"), Settings())
    assert (made.email, made.first_name, made.last_name) == ("old@acme.se", "Old", "Name")
    assert (made.video, made.project, made.percent) == ("Product tour", "Marketing", 83)
    assert (made.page, made.view_id) == ("https://acme.se/tour?utm_source=mail", "ev1")
    assert made.viewed_at == view.received_at


GONE = replace(TOUR, project_id=None)


@pytest.mark.parametrize(
    ("policy", "video", "name", "title"),
    [
        (FormPolicy.SINGLE, TOUR, "wistia:single", "Wistia: video views"),
        (FormPolicy.PROJECT, TOUR, "wistia:project:prj1", "Wistia: Marketing"),
        (FormPolicy.PROJECT, GONE, "wistia:project:none", "Wistia: videos without a project"),
        (
            FormPolicy.PROJECT,
            replace(TOUR, project_name=None),
            "wistia:project:prj1",
            "Wistia: prj1",
        ),
        (FormPolicy.VIDEO, TOUR, "wistia:video:vid1", "Wistia: Product tour"),
        (FormPolicy.VIDEO, GONE, "wistia:video:vid1", "Wistia: Product tour"),
        (FormPolicy.VIDEO, titled(" a\n<b> "), "wistia:video:vid1", "Wistia: a <b>"),
    ],
)
def test_the_form_of_a_view(policy: FormPolicy, video: Video, name: str, title: str) -> None:
    rules = Settings(form_policy=policy)
    assert form_for(a_view(video=video), rules) == (name, title)
    made = submit(a_view(video=video), Person("anna@acme.se"), rules)
    assert (made.form, made.title) == (name, title)


def test_a_renamed_video_keeps_its_form() -> None:
    rules = Settings(form_policy=FormPolicy.VIDEO)
    names = {form_for(a_view(video=titled(title)), rules)[0] for title in ("old", "new")}
    assert len(names) == 1


def test_a_long_title_makes_a_short_form_name() -> None:
    _, title = form_for(a_view(video=titled("x" * 600)), Settings(form_policy=FormPolicy.VIDEO))
    assert len(title) == 100
    assert title.endswith("…")
