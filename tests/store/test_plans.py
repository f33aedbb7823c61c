"""What runs for every view is answered from an index, however large the tables grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.store.examples import DAY, NOW
from upsales_wistia.funnel.view import Target
from upsales_wistia.store import (
    arrivals,
    checks,
    customers,
    domains,
    figures,
    found,
    ignored,
    ledger,
    media,
    open_writes,
    outbox,
    people,
    search,
    sieve,
    tally,
    versions,
    views,
    visitors,
    waiting,
    webhooks,
    whatif,
)
from upsales_wistia.store.database import connect, database, migrate, session
from upsales_wistia.store.domains import ViewerDomain
from upsales_wistia.store.found import Ids
from upsales_wistia.store.leases import claim
from upsales_wistia.store.open_writes import Group
from upsales_wistia.store.search import Filter, Key, Reading

Plan = Callable[[Callable[[], object]], list[str]]


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    """How SQLite goes about all queries that a call makes."""
    url = f"sqlite:///{tmp_path}/plans.db"
    migrate(url)
    connect(url)
    asked: list[Any] = []
    database.query_hooks.append(asked.append)

    def explain(call: Callable[[], object]) -> list[str]:
        asked.clear()
        call()
        return [
            step[3]
            for query in list(asked)
            if query.sql.startswith(("SELECT", "UPDATE"))
            for step in database.execute_sql(f"EXPLAIN QUERY PLAN {query.sql}", query.params)
        ]

    with session():
        yield explain


def through(steps: list[str], *indexes: str) -> None:
    """Every one of these indexes is searched, and no table is walked or sorted on the way."""
    text = "\n".join(steps)
    for index in indexes:
        assert f"{index} " in text, text
    assert "SCAN" not in text, text


def test_fingerprints(plan: Plan) -> None:
    steps = plan(lambda: ledger.fingerprints(1, ["a", "b"]))
    through(steps, "viewrow_customer_id_event_key")


def test_the_undecided_in_order_without_sorting(plan: Plan) -> None:
    steps = plan(lambda: sieve.undecided(1, NOW, until=NOW))
    through(steps, "viewrow_customer_id_id_decide_at", "mediarow_customer_id_media_id")
    assert not any("TEMP B-TREE" in step for step in steps)


def test_the_tally_touches_its_window_only(plan: Plan) -> None:
    steps = plan(lambda: tally.tally(1, NOW - DAY, NOW, "run"))
    through(steps, "views_listed", "outboxrow_customer_id_target_event_key")
    steps = plan(lambda: tally.late_written(1, NOW, "run"))
    through(steps, "outboxrow_customer_id_run_id", "viewrow_customer_id_event_key")


def test_the_window_in_order_without_sorting_it_all(plan: Plan) -> None:
    steps = plan(lambda: list(views.window_views(1, NOW - DAY, NOW)))
    through(steps, "views_listed")
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps


def test_what_if_touches_its_window_and_what_waits_only(plan: Plan) -> None:
    steps = plan(lambda: list(whatif.window_views(1, NOW - DAY, NOW)))
    through(steps, "views_listed")
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps
    through(plan(lambda: whatif.count_nobody(1, NOW - DAY, NOW)), "views_listed")
    steps = plan(lambda: whatif.older_views(1, NOW))
    through(steps, "views_waiting", "outboxrow_customer_id_state_target")


def test_what_was_written_under_a_version(plan: Plan) -> None:
    steps = plan(lambda: versions.written_under(1, [3, 4]))
    through(steps, "outboxrow_customer_id_settings_version")
    steps = plan(partial(search.counts, Filter(1, version=3), READING))
    through(steps, "outboxrow_customer_id_settings_version", "COVERING INDEX views_listed")


def test_what_must_be_looked_up(plan: Plan) -> None:
    through(plan(lambda: sieve.needed_emails(1)), "viewrow_customer_id_needs")
    steps = plan(lambda: people.due_emails(1, NOW, ["unknown"]))
    through(steps, "personrow_customer_id_ask_at", "viewrow_customer_id_person")
    steps = plan(lambda: people.due_domains(1, NOW, ["unknown"]))
    through(steps, "domainrow_customer_id_ask_at", "viewrow_customer_id_domain")


def test_what_is_opened_again(plan: Plan) -> None:
    through(
        plan(lambda: sieve.reopen_people(1, ["a"], NOW, since=NOW)), "viewrow_customer_id_person"
    )
    through(
        plan(lambda: sieve.reopen_domains(1, ["a"], NOW, since=NOW)), "viewrow_customer_id_domain"
    )


def test_visitors_and_videos_of_the_undecided(plan: Plan) -> None:
    undecided = "viewrow_customer_id_id_decide_at"
    steps = plan(lambda: visitors.unread_visitors(1, NOW))
    through(
        steps,
        undecided,
        "conversionrow_customer_id_visitor_key",
        "visitorrow_customer_id_visitor_key",
    )
    through(plan(lambda: media.missing_media(1, NOW, before=NOW, since=NOW)), undecided)


def test_how_late_views_came(plan: Plan) -> None:
    through(plan(lambda: arrivals.since(1, NOW)), "arrivalrow_customer_id_hour_witness_minutes")
    through(plan(lambda: arrivals.slowest(1, NOW)), "arrivalrow_customer_id_hour_witness_minutes")


def test_what_the_webhook_told(plan: Plan) -> None:
    through(plan(lambda: webhooks.told(1, ["a"])), "webhookeventrow_customer_id_event_key")
    through(plan(lambda: webhooks.last_heard(1)), "webhookeventrow_customer_id_received_at")
    through(plan(lambda: webhooks.pending(1, NOW, 9)), "webhookeventrow_customer_id_fetch_at")
    through(plan(lambda: webhooks.to_compare(1, NOW, 9)), "webhookeventrow_customer_id_compare_at")


def test_a_run_for_single_views_touches_these_alone(plan: Plan) -> None:
    of_view = "viewrow_customer_id_event_key"
    through(plan(lambda: sieve.undecided(1, NOW, until=NOW, only={"a"})), of_view)
    through(plan(lambda: sieve.to_be_decided(1, ["a"], NOW)), of_view)
    through(plan(lambda: sieve.settling(1, ["a"], NOW)), of_view)
    steps = plan(lambda: outbox.due(1, Target.FORM, NOW, asked=False, only={"a"}))
    through(steps, "outboxrow_customer_id_target_event_key")


def test_the_outbox(plan: Plan) -> None:
    steps = plan(lambda: outbox.due(1, Target.FORM, NOW, asked=False))
    through(steps, "outboxrow_customer_id_state_target")
    through(plan(lambda: outbox.sent(1, ["a"])), "outboxrow_customer_id_target_event_key")


WANTED = Filter(1, since=NOW - DAY, media=("m1", "m2"), reasons=frozenset({"unknown", "written"}))
READING = Reading("run", frozenset(Target))


@pytest.mark.parametrize("wanted", [Filter(1), WANTED])
def test_the_list_and_its_counts_read_one_index(plan: Plan, wanted: Filter) -> None:
    for target in Target:
        some = replace(wanted, target=target)
        steps = plan(partial(search.counts, some, READING))
        through(steps, "COVERING INDEX views_listed", "outboxrow_customer_id_target_event_key")
        steps = plan(partial(search.page, some, READING))
        through(steps, "COVERING INDEX views_listed")
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps


@pytest.mark.parametrize(
    "whose",
    [
        found.by_email(1, "a@b.example"),
        found.by_contact(1, 7),
        found.by_words(1, "åsa.example", ["m1"]),
    ],
)
def test_whoever_is_searched_for_is_found_through_an_index(plan: Plan, whose: Ids) -> None:
    wanted = Filter(1, whose=whose, reasons=frozenset({"no_email"}))
    for steps in (
        plan(lambda: search.counts(wanted, READING)),
        plan(lambda: search.page(wanted, READING)),
    ):
        through(steps)


def test_every_kind_of_word_has_its_index(plan: Plan) -> None:
    wanted = Filter(1, whose=found.by_words(1, "acme.example", ["m1"]))
    through(
        plan(lambda: search.page(wanted, READING)),
        "viewrow_customer_id_event_key",
        "viewrow_customer_id_visitor_key_received_at",
        "viewrow_customer_id_person",
        "viewrow_customer_id_domain",
        "viewrow_customer_id_media_id_received_at",
        "views_known_as",
        "views_known_at",
        "conversions_name",
        "conversions_last_name",
        "people_name",
        "people_last_name",
    )


def test_the_names_of_videos_and_the_ends_of_the_ledger(plan: Plan) -> None:
    through(plan(lambda: media.names(1)), "mediarow_customer_id_media_id")
    through(plan(lambda: search.span(1)), "views_listed")


def test_what_is_in_doubt_when_an_entry_was_written(plan: Plan) -> None:
    customers.add(1, "Acme", "cli", NOW)
    lease = claim(1, 60)
    assert lease
    steps = plan(lambda: checks.bring_forward(lease, NOW))
    through(steps, "outboxrow_customer_id_check_at")


@pytest.mark.parametrize("paused", [False, True])
def test_what_failed_is_found_among_what_is_not_done(plan: Plan, paused: bool) -> None:
    open_ones = "outboxrow_customer_id_state_target"
    for group in Group:
        steps = plan(partial(open_writes.writes, 1, group, paused=paused))
        through(steps, open_ones, "viewrow_customer_id_event_key")
        through(plan(partial(open_writes.count, 1, group, paused=paused)), open_ones)
    through(plan(lambda: open_writes.count_refused(1, paused=paused)), open_ones)
    through(plan(lambda: open_writes.decided(1, NOW)), "outboxrow_customer_id_by_hand_at")
    through(plan(lambda: open_writes.states_of_decided(1, NOW)), "outboxrow_customer_id_by_hand_at")


def test_the_writes_of_one_view(plan: Plan) -> None:
    steps = plan(lambda: open_writes.of_view(1, "a"))
    through(steps, "outboxrow_customer_id_target_event_key")
    assert not any("TEMP B-TREE" in step for step in steps)


def test_the_waiting_room_walks_down_an_index_and_looks_each_person_up(plan: Plan) -> None:
    people = "views_waiting_people"
    for before in (None, Key(NOW, 9)):
        steps = plan(partial(waiting.page, 1, ["unknown"], before))
        through(steps, "views_waiting", people, "outboxrow_customer_id_target_event_key")
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps
    steps = plan(lambda: waiting.viewings(1, ["a"], 3))
    assert f"SEARCH v USING INDEX {people} (customer_id=? AND person=?)" in steps, steps
    through(plan(lambda: waiting.written(1, ["a"], NOW)), "viewrow_customer_id_person")
    through(plan(lambda: tally.waiting_by_code(1)), "views_waiting")


def test_whoever_is_ignored_is_found_by_person(plan: Plan) -> None:
    through(plan(lambda: ignored.page(1)), "ignored_customer_id_email", "views_ignored")
    through(plan(lambda: ignored.count_views(1, "a")), "views_ignored")
    through(plan(lambda: ignored.of_emails(1, ["a"])), "ignored_customer_id_email")
    through(plan(lambda: ignored.leave_out(1, "a", NOW, since=NOW)), "viewrow_customer_id_person")
    through(plan(lambda: ignored.reopen(1, NOW)), "ignored_customer_id_email", "views_ignored")


def test_domains_are_counted_in_their_index(plan: Plan) -> None:
    index = "COVERING INDEX viewrow_customer_id_domain"
    for begins in ("", "acme"):
        for after in (None, ViewerDomain("a", 3)):
            through(plan(partial(domains.page, 1, begins, after)), index)
        through(plan(partial(domains.count, 1, begins)), index)
    through(plan(lambda: domains.to_be_asked(1)), "viewrow_customer_id_needs")


def test_the_list_of_videos_counts_from_indexes(plan: Plan) -> None:
    steps = plan(lambda: figures.listing(1))
    through(steps, "mediarow_customer_id_media_id", "figures_customer_id_media_id")
    through(plan(lambda: figures.left_email(1, ["a", "b"])), "views_people_by_video")
    steps = plan(lambda: figures.find(1, "a"))
    through(steps, "mediarow_customer_id_media_id", "viewrow_customer_id_media_id_received_at")


def test_what_was_written_of_a_video(plan: Plan) -> None:
    wanted = Filter(1, media=("a",), since=NOW - 90 * DAY)
    steps = plan(lambda: search.counts(wanted, Reading("run", frozenset(Target))))
    through(steps, "views_listed", "outboxrow_customer_id_target_event_key")
