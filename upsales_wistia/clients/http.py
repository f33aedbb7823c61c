"""One HTTP session with one vendor: time-outs, turns, retries of reads, and no leaks.

A redirect is never followed, a .netrc never read, a cookie never kept, a body never read past a
size or a deadline. No error raised here holds a URL, a header or the library's exception, for
they hold the secret.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, ReadTimeoutError
from urllib3.exceptions import SSLError as TLSError
from urllib3.util.retry import Retry

from .. import __version__, clock
from ..errors import NotSent, Unclear, Vendor, VendorError
from . import redaction
from .answers import VENDOR_NAMES, Answer, throttled, wrong_address
from .credentials import Credential, Nobody
from .limits import Limiter

Method = Literal["GET", "POST", "PUT", "DELETE"]
OnCall = Callable[[Vendor, str, int, float], None]

CONNECT_TIMEOUT: Final = 5.0
MOST_BYTES: Final = 32 * 1024 * 1024
_CHUNK: Final = 64 * 1024
_READS: Final = frozenset({"GET"})
_FINAL: Final = (ReadTimeoutError, TLSError)

redaction.install()


class TimedOut(Unclear):
    """Sent, but the answer did not come, or not wholly, within the time-out."""


class _Dripping(Exception):
    """The body was not complete at the deadline."""


class _ReadsAgain(Retry):
    """Tries a read again after a failed connection, a reset or a 5xx; a write never.

    Nor after a time-out, when whoever asked may want to ask for less, nor after a TLS error.
    """

    def __init__(self, *args: Any, again: Callable[[Exception | None], None], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._again = again

    def new(self, **kw: Any) -> _ReadsAgain:
        """Return a copy that calls back too."""
        return super().new(again=self._again, **kw)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """Whether to read again: not when the vendor says how long to stay away."""
        return not has_retry_after and super().is_retry(method, status_code)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> _ReadsAgain:
        """Count a try that failed. Raises MaxRetryError when there is no other."""
        if error is not None and (method not in _READS or isinstance(error, _FINAL)):
            raise MaxRetryError(_pool, str(url), error) from None
        retry = super().increment(method, url, response, error, _pool, _stacktrace)
        self._again(error)
        return retry


class _Session(requests.Session):
    """A session that sees no redirect: even looking one up reads its body, however large."""

    def get_redirect_target(self, resp: Any) -> None:
        """Return None: there is nowhere else to go."""
        return


class Caller:
    """Calls one vendor over one session; for one thread. ``requests`` counts what was sent.

    ``failures`` counts the calls that were answered 400 or more, or not at all.

    ``on_call`` is told (vendor, operation, status or 0 for no answer, seconds) of every call.
    """

    def __init__(self, vendor: Vendor, *, on_call: OnCall | None = None) -> None:
        self.vendor = vendor
        self.requests = 0
        self.failures = 0
        self._on_call = on_call
        self._turns: Sequence[Limiter] = ()
        self._session = _session(self._again)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def call(
        self,
        method: Method,
        url: str,
        *,
        operation: str,
        timeout: float,
        credential: Credential | None = None,
        turns: Sequence[Limiter] = (),
        params: Sequence[tuple[str, str]] = (),
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Wait for a turn in each of ``turns``, call, and return what was answered.

        ``timeout`` is in seconds: no answer for so long raises TimedOut, and so does a body that
        is incomplete twice as long after the start. Raises NotSent, Unclear, WrongAddress (what
        is configured is no address) and Throttled. The body is ``json``, ``form`` or ``content``.
        """
        self._turns = turns
        self._wait_for_turns()
        started = clock.monotonic()
        outcome = self._outcome(
            started + 2 * timeout,
            method=method,
            url=url,
            auth=credential or Nobody(),
            params=list(params),
            json=json,
            data=form if content is None else content,
            headers=headers,
            timeout=(CONNECT_TIMEOUT, timeout),
        )
        if self._on_call is not None:
            status = outcome.status or 0
            self._on_call(self.vendor, operation, status, clock.monotonic() - started)
        self.failures += (outcome.status or 0) not in range(1, 400)
        # Raised outside of any handler: the library's exception must not become its context.
        if isinstance(outcome, VendorError):
            raise outcome
        return outcome

    def _outcome(
        self, deadline: float, timeout: tuple[float, float], **parts: Any
    ) -> Answer | VendorError:
        try:
            request = self._session.prepare_request(requests.Request(**parts))
        except ValueError:  # among them a host that is none and a header that cannot be sent
            return wrong_address(self.vendor)
        self.requests += 1
        settings = self._session.merge_environment_settings(request.url, {}, True, None, None)
        try:
            with self._session.send(
                request, timeout=timeout, allow_redirects=False, **settings
            ) as response:
                body = _body(response, deadline)
        except (requests.RequestException, HTTPError, OSError, ValueError, _Dripping) as error:
            return self._failure(error)
        answer = Answer(response.status_code, response.headers, body, parts["auth"])
        return throttled(answer, self.vendor) if answer.status == 429 else answer

    def _failure(self, error: Exception) -> VendorError:
        """Our error for the library's, with nothing of its text: that holds the URL."""
        name, code, cause = VENDOR_NAMES[self.vendor], f"{self.vendor}_away", _cause(error)
        if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
            self.requests -= 1
            return wrong_address(self.vendor)
        if _is_unsent(error, cause):
            self.requests -= 1
            said = f"{name} cannot be reached. The next run tries again and nothing is lost."
            return NotSent(said, vendor=self.vendor, code=code)
        if isinstance(cause, ReadTimeoutError | _Dripping):
            said = f"{name} does not answer in time. The next run tries again and nothing is lost."
            return TimedOut(said, vendor=self.vendor, code=code)
        said = f"{name} broke off its answer. The next run tries again and nothing is lost."
        return Unclear(said, vendor=self.vendor, code=code)

    def _again(self, error: Exception | None) -> None:
        """A read is about to be tried again: count what was sent, and wait for a turn."""
        if not isinstance(error, ConnectTimeoutError):
            self.requests += 1
        self._wait_for_turns()

    def _wait_for_turns(self) -> None:
        for turn in self._turns:
            turn.acquire()


