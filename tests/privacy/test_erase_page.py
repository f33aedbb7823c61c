"""The pages that erase a person and export what is kept."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest

from tests.enrichment.house import MaveraHouse
from tests.privacy.people import ANNA, found
from tests.web.markup import Markup
from tests.web.pages import text_of
from tests.web.reader import Reader
from upsales_wistia.store import erasures, tombstones
from upsales_wistia.store.leases import claim
from upsales_wistia.web import create_app


@pytest.fixture
def reader(house: MaveraHouse) -> Reader:
    """An administrator who has just followed a link."""
    made = Reader(house, create_app(house.services).test_client())
    made.enters()
    return made


def looks(reader: Reader, email: str = ANNA.email) -> str:
    """Send the first form; the address that it leads to."""
    answer = reader.presses("history/look", email=email)
    assert answer.status_code == 303, answer.text
    return answer.location


def erases(reader: Reader, address: str, **fields: str) -> str:
    """Send the second form, and wait; the certificate's address."""
    page = reader.fetches(address).text
    person = re.search(r'name="person" value="([^"]+)"', page)
    assert person
    answer = reader.presses("history/erase", person=person[1], **fields)
    assert answer.status_code == 303, answer.text
    reader.house.services.queues.join(erasures.JOB)
    return answer.location


def test_the_footer_of_every_page_leads_there(reader: Reader) -> None:
    for path in ("status", "views", "waiting", "failed", "settings", "runs", "history", "export"):
        page = reader.opens(path).text
        footer = page[page.index("<footer") :]
        assert '/history#erase">Erase a person</a>' in footer
        assert '/export">Export what is kept</a>' in footer


def test_first_what_was_found_then_the_certificate(reader: Reader, store: str) -> None:
    address = looks(reader)
    assert address.endswith("#erase")
    assert "annabella" not in unquote(address).lower()
    told = text_of(reader.fetches(address).text)
    assert "We found: 3 views, 3 activities in Upsales, 3 forms in Upsales." in told
    assert "Also delete the 3 activities in Upsales" in told
    assert ANNA.email in told
    certificate = erases(reader, address, entries="on")
    assert "annabella" not in unquote(certificate).lower()
    told = text_of(reader.fetches(certificate).text)
    assert f"{ANNA.email} is erased, and stays forgotten." in told
    assert "Views: 3" in told
    assert "Activities in Upsales: 3 of 3" in told
    assert "3 submitted forms in Upsales: a submit cannot be taken back" in told
    assert found(store) == []


def test_the_certificate_as_text_names_nobody(reader: Reader) -> None:
    address = erases(reader, looks(reader)).partition("?")[0]
    number = int(address.rpartition("/")[2])
    answer = reader.fetches(f"{address}.txt")
    assert answer.mimetype == "text/plain"
    assert "We found: 3 views, 3 activities in Upsales, 3 forms in Upsales." in answer.text
    assert ANNA.email not in answer.text
    assert ANNA.email not in reader.fetches(address).text
    unknown = f"history/erased/{number + 1}"
    for path in (unknown, f"{unknown}.txt", f"history/erased/{'9' * 30}"):
        assert reader.opens(path).status_code == 404


def test_an_address_that_is_not_known(reader: Reader) -> None:
    certificate = looks(reader, "Dora@acme.example")
    reader.house.services.queues.join(erasures.JOB)
    told = text_of(reader.fetches(certificate).text)
    assert (
        "We keep nothing about dora@acme.example. It is now on the list of people who stay "
        "forgotten." in told
    )
    assert "1 person stays forgotten." in text_of(reader.opens("history").text)
    assert tombstones.count(reader.house.customer) == 1


def test_a_person_comes_off_the_list(reader: Reader) -> None:
    looks(reader, "dora@acme.example")
    reader.house.services.queues.join(erasures.JOB)
    answer = reader.presses("history/unforget", email="dora@acme.example")
    told = text_of(reader.fetches(answer.location).text)
    assert "dora@acme.example is no longer on the list." in told
    answer = reader.presses("history/unforget", email="dora@acme.example")
    told = text_of(reader.fetches(answer.location).text)
    assert "dora@acme.example is not on the list of people who stay forgotten." in told


