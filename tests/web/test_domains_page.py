"""The domains of viewers: how each is classed and why, and how to correct it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sync.house import House, small_world, view
from upsales_wistia.sandbox import Limits, Sandbox

from .pages import text_of
from .reader import Reader
from .visiting import lines


@pytest.fixture
def database_kind() -> str:
    """What a page says does not depend on the database."""
    return "sqlite"


@pytest.fixture
def house(store: str) -> Iterator[House]:
    with Sandbox(limits=Limits.off()) as sandbox:
        yield House(sandbox, store, small_world())


def watched(house: House, *emails: str) -> None:
    """Each left an e-mail in a view, and a run has looked for them."""
    for n, email in enumerate(emails):
        house.world.add(view(f"e{n}", email))
    house.run()


def rows(reader: Reader, query: str = "") -> dict[str, str]:
    """What is read of each domain."""
    found = lines(reader.opens(f"domains{query}").text)
    return {row.split()[0]: row.split(" ", 1)[1] for row in found}


def says(reader: Reader, domain: str, what: str) -> str:
    """What the settings ask when somebody chose otherwise."""
    return reader.reads(f"settings?domain={domain}&as={what}")


def test_no_domains_yet(reader: Reader) -> None:
    told = reader.reads("domains")
    assert "No domains yet: they come with the first e-mails." in told
    assert "Find" not in told


def test_each_domain_is_told_with_its_class_and_why(house: House, reader: Reader) -> None:
    house.configure(ignoredDomains=["left.example", "mail.acme.example"])
    watched(
        house, "x@acme.example", "y@acme.example", "x@birch.example", "x@gmail.com",
        "x@10minutemail.com", "x@own.example", "x@left.example", "x@nobody.example",
    )  # fmt: skip
    found = rows(reader)
    assert next(iter(found)) == "acme.example"
    assert found["acme.example"].startswith("Company 1 contact at Acme AB Also ignored: mail.acme")
    assert " 2 Acme AB " in found["acme.example"]
    assert found["birch.example"].startswith(
        "Company Birch Two AS , of 2: furthest journey step, then a planned activity"
    )
    assert found["gmail.com"].startswith("Free-mail Anybody can have an address there")
    assert found["10minutemail.com"].startswith("Throw-away It gives out")
    assert found["own.example"].startswith("Your own 2 Upsales users have it")
    assert found["left.example"].startswith("Ignored By command line , today 14:20")
    assert found["nobody.example"].startswith("Nobody has it No contact in Upsales")
    for domain in ("gmail.com", "own.example", "left.example", "nobody.example"):
        assert " 1 contacts only " in found[domain]


def test_contacts_alone_need_no_look_at_their_domain(house: House, reader: Reader) -> None:
    watched(house, "anna@acme.example")
    assert rows(reader)["acme.example"].startswith(
        "Contacts Not looked up: its viewers are contacts"
    )


def test_where_nobody_could_be_asked_it_says_so(house: House, reader: Reader) -> None:
    house.sandbox.faults.add("upsales.contacts", "500", times=None)
    watched(house, "x@acme.example")
    found = rows(reader)["acme.example"]
    assert found.startswith("Not looked up yet The next run asks Upsales")
    assert "Not looked up in Upsales yet" in reader.reads("waiting")


def test_each_choice_is_labelled_with_its_domain(house: House, reader: Reader) -> None:
    watched(house, "x@nobody.example", "x@own.example")
    page = reader.opens("domains").text
    labels = re.findall(r'<select name="as" aria-label="([^"]*)"', page)
    assert labels == ["nobody.example: what it is to you", "own.example: what it is to you"]
    choices = [re.findall(r"<option[^>]*>(.*?)<", one) for one in page.split("<select")[1:]]
    assert choices == [["As classed", "Ignore"], ["As classed", "Ignore", "Not our own"]]


def test_ignoring_opens_what_if_and_saves_nothing(house: House, reader: Reader) -> None:
    watched(house, "x@acme.example", "y@acme.example")
    told = says(reader, "acme.example", "ignore")
    assert "Domains to ignore none acme.example" in told
    assert "Not saved" in told
    assert rows(reader)["acme.example"].startswith("Company")


def test_a_choice_changes_the_two_lists_and_nothing_else(house: House, reader: Reader) -> None:
    house.configure(ignoredDomains=["left.example"], notOwnDomains=["other.example"])

    def fields(domain: str, what: str) -> tuple[str, ...]:
        page = reader.opens(f"settings?domain={domain}&as={what}").text
        names = ("ignoredDomains", "notOwnDomains")
        found = [re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
                 for name in names]  # fmt: skip
        return tuple(one[1] if one else "?" for one in found)

    assert fields("own.example", "not_own") == ("left.example", "other.example, own.example")
    assert fields("Own.Example", "ignore") == ("left.example, own.example", "other.example")
    assert fields("left.example", "classed") == ("", "other.example")
    assert fields("other.example", "ignore") == ("left.example, other.example", "")


def test_what_is_chosen_comes_with_the_next_run(house: House, reader: Reader) -> None:
    watched(house, "x@own.example")
    house.configure(notOwnDomains=["own.example"])
    house.run()
    found = rows(reader)["own.example"]
    assert found.startswith("Nobody has it No contact in Upsales")
    assert "Not your own, says" in found
    assert "2 Upsales users have it" in found
    page = reader.opens("domains").text
    assert re.search(r'<option value="not_own" selected>Not our own', page)


@pytest.mark.parametrize("query", ["domain=x&as=ignore", "domain=acme.example&as=burn",
                                   "domain=&as=ignore", "as=ignore",
                                   "domain=%00.%00&as=ignore"])  # fmt: skip
def test_an_odd_choice_opens_the_settings(house: House, reader: Reader, query: str) -> None:
    assert "Settings" in reader.reads(f"settings?{query}")


def test_found_by_its_beginning_and_never_by_an_e_mail_in_an_address(
    house: House, reader: Reader
) -> None:
    watched(house, "x@acme.example", "x@nobody.example")
    assert list(rows(reader, "?domain=acm")) == ["acme.example"]
    assert list(rows(reader, "?domain=%00acm%0A&after=1-%00")) == ["acme.example"]
    told = reader.presses("domains", domain="Some.One@Acme.example")
    assert told.status_code == 303
    assert told.location.endswith("/domains?domain=acme.example")
    typed = reader.opens("domains?domain=x@nobody.example")
    assert typed.location.endswith("/domains?domain=nobody.example")
    assert "No viewer has a domain that begins with" in reader.reads("domains?domain=zzz")


def test_the_waiting_room_leads_to_the_domain(house: House, reader: Reader) -> None:
    watched(house, "x@own.example")
    page = reader.opens("waiting").text
    (link,) = set(re.findall(r'href="([^"]*/domains\?domain=own.example)"', page))
    assert "own.example" in reader.fetches(html.unescape(link)).text
    assert "Not yours?" in text_of(page)


def test_a_company_leads_to_upsales_and_the_views_to_the_list(house: House, reader: Reader) -> None:
    watched(house, "x@acme.example")
    config = replace(house.services.config, upsales_api_url="https://integration.upsales.com/api")
    house.services.config = config
    page = reader.opens("domains").text
    assert 'href="https://power.upsales.com/#/companies/1" target="_blank" rel="noopener' in page
    (link,) = re.findall(r'href="([^"]*/views\?domain=acme.example)"', page)
    assert "x@acme.example" in reader.fetches(html.unescape(link)).text


def test_with_matching_off_it_says_so(house: House, reader: Reader) -> None:
    watched(house, "x@acme.example")
    house.configure(domainMatching=False)
    told = reader.reads("domains")
    assert "Matching by domain is off, so only contacts are found." in told
    assert "Company 1 contact at Acme AB" in told
    assert "Not saved" in reader.reads("settings?set.domainMatching=true")


def test_many_are_shown_in_parts(house: House, reader: Reader) -> None:
    watched(house, *(f"x@d{n:02}.example" for n in range(60)), "y@d03.example")
    first = rows(reader)
    assert len(first) == 50
    assert list(first)[:2] == ["d03.example", "d00.example"]
    page = reader.opens("domains").text
    (more,) = re.findall(r'href="([^"]*after=[^"]*)"', page)
    rest = lines(reader.fetches(html.unescape(more)).text)
    assert len(rest) == 10
    assert not set(first) & {row.split()[0] for row in rest}
    assert "60 domains." in text_of(page)


@pytest.mark.parametrize("query", ["after=x", "after=-1-a", "after=999999999999999999-z",
                                   "domain=%3Cscript%3E", "domain=" + "a" * 999])  # fmt: skip
def test_an_odd_address_shows_the_page(house: House, reader: Reader, query: str) -> None:
    watched(house, "x@acme.example")
    page = reader.opens(f"domains?{query}")
    assert page.status_code == 200
    assert "<script>" not in page.text


def test_readers_may_ask_what_if_and_no_more(house: House, reader: Reader) -> None:
    watched(house, "x@acme.example")
    reader.enters(admin=False)
    assert "You can look and run." in reader.reads("domains")
    assert reader.fetches("/c/999/domains").status_code == 404


def test_settings_lead_on_to_the_domains(reader: Reader) -> None:
    assert re.search(r'href="[^"]*/domains">Domains</a>', reader.opens("settings").text)
