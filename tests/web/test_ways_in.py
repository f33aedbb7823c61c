"""Who gets in, for how long, and what a browser may do with a page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from upsales_wistia.links import sign_link

from .conftest import Person
from .pages import CUSTOMER, House, config

THEN = datetime(2026, 11, 21, 13, 24, tzinfo=UTC)
OTHER = 4712


def test_a_link_is_exchanged_for_a_session_and_a_clean_address(person: Person) -> None:
    answer = person.enters()
    assert (answer.status_code, answer.location) == (303, f"/c/{CUSTOMER}/status")
    page = person.opens(answer.location)
    assert page.status_code == 200
    assert "Signed in as" in page.text
    assert "Anna Kjellberg" in page.text


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("&to=views&contact=101", "/views?contact=101"),
        ("&to=views", "/views"),
        ("&to=views&contact=x'", "/views"),
        ("&to=https://evil.example", "/status"),
    ],
)
def test_a_link_may_lead_to_the_views_of_a_contact(person: Person, more: str, place: str) -> None:
    answer = person.opens(sign_link(person.house.config, CUSTOMER, "Anna") + more)
    assert (answer.status_code, answer.location) == (303, f"/c/{CUSTOMER}{place}")


def test_without_a_session_there_is_a_kind_page(person: Person) -> None:
    page = person.opens(f"/c/{CUSTOMER}/status")
    assert page.status_code == 403
    assert "You are signed out" in page.text
    assert "Nordlys" not in page.text


def test_a_link_for_nobody_by_name_is_told_by_its_moment(person: Person) -> None:
    with time_machine.travel(THEN, tick=False):
        link = sign_link(person.house.config, CUSTOMER, "", admin=True)
        person.opens(link)
        page = person.opens(f"/c/{CUSTOMER}/status")
    assert 'Signed in as link of <time datetime="2026-11-21T13:24:00+00:00">14:24' in page.text


def test_a_link_works_for_fifteen_minutes(person: Person) -> None:
    with time_machine.travel(THEN, tick=False) as clock:
        link = sign_link(person.house.config, CUSTOMER, "Anna")
        clock.shift(timedelta(minutes=15))
        assert person.opens(link).status_code == 303
        clock.shift(timedelta(seconds=1))
        page = person.opens(link)
    assert page.status_code == 403
    assert "This link has expired" in page.text


def test_a_session_ends_after_eight_hours_whatever_is_done_in_it(person: Person) -> None:
    with time_machine.travel(THEN, tick=False) as clock:
        person.enters()
        for _ in range(8):
            assert person.opens(f"/c/{CUSTOMER}/status").status_code == 200
            clock.shift(timedelta(hours=1))
        assert person.opens(f"/c/{CUSTOMER}/status").status_code == 403


@pytest.mark.parametrize("spoil", ["x", "", "W10.aaaa.bbbb", "å"])
def test_an_altered_link_opens_nothing(person: Person, spoil: str) -> None:
    page = person.opens(f"/c/{CUSTOMER}/enter?t={spoil}")
    assert page.status_code == 403
    assert "This link has expired" in page.text
    assert person.opens(f"/c/{CUSTOMER}/status").status_code == 403


def test_a_link_opens_its_own_customer_only(person: Person) -> None:
    link = sign_link(person.house.config, OTHER, "Anna")
    assert person.opens(link.replace(f"/c/{OTHER}/", f"/c/{CUSTOMER}/")).status_code == 403


def test_a_link_signed_with_another_secret_opens_nothing(person: Person) -> None:
    assert person.opens(sign_link(config(), CUSTOMER, "Anna")).status_code == 403


def test_another_customers_pages_are_not_found(person: Person) -> None:
    person.enters()
    page = person.opens(f"/c/{OTHER}/status")
    assert page.status_code == 404
    assert "There is nothing here" in page.text


def test_a_customer_that_was_removed_is_not_found(person: Person) -> None:
    person.enters(OTHER)
    assert person.opens(f"/c/{OTHER}/status").status_code == 404


def sign_out(person: Person, token: str) -> int:
    answer = person.browser.post(
        f"/c/{CUSTOMER}/sign-out",
        base_url=person.house.config.public_url,
        data={"csrf_token": token},
        headers={"Referer": person.house.config.public_url + "/"},
    )
    return answer.status_code


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "https://wistia.example"])
def test_signing_out_ends_the_session(public_url: str) -> None:
    person = Person(House(config=config(public_url)))
    found = re.search(r'name="csrf_token" value="([^"]+)"', person.sees_status())
    assert found
    assert sign_out(person, found[1]) == 200
    assert person.opens(f"/c/{CUSTOMER}/status").status_code == 403


def test_a_copied_cookie_is_signed_out_too(house: House) -> None:
    person, thief, colleague = Person(house), Person(house), Person(house)
    found = re.search(r'name="csrf_token" value="([^"]+)"', person.sees_status())
    assert found
    cookie = person.browser.get_cookie("upsales_wistia", "127.0.0.1")
    assert cookie
    thief.browser.set_cookie("upsales_wistia", cookie.value, domain="127.0.0.1")
    colleague.enters()
    assert thief.opens(f"/c/{CUSTOMER}/status").status_code == 200
    assert sign_out(person, found[1]) == 200
    assert thief.opens(f"/c/{CUSTOMER}/status").status_code == 403
    assert colleague.opens(f"/c/{CUSTOMER}/status").status_code == 200
    assert person.enters().status_code == 303
    assert person.opens(f"/c/{CUSTOMER}/status").status_code == 200


def test_who_cannot_be_signed_out_is_told_to_try_again(house: House) -> None:
    person = Person(house)
    found = re.search(r'name="csrf_token" value="([^"]+)"', person.sees_status())
    assert found
    house.loses_its_database()
    assert sign_out(person, found[1]) == 503
    house.broken = None
    assert sign_out(person, found[1]) == 200


def test_another_site_cannot_sign_anybody_out(person: Person) -> None:
    person.enters()
    assert sign_out(person, "made up") == 400
    assert person.opens(f"/c/{CUSTOMER}/status").status_code == 200


def test_on_this_machine_the_cookie_works_over_plain_http(person: Person) -> None:
    cookie = person.enters().headers["Set-Cookie"]
    assert cookie.startswith("upsales_wistia=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_lives_in_a_frame_of_upsales() -> None:
    answer = Person(House(config=config("https://wistia.example"))).enters()
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-upsales_wistia=")
    for rule in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert rule in cookie
    assert answer.headers["Strict-Transport-Security"]


def test_headers_of_every_answer() -> None:
    house = House(config=config(WISTIA_API_URL="http://127.0.0.1:9001/base"))
    for path in ("/health", "/nothing", f"/c/{CUSTOMER}/status", "/static/wistia.css"):
        headers = Person(house).opens(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'self'; img-src 'self' data:; "
            "frame-src https://api.wistia.com https://fast.wistia.net http://127.0.0.1:9001; "
            "frame-ancestors 'self' https://*.upsales.com; form-action 'self'; "
            "base-uri 'none'; object-src 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers
        assert "X-Frame-Options" not in headers


def test_pages_are_not_kept_by_the_browser_but_files_are(person: Person) -> None:
    person.enters()
    assert person.opens(f"/c/{CUSTOMER}/status").headers["Cache-Control"] == "no-store"
    assert person.opens("/static/wistia.css").headers["Cache-Control"] != "no-store"
