"""Requests of Upsales: who is let in, what is refused, what is handed on, what is logged."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from gunicorn.http.errors import InvalidChunkSize
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from upsales_wistia.errors import DeploymentError, OldRequest
from upsales_wistia.web.hook_request import HookRequest, HookUser

from .pages import CUSTOMER
from .upsales import API_KEY, APP_KEY, CALLBACK, OLD_KEY, SECRETS, TOKEN, Upsales, body

HANDED_ON = {
    "/external": "external",
    "/job": "job",
    "/cron": "job",
    "/schedule": "job",
    "/contactinsert/101": "contact_changed",
    "/contactupdate/101": "contact_changed",
    "/events": "event_details",
    "/event": "event_details",
    "/widget/views": "widget",
    "/iframe": "iframe",
}
ANSWERED = ["/status", "/test", "/testField/activityScore", "/fieldValues/activityProjects"]
PATHS = [*HANDED_ON, *ANSWERED]

# More for a single measurement: FUZZED=10000 pytest tests/web/test_from_upsales.py -k fuzz
FUZZED = int(os.environ.get("FUZZED", "0"))


@pytest.fixture
def upsales() -> Upsales:
    return Upsales()


def nested(depth: int) -> list[Any]:
    document: list[Any] = []
    for _ in range(depth):
        document = [document]
    return document


# Who is let in.


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "forged",
    [
        {"authenticationKey": "wrong"},
        {"authenticationKey": ""},
        {"authenticationKey": None},
        {"authenticationKey": ...},
        {"authenticationKey": [APP_KEY]},
        {"authenticationKey": f"{APP_KEY} "},
        {"authenticationKey": APP_KEY.upper()},
        {"authenticationKey": APP_KEY + "\ud800"},
        {"appId": 301},
        {"appId": "300"},
        {"appId": 300.0},
        {"appId": True},
        {"appId": None},
        {"appId": ...},
    ],
)
def test_a_forged_request_is_refused(upsales: Upsales, path: str, forged: dict[str, Any]) -> None:
    answer = upsales.posts(path, **forged)
    assert (answer.status_code, answer.get_json()) == (401, {})
    assert upsales.done == []


@pytest.mark.parametrize("path", HANDED_ON)
def test_both_keys_are_good(upsales: Upsales, path: str) -> None:
    for key in (APP_KEY, OLD_KEY):
        assert upsales.posts(path, authenticationKey=key).status_code == 200
    assert upsales.done == [HANDED_ON[path]] * 2


@pytest.mark.parametrize(
    "environ",
    [{"UPSALES_APP_KEY": "", "UPSALES_APP_KEY_PREVIOUS": ""}, {"UPSALES_APP_ID": ""}],
)
@pytest.mark.parametrize("key", [APP_KEY, "", ...])
def test_without_a_key_nobody_is_let_in(environ: dict[str, str], key: Any) -> None:
    upsales = Upsales(**environ)
    assert upsales.posts("/external", authenticationKey=key).status_code == 401
    assert upsales.posts("/external", authenticationKey=key, appId=0).status_code == 401


def test_no_browser_needs_to_have_been_here(upsales: Upsales) -> None:
    upsales.app.application.config["WTF_CSRF_ENABLED"] = True
    assert upsales.posts("/external").status_code == 200


def test_a_get_is_not_a_hook(upsales: Upsales) -> None:
    assert upsales.app.get("/external").status_code == 405


# What is refused.


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"authenticationKey=current-app-key",
        b"\xff\xfe",
        b'{"appId": NaN}',
        json.dumps(body())[:-1].encode(),
        (json.dumps(body())[:-1] + f', "authenticationKey": "{APP_KEY}"}}').encode(),
        json.dumps(body()).replace('"id": 4711', '"id": 4711, "id": 4712').encode(),
        json.dumps(body()).replace('"id": 4711', '"id": 4711, "id\\u0000": 4712').encode(),
        json.dumps(body(data=nested(60))).encode(),
        json.dumps(body()).encode()[:-1] + b', "more": ' + b"[" * 1000 + b"]" * 1000 + b"}",
        json.dumps(body()).encode()[:-1] + b', "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        json.dumps(body()).encode()[:-1] + b', "more": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_request_is_refused(upsales: Upsales, path: str, raw: bytes) -> None:
    answer = upsales.sends(path, raw)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("The body ")
    assert upsales.done == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"customer": ...},
        {"customer": None},
        {"customer": 4711},
        {"customer": "4711"},
        {"customer": []},
        {"customer": {}},
        {"customer": {"id": "4711"}},
        {"customer": {"id": 4711.0}},
        {"customer": {"id": True}},
        {"customer": {"id": 0}},
        {"customer": {"id": -1}},
        {"customer": {"id": 2**63}},
        {"customer": {"id": None}},
        {"config": 5},
        {"config": "not JSON"},
        {"config": ["wistiaApiPassword"]},
        {"data": "text"},
        {"apiKey": 5},
        {"apiKey": "nøkkel"},
        {"callbackUrl": 5},
        {"user": {"id": "x"}},
    ],
)
def test_a_wrong_part_is_named(upsales: Upsales, path: str, wrong: dict[str, Any]) -> None:
    answer = upsales.posts(path, **wrong)
    assert answer.status_code == 400
    assert answer.get_json() == {"message": f"This cannot be read: {next(iter(wrong))}."}
    assert upsales.done == []


@pytest.mark.parametrize("path", HANDED_ON)
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/callback",
        "https://10.0.0.1/callback",
        "https://upsales.com.evil.example/",
        "https://me:secret@integration.upsales.com/",
        "file:///etc/passwd",
    ],
)
def test_a_callback_elsewhere_is_refused(upsales: Upsales, path: str, url: str) -> None:
    answer = upsales.posts(path, callbackUrl=url)
    assert answer.status_code == 400
    assert url not in answer.text
    assert upsales.done == []


@pytest.mark.parametrize("path", PATHS)
def test_too_large_a_body_is_refused(upsales: Upsales, path: str) -> None:
    answer = upsales.posts(path, data={"x": "x" * 2 * 1024 * 1024})
    assert answer.status_code == 413
    assert "too much" in answer.get_json()["message"]
    assert upsales.done == []


def test_a_mebibyte_may_come(upsales: Upsales) -> None:
    rest = 1024 * 1024 - len(json.dumps(body(data={"x": ""})))
    assert upsales.posts("/external", data={"x": "x" * rest}).status_code == 200
    assert upsales.posts("/external", data={"x": "x" * (rest + 1)}).status_code == 413


class Breaks(io.BytesIO):
    """A body whose sender goes away, or sends chunks that are none."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def readinto(self, _: Any) -> int:
        raise self.error


