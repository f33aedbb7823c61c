"""Where an upload goes, what goes along, and what never does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from tests.raw_server import answer, serving
from upsales_wistia.clients.limits import Limiters, Limits
from upsales_wistia.clients.mavera import MaveraClient
from upsales_wistia.errors import Rejected, Unclear, VendorError

API = "https://app.mavera.io/api/v1"
KEY = "mvra_live_0123456789abcdef0123456789abcdef"
STORE = "https://store.example/uploads/a?X-Amz-Signature=s1gned"
PUBLIC = "https://files.example/a"


@pytest.fixture
def client() -> Iterator[MaveraClient]:
    limiters = Limiters(Limits().scaled(1000))
    with MaveraClient(API, KEY, limiters=limiters, workspace_id="ws_1") as opened:
        yield opened


@pytest.fixture
def api() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def place(**changes: Any) -> dict[str, Any]:
    given = {"upload_url": STORE, "public_url": PUBLIC, "method": "PUT", "headers": {}}
    return {**given, **changes}


def test_three_steps_and_the_key_is_in_two_of_them(
    client: MaveraClient, api: responses.RequestsMock
) -> None:
    told = {"Content-Type": "text/plain", "x-amz-checksum-sha256": "abc"}
    hostile = {"Authorization": "Bearer theirs", "Cookie": "a=b", "Host": "x", "X-Amz-Bad": "a\nb"}
    api.post(f"{API}/files/upload-url", json=place(headers=told | hostile))
    api.put(STORE)
    api.post(f"{API}/files", status=201, json={"id": "file_1", "name": "a.txt"})
    made = client.upload("a.txt", b"words", "text/plain")
    assert (made.file_id, made.url, made.size) == ("file_1", PUBLIC, 5)
    assert client.requests == 3
    keys = [call.request.headers.get("Authorization") for call in api.calls]
    assert keys == [f"Bearer {KEY}", None, f"Bearer {KEY}"]
    put = api.calls[1].request
    assert put.body == b"words"
    assert {name: put.headers[name] for name in told} == told
    assert not {"Cookie", "Host", "X-Amz-Bad"} & set(put.headers)


def test_without_a_header_for_it_the_type_is_told_nevertheless(
    client: MaveraClient, api: responses.RequestsMock
) -> None:
    api.post(f"{API}/files/upload-url", json=place(headers="none"))
    api.put(STORE)
    api.post(f"{API}/files", json={"id": "file_1"})
    client.upload("a.txt", b"words", "text/plain")
    assert api.calls[1].request.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    "changes",
    [
        {"upload_url": None},
        {"upload_url": "http://store.example/a"},
        {"upload_url": "http://169.254.169.254/latest"},
        {"upload_url": "file:///etc/passwd"},
        {"upload_url": "https://me@store.example/a"},
        {"upload_url": "https://[store"},
        {"upload_url": "//store.example"},
        {"public_url": None},
        {"public_url": ""},
        {"public_url": 7},
    ],
)
def test_bytes_go_nowhere_but_to_a_store(
    client: MaveraClient, api: responses.RequestsMock, changes: dict[str, Any]
) -> None:
    api.post(f"{API}/files/upload-url", json=place(**changes))
    with pytest.raises(Unclear):
        client.upload("a.txt", b"words", "text/plain")
    assert len(api.calls) == 1


@pytest.mark.parametrize(("status", "kind"), [(403, Rejected), (500, Unclear), (302, Rejected)])
def test_a_store_may_refuse(
    client: MaveraClient, api: responses.RequestsMock, status: int, kind: type[VendorError]
) -> None:
    api.post(f"{API}/files/upload-url", json=place())
    api.put(STORE, status=status, headers={"Location": "https://elsewhere.example"})
    with pytest.raises(kind) as refused:
        client.upload("a.txt", b"words", "text/plain")
    assert "s1gned" not in f"{refused.value!r}{refused.value.answer}"
    assert len(api.calls) == 2


def test_no_log_holds_the_key_or_a_signature(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")  # whoever configured logging before
    limiters = Limiters(Limits().scaled(1000))
    with serving(answer(200, "")) as store:
        told = f'{{"upload_url": "{store.url}/a?X-Amz-Signature=s1gned", "public_url": "x"}}'
        with (
            serving(answer(200, told), answer(500, KEY), answer(200, '{"data": []}')) as home,
            MaveraClient(home.url, KEY, limiters=limiters, workspace_id="ws_1") as client,
            pytest.raises(Unclear) as lost,
        ):
            client.upload("a.txt", b"words", "text/plain")
        assert b"uthorization" not in store.requests[0]
    assert caplog.text
    for secret in (KEY, "s1gned"):
        assert secret not in caplog.text
        assert secret not in f"{lost.value!r}{lost.value.answer}"
