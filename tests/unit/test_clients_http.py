"""One call over a real socket: what goes out, what comes back, and what must never get out."""

from __future__ import annotations

import contextlib
import gzip
import logging
import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.raw_server import Handler, answer, closed_port, drip, raw, reset, serving, silence
from upsales_wistia import __version__
from upsales_wistia.clients import http
from upsales_wistia.clients.answers import Answer
from upsales_wistia.clients.credentials import Bearer, Credential, KeyInCookie, KeyInQuery
from upsales_wistia.clients.http import Caller, Method, TimedOut
from upsales_wistia.clients.limits import Limiter
from upsales_wistia.errors import NotSent, Throttled, Unclear, VendorError, WrongAddress

SECRET = "s3cret-0123456789abcdef"
WAYS = [Bearer(SECRET), KeyInCookie(SECRET), KeyInQuery(SECRET)]
OK = answer(200, "[]")


def call(
    url: str,
    method: Method = "GET",
    *,
    caller: Caller | None = None,
    credential: Credential | None = None,
    timeout: float = 5,
) -> Answer:
    used = caller or Caller("upsales")
    try:
        return used.call(
            method,
            f"{url}/path",
            operation="test",
            timeout=timeout,
            credential=credential or KeyInQuery(SECRET),
            params=[("email", "eq:anna+a@acme.example")],
        )
    finally:
        if caller is None:
            used.close()


