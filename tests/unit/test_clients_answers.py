"""What an answer is by its status and its body, and how long it asks us to stay away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from requests.structures import CaseInsensitiveDict

from upsales_wistia.clients.answers import LONGEST_THROTTLE, Answer, refusal
from upsales_wistia.clients.credentials import Bearer
from upsales_wistia.errors import (
    NotFound,
    Rejected,
    Throttled,
    Unclear,
    VendorError,
    WrongAddress,
)

EXPRESS = "<!DOCTYPE html><html><body><pre>Cannot GET /api/v2/nothing</pre></body></html>"


def got(status: int = 200, body: str | bytes = "", **headers: str) -> Answer:
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CaseInsensitiveDict(named), content, Bearer("s3cret-0123"))


@time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry_After": "7"}, 7),
        ({"X_RateLimit_Reset": "-2"}, 0),
        ({"X_RateLimit_Reset": "-2", "Retry_After": "3"}, 3),
        ({"X_RateLimit_Reset": "9", "Retry_After": "3"}, 9),
        ({"Retry_After": "Sat, 21 Nov 2026 12:01:30 GMT"}, 90),
        ({"Retry_After": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry_After": "Sat, 21 Nov 2026 12:01:30 -0000"}, 0),
        ({"Retry_After": "Sat, 99 Nov 2026"}, 0),
        ({"Retry_After": "Fri, 31 Dec 9999 23:59:59 -2359"}, 0),
        ({"Retry_After": "Mon, 01 Jan 0001 00:00:00 +2359"}, 0),
        ({"Retry_After": "soon"}, 0),
        ({"Retry_After": "nan"}, 0),
        ({"Retry_After": "inf"}, 0),
        ({"Retry_After": "1e12"}, LONGEST_THROTTLE),
        ({"Retry_After": ""}, 0),
    ],
    ids=str,
)
def test_wait_is_the_largest_that_makes_sense(headers: dict[str, str], seconds: float) -> None:
    assert got(429, **headers).wait == seconds


TABLE: list[tuple[Answer, type[VendorError] | None, type[VendorError] | None]] = [
    (got(200, "[]"), None, None),
    (got(201, "{}"), None, None),
    (got(204), None, None),
    (got(302, Location="/"), VendorError, Rejected),
    (got(304), VendorError, Rejected),
    (got(400, '{"error": "bad"}'), Rejected, Rejected),
    (got(403, "Forbidden"), Rejected, Rejected),
    (got(404, EXPRESS, Content_Type="text/html"), WrongAddress, WrongAddress),
    (got(404, "Cannot GET /x", Content_Type="text/html"), WrongAddress, WrongAddress),
    (got(404, EXPRESS), WrongAddress, WrongAddress),
    (got(404, "", Content_Type="text/html"), NotFound, Rejected),
    (got(404, '{"error": "gone"}'), NotFound, Rejected),
    (got(409, "{}"), VendorError, Rejected),
    (got(410), VendorError, Rejected),
    (got(422, '{"errors": {"a": ["b"]}}'), Rejected, Rejected),
    (got(429, "Rate limit exceeded"), Throttled, Throttled),
    (got(500, "{}"), Unclear, Unclear),
    (got(503, "<h1>away</h1>"), Unclear, Unclear),
    (got(503, Retry_After="5"), Throttled, Unclear),
    (got(599), Unclear, Unclear),
]


@pytest.mark.parametrize(
    ("answer", "read", "write"), TABLE, ids=[f"{a.status} {a.body[:12]!r}" for a, _, _ in TABLE]
)
def test_what_a_status_is(
    answer: Answer, read: type[VendorError] | None, write: type[VendorError] | None
) -> None:
    as_read = refusal(answer, "upsales", write=False)
    as_write = refusal(answer, "upsales", write=True)
    assert (as_read and type(as_read)) == read
    assert (as_write and type(as_write)) == write


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": "Invalid credentials."}', "Invalid credentials."),
        ('{"error": {"key": "FailedValidation", "msg": "No such client"}}', "No such client"),
        ('{"error": {"key": "ThrottleLimit", "code": 429}}', "ThrottleLimit"),
        ('{"errors": ["first", "second"]}', "first"),
        ('{"errors": {"message": "no"}}', "no"),
        ('{"message": "no"}', "no"),
        ('"text"', "text"),
        ("{}", ""),
        ("17", ""),
        ("", ""),
        ("Unauthorized", "Unauthorized"),
        (EXPRESS, "Cannot GET /api/v2/nothing"),
        ("<style>a{}</style><p>Down</p><script>x()</script>", "Down"),
        ("a\x00b\x1b[31mc\nd", "ab[31mc d"),
        ("bad token s3cret-0123!", "bad token …!"),
        ('{"error": "GET /x?token=s3cret-0123"}', "GET /x?token=…"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("x" * 5000, "x" * 300),
    ],
)
def test_words_are_what_was_said_to_a_person(body: str | bytes, words: str) -> None:
    assert got(400, body).words == words


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "nan?", b"\xff", "1" * 5000])
def test_what_is_no_json_is_a_value_error(body: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        got(200, body).json()


def test_a_refused_write_says_what_and_which_request() -> None:
    said = '{"error": {"key": "InvalidReference", "msg": "No such Contact: 7"}}'
    error = refusal(got(400, said, X_Request_Id="r-1"), "upsales", write=True)
    assert isinstance(error, Rejected)
    assert (error.names_party, error.status, error.answer, error.request_id) == (
        True,
        400,
        "No such Contact: 7",
        "r-1",
    )


@pytest.mark.parametrize(
    ("said", "names"),
    [("No such client", True), ("contactId is invalid", True), ("score is too high", False)],
)
def test_whether_a_refusal_names_the_contact_or_the_client(said: str, names: bool) -> None:
    error = refusal(got(422, said), "upsales", write=True)
    assert isinstance(error, Rejected)
    assert error.names_party is names


def test_an_away_vendor_is_named_for_the_run() -> None:
    for status in (302, 404, 500):
        body = EXPRESS if status == 404 else ""
        error = refusal(got(status, body), "wistia", write=False)
        assert error is not None
        assert (error.code, error.exit_status) == ("wistia_away", 4)
        assert ". " in error.sentence


@pytest.mark.parametrize("status", [302, 400, 403, 404, 410, 422])
def test_a_refusal_says_what_to_do(status: int) -> None:
    error = refusal(got(status, "no"), "wistia", write=False)
    assert error is not None
    assert f"({status}). The next run tries again and nothing is lost." in error.sentence
    assert error.sentence.endswith("WISTIA_API_URL.")
