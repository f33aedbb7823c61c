"""A small threaded HTTP server that can also break off, as a real one sometimes does."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LONGEST_BODY = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``path`` is as it was sent; ``query`` keeps order and repetitions."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return next((value for key, value in self.query if key == name), default)

    def every(self, name: str) -> list[str]:
        """All values of a query parameter."""
        return [value for key, value in self.query if key == name]

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body or b"null")

    def form(self) -> dict[str, str]:
        """The body as urlencoded fields."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``half`` sends only half of the body and closes."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    half: bool = False


class DroppedError(Exception):
    """Raised instead of answering: the connection is reset."""


def json_reply(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """``data`` as a JSON answer."""
    return Reply(status, json.dumps(data, ensure_ascii=False).encode(), headers=headers or {})


def text_reply(text: str, status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """A plain text answer."""
    return Reply(status, text.encode(), "text/plain; charset=utf-8", headers or {})


def html_reply(text: str, status: int) -> Reply:
    """An HTML answer, as proxies and unknown paths give it."""
    page = f'<!DOCTYPE html>\n<html lang="en"><body><pre>{text}</pre></body></html>\n'
    return Reply(status, page.encode(), "text/html; charset=utf-8")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one piece
    server: LoopbackServer

    def _serve(self) -> None:
        call = self._call()
        try:
            reply = self.server.answer(call)
        except DroppedError:
            self._reset()
            return
        self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (names of http.server)

    def _call(self) -> Call:
        parts = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), LONGEST_BODY)
        return Call(
            method=self.command,
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            base_url=self.server.url,
        )

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.half else reply.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or reply.half

    def _reset(self) -> None:
        # Linger 0 makes the kernel send a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with suppress(OSError):  # the client may have gone
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: request lines may hold a token."""


class LoopbackServer(ThreadingHTTPServer):
    """Answers on 127.0.0.1 in threads, from ``start`` to ``stop``."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Call], Reply]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.connections: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Answer from now on."""
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no event; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
