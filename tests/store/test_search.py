"""Searching the ledger: what is found, how it is counted, and page by page."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from tests.store.examples import DAY, HOUR, NOW, Event, Media, record, sieved, write
from upsales_wistia.funnel.report import Place
from upsales_wistia.funnel.view import Contact, Conversion, State, Target
from upsales_wistia.store import (
    by_hand,
    checks,
    found,
    media,
    people,
    search,
    sieve,
    visitors,
    writes,
)
from upsales_wistia.store.found import Ids
from upsales_wistia.store.leases import claim
from upsales_wistia.store.search import Filter, Key, Reading

BOTH = frozenset(Target)
NOW_READ = Reading("run", BOTH)


def keys(customer: int, reading: Reading = NOW_READ, **filters: object) -> list[str]:
    """The event keys of the first page."""
    wanted = Filter(customer, **filters)  # type: ignore[arg-type]
    return [one.view.event_key for one in search.page(wanted, reading)]


def decide(customer: int, **facts: dict[str, str]) -> None:
    """Give each view what the sieve would say of it."""
    rows = [
        sieved(number, **facts[view.event_key])
        for number, view in sieve.undecided(customer, NOW, until=NOW)
        if view.event_key in facts
    ]
    sieve.save_sieve(customer, rows)


STATES = [state for state in State if state not in (State.CONFIRMED, State.WRITTEN)]


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("on", [BOTH, frozenset({Target.ACTIVITY})])
def test_a_view_is_counted_by_the_reason_that_the_report_gives_it(
    customer: int, on: frozenset[Target], paused: bool
) -> None:
    let_through = {"activity_code": "pass", "form_code": "pass"}
    record(customer, *(Event(event_key=state.value) for state in STATES))
    record(customer, *(Event(event_key=key) for key in ("old", "none", "new", "small")))
    decide(
        customer,
        **{state.value: let_through for state in STATES},
        old=let_through,
        none=let_through,
        small={"activity_code": "below_minimum", "form_code": "below_minimum"},
    )
    for target in Target:
        for state in STATES:
            write(customer, state.value, target, state)
        write(customer, "old", target, State.ACCEPTED, run_id="before")
        write(customer, "small", target, State.PLANNED)
    reading = Reading("run", on, paused)
    for target in Target:
        wanted = Filter(customer, target)
        listed = search.page(wanted, reading)
        sent = writes.of_views(customer, [one.view.event_key for one in listed])
        expected: Counter[str] = Counter()
        for one in listed:
            of = sent.get((one.view.event_key, target))
            place = Place(
                one.code(target),
                of.sent if of else None,
                of is not None and of.run_id == "run",
                paused and target is Target.FORM and target in on,
            )
            in_upsales = place.sent and place.sent.state not in (State.PLANNED, State.RETRY)
            expected[place.reason if target in on or in_upsales else "off"] += 1
        assert search.counts(wanted, reading) == dict(expected)
        for code, number in expected.items():
            some = Filter(customer, target, frozenset({code}))
            assert search.count(some, reading) == number


def test_what_a_person_says_is_there_counts_at_once(customer: int) -> None:
    record(customer, Event(event_key="a"), Event(event_key="b"))
    small = {"activity_code": "below_minimum", "form_code": "below_minimum"}
    decide(customer, a=small, b=small)
    write(customer, "a", Target.FORM, State.RETRY)
    lease = claim(customer, 60)
    assert lease
    (item,) = checks.need_attention(customer, Target.FORM, ["a"], paused=True)
    by_hand.decide(customer, [item], by_hand.THERE, NOW, "Eva")
    checks.adopt(lease, Target.FORM, State.CONFIRMED, {"b": None}, NOW)
    wanted = Filter(customer, Target.FORM)
    assert search.counts(wanted, NOW_READ) == {"registered": 2}


def test_what_a_person_left_out_is_left_out(customer: int) -> None:
    record(customer, Event(event_key="a"))
    decide(customer, a={"activity_code": "pass", "form_code": "pass"})
    write(customer, "a", Target.ACTIVITY, State.FAILED)
    (item,) = checks.need_attention(customer)
    by_hand.decide(customer, [item], by_hand.LEFT, NOW, "Eva")
    assert search.counts(Filter(customer), NOW_READ) == {"left_by_hand": 1}


def test_pages_join_without_a_gap_whatever_the_times(customer: int) -> None:
    same = NOW - HOUR
    record(customer, *(Event(event_key=f"e{n}", received_at=same) for n in range(5)))
    record(customer, Event(event_key="newest", received_at=NOW))
    record(customer, Event(event_key="oldest", received_at=NOW - DAY))
    wanted = Filter(customer)
    whole = search.page(wanted, NOW_READ)
    assert len(whole) == 7
    down = search.page(wanted, NOW_READ, limit=3)
    while len(down) < 7:
        down += search.page(wanted, NOW_READ, before=down[-1].key, limit=3)
    assert down == whole
    up = search.page(wanted, NOW_READ, after=whole[-1].key, limit=4)
    assert up == whole[2:6]
    assert search.count(wanted, NOW_READ, newer_than=whole[2].key) == 2
    assert search.page(wanted, NOW_READ, before=Key(NOW - 9 * DAY, 1)) == []
    batches = list(search.every(wanted, NOW_READ, 4))
    assert [one for batch in batches for one in batch] == whole[:4]


def test_filters_of_time_video_and_reason_narrow_together(customer: int) -> None:
    record(
        customer,
        Event(event_key="a", media_id="m1", received_at=NOW - 2 * DAY),
        Event(event_key="b", media_id="m2", received_at=NOW - HOUR),
        Event(event_key="c", media_id="m1", received_at=NOW - HOUR),
    )
    decide(customer, a={"activity_code": "no_email"}, c={"activity_code": "unknown"})
    assert keys(customer, media=("m1",)) == ["c", "a"]
    assert keys(customer, media=("m1",), since=NOW - DAY) == ["c"]
    assert keys(customer, until=NOW - HOUR) == ["a"]
    assert keys(customer, reasons=frozenset({"no_email", "unknown"})) == ["c", "a"]
    assert keys(customer, media=()) == keys(customer, reasons=frozenset()) == []
    no_email = frozenset({"no_email"})
    assert keys(customer, reasons=no_email, either=True) == ["c", "a"]
    assert keys(customer + 1) == []


def of(customer: int, whose: Ids) -> set[str]:
    return set(keys(customer, whose=whose))


@pytest.fixture
def people_of_all_kinds(customer: int) -> int:
    """Views whose viewers are known in different ways."""
    converted = Event(
        event_key="converted_1", visitor_key="v1", email="Asa@Acme.example",
        conversion_email="Asa@Acme.example", first_name="Åsa", last_name="Lind",
    )  # fmt: skip
    record(
        customer,
        converted,
        Event(event_key="later_2", visitor_key="v1"),
        Event(event_key="tagged_3", visitor_key="v3", email="Bo.Dahl@Birch.example"),
        Event(event_key="typed_4", visitor_key="v4", conversion_email="nobody at home"),
        Event(event_key="anonymous_5", visitor_key="v5", media_id="m9"),
    )
    asa = {"person": "asa@acme.example", "domain": "acme.example"}
    decide(customer, converted_1=asa, later_2=asa, tagged_3={}, typed_4={}, anonymous_5={})
    said = Conversion(NOW - HOUR, "converted_1", "asa@acme.example", "Åsa", "Lind")
    visitors.add_conversions(customer, [("v1", said)], NOW)
    contact = Contact(7, "Åsa Ek Lindqvist", 1, "Acme AB")
    people.save_contacts(customer, {"asa@acme.example": contact}, NOW)
    return customer


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("asa@acme", {"converted_1", "later_2"}),
        ("ASA", {"converted_1", "later_2"}),
        ("åsa", {"converted_1", "later_2"}),
        ("Åsa Li", {"converted_1", "later_2"}),
        ("lind", {"converted_1", "later_2"}),
        ("Lindqvist", {"converted_1", "later_2"}),
        ("Acme.example", {"converted_1", "later_2"}),
        ("bo.d", {"tagged_3"}),
        ("Birch.example", {"tagged_3"}),
        ("nobody", {"typed_4"}),
        ("anonymous_5", {"anonymous_5"}),
        ("anonymous", {"anonymous_5"}),
        ("v5", {"anonymous_5"}),
        ("sa", set()),
        ("acme", set()),
        ("100%_", set()),
        ("_", set()),
        ("%", set()),
    ],
)
def test_words_find(people_of_all_kinds: int, words: str, expected: set[str]) -> None:
    assert of(people_of_all_kinds, found.by_words(people_of_all_kinds, words)) == expected


def test_words_that_name_a_video_find_its_views(people_of_all_kinds: int) -> None:
    whose = found.by_words(people_of_all_kinds, "bo.d", ["m9"])
    assert of(people_of_all_kinds, whose) == {"tagged_3", "anonymous_5"}


def test_an_address_finds_views_whether_it_counts_or_not(people_of_all_kinds: int) -> None:
    customer = people_of_all_kinds
    assert of(customer, found.by_email(customer, "asa@acme.example")) == {"converted_1", "later_2"}
    assert of(customer, found.by_email(customer, "bo.dahl@birch.example")) == {"tagged_3"}
    assert of(customer, found.by_email(customer, "a")) == set()
    assert of(customer, found.by_contact(customer, 7)) == {"converted_1", "later_2"}
    assert of(customer, found.by_contact(customer, 8)) == of(customer, found.NONE) == set()


def test_a_video_that_is_gone_is_called_as_its_newest_view_calls_it(customer: int) -> None:
    record(
        customer,
        Event(event_key="a", media_id="gone", media_name="First", received_at=NOW - DAY),
        Event(event_key="b", media_id="gone", media_name="Second"),
    )
    media.save_media(customer, [Media(project_id=None, project_name=None)], ["m1", "gone"], NOW)
    assert sorted(media.names(customer)) == [
        ("gone", "Second", "", ""),
        ("m1", "My Cool Video", "", ""),
    ]


def test_the_span_of_what_is_kept(customer: int) -> None:
    assert search.span(customer) is None
    record(customer, Event(event_key="a"), Event(event_key="b", received_at=NOW - 2 * DAY))
    assert search.span(customer) == (NOW - 2 * DAY, NOW - timedelta(hours=1))
