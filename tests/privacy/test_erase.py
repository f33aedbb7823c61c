"""Erase a person: nothing of them stays, and nothing brings them back."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.enrichment.house import MaveraHouse
from tests.privacy.people import ANNA, found, planted, tables, with_annas_contact
from tests.sync.house import NOW, view
from tests.sync.told import ToldHouse
from upsales_wistia.errors import UsageError
from upsales_wistia.funnel.view import State, Target
from upsales_wistia.privacy.erase import Erased
from upsales_wistia.store import customers, erasures, outbox, tombstones
from upsales_wistia.store.leases import claim
from upsales_wistia.store.sql import execute, fetch


def erase(house: MaveraHouse, email: str = ANNA.email, *, entries: bool = False) -> Erased:
    erasing = house.services.erasing
    number = erasing.ask(house.customer, email, entries=entries, by="Eva")
    return erasing.run_due(house.customer)[number]


def views(house: MaveraHouse) -> list[str]:
    rows = fetch("SELECT event_key FROM views WHERE customer_id = ?", [house.customer])
    return sorted(key for (key,) in rows)


def test_what_is_found_is_counted_and_nothing_is_changed(house: MaveraHouse) -> None:
    before = tables()
    certificate = house.services.erasing.look(house.customer, f" {ANNA.email.upper()} ")
    assert (certificate.views, certificate.activities, certificate.forms) == (3, 3, 3)
    assert certificate.known
    assert not house.services.erasing.look(house.customer, "nobody@acme.example").known
    assert tables() == before


def test_nothing_of_an_erased_person_stays_in_any_table_or_in_the_file(
    house: MaveraHouse, store: str
) -> None:
    assert found(store)
    made = erase(house)
    assert made.done
    assert found(store) == []
    assert made.certificate.removed["views"] == 3
    assert views(house) == ["of-bo", "of-nobody"]
    assert len(house.entries) == 4  # Anna's three stay in Upsales: nobody asked for more.


def test_the_entries_in_upsales_are_deleted_on_request(house: MaveraHouse, store: str) -> None:
    made = erase(house, entries=True)
    assert (made.done, made.certificate.deleted, made.left) == (True, 3, 0)
    (left,) = house.entries
    assert left["contacts"] == [{"id": 102, "name": "Bo Dahl"}]
    assert customers.due_at(house.customer, erasures.JOB) is None


def test_no_poll_brings_an_erased_person_back(house: MaveraHouse, store: str) -> None:
    erase(house, entries=True)
    for one in ANNA.views:
        house.world.change(one, fraction=0.99)
    house.world.add(view("annas-next", ANNA.email, visitor_key="another-browser"))
    house.later(hours=2)
    document = house.run()
    assert document["funnel"]["views"] == 2
    assert views(house) == ["of-bo", "of-nobody"]
    assert found(store) == []
    assert len(house.entries) == 1


def test_a_later_nameless_view_of_the_same_browser_is_nobodys_and_not_kept(
    house: MaveraHouse, store: str
) -> None:
    erase(house)
    house.world.add(view("later", "", visitor_key=ANNA.visitor))
    house.world.add(view("of-cy", "cy@mail.birch.example", visitor_key=ANNA.visitor))
    house.later(hours=1)
    house.run()
    # Who uses the same browser under an e-mail of their own is another person.
    assert views(house) == ["of-bo", "of-cy", "of-nobody"]
    assert fetch("SELECT person FROM views WHERE event_key = 'of-cy'") == [
        ("cy@mail.birch.example",)
    ]
    others = {text for text in found(store) if ANNA.visitor not in text}
    assert others == set()


def test_the_history_of_a_shared_browser_does_not_name_the_erased_person(
    house: MaveraHouse, store: str
) -> None:
    erase(house)
    # Without a conversion of its own, so the browser's history is read, Anna's conversion in it.
    house.world.add(view("known", "", email="cy@mail.birch.example", visitor_key=ANNA.visitor))
    house.later(hours=1)
    house.run()
    assert ANNA.email not in tables()["conversions"]
    assert fetch("SELECT person FROM views WHERE event_key = 'known'") == [("",)]


def test_a_person_who_shared_a_browser_stays(house: MaveraHouse) -> None:
    earlier = NOW - timedelta(hours=3)
    cy = {"visitor_key": ANNA.visitor, "received_at": earlier}
    house.watch(view("of-cy", "cy@mail.birch.example", **cy))
    erase(house)
    assert "of-cy" in views(house)
    assert fetch("SELECT email FROM conversions WHERE event_key = 'of-cy'") == [
        ("cy@mail.birch.example",)
    ]


def told_of(told: ToldHouse, key: str) -> list[dict[str, object]]:
    """What Wistia tells of a view whose viewer left an e-mail."""
    payload = {
        "viewing_session": {"id": key},
        "visitor": {"id": ANNA.visitor},
        "email": ANNA.email,
    }
    kinds = ("viewing_session.turnstile.converted", "viewing_session.play")
    return [{"uuid": f"{key}-{kind}", "type": kind, "payload": payload} for kind in kinds]


def test_webhooks_and_their_replay_bring_nobody_back(house: MaveraHouse, store: str) -> None:
    told = ToldHouse(house)
    told.grows(ANNA.views[0], fraction=1.0)
    sent = told.webhook.body(*told_of(told, ANNA.views[0]))
    told.webhook.send(sent)
    assert "annas-first" in tables()["webhook_events"]
    erase(house)
    assert found(store) == []
    assert told.webhook.send(sent) == 202
    told.works_off()
    told.comes(view("annas-next", ANNA.email, visitor_key="another-browser"))
    assert found(store) == []
    assert "annas-next" not in tables()["webhook_events"]
    assert "annas-next" not in views(house)


def test_what_a_webhook_told_without_a_name_goes_when_it_turns_out_whose_it_is(
    house: MaveraHouse, store: str
) -> None:
    erase(house)
    execute(
        "INSERT INTO webhook_events (customer_id, uuid, kind, event_key, media_id, email_digest, "
        "received_at, tries) VALUES (?, 'u', 'viewing_session.play', 'nameless', '', '', ?, 0)",
        [house.customer, "2026-11-20 14:20:00.000000"],
    )
    house.world.add(view("nameless", ANNA.email))
    house.run()
    assert "nameless" not in tables()["webhook_events"]


def test_an_address_that_is_not_known_is_put_on_the_list(house: MaveraHouse) -> None:
    made = erase(house, "dora@acme.example")
    assert (made.done, made.certificate.known, dict(made.certificate.removed)) == (True, False, {})
    house.watch(view("of-dora", "dora@acme.example"))
    assert "of-dora" not in views(house)
    assert tombstones.count(house.customer) == 1


@pytest.mark.parametrize("email", ["", "anna", "anna@", "a b@c.example"])
def test_what_is_no_address_is_refused_in_a_sentence(house: MaveraHouse, email: str) -> None:
    with pytest.raises(UsageError, match="not an e-mail address"):
        house.services.erasing.ask(house.customer, email, entries=False, by="Eva")
    assert fetch("SELECT id FROM erasures") == []


def test_to_erase_twice_does_no_harm(house: MaveraHouse, store: str) -> None:
    erase(house)
    again = erase(house, entries=True)
    assert again.done
    assert not again.certificate.known
    assert found(store) == []


def test_unforget_lets_a_person_come_again(house: MaveraHouse) -> None:
    erase(house, entries=True)
    assert house.services.erasing.unforget(house.customer, ANNA.email.upper())
    assert not house.services.erasing.unforget(house.customer, ANNA.email)
    assert fetch("SELECT hash FROM tombstones") == []
    house.run()
    assert set(ANNA.views) <= set(views(house))


def test_an_erasure_waits_for_the_run_that_is_going_on(house: MaveraHouse, store: str) -> None:
    running = claim(house.customer, 60)
    assert running
    number = house.services.erasing.ask_soon(house.customer, ANNA.email, entries=False, by="Eva")
    still = house.services.erasing.of(house.customer, number)
    assert still
    assert not still.done
    assert found(store)
    running.release()
    house.services.queues.join(erasures.JOB)
    ended = house.services.erasing.of(house.customer, number)
    assert ended
    assert ended.done
    assert found(store) == []


def test_an_erasure_that_was_asked_for_outlives_the_process(house: MaveraHouse, store: str) -> None:
    number = house.services.erasing.ask(house.customer, ANNA.email, entries=True, by="Eva")
    assert ANNA.email not in tables()["erasures"]
    assert erasures.due(house.clock.now()) == [house.customer]
    customers.set_state(house.customer, "paused")
    assert erasures.due(house.clock.now()) == [house.customer]
    done = house.services.erasing.run_due(house.customer)
    assert done[number].certificate.deleted == 3
    assert found(store) == []


def test_without_upsales_the_tables_are_clean_at_once_and_the_rest_follows(
    house: MaveraHouse, store: str
) -> None:
    house.tenant.switches.key_refused = True
    made = erase(house, entries=True)
    assert made.error
    assert made.error.exit_status == 3
    assert (made.done, made.left, made.certificate.deleted) == (False, 3, 0)
    assert found(store) == []
    assert len(house.entries) == 4
    house.tenant.switches.key_refused = False
    later = customers.due_at(house.customer, erasures.JOB)
    assert later
    assert later > house.clock.now()
    house.later(minutes=11)
    done = house.services.erasing.run_due(house.customer)[made.number]
    assert (done.done, done.certificate.deleted) == (True, 3)
    assert len(house.entries) == 1


def test_an_entry_that_may_be_there_is_looked_for_twice(house: MaveraHouse) -> None:
    execute(
        "UPDATE outbox SET state = 'uncertain', upsales_id = NULL, done_at = NULL "
        "WHERE target = 'activity' AND event_key = 'annas-first'"
    )
    made = erase(house, entries=True)
    assert (made.certificate.activities, made.certificate.deleted, made.left) == (3, 3, 1)
    house.later(minutes=6)
    done = house.services.erasing.run_due(house.customer)[made.number]
    assert (done.done, done.certificate.deleted, done.certificate.absent) == (True, 3, 0)
    assert len(house.entries) == 1


def test_writes_that_were_to_be_sent_are_not(house: MaveraHouse, store: str) -> None:
    execute("UPDATE outbox SET state = 'planned', done_at = NULL, upsales_id = NULL")
    house.tenant.crm.events.clear()
    erase(house, entries=True)
    house.run()
    assert outbox.count_due(house.customer, Target.ACTIVITY, house.clock.now(), asked=True) == 0
    assert {str(State.WRITTEN)} == {
        state for (state,) in fetch("SELECT state FROM outbox WHERE target = 'activity'")
    }
    assert len(house.entries) == 1


def test_two_erasures_at_once_end_as_one(house: MaveraHouse, store: str) -> None:
    for email in (ANNA.email, "bo@birch.example", ANNA.email):
        house.services.erasing.ask(house.customer, email, entries=True, by="Eva")
    threads = [
        threading.Thread(target=house.services._erase_due, args=(house.customer,)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert erasures.open_ones(house.services.keyring, house.customer) == []
    assert views(house) == ["of-nobody"]
    assert house.entries == []


def test_another_customers_person_of_the_same_address_stays(house: MaveraHouse) -> None:
    other = MaveraHouse(
        house.sandbox, house.database_url, customer=4712, world=with_annas_contact()
    )
    planted(other.world)
    other.run()
    erase(house)
    assert set(ANNA.views) <= set(views(other))
    other.later(hours=1)
    other.run()
    assert set(ANNA.views) <= set(views(other))
