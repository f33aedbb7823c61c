"""Whoever is planted anywhere is found everywhere: erased people, and removed customers."""

from __future__ import annotations

import random
from datetime import date
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.enrichment.house import MaveraHouse
from tests.privacy.people import ANNA, Someone, files, found, planted, tables, with_annas_contact
from tests.sync.house import NOW, view
from upsales_wistia import customers as people_of
from upsales_wistia.privacy.replay import replay_tombstones
from upsales_wistia.sandbox import Sandbox
from upsales_wistia.store import ignored, traces
from upsales_wistia.store.database import database
from upsales_wistia.store.models import OF_CUSTOMER
from upsales_wistia.store.sql import execute, fetch
from upsales_wistia.sync.period import Wanted

NUMBERS = count()


def erase(house: MaveraHouse, email: str = ANNA.email) -> None:
    erasing = house.services.erasing
    number = erasing.ask(house.customer, email, entries=True, by="Eva")
    assert erasing.run_due(house.customer)[number].done


def test_a_backfill_over_the_same_period_brings_nobody_back(house: MaveraHouse, store: str) -> None:
    erase(house)
    wanted = Wanted(date(2026, 11, 1), date(2026, 11, 20), forms=True, commit=True)
    for _ in range(2):
        house.services.fetching.run(house.customer, wanted, "Eva", lambda text: None)
        house.later(days=1)
        house.run()
    assert found(store) == []
    entries = [row for row in house.entries if ANNA.email in str(row) or "901" in str(row)]
    assert entries == []
    assert len(house.entries) == 1


def test_what_was_made_of_the_person_goes_too(house: MaveraHouse, store: str) -> None:
    house.configure(maveraJobs=["followup"], followupPercent=10)
    house.enrich("followup", consent=False)
    assert ANNA.email in tables()["drafts"]
    ignored.add(house.customer, ANNA.email, "Eva", NOW)
    erase(house)
    assert found(store) == []
    assert "bo@birch.example" in tables()["drafts"]


SPELLINGS = st.sampled_from(
    [str.lower, str.upper, str.title, lambda text: text.replace("@", "%40"), lambda t: f" {t} "]
)


@given(seed=st.integers(0, 2**32), spell=SPELLINGS, times=st.integers(0, 6))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_table_holds_any_word_of_an_erased_person(
    house: MaveraHouse, store: str, seed: int, spell: object, times: int
) -> None:
    """Over random rows of random tables with the person planted in their texts."""
    dice, n = random.Random(seed), next(NUMBERS)  # Who was erased once does not come again.
    # Long enough that no ciphertext holds them by chance.
    first, last = f"Quintessa{n}x", f"Zarathustra{n}y"
    who = Someone(f"p{n}q@sub.acme.example", first, last, f"browser-{n}q", (f"key-{n}q",))
    said = {"email": who.email, "first_name": who.first_name, "last_name": who.last_name}
    house.world.add(
        view(
            who.views[0],
            spell(who.email),  # type: ignore[operator]
            conversion={**said, "email": spell(who.email)},  # type: ignore[operator]
            visitor_key=who.visitor,
            page=f"https://acme.example/?utm_content={who.visitor}",
        )
    )
    house.run()
    for _ in range(times):
        _plant(house, who, dice)
    erase(house, who.email)
    assert found(store, who) == [], tables()["customers"]


def _plant(house: MaveraHouse, who: Someone, dice: random.Random) -> None:
    """Write the person into a text of some table."""
    word = dice.choice([who.email, who.email.upper(), who.visitor, f"({who.email})"])
    places = {
        "runs": ("reason", f"Upsales said of {word}: no"),
        "outbox": ("answer", f"contact {word} is locked"),
        "views": ("page", f"https://acme.example/{word}/"),
        "medias": ("name", f"A talk with {word}"),
    }
    table = dice.choice(sorted(places))
    column, text = places[table]
    execute(f"UPDATE {table} SET {column} = ? WHERE customer_id = ?", [text, house.customer])
    facts = f'{{"told": "{word}", "list": [{{"event_key": "{who.views[0]}"}}, "{word}"]}}'
    setup = fetch("SELECT setup FROM customers WHERE id = ?", [house.customer])[0][0]
    execute(
        "UPDATE customers SET setup = ? WHERE id = ?",
        [setup[:-1] + f', "about": {facts}}}', house.customer],
    )


def test_a_longer_key_or_address_is_somebody_elses(house: MaveraHouse) -> None:
    house.world.add(view("annas-first-2", "xannabella@acme.example"))
    house.world.add(view("of-c", "annabella@acme.example.com"))
    house.run()
    erase(house)
    people = {person for (person,) in fetch("SELECT person FROM views")}
    assert {"xannabella@acme.example", "annabella@acme.example.com"} <= people
    keys = {key for (key,) in fetch("SELECT event_key FROM outbox")}
    assert "annas-first-2" in keys


def test_every_table_is_looked_through() -> None:
    apart = {"credentials", "tombstone_keys", "tombstones", "erasures", "thinned"}
    looked = {table._meta.table_name for table in traces.tables()}
    assert looked | apart == {table._meta.table_name for table in OF_CUSTOMER}


def test_a_removed_customer_leaves_nothing_anywhere(sandbox: Sandbox, store: str) -> None:
    kept = MaveraHouse(sandbox, store, customer=52)
    kept.run()
    gone = MaveraHouse(sandbox, store, customer=987654321, world=with_annas_contact())
    planted(gone.world)
    gone.configure(formsEnabled=True, wistiaWebhookSecret="hush-hush-hush", maveraJobs=["followup"])
    gone.run()
    gone.enrich("followup")
    erase(gone, "bo@birch.example")
    gone.later(days=800)
    gone.services.pruning.run_due(gone.customer)
    people_of.remove(gone.services, gone.customer)
    everything = str(tables()) + files(store)
    for trace in (
        "987654321",
        gone.tenant.upsales_key,
        gone.tenant.wistia_token,
        gone.tenant.mavera_key,
        "hush-hush-hush",
        *ANNA.named_by,
    ):
        assert str(trace) not in everything
    assert fetch("SELECT id FROM customers") == [(52,)]
    assert not database.is_closed()
    gone.services.stop()
    kept.services.stop()


def test_what_the_file_of_tombstones_keeps_of_a_removed_customer_names_nobody(
    house: MaveraHouse,
) -> None:
    erase(house)
    people_of.remove(house.services, house.customer)
    file = house.services.config.tombstones_file
    assert file
    content = file.read_text()
    assert not any(text.lower() in content.lower() for text in ANNA.named_by)
    # Who is added again goes on with the key, and those who were erased stay so.
    house.configure()
    assert replay_tombstones(house.services.config) == 1
    house.run()
    assert ANNA.email not in str(tables())