def in_chunks(upsales: Upsales, body_of: io.BytesIO) -> TestResponse:
    """Posts a body whose length nobody tells."""
    return upsales.app.post(
        "/external",
        input_stream=body_of,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )


def test_a_body_without_a_length_may_be_as_large_as_any_other(upsales: Upsales) -> None:
    whole = json.dumps(body()).encode()
    most = whole + b" " * (1024 * 1024 - len(whole))
    assert in_chunks(upsales, io.BytesIO(most)).status_code == 200
    answer = in_chunks(upsales, io.BytesIO(most + b" "))
    assert answer.status_code == 413
    assert "too much" in answer.get_json()["message"]
    assert upsales.done == ["external"]


@pytest.mark.parametrize("error", [ConnectionResetError(APP_KEY), InvalidChunkSize(APP_KEY)])
def test_a_body_that_breaks_off_is_the_senders_fault(upsales: Upsales, error: Exception) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = in_chunks(upsales, Breaks(error))
    assert (answer.status_code, answer.get_json()) == (400, {"message": "The body broke off."})
    assert APP_KEY not in repr(lines)
    assert [line["log_level"] for line in lines] == ["info"]


@pytest.mark.parametrize("contact", ["x", "-1", "1.5", "9" * 19, "9" * 5000, "²"])
def test_a_contact_has_a_number(upsales: Upsales, contact: str) -> None:
    answer = upsales.posts(f"/contactupdate/{contact}")
    assert (answer.status_code, answer.get_json()) == (404, {"message": "There is nothing here."})
    assert upsales.done == []


