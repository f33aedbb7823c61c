"""Hostile text and tolerant fields: nothing that is sent makes them fail."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsales_wistia.clients.fields import (
    LARGEST_ID,
    Email,
    Flag,
    Text,
    Whole,
    Within,
    finite,
    moment,
)
from upsales_wistia.clients.text import EMAIL, REPLACED, clean, heatmap_address, page_address
from upsales_wistia.funnel.identity import address as as_address

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(JSON, st.integers(min_value=1, max_value=600))
def test_clean_text_can_be_stored_anywhere(value: object, limit: int) -> None:
    text = clean(value, limit)
    assert len(text) <= limit
    assert "\x00" not in text
    assert text.encode().decode() == text
    assert clean(text, limit) == text


def test_clean_text_keeps_what_people_write() -> None:
    assert clean("  Så gör du – 100 % 👩‍💻 <b>*bold*</b> =1+1\n", 512) == (
        "Så gör du – 100 % 👩‍💻 <b>*bold*</b> =1+1"
    )
    assert clean("a\x00b\tc\nd\x1b\ud800e\u2028f", 512) == "ab c def"
    nothing: list[object] = [None, True, [], {}]
    assert [clean(value, 9) for value in nothing] == [""] * 4
    assert [clean(value, 9) for value in (7, 1.5)] == ["7", "1.5"]


@pytest.mark.parametrize("hidden", "\u202e\u2066\u200b\ufeff\u2060")
def test_clean_text_hides_and_turns_nothing(hidden: str) -> None:
    assert clean(f"exe{hidden}.fdp", 512) == "exe.fdp"


@pytest.mark.parametrize("joiner", "\u200c\u200d\u00ad")
def test_clean_text_keeps_what_joins_letters(joiner: str) -> None:
    assert clean(f"a{joiner}b", 512) == f"a{joiner}b"


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1f", "\ud800", "\u202e", "\u200b", "\n"])
@pytest.mark.parametrize("shape", ["an{}na@acme.se", "anna@ac{}me.se", "anna@acme.s{}e"])
def test_an_e_mail_with_a_control_character_is_none(shape: str, char: str) -> None:
    kept = Email().read(shape.format(char))
    assert as_address(kept) is None
    assert "\x00" not in kept
    assert kept.encode()


def test_an_e_mail_is_trimmed_and_never_cut_into_another() -> None:
    assert Email().read(" Anna@acme.se\r\n") == "Anna@acme.se"
    assert as_address(Email().read("*@kallio.example.fi")) == "*@kallio.example.fi"
    long = "%61" * 50 + "@" + ("x" * 50 + ".") * 3 + "acme.example.com.long.example"
    assert as_address(long[:EMAIL]) is not None
    assert (len(Email().read(long)), Email().read(long)[-1]) == (EMAIL, REPLACED)
    assert as_address(Email().read(long)) is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://a.example/b?utm_source=x&e=a@b.se#t", "https://a.example/b?utm_source=x"),
        ("http://a.example/?UTM_x=1&wemail=a%40b.se", "http://a.example/?UTM_x=1"),
        ("https://user:pass@a.example:8443/b", "https://a.example:8443/b"),
        ("HTTPS://A.example", "https://a.example"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//a.example/b", ""),
        ("https://", ""),
        ("https://[::1", ""),
        ("https://evil.example\\.a.example/b", ""),
        ("https://evil.example\\@a.example/b", ""),
        ("https://a.example:x/b", ""),
        ("https://a b.example/b", ""),
        ("a.example/b", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_page_keeps_its_address_without_secrets(address: object, kept: str) -> None:
    assert page_address(address) == kept


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://api.wistia.com/e/1/iframe.html?public_token=abc", "https://api.wistia.com/e/1/iframe.html"),
        ("https://fast.wistia.net/x#y", "https://fast.wistia.net/x"),
        ("http://127.0.0.1:9000/e?public_token=abc", "http://127.0.0.1:9000/e"),
        ("http://127.0.0.1:9001/e", ""),
        ("https://127.0.0.1:9000/e", ""),
        ("http://api.wistia.com/e", ""),
        ("https://wistia.com.evil.example/e", ""),
        ("https://evilwistia.com/e", ""),
        ("https://api.wistia.com@evil.example/e", ""),
        ("https://evil.example\\.wistia.com/e", ""),
        ("https://evil.example\\@api.wistia.com/e", ""),
        ("https://evil.example%2f.wistia.com/e", ""),
        ("javascript:alert(1)", ""),
        (None, ""),
    ],
)  # fmt: skip
def test_a_heat_map_lives_where_wistia_lives(address: object, kept: str) -> None:
    assert heatmap_address(address, "http://127.0.0.1:9000/") == kept


@given(st.text())
def test_no_address_makes_it_fail(text: str) -> None:
    for address in (text, "https://" + text):
        assert "#" not in page_address(address)
        assert "?" not in heatmap_address(address, "https://x.example")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2025-10-17T17:24:53.000Z", datetime(2025, 10, 17, 17, 24, 53, tzinfo=UTC)),
        ("2025-10-17T17:24:53Z", datetime(2025, 10, 17, 17, 24, 53, tzinfo=UTC)),
        ("2025-10-17T19:24:53+02:00", datetime(2025, 10, 17, 17, 24, 53, tzinfo=UTC)),
        ("2025-10-17 17:24:53", datetime(2025, 10, 17, 17, 24, 53, tzinfo=UTC)),
        ("2025-10-17", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("1999-12-31T23:59:59Z", None),
        ("2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
        ("2201-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("soon", None),
        (1760721893, None),
        (None, None),
    ],
)
def test_a_moment_needs_a_time_of_day(value: object, read: datetime | None) -> None:
    assert moment(value) == read


@given(JSON)
def test_a_number_is_finite_or_none(value: object) -> None:
    number = finite(value)
    assert number is None or json.dumps(number, allow_nan=False)


def test_numbers_are_read_as_they_come() -> None:
    values = ("12", " 1.5 ", 3, True, "x", "nan", 10**400, None)
    assert [finite(value) for value in values] == [12, 1.5, 3, None, None, None, None, None]
    assert [Whole().read(value) for value in ("12", 7.0, 7.5, "")] == [12, 7, None, None]


def test_a_number_that_no_column_holds_is_none() -> None:
    values = (LARGEST_ID, str(LARGEST_ID), LARGEST_ID + 1, 1e300, "1e300", "9" * 5000, 0, -1)
    assert [Whole().read(value) for value in values] == [LARGEST_ID, LARGEST_ID] + [None] * 6
    assert Whole().read(2**53 + 1) == 2**53 + 1


@pytest.mark.parametrize("value", [1, True, "1", "true", "TRUE", " yes "])
def test_a_flag_that_is_set(value: object) -> None:
    assert Flag(default=False).read(value) is True


@pytest.mark.parametrize("value", [0, False, "0", "false", "", "no"])
def test_a_flag_that_is_not(value: object) -> None:
    assert Flag(default=True).read(value) is False


def test_what_is_within_nothing_is_nothing() -> None:
    name = Within(Text(9), "hashed_id", "hashedId")
    values: list[object] = [{"hashedId": "b"}, {"hashed_id": None, "hashedId": "b"}, "", None, []]
    assert [name.read(value) for value in values] == ["b", "b", "", "", ""]
