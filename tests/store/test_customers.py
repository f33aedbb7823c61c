"""Customers, their versions, runs and forms; and a copy to try things on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet

from tests.store.examples import DAY, HOUR, NOW, Event, Media, planned, record
from upsales_wistia.errors import UsageError
from upsales_wistia.funnel.view import Company, Contact, Conversion, Target
from upsales_wistia.store import (
    customers,
    directory,
    drafts,
    enrichment,
    erasures,
    forms,
    instance,
    ledger,
    media,
    notices,
    outbox,
    people,
    runs,
    sessions,
    thinned,
    tombstones,
    versions,
    visitors,
    voices,
    webhooks,
)
from upsales_wistia.store.database import database, is_postgresql
from upsales_wistia.store.keyring import Keyring
from upsales_wistia.store.leases import claim, hold
from upsales_wistia.store.models import OF_CUSTOMER, TABLES
from upsales_wistia.store.models_pages import FiguresRow, IgnoredRow
from upsales_wistia.store.scratch import scratch

FORM = forms.Form("wistia-single", 5, "uuid-5", "Wistia", 3)


def fill(customer: int) -> None:
    """Put a row of this customer into every table that has rows of customers."""
    customers.save_secret(Keyring([Fernet.generate_key().decode()]), customer, "apiKey", "k", NOW)
    versions.save(customer, {"formScore": 3}, [], "cli", NOW)
    ada = Event(conversion_email="ada@acme.se")
    ledger.record(customer, [(ada, "f1")], read_at=NOW, watched_since=NOW - DAY)
    webhooks.keep(customer, [webhooks.Telling("u1", "viewing_session.play", "e1")], NOW)
    visitors.add_conversions(customer, [("v1", Conversion(NOW, "e1", "ada@acme.se"))], NOW)
    visitors.visitor_read(customer, "v1", NOW)
    media.save_media(customer, [Media()], ["m1"], NOW)
    people.save_contacts(customer, {"ada@acme.se": Contact(1, "Ada", 2, "Acme")}, NOW)
    people.save_companies(customer, {"acme.se": Company(2, "Acme", 1)}, NOW)
    directory.save(customer, [directory.DirectoryEntry(1, "h", 2)])
    forms.remember(customer, FORM)
    outbox.plan(customer, [planned()], run_id="run", settings_version=1, now=NOW)
    open_run(customer)
    customers.set_due(customer, "poll", NOW)
    sessions.end(customer, "s1", until=1.0, now=0.0)
    assert claim(customer, 60)
    assert claim(customer, 60, "job_leases")
    enrich(customer)
    IgnoredRow.create(customer_id=customer, email="bo@acme.se", who="Eva", since=NOW)
    FiguresRow.create(customer_id=customer, media_id="m1", plays=1, content={}, read_at=NOW)
    notices.claim(customer, "wistia_away", NOW)
    keyring = Keyring([Fernet.generate_key().decode()])
    tombstones.add_key(keyring, customer, tombstones.new_key())
    tombstones.bury(customer, "p", ["h"], NOW)
    thinned.add(customer, [("h", "written", "accepted")])
    erasures.ask(keyring, customer, "bo@acme.se", entries=True, by="Eva", now=NOW)


def enrich(customer: int) -> None:
    """One run of a job with a paid step, a voice, a consent and a draft."""
    lease = claim(customer, 60, "enrichment_leases")
    assert lease
    run = enrichment.create(customer, "cta", subject="", asked_by="Eva", wanted={}, now=NOW)
    step = enrichment.intend(
        lease,
        run.id,
        "panel",
        operation="responses",
        label="uw-x",
        body={},
        used_before=0.0,
        now=NOW,
    )
    enrichment.charge(
        lease,
        step,
        enrichment.StepState.ANSWERED,
        job="cta",
        answer={},
        credits=3.0,
        how="told",
        now=NOW,
    )
    voices.save(lease, run.id, content_hash="h", voice_id="v", profile={}, now=NOW)
    voices.agree(customer, "brand-voice", run.id, words="Yes", by="Eva", now=NOW)
    draft = drafts.NewDraft(
        "ada@acme.se", "m1", "e1", "Ada", 83, title="T", subject="S", body="B", action="A"
    )
    drafts.save(lease, run.id, draft, NOW)


def open_run(customer: int, hours: int = 0) -> str:
    return runs.open_run(
        customer,
        "poll",
        now=NOW + timedelta(hours=hours),
        window_from=NOW - 3 * DAY,
        window_to=NOW,
        settings_version=1,
    )


def counts() -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: database.execute_sql(f"SELECT count(*) FROM {name}").fetchone()[0]
        for name in (table._meta.table_name for table in TABLES)
    }


def test_a_removed_customer_leaves_nothing_in_any_table(customer: int) -> None:
    customers.add(1, "Stays", "cli", NOW)
    fill(customer)
    fill(1)
    before = counts()
    assert all(before[table._meta.table_name] == 2 for table in OF_CUSTOMER)
    customers.remove(customer)
    assert counts() == {name: count // 2 for name, count in before.items()}
    customers.remove(1)
    assert not any(counts().values())


def test_every_table_but_two_belongs_to_a_customer() -> None:
    free = {table.__name__ for table in TABLES if "customer_id" not in table._meta.fields}
    assert free == {"Customer", "InstanceRow"}
    assert {table.__name__ for table in TABLES} - free == {t.__name__ for t in OF_CUSTOMER}


def test_an_unknown_customer_is_said_in_a_sentence(store: str) -> None:
    for use in (
        customers.load,
        customers.remove,
        customers.setup,
        customers.pause_forms,
        lambda customer: customers.update_setup(customer, auth="cookie"),
    ):
        with pytest.raises(UsageError, match=r"No customer has the number 7\. See: upsales-wis"):
            use(7)


def test_adding_a_customer_again_changes_its_name_and_nothing_else(customer: int) -> None:
    customers.update_setup(customer, auth="cookie")
    customers.set_state(customer, "paused")
    before = customers.load(customer)
    customers.add(customer, "Acme AB", "upsales", NOW + DAY)
    assert customers.load(customer) == replace(before, name="Acme AB")


def test_what_is_found_out_about_a_customer_adds_up(customer: int) -> None:
    customers.update_setup(customer, auth="cookie", users=[{"id": 1}])
    customers.update_setup(customer, auth="query")
    customers.pause_forms(customer)
    customers.complete_read(customer, NOW)
    loaded = customers.load(customer)
    assert loaded.setup == customers.setup(customer) == {"auth": "query", "users": [{"id": 1}]}
    assert (loaded.forms_paused, loaded.last_complete_read) == (True, NOW)
    customers.resume_forms(customer)
    assert not customers.load(customer).forms_paused
    assert customers.list_all() == [customers.load(customer)]


def test_active_customers_are_due_the_most_late_first(store: str) -> None:
    for number, late in ((1, 1), (2, 5), (3, 3), (4, -1), (5, 9)):
        customers.add(number, f"No. {number}", "cli", NOW)
        customers.set_due(number, "poll", NOW - late * HOUR)
        customers.set_due(number, "backfill", NOW - 99 * HOUR)
    customers.add(6, "Never polled", "cli", NOW)
    customers.set_state(5, "paused")
    assert customers.due(NOW) == [2, 3, 1]
    customers.set_due(2, "poll", NOW + HOUR)
    assert customers.due(NOW) == [3, 1]
    assert (customers.due_at(2, "poll"), customers.due_at(6, "poll")) == (NOW + HOUR, None)


def test_a_version_is_made_only_when_something_differs(customer: int) -> None:
    assert versions.current(customer) is None
    first = versions.save(customer, {"a": 1, "b": [2]}, [], "cli", NOW)
    assert versions.save(customer, {"b": [2], "a": 1}, [], "upsales", NOW + DAY) == first
    worse = versions.save(customer, {"a": 1, "b": [2]}, [{"a": "odd"}], "upsales", NOW + DAY)
    third = versions.save(customer, {"a": 2}, [], "cli", NOW + 2 * DAY)
    assert [version.number for version in (first, worse, third)] == [1, 2, 3]
    assert versions.history(customer) == [third, worse, first]
    assert versions.current(customer) == third


def test_a_replaced_credential_makes_a_version_and_tells_its_name_alone(customer: int) -> None:
    versions.save(customer, {"a": 1}, [], "cli", NOW)
    made = versions.save(customer, {"a": 1}, [], "Anna", NOW, secrets=["wistiaApiPassword"])
    assert made.number == 2
    assert versions.current(customer) == made
    assert made.secrets == ("wistiaApiPassword",)


def test_who_saved_a_credential_and_when(customer: int) -> None:
    keyring = Keyring([Fernet.generate_key().decode()])
    customers.save_secret(keyring, customer, "maveraApiKey", "one", NOW)
    customers.save_secret(keyring, customer, "maveraApiKey", "two", NOW + DAY, by="Anna")
    assert customers.saved_secrets(customer) == {"maveraApiKey": customers.Saved(NOW + DAY, "Anna")}


def test_the_newest_run_and_the_newest_complete_one(customer: int) -> None:
    assert runs.last(customer) is None
    first, second = open_run(customer), open_run(customer, hours=1)
    report = {"views": 193}
    runs.close_run(customer, first, status="ok", now=NOW, complete=True, report=report)
    last = runs.last(customer, complete=True)
    assert last
    assert (last.id, last.status, last.ended_at, last.report) == (first, "ok", NOW, report)
    newest = runs.last(customer)
    assert newest
    assert (newest.id, newest.status, newest.report) == (second, "running", None)
    assert [run.id for run in runs.listing(customer)] == [second, first]
    assert runs.listing(customer, limit=1) == [newest]


def test_forms_are_remembered_by_their_internal_name(customer: int) -> None:
    forms.remember(customer, replace(FORM, score=1))
    forms.remember(customer, FORM)
    assert forms.remembered(customer) == {"wistia-single": FORM}


def test_a_fact_of_the_deployment_is_replaced(store: str) -> None:
    assert instance.read("world") is None
    for value in ("yesterday", "today"):
        instance.write("world", value)
    assert instance.read("world") == "today"


def test_a_scratch_copy_has_everything_and_nothing_of_it_stays(customer: int) -> None:
    fill(customer)
    customers.add(1, "Other", "cli", NOW)
    before, real = counts(), database.obj
    kept = customers.load(customer), list(ledger.fingerprints(customer, ["e1"]))
    with scratch(customer):
        assert not is_postgresql()
        assert counts() == before | {
            "customers": 1,
            "leases": 0,
            "enrichment_leases": 0,
            "job_leases": 0,
        }
        assert (customers.load(customer), list(ledger.fingerprints(customer, ["e1"]))) == kept
        (item,) = outbox.due(customer, Target.ACTIVITY, NOW, asked=False)
        with hold(customer, 60, wait=False, heartbeat=False) as lease:
            assert outbox.begin(lease, item, NOW, run_id="dry")
            record(customer, Event(event_key="e2"))
    assert database.obj is real
    assert counts() == before


def test_an_error_in_a_scratch_copy_brings_the_real_one_back(customer: int) -> None:
    real = database.obj
    with pytest.raises(RuntimeError), scratch(customer):
        raise RuntimeError
    assert database.obj is real
    assert customers.load(customer).name == "Acme"