def test_a_replayed_request_is_told_so(upsales: Upsales) -> None:
    upsales.house.hooks.raises = OldRequest("A newer one was there.")
    answer = upsales.posts("/external")
    assert answer.status_code == 400
    assert answer.get_json()["message"].endswith("Nothing was done.")


@pytest.mark.parametrize("path", ["/status", "/test", "/testField/activityScore"])
def test_a_question_asked_twice_is_answered_twice_and_changes_nothing(
    upsales: Upsales, path: str
) -> None:
    config = {"activityScore": 5}
    first, again = (upsales.posts(path, config=config) for _ in range(2))
    assert first.get_data() == again.get_data()
    assert upsales.done == []


def test_when_we_are_away_it_is_said(upsales: Upsales) -> None:
    upsales.house.loses_its_database()
    for path in HANDED_ON:
        assert upsales.posts(path).status_code == 503
    upsales.house.broken = None
    upsales.house.hooks.raises = DeploymentError("The database does not answer.")
    assert upsales.posts("/external").status_code == 503


def test_a_fault_of_ours_has_a_number_and_no_page(upsales: Upsales) -> None:
    upsales.house.hooks.raises = KeyError(API_KEY)
    answer = upsales.posts("/external")
    assert answer.status_code == 500
    assert "send us the number" in answer.get_json()["message"]
    assert API_KEY not in answer.text


# What is handed on.


def test_everything_of_a_request_is_read(upsales: Upsales) -> None:
    assert upsales.posts("/external", appData={"cursor": 5}).get_json() == {}
    ((name, asked),) = upsales.house.hooks.calls
    assert name == "external"
    assert asked == HookRequest(
        customer_id=CUSTOMER,
        customer_name="Nordlys Industri AB",
        config={"wistiaApiPassword": TOKEN, "activitiesEnabled": True},
        version="1.0.0",
        api_key=API_KEY,
        callback_url=CALLBACK,
        user=HookUser(7, "Eva Lind", False),
        data={"action": "sync"},
        app_data={"cursor": 5},
        sent_at=datetime(2026, 11, 21, 13, 24, tzinfo=UTC),
    )
    assert not [secret for secret in SECRETS if secret in repr(asked)]


def test_what_may_be_absent_may_be_absent(upsales: Upsales) -> None:
    upsales.posts(
        "/job",
        config=...,
        version=...,
        appData=None,
        apiKey=None,
        user=None,
        callbackUrl="",
        data=[],
        date="21/11",
        customer={"id": CUSTOMER},
    )
    ((_, asked),) = upsales.house.hooks.calls
    assert asked == HookRequest(CUSTOMER, "", None, "", "", "", None, {}, {}, None)


def test_a_config_may_come_as_text(upsales: Upsales) -> None:
    upsales.posts("/external", config='{"activityScore": 5}')
    ((_, asked),) = upsales.house.hooks.calls
    assert isinstance(asked, HookRequest)
    assert asked.config == {"activityScore": 5}


@pytest.mark.parametrize(
    ("said", "admin"),
    [({"administrator": True}, True), ({"administrator": "true"}, False), ({}, False)],
)
def test_an_administrator_is_who_is_said_to_be_one(
    upsales: Upsales, said: dict[str, Any], admin: bool
) -> None:
    upsales.posts("/external", user={"id": 7, "name": "Eva\x00\u202e Lind", **said})
    ((_, asked),) = upsales.house.hooks.calls
    assert isinstance(asked, HookRequest)
    assert asked.user == HookUser(7, "Eva Lind", admin)


def test_a_contact_and_a_widget_are_named(upsales: Upsales) -> None:
    upsales.posts("/contactinsert/101")
    upsales.posts("/widget/views")
    assert upsales.house.hooks.calls == [("contact_changed", 101), ("widget", "views")]


