"""A server on loopback that answers, byte for byte, what a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.client import responses as reasons

Handler = Callable[[socket.socket, threading.Event], None]
"""Answers one request on a connection; the event is set when the server closes."""


class RawServer:
    """Gives its handlers' answers in turn, the last one for ever; remembers what was asked."""

    def __init__(self, handlers: tuple[Handler, ...], mark: bytes) -> None:
        self._mark = mark
        self.requests: list[bytes] = []
        self.connections = 0
        self._handlers = list(handlers)
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        with connection, contextlib.suppress(OSError):
            while request := self._read(connection):
                self.requests.append(request)
                handler = self._handlers[0] if len(self._handlers) == 1 else self._handlers.pop(0)
                handler(connection, self._closing)

    def _read(self, connection: socket.socket) -> bytes:
        request = b""
        while not _is_whole(request, self._mark):
            if self._closing.is_set():
                return b""
            with contextlib.suppress(TimeoutError):
                piece = connection.recv(65536)
                if not piece:
                    return b""
                request += piece
        return request


def _is_whole(request: bytes, end_of_head: bytes) -> bool:
    if not end_of_head:
        return bool(request)
    head, mark, body = request.partition(end_of_head)
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    return bool(mark) and len(body) >= (lengths[0] if lengths else 0)


@contextlib.contextmanager
def serving(*handlers: Handler, mark: bytes = b"\r\n\r\n") -> Iterator[RawServer]:
    """Run a server for as long as the block lasts. ``mark`` ends a head, "" for any bytes."""
    server = RawServer(handlers, mark)
    try:
        yield server
    finally:
        server.close()


def answer(status: int, body: bytes | str = b"", **headers: str) -> Handler:
    """A whole answer; an underscore in a header's name stands for a hyphen."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {reasons.get(status, 'Odd')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(content)}", "", ""]

    def handler(connection: socket.socket, closing: threading.Event) -> None:
        connection.settimeout(5)
        connection.sendall("\r\n".join(lines).encode() + content)
        connection.settimeout(0.05)

    return handler


def raw(content: bytes) -> Handler:
    """These bytes, and then the connection is closed."""

    def handler(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(content)
        raise OSError("closed on purpose")

    return handler


def reset(connection: socket.socket, closing: threading.Event) -> None:
    """Break the connection off without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise OSError("reset on purpose")


def silence(connection: socket.socket, closing: threading.Event) -> None:
    """Never answer."""
    closing.wait()


def drip(connection: socket.socket, closing: threading.Event) -> None:
    """Send a body one byte at a time, each in time, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not closing.wait(0.01):
        connection.sendall(b"x")


def closed_port() -> str:
    """The address of a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
