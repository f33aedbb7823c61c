"""doctor asks for our own address as anybody would: are we there, and is nothing open."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.cli.conftest import Run
from upsales_wistia.web import ops

US = f'"{ops.NAME}"\n'.encode()
NAME = "our own address"


@contextmanager
def in_front(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    """A web server that answers so; its address is not called loopback, and is this machine."""

    class Front(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Location", self.path)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Front) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://0.0.0.0:{server.server_port}"
        server.shutdown()


def looked_at(upsales_wistia: Run, environ: pytest.MonkeyPatch, url: str) -> tuple[bool, str]:
    environ.setenv("PUBLIC_URL", url)
    ended = upsales_wistia("doctor", "--json")
    (check,) = [check for check in ended.document["checks"] if check["name"] == NAME]
    assert ended.status == (0 if check["ok"] else 1)
    return check["ok"], check["sentence"]


@pytest.mark.parametrize(
    ("answers", "ok", "says"),
    [
        ({"/health": (200, US), "/metrics": (403, b"")}, True, "0.0.0.0 answers."),
        ({"/health": (200, US), "/metrics": (200, b"# HELP")}, False, "open to everybody"),
        ({"/health": (502, b"Bad Gateway")}, False, "does not answer. Start it"),
        ({"/health": (301, b"")}, False, "does not answer. Start it"),
        ({"/health": (200, b"<html>another")}, False, "does not answer. Start it"),
    ],
)
def test_what_stands_in_front(
    upsales_wistia: Run,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, tuple[int, bytes]],
    ok: bool,
    says: str,
) -> None:
    with in_front(answers) as url:
        found = looked_at(upsales_wistia, monkeypatch, url)
    assert found[0] is ok
    assert says in found[1]


def test_where_nobody_listens(upsales_wistia: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_front({}) as url:
        pass
    ok, says = looked_at(upsales_wistia, monkeypatch, url)
    assert (ok, "does not answer" in says) == (False, True)


def test_on_this_machine_alone_nothing_is_asked(
    upsales_wistia: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ok, says = looked_at(upsales_wistia, monkeypatch, "http://localhost:1")
    assert (ok, says.startswith("The pages are for this machine alone.")) == (True, True)