@contextlib.contextmanager
def tls_server(folder: Path) -> Iterator[str]:
    """A TLS server on loopback that vouches for itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path = folder / "server.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, form, plain)
    )
    return path


class TestWhatGoesOut:
    def test_the_token_as_a_bearer_and_who_we_are(self) -> None:
        with serving(OK) as server:
            call(server.url, credential=Bearer(SECRET))
        request = server.requests[0].decode()
        assert f"Authorization: Bearer {SECRET}\r\n" in request
        assert f"User-Agent: upsales-wistia/{__version__}\r\n" in request
        assert "GET /path?email=eq%3Aanna%2Ba%40acme.example HTTP/1.1" in request

    def test_the_key_as_a_cookie(self) -> None:
        with serving(OK) as server:
            call(server.url, credential=KeyInCookie(SECRET))
        assert f"Cookie: token={SECRET}\r\n" in server.requests[0].decode()

    def test_the_key_in_the_query(self) -> None:
        with serving(OK) as server:
            call(server.url, credential=KeyInQuery(SECRET))
        first = server.requests[0].decode().split("\r\n")[0]
        assert first == f"GET /path?email=eq%3Aanna%2Ba%40acme.example&token={SECRET} HTTP/1.1"

    def test_no_cookie_of_theirs(self) -> None:
        caller = Caller("upsales")
        with serving(answer(200, "[]", Set_Cookie="id=them; Path=/"), OK) as server:
            call(server.url, caller=caller)
            call(server.url, caller=caller)
            caller.close()
        assert b"them" not in server.requests[1]

    def test_nothing_from_a_netrc(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login me password mine\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        caller = Caller("upsales")
        with serving(OK) as server:
            caller.call("POST", server.url, operation="submit", timeout=5, form={"a": "b"})
            caller.close()
        assert b"Authorization" not in server.requests[0]

    def test_calls_share_a_connection(self) -> None:
        caller = Caller("wistia")
        with serving(OK) as server:
            for _ in range(3):
                call(server.url, caller=caller)
            caller.close()
        assert (server.connections, caller.requests) == (1, 3)


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_are_answers_and_never_followed(self, status: int, method: Method) -> None:
        with serving(OK) as elsewhere:
            with serving(answer(status, Location=elsewhere.url + "/there")) as server:
                assert call(server.url, method).status == status
            assert (len(server.requests), elsewhere.requests) == (1, [])

    @pytest.mark.parametrize("target", ["http://[::1", "ftp://x", "//", "\x00", "http://exa mple"])
    def test_to_nowhere_are_answers_too(self, target: str) -> None:
        with serving(answer(302, Location=target)) as server:
            assert call(server.url).status == 302


class TestReadsAreTriedAgain:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_after_a_5xx(self, status: int) -> None:
        caller = Caller("wistia")
        with serving(answer(status), answer(status), OK) as server:
            assert call(server.url, caller=caller).status == 200
            caller.close()
        assert (len(server.requests), caller.requests) == (3, 3)

    def test_twice_and_then_the_5xx_is_the_answer(self) -> None:
        with serving(answer(503, "<h1>away</h1>")) as server:
            assert call(server.url).status == 503
        assert len(server.requests) == 3

    def test_once_after_a_reset(self) -> None:
        with serving(reset, OK) as server:
            assert call(server.url).status == 200
        with serving(reset) as server, pytest.raises(Unclear):
            call(server.url)
        assert len(server.requests) == 2

    def test_not_after_a_time_out(self) -> None:
        with serving(silence) as server, pytest.raises(TimedOut):
            call(server.url, timeout=0.1)
        assert len(server.requests) == 1

    def test_not_when_told_how_long_to_stay_away(self) -> None:
        with serving(answer(503, Retry_After="7")) as server:
            assert call(server.url).wait == 7
        assert len(server.requests) == 1

    def test_each_waits_for_its_turn(self) -> None:
        turns: list[int] = []

        class Turn(Limiter):
            def __init__(self) -> None:
                pass

            def acquire(self) -> None:
                turns.append(1)

        caller = Caller("wistia")
        with serving(answer(500), OK) as server:
            caller.call("GET", server.url, operation="test", timeout=5, turns=[Turn()])
            caller.close()
        assert len(turns) == 2


class TestWritesAreSentOnce:
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_after_a_5xx(self, method: Method, status: int) -> None:
        with serving(answer(status), OK) as server:
            assert call(server.url, method).status == status
        assert len(server.requests) == 1

    @pytest.mark.parametrize("broken", [reset, raw(b""), raw(b"HTTP/1.1")])
    def test_a_broken_one_may_have_been_done(self, broken: Handler) -> None:
        caller = Caller("upsales")
        with serving(broken, OK) as server, pytest.raises(Unclear):
            call(server.url, "POST", caller=caller)
        assert (len(server.requests), caller.requests) == (1, 1)

    def test_a_slow_one_may_have_been_done(self) -> None:
        with serving(silence, OK) as server, pytest.raises(TimedOut) as caught:
            call(server.url, "POST", timeout=0.1)
        assert isinstance(caught.value, Unclear)
        assert len(server.requests) == 1

    def test_without_a_connection_nothing_was_sent(self) -> None:
        caller = Caller("upsales")
        with pytest.raises(NotSent):
            call(closed_port(), "POST", caller=caller)
        assert caller.requests == 0


class TestBodies:
    def test_a_dripping_one_ends_at_the_deadline(self) -> None:
        with serving(drip) as server, pytest.raises(TimedOut):
            call(server.url, "POST", timeout=0.1)

    def test_one_too_large_is_not_read_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "MOST_BYTES", 1000)
        with serving(answer(200, b"x" * 1000)) as server:
            assert len(call(server.url).body) == 1000
        with serving(answer(200, b"x" * 200_000)) as server, pytest.raises(Unclear):
            call(server.url)

    def test_one_too_large_once_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "MOST_BYTES", 100_000)
        bomb = answer(200, gzip.compress(b"x" * 5_000_000), Content_Encoding="gzip")
        with serving(bomb) as server, pytest.raises(Unclear):
            call(server.url)

    def test_a_packed_one(self) -> None:
        packed = answer(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
        with serving(packed) as server:
            assert call(server.url).json() == {"a": 1}

    @pytest.mark.parametrize(
        "broken",
        [
            answer(200, b"not gzip at all", Content_Encoding="gzip"),
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2"),
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"),
            raw(b"\x00\x01 no HTTP at all\r\n\r\n"),
        ],
        ids=["broken gzip", "too short", "half a chunk", "no chunk", "no HTTP"],
    )
    def test_a_broken_one_is_unclear(self, broken: Handler) -> None:
        with serving(broken) as server, pytest.raises(Unclear):
            call(server.url, "POST")


class TestAddresses:
    @pytest.mark.parametrize("url", ["api.wistia.com", "ftp://x", "http://", "http://[::1", "x"])
    def test_that_are_none(self, url: str) -> None:
        caller = Caller("wistia")
        with pytest.raises(WrongAddress, match="WISTIA_API_URL"):
            call(url, caller=caller)
        assert caller.requests == 0

    def test_https_where_there_is_only_http(self) -> None:
        plain = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with serving(plain, mark=b"") as server, pytest.raises(NotSent):
            call(server.url.replace("http:", "https:"), "POST")

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_whose_certificate_nobody_vouches_for(self, method: Method, tmp_path: Path) -> None:
        caller = Caller("upsales")
        with tls_server(tmp_path) as url, pytest.raises(NotSent):
            call(url, method, caller=caller)
        caller.close()
        assert caller.requests == 0

    def test_a_name_that_does_not_exist(self) -> None:
        with pytest.raises(NotSent):
            call("http://nobody.invalid", "POST")


def test_a_429_is_raised_with_its_wait() -> None:
    with serving(answer(429, "Rate limit exceeded", Retry_After="12")) as server:
        with pytest.raises(Throttled) as caught:
            call(server.url)
        assert len(server.requests) == 1
    assert (caught.value.wait, caught.value.answer) == (12, "Rate limit exceeded")


def test_whoever_watches_is_told_of_every_call() -> None:
    told: list[tuple[str, str, int]] = []
    caller = Caller("upsales", on_call=lambda v, o, s, _: told.append((v, o, s)))
    with serving(OK, answer(429)) as server:
        call(server.url, caller=caller)
        with pytest.raises(Throttled):
            call(server.url, caller=caller)
    with pytest.raises(NotSent):
        call(closed_port(), caller=caller)
    caller.close()
    assert told == [("upsales", "test", 200), ("upsales", "test", 429), ("upsales", "test", 0)]


class TestSecrets:
    @pytest.mark.parametrize("credential", WAYS, ids=lambda way: type(way).__name__)
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_are_in_no_error(
        self, credential: Credential, method: Method, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        said = f"Cannot GET /path?token={SECRET}"
        faults = [reset, drip, answer(429, said), raw(b"x"), answer(302, Location="http://[")]
        errors: list[VendorError] = []
        for fault in faults:
            with serving(fault) as server:
                errors += self._errors(server.url, method, credential)
        errors += self._errors(closed_port(), method, credential)
        errors += self._errors("http://", method, credential)
        assert len(errors) == 6
        for error in errors:
            shown = [str(error), repr(error), repr(error.args), repr(vars(error))]
            shown += traceback.format_exception(error, chain=True)
            assert SECRET not in "".join(shown)
            assert error.__context__ is None
            assert error.__cause__ is None
        assert SECRET not in caplog.text
        assert "anna" not in caplog.text

    @staticmethod
    def _errors(url: str, method: Method, credential: Credential) -> list[VendorError]:
        try:
            call(url, method, credential=credential, timeout=0.1)
        except VendorError as error:
            return [error]
        return []

    def test_are_in_no_log_line_of_a_good_call_or_a_retry(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, logger="urllib3")
        with serving(reset, answer(503), OK) as server:
            call(server.url)
        lines = [r for r in caplog.records if r.name.startswith("urllib3")]
        assert any(r.levelno == logging.WARNING for r in lines)
        assert "/path?…" in caplog.text
        for record in lines:
            assert SECRET not in repr(vars(record))
            assert "anna" not in repr(vars(record))

    @pytest.mark.parametrize("credential", WAYS, ids=lambda way: type(way).__name__)
    def test_are_in_no_text_of_what_holds_them(self, credential: Credential) -> None:
        caller = Caller("upsales")
        with serving(answer(400, f"bad token {SECRET}")) as server:
            result = call(server.url, caller=caller, credential=credential)
        caller.close()
        assert SECRET not in repr(credential) + str(credential) + repr(caller) + result.words
        assert SECRET not in repr(result).replace(repr(result.body), "")

    @pytest.mark.parametrize("secret", ["", "a b", "a\nb", "a\r\nX: y", "ä", "a;b", "a\x00"])
    def test_that_cannot_stand_in_a_header_are_known(self, secret: str) -> None:
        assert not Bearer(secret).sendable()
        assert Bearer(f" {SECRET}\n").sendable()