@pytest.mark.parametrize("form", ["look", "unforget"])
def test_what_is_no_address_is_said_beside_the_field(reader: Reader, form: str) -> None:
    answer = reader.presses(f"history/{form}", email="anna")
    told = reader.fetches(answer.location).text
    assert told.count("This is not an e-mail address. Write it whole") == 1
    assert 'aria-invalid="true"' in told


def test_while_a_run_goes_on_the_page_waits(reader: Reader) -> None:
    address = looks(reader)
    running = claim(reader.house.customer, 60)
    assert running
    page = reader.fetches(address).text
    person = re.search(r'name="person" value="([^"]+)"', page)
    assert person
    answer = reader.presses("history/erase", person=person[1])
    waiting = reader.fetches(answer.location).text
    assert "Waiting for the run that is going on" in text_of(waiting)
    assert '<meta http-equiv="refresh" content="5">' in waiting
    running.release()
    reader.house.services.queues.join(erasures.JOB)
    assert "is erased, and stays forgotten." in text_of(reader.fetches(answer.location).text)


def test_whoever_may_only_look_erases_nobody(house: MaveraHouse) -> None:
    guest = Reader(house, create_app(house.services).test_client())
    guest.enters(admin=False)
    assert "open the app in Upsales as an administrator" in guest.reads("history")
    for path in ("history/look", "history/erase", "history/unforget"):
        assert guest.presses(path, email=ANNA.email, person="x").status_code == 403
    assert guest.presses("export", email=ANNA.email).status_code == 200


def test_an_id_that_is_none_erases_nobody(reader: Reader) -> None:
    assert reader.presses("history/erase", person="nonsense").status_code == 404
    assert reader.presses("history/erase").status_code == 404
    assert "We found" not in reader.reads("history?person=nonsense")


def test_export_gives_all_that_is_kept_as_a_file(reader: Reader) -> None:
    answer = reader.presses("export", email=ANNA.email.upper())
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="what-is-kept.json"'
    document = json.loads(answer.text)
    assert document["email"] == ANNA.email
    assert {row["event_key"] for row in document["kept"]["views"]} == set(ANNA.views)
    assert document["kept"]["people"][0]["contact_name"] == "Annabella Bergenstråhle"
    assert len(document["kept"]["outbox"]) == 6
    assert document["kept"]["conversions"][0]["at"].endswith("Z")
    assert "bo@birch.example" not in answer.text
    assert not document["forgotten"]


def test_export_of_somebody_of_whom_nothing_is_kept(reader: Reader) -> None:
    answer = reader.presses("export", email="dora@acme.example")
    assert "dora" not in unquote(answer.location)
    told = text_of(reader.fetches(answer.location).text)
    assert "We keep nothing about dora@acme.example." in told
    erases(reader, looks(reader))
    answer = reader.presses("export", email=ANNA.email)
    told = text_of(reader.fetches(answer.location).text)
    assert f"{ANNA.email} was erased and stays forgotten." in told
    answer = reader.presses("export", email="dora")
    assert "This is not an e-mail address" in reader.fetches(answer.location).text


def test_an_erased_view_says_so_at_its_old_address(reader: Reader) -> None:
    erases(reader, looks(reader))
    answer = reader.opens(f"views/{ANNA.views[0]}")
    assert answer.status_code == 410
    assert "Somebody who asked to be forgotten Nothing is kept" in text_of(answer.text)
    assert reader.opens("views/never-was").status_code == 404


def test_the_pages_keep_to_the_policy(reader: Reader) -> None:
    certificate = erases(reader, looks(reader))
    looked = looks(reader, "bo@birch.example")
    for page in (certificate, f"/c/{reader.house.customer}/export?wrong=1", looked):
        markup = Markup()
        markup.feed(reader.fetches(page).text)
        assert markup.forbidden == []
