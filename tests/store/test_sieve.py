"""Which views are to be decided, and by what they are opened again."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.store.examples import DAY, HOUR, NOW, Event, Media, record, sieved
from upsales_wistia.funnel.view import Conversion
from upsales_wistia.store import media, sieve, visitors
from upsales_wistia.store.database import database
from upsales_wistia.store.sieve import undecided


def keys(customer: int, now: datetime = NOW) -> list[str]:
    """The event keys of what is to be decided."""
    return [view.event_key for _, view in undecided(customer, now, until=now)]


def ids(customer: int) -> dict[str, int]:
    """Row ids by event key."""
    rows = database.execute_sql("SELECT event_key, id FROM views").fetchall()
    return dict(rows)


def decide_all(customer: int, **facts: object) -> None:
    """Decide all views for good."""
    rows = [sieved(number, **facts) for number in ids(customer).values()]
    sieve.save_sieve(customer, rows)


def test_views_are_walked_by_id_in_batches(customer: int) -> None:
    record(customer, *(Event(event_key=f"e{n}") for n in range(7)))
    seen, after = [], 0
    while batch := undecided(customer, NOW, until=NOW, after_id=after, limit=3):
        seen += [view.event_key for _, view in batch]
        after = batch[-1][0]
    assert seen == [f"e{n}" for n in range(7)]


def test_a_decided_view_comes_again_only_at_its_time(customer: int) -> None:
    record(customer, Event(), Event(event_key="e2"))
    known = ids(customer)
    sieve.save_sieve(customer, [sieved(known["e1"]), sieved(known["e2"], decide_at=NOW + HOUR)])
    assert keys(customer) == []
    assert keys(customer, NOW + HOUR) == ["e2"]


def test_another_customers_view_is_not_decided(customer: int) -> None:
    record(customer, Event())
    sieve.save_sieve(customer + 1, [sieved(ids(customer)["e1"], person="mallory@evil.example")])
    assert keys(customer) == ["e1"]
    assert undecided(customer + 1, NOW, until=NOW) == []


def test_changed_settings_open_the_window_and_whoever_waits(customer: int) -> None:
    record(
        customer,
        Event(event_key="recent"),
        Event(event_key="old", received_at=NOW - 5 * DAY),
        Event(event_key="waits", received_at=NOW - 30 * DAY),
    )
    known = ids(customer)
    decide_all(customer)
    waits = sieved(known["waits"], activity_code="unknown", decide_at=NOW + 60 * DAY)
    sieve.save_sieve(customer, [waits])
    sieve.reopen(customer, NOW, since=NOW - 3 * DAY, waiting_codes=["unknown", "free_mail"])
    assert keys(customer) == ["recent", "waits"]


def test_news_of_people_and_domains_opens_their_views(customer: int) -> None:
    record(customer, *(Event(event_key=key) for key in ("ada", "bob", "cid")))
    known = ids(customer)
    sieve.save_sieve(
        customer,
        [
            sieved(known["ada"], person="ada@acme.se", domain="acme.se", needs="email"),
            sieved(known["bob"], person="bob@acme.se", domain="acme.se", needs="domain"),
            sieved(known["cid"], person="cid@other.se", domain="other.se", needs="email"),
        ],
    )
    assert sieve.needed_emails(customer) == ["ada@acme.se", "cid@other.se"]
    assert sieve.needed_domains(customer) == ["acme.se"]
    sieve.reopen_people(customer, ["cid@other.se"], NOW, since=NOW - DAY)
    assert keys(customer) == ["cid"]
    sieve.reopen_domains(customer, ["acme.se"], NOW, since=NOW - DAY)
    assert keys(customer) == ["ada", "bob", "cid"]


def test_news_of_a_person_opens_no_older_view_that_was_left_out(customer: int) -> None:
    names = ("left_out", "waits", "asked", "given_up", "recent")
    record(customer, *(Event(event_key=n, received_at=NOW - 5 * DAY) for n in names[:-1]))
    record(customer, Event(event_key="recent"))
    known = ids(customer)
    codes = ("below_minimum", "unknown", "pass", "waited_out", "below_minimum")
    sieve.save_sieve(
        customer,
        [
            sieved(
                known[name],
                person="ada@acme.se",
                domain="acme.se",
                activity_code=code,
                needs="email" if name == "asked" else "",
            )
            for name, code in zip(names, codes, strict=True)
        ],
    )
    sieve.reopen_people(customer, ["ada@acme.se"], NOW, since=NOW - DAY)
    assert keys(customer) == ["waits", "asked", "recent"]


CONVERSION = Conversion(NOW - HOUR, "e1", "ada@acme.se", "Ada", "L")


def test_a_new_conversion_opens_the_visitors_views_from_then_on(customer: int) -> None:
    record(
        customer,
        Event(event_key="before", received_at=NOW - 2 * HOUR),
        Event(event_key="at"),
        Event(event_key="after", received_at=NOW - timedelta(minutes=1)),
        Event(event_key="other", visitor_key="v2"),
    )
    decide_all(customer)
    visitors.add_conversions(customer, [("v1", CONVERSION)], NOW)
    assert keys(customer) == ["at", "after"]
    decide_all(customer)
    visitors.add_conversions(customer, [("v1", CONVERSION)], NOW)
    assert keys(customer) == []


def test_conversions_are_given_per_visitor_earliest_first(customer: int) -> None:
    earlier = Conversion(NOW - DAY, "e0", "ada@old.se")
    rows = [("v1", CONVERSION), ("v1", earlier), ("v2", Conversion(NOW, "e2", "bob@acme.se"))]
    visitors.add_conversions(customer, rows, NOW)
    assert visitors.conversions_for(customer, ["v1", "v3"]) == {"v1": (earlier, CONVERSION)}


def test_a_visitor_is_read_once_and_only_where_a_conversion_may_be_found(customer: int) -> None:
    record(
        customer,
        Event(event_key="known another way", visitor_key="ask", email="ada@acme.se"),
        Event(event_key="again", visitor_key="ask", email="ada@acme.se"),
        Event(event_key="nobody", visitor_key="v2"),
        Event(event_key="own", visitor_key="v3", email="x@y.se", conversion_email="x@y.se"),
        Event(event_key="earlier", visitor_key="v1", email="x@y.se"),
    )
    visitors.add_conversions(customer, [("v1", CONVERSION)], NOW)
    assert visitors.unread_visitors(customer, NOW) == ["ask"]
    visitors.visitor_read(customer, "ask", NOW)
    visitors.visitor_read(customer, "ask", NOW + HOUR)
    assert visitors.unread_visitors(customer, NOW) == []


def test_videos_are_asked_for_when_unknown_or_read_long_ago(customer: int) -> None:
    record(
        customer,
        *(Event(event_key=key, media_id=key) for key in ("new", "fresh", "stale", "decided")),
    )
    media.save_media(customer, [Media("fresh")], ["fresh"], NOW)
    media.save_media(customer, [Media("stale")], ["stale"], NOW - DAY)
    sieve.save_sieve(customer, [sieved(ids(customer)["decided"])])
    missing = media.missing_media(customer, NOW, before=NOW - HOUR, since=NOW)
    assert sorted(missing) == ["new", "stale"]


def test_a_video_that_is_gone_keeps_its_name_and_loses_its_project(customer: int) -> None:
    record(customer, Event())
    media.save_media(customer, [Media()], ["m1"], NOW - DAY)
    media.save_media(customer, [], ["m1", "never known"], NOW)
    ((_, view),) = undecided(customer, NOW, until=NOW)
    video = view.video
    assert (video.name, video.project_id, video.duration) == ("My Cool Video", None, 90.0)
    assert media.missing_media(customer, NOW, before=NOW - HOUR, since=NOW) == []