class Counted:
    """A client whose calls are counted: the caller below does it."""

    _caller: Caller

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far."""
        return self._caller.requests

    @property
    def failures(self) -> int:
        """How many calls were answered 400 or more, or not at all."""
        return self._caller.failures


def _session(again: Callable[[Exception | None], None]) -> _Session:
    """A session that keeps no cookie and reads again at most twice.

    A pause of ``Retry-After`` is not slept here: it would hold a thread for as long as it says.
    """
    session = _Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"upsales-wistia/{__version__}"
    session.headers["Accept"] = "application/json"
    retries = _ReadsAgain(
        again=again,
        total=2,
        read=1,
        status_forcelist=(500, 502, 503, 504),
        allowed_methods=_READS,
        backoff_factor=0.2,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=2, max_retries=retries))
    return session


def _body(response: requests.Response, deadline: float) -> bytes:
    """The body, decoded. Raises _Dripping past ``deadline``, HTTPError when it is too large.

    ``read1`` returns what has arrived; ``read`` would wait for a whole chunk, drop by drop.
    """
    body = bytearray()
    while piece := response.raw.read1(_CHUNK, decode_content=True):
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPError("too large")
        if clock.monotonic() > deadline:
            raise _Dripping
    return bytes(body)


def _cause(error: Exception) -> object:
    """What lies beneath the libraries' wrappings."""
    inner: object = error
    if isinstance(error, requests.RequestException) and error.args:
        inner = error.args[0]
    return inner.reason if isinstance(inner, MaxRetryError) else inner


def _is_unsent(error: Exception, cause: object) -> bool:
    """Whether the request surely never left: no connection, or no TLS.

    Other TLS errors may come after the request was sent, and do not count.
    """
    if isinstance(error, requests.exceptions.ProxyError) or isinstance(cause, ConnectTimeoutError):
        return True
    inner = cause.args[0] if isinstance(cause, TLSError) and cause.args else cause
    if isinstance(inner, ssl.SSLCertVerificationError):
        return True
    reason = getattr(inner, "reason", None) if isinstance(inner, ssl.SSLError) else None
    return reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST"} or "HANDSHAKE" in (reason or "")