def test_the_paths_that_nobody_knows_are_configured() -> None:
    upsales = Upsales(UPSALES_JOB_PATHS="/tick/tock", UPSALES_EVENT_PATHS="/tick/details")
    assert upsales.posts("/tick/tock").status_code == 200
    assert upsales.posts("/tick/details").status_code == 200
    assert upsales.posts("/job").status_code == 404
    assert upsales.done == ["job", "event_details"]


# What is logged.


def test_an_unknown_path_is_logged_by_its_names(upsales: Upsales) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = upsales.posts("/button/eva@nordlys.example", **{"x@y.example": 1})
    assert (answer.status_code, answer.get_json()) == (404, {"message": "There is nothing here."})
    (line,) = [line for line in lines if line["event"] == "unknown path"]
    assert line["path"] == "/button/[e-mail]"
    assert {"appId", "authenticationKey", "config", "[e-mail]"} <= set(line["names"])
    assert upsales.done == []


def test_an_unknown_path_is_a_page_for_anybody_else(upsales: Upsales) -> None:
    with structlog.testing.capture_logs() as lines:
        assert upsales.posts("/button", authenticationKey="wrong").get_json() == {}
        plain = upsales.app.post("/button", data={"a": "b"})
    assert plain.status_code == 404
    assert plain.mimetype == "text/html"
    assert "unknown path" not in [line["event"] for line in lines]


def test_an_unknown_path_is_known_by_its_key_whatever_its_type_is_called(upsales: Upsales) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = upsales.app.post("/button", data=json.dumps(body()), content_type="text/plain")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert "unknown path" in [line["event"] for line in lines]


def test_choices_and_widgets_we_do_not_have(upsales: Upsales) -> None:
    assert upsales.posts("/fieldValues/elsewhere").status_code == 404


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
def test_no_line_holds_a_secret_or_an_e_mail(upsales: Upsales, path: str) -> None:
    with structlog.testing.capture_logs() as lines:
        upsales.posts(path)
        upsales.posts(path, authenticationKey="wrong")
        upsales.posts(path, customer={"id": "eva@nordlys.example"})
        upsales.posts(path, callbackUrl="https://evil.example/?token=current-app-key")
        upsales.house.broken = DeploymentError("The database does not answer.")
        upsales.posts(path)
    assert lines
    assert not [secret for secret in SECRETS if secret in repr(lines)]


# Anything at all.

texts = st.text(max_size=20)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)
names = st.sampled_from(sorted(body())) | texts
settings_names = st.sampled_from(
    ["wistiaApiPassword", "activityProjects", "activityMinPercent", "startDate", "identity"]
)
bodies = st.builds(
    lambda changes, config, whole: {**whole, **({"config": config} if config else {}), **changes},
    st.dictionaries(names, values, max_size=3),
    st.dictionaries(settings_names | texts, values, max_size=3),
    st.sampled_from([body(), body(config=...), body(authenticationKey="wrong")]),
)
raws = st.binary(max_size=100) | bodies.map(lambda one: json.dumps(one).encode())
paths = st.sampled_from([*PATHS, "/testField/startDate", "/nowhere"]) | texts.map(
    lambda text: f"/testField/{text.replace('/', '')}"
)
unreachable = {"WISTIA_API_URL": "http://127.0.0.1:9"}


def _fuzzed(path: str, raw: bytes) -> None:
    upsales = Upsales(**unreachable)
    with structlog.testing.capture_logs() as lines:
        answer = upsales.sends(path, raw)
    assert answer.status_code in (200, 308, 400, 401, 404, 405), answer.text
    told = answer.text + repr(lines)
    assert not [secret for secret in (APP_KEY, OLD_KEY, API_KEY, CALLBACK) if secret in told]
    assert answer.status_code == 200 or upsales.done == []


@settings(
    max_examples=FUZZED or 200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(path=paths, raw=raws)
def test_no_fuzzed_request_breaks_or_leaks(path: str, raw: bytes) -> None:
    _fuzzed(path, raw)
