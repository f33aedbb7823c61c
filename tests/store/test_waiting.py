"""Who waits, whom somebody ignores, and which domains viewers have."""

from __future__ import annotations

from datetime import datetime

from tests.store.examples import DAY, HOUR, NOW, Event, record, sieved, write
from upsales_wistia.funnel.view import Ignored, State, Target
from upsales_wistia.store import domains, ignored, outbox, search, sieve, tally, waiting
from upsales_wistia.store.domains import ViewerDomain

OTHER = 4712
"""Another customer, of whom nothing is stored."""


def watched(customer: int, *views: tuple[str, str, str, datetime]) -> None:
    """Views of these keys by these people, with the sieve's code, received at these times."""
    record(customer, *(Event(event_key=key, received_at=at) for key, _, _, at in views))
    facts = {key: (person, code) for key, person, code, _ in views}
    rows = [
        sieved(
            number,
            person=facts[view.event_key][0],
            domain=facts[view.event_key][0].rpartition("@")[2],
            activity_code=facts[view.event_key][1],
        )
        for number, view in sieve.undecided(customer, NOW, until=NOW)
        if view.event_key in facts
    ]
    sieve.save_sieve(customer, rows)


def code(customer: int, key: str) -> str:
    details = search.details(customer, key)
    assert details
    return details.listed.activity_code


def test_people_come_by_their_newest_view_each_once(customer: int) -> None:
    watched(
        customer,
        ("a1", "a@x.se", "unknown", NOW - 3 * HOUR),
        ("b1", "b@y.se", "unknown", NOW - 2 * HOUR),
        ("a2", "a@x.se", "unknown", NOW - HOUR),
        ("c1", "c@gmail.com", "free_mail", NOW),
        ("d1", "d@z.se", "no_email", NOW),
    )
    found = waiting.page(customer, ["unknown"])
    assert [one.person for one in found] == ["a@x.se", "b@y.se"]
    both = waiting.page(customer, ["unknown", "free_mail"])
    assert [one.person for one in both] == ["c@gmail.com", "a@x.se", "b@y.se"]
    seen = waiting.viewings(customer, ["a@x.se", "b@y.se"], 1)
    assert [(v.views, v.since, len(v.newest)) for v in seen.values()] == [
        (2, NOW - 3 * HOUR, 1),
        (1, NOW - 2 * HOUR, 1),
    ]
    assert tally.waiting_by_code(customer) == {"unknown": 3, "free_mail": 1}


def test_pages_leave_nobody_out_even_at_one_moment(customer: int) -> None:
    watched(customer, *((f"e{n}", f"p{n}@x.se", "unknown", NOW) for n in range(7)))
    met: list[str] = []
    before = None
    while found := waiting.page(customer, ["unknown"], before, 3):
        met += [one.person for one in found]
        before = found[-1].key
    assert sorted(met) == sorted({*met})
    assert len(met) == 7


def test_what_is_in_the_outbox_does_not_wait(customer: int) -> None:
    watched(customer, ("a1", "a@x.se", "unknown", NOW), ("a2", "a@x.se", "unknown", NOW - HOUR))
    write(customer, "a1", Target.ACTIVITY, State.WRITTEN)
    (one,) = waiting.page(customer, ["unknown"])
    assert one.key.received_at == NOW - HOUR
    assert waiting.viewings(customer, ["a@x.se"], 3)["a@x.se"].views == 1
    assert tally.waiting_by_code(customer) == {"unknown": 1}


def test_whoever_was_written_since(customer: int) -> None:
    watched(customer, ("a1", "a@x.se", "pass", NOW), ("a2", "a@x.se", "pass", NOW - HOUR))
    for key in ("a1", "a2"):
        write(customer, key, Target.ACTIVITY, State.WRITTEN)
    found = waiting.written(customer, ["a@x.se", "b@y.se"], NOW)
    assert [(who, v.views, v.since) for who, v in found.items()] == [("a@x.se", 2, NOW - HOUR)]
    assert waiting.written(customer, ["a@x.se"], NOW + HOUR) == {}
    assert waiting.written(customer, [], NOW) == {}


def test_ignoring_is_remembered_with_who_and_when(customer: int) -> None:
    assert ignored.add(customer, "a@x.se", "Anna", NOW)
    assert not ignored.add(customer, "a@x.se", "Bo", NOW + HOUR)
    assert ignored.add(customer, "b@x.se", "Bo", NOW)
    assert ignored.of_emails(customer, ["a@x.se", "c@x.se"]) == {"a@x.se": Ignored("Anna", NOW)}
    assert [one.email for one in ignored.page(customer)] == ["b@x.se", "a@x.se"]
    (second,) = ignored.page(customer, ignored.page(customer)[0].id)
    assert second.email == "a@x.se"
    assert ignored.count(OTHER) == 0
    assert not ignored.remove(OTHER, "a@x.se")
    assert ignored.remove(customer, "a@x.se")
    assert not ignored.remove(customer, "a@x.se")
    assert ignored.count(customer) == 1


def test_left_out_is_what_is_open_and_nothing_that_was_settled_long_ago(customer: int) -> None:
    old = NOW - 30 * DAY
    watched(
        customer,
        ("waits", "a@x.se", "unknown", old),
        ("below", "a@x.se", "below_minimum", old),
        ("young", "a@x.se", "below_minimum", NOW - HOUR),
        ("there", "a@x.se", "pass", NOW - HOUR),
        ("to send", "a@x.se", "pass", old),
        ("unmade", "a@x.se", "pass", old),
        ("another", "b@x.se", "unknown", old),
    )
    write(customer, "there", Target.ACTIVITY, State.WRITTEN)
    write(customer, "to send", Target.ACTIVITY, State.RETRY)
    ignored.leave_out(customer, "a@x.se", NOW, since=NOW - 3 * DAY)
    codes = {
        key: code(customer, key)
        for key in ("waits", "below", "young", "there", "to send", "unmade", "another")
    }
    assert codes == {
        "waits": "ignored_viewer",
        "below": "below_minimum",
        "young": "ignored_viewer",
        "there": "pass",
        "to send": "ignored_viewer",
        "unmade": "pass",
        "another": "unknown",
    }
    assert set(outbox.sent(customer, ["to send", "there"])) == {("there", Target.ACTIVITY)}
    assert ignored.count_views(customer, "a@x.se") == 3


def test_domains_come_with_most_views_first(customer: int) -> None:
    watched(
        customer,
        ("1", "a@x.se", "unknown", NOW),
        ("2", "b@y.se", "pass", NOW),
        ("3", "c@y.se", "unknown", NOW),
        ("4", "d@xy.se", "unknown", NOW),
    )
    found = domains.page(customer)
    assert found == [ViewerDomain("y.se", 2), ViewerDomain("x.se", 1), ViewerDomain("xy.se", 1)]
    assert domains.page(customer, after=found[1]) == found[2:]
    assert domains.page(customer, after=found[0], limit=1) == found[1:2]
    assert domains.page(customer, "x") == found[1:]
    assert domains.count(customer) == 3
    assert domains.count(customer, "x") == 2
    assert domains.page(OTHER) == []
