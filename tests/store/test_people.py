"""What Upsales said of e-mails and domains, and when it is asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.examples import DAY, HOUR, NOW, Event, record, sieved
from upsales_wistia.funnel.view import Asked, Company, Contact
from upsales_wistia.store import directory, people, sieve
from upsales_wistia.store.directory import DirectoryEntry

ADA = Contact(1, "Ada", 10, "Acme")
ACME = Company(10, "Acme", 3, 2)


def waits(customer: int, code: str = "unknown") -> None:
    """A view of bob@new.se that has this code."""
    record(customer, Event())
    ((number, _),) = sieve.undecided(customer, NOW, until=NOW)
    row = sieved(number, person="bob@new.se", domain="new.se", activity_code=code)
    sieve.save_sieve(customer, [row])


def test_answers_are_remembered_found_or_not(customer: int) -> None:
    people.save_contacts(customer, {"ada@acme.se": ADA, "bob@new.se": None}, NOW)
    people.save_companies(customer, {"acme.se": ACME, "new.se": None}, NOW)
    asked = ["ada@acme.se", "bob@new.se", "never@asked.se"]
    assert people.contacts(customer, asked) == {
        "ada@acme.se": Asked(ADA, NOW),
        "bob@new.se": Asked(None, NOW),
    }
    assert people.companies(customer, ["acme.se", "new.se", "x.se"]) == {
        "acme.se": Asked(ACME, NOW),
        "new.se": Asked(None, NOW),
    }
    assert people.contacts(customer + 1, asked) == {}


@pytest.mark.parametrize(
    ("save", "due", "key"),
    [
        (people.save_contacts, people.due_emails, "bob@new.se"),
        (people.save_companies, people.due_domains, "new.se"),
    ],
)
def test_an_unknown_one_is_asked_for_at_growing_intervals_up_to_a_day(  # type: ignore[no-untyped-def]
    customer: int, save, due, key: str
) -> None:
    waits(customer)
    now, pauses = NOW, []
    for _ in range(7):
        save(customer, {key: None}, now)
        pause = HOUR
        while not due(customer, now + pause, ["unknown"]):
            assert not due(customer, now + pause - timedelta(seconds=1), ["unknown"])
            pause += HOUR
        pauses.append(pause // HOUR)
        now += pause
    assert pauses == [1, 2, 4, 8, 16, 24, 24]


def test_a_found_one_and_one_nobody_waits_for_are_not_asked_again(customer: int) -> None:
    waits(customer, code="waited_out")
    people.save_contacts(customer, {"bob@new.se": None}, NOW)
    assert people.due_emails(customer, NOW + DAY, ["unknown"]) == []
    assert people.due_emails(customer, NOW + DAY, ["waited_out"]) == ["bob@new.se"]
    people.save_contacts(customer, {"bob@new.se": ADA}, NOW + HOUR)
    assert people.due_emails(customer, NOW + 9 * DAY, ["waited_out"]) == []


def test_an_earlier_time_to_ask_can_be_set(customer: int) -> None:
    waits(customer)
    people.save_contacts(customer, {"bob@new.se": None}, NOW)
    people.ask_again(customer, "bob@new.se", NOW + timedelta(minutes=5))
    assert people.due_emails(customer, NOW + timedelta(minutes=5), ["unknown"]) == ["bob@new.se"]


def test_a_forgotten_one_was_never_asked_for(customer: int) -> None:
    people.save_contacts(customer, {"ada@acme.se": ADA}, NOW)
    people.save_companies(customer, {"acme.se": ACME}, NOW)
    people.forget(customer, "ada@acme.se")
    people.forget_domain(customer, "acme.se")
    assert people.contacts(customer, ["ada@acme.se"]) == {}
    assert people.companies(customer, ["acme.se"]) == {}


def test_the_directory_is_found_by_hash_and_crawled_on_from_its_last_contact(
    customer: int,
) -> None:
    assert directory.last_id(customer) == 0
    old, new = DirectoryEntry(5, "h-acme", 10), DirectoryEntry(9, "h-acme", 11)
    directory.save(customer, [new, old])
    directory.save(customer, [old])
    assert directory.last_id(customer) == 9
    assert sorted(directory.companies_by_domain(customer, "h-acme")) == [10, 11]
    assert directory.companies_by_domain(customer + 1, "h-acme") == []
    directory.clear(customer)
    assert directory.last_id(customer) == 0
