"""Every expected failure, sorted by what the caller must do next.

The text of an error is a sentence a customer can act on: it is what the status page and the
command line show. No error carries a secret.
"""

from __future__ import annotations

from typing import Any, Literal

Vendor = Literal["wistia", "upsales", "mavera"]


class AppError(Exception):
    """Root of every expected failure. ``str(error)`` is a plain sentence with the next step.

    ``exit_status`` is that of the command line: 2 wrong use, 3 the customer must act,
    4 a vendor is out of reach. ``code`` is the run document's ``code``, or None.
    """

    exit_status = 2

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class UsageError(AppError):
    """Asked for something that cannot be done as asked (unknown customer, unreadable file)."""


class DeploymentError(AppError):
    """The deployment itself is not in order (database newer than the code, keys missing)."""


class NotConfigured(AppError):
    """The customer has not connected Wistia, or has switched nothing on."""

    exit_status = 3

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="not_configured")


class NoUpsalesKey(AppError):
    """Something is to be looked up or written, and no Upsales key is at hand."""

    exit_status = 3

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code="no_upsales_key")


class OldRequest(AppError):
    """A request of Upsales' that is older than one taken over already: a replay."""


class LeaseLost(AppError):
    """Another process has this customer's lease now; nothing more may be committed."""

    exit_status = 4


class LeaseBusy(AppError):
    """Another process works on this customer just now."""


class VendorError(AppError):
    """A vendor's answer that is not the one asked for.

    ``status`` is the HTTP status (None when there was no answer), ``answer`` the vendor's own
    words cut to 300 characters (hostile text), ``request_id`` its request id where it gave one.
    """

    exit_status = 4

    def __init__(
        self,
        sentence: str,
        *,
        vendor: Vendor,
        status: int | None = None,
        answer: str = "",
        request_id: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(sentence, code=code)
        self.vendor = vendor
        self.status = status
        self.answer = answer[:300]
        self.request_id = request_id


class CredentialRefused(VendorError):
    """401: the customer must act. ``code`` names the cause, ``permission`` what is missing."""

    exit_status = 3

    def __init__(
        self,
        sentence: str,
        *,
        vendor: Vendor,
        code: str,
        permission: str = "",
        status: int | None = 401,
        answer: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(
            sentence, vendor=vendor, status=status, answer=answer, request_id=request_id, code=code
        )
        self.permission = permission


class Throttled(VendorError):
    """429: surely not done. ``wait`` is in seconds, as the vendor asked for, never negative."""

    def __init__(self, sentence: str, *, vendor: Vendor, wait: float, answer: str = "") -> None:
        super().__init__(sentence, vendor=vendor, status=429, answer=answer)
        self.wait = max(0.0, wait)


class UsedUp(Throttled):
    """Our own limit of calls is used up: nobody failed, the rest simply comes later."""


class NotSent(VendorError):
    """No connection could be made: nothing was sent, trying again is safe."""


class Unclear(VendorError):
    """Sent, but no answer that says whether it was done: reset, time-out, 5xx, an odd 2xx."""


class Uncertain(Unclear):
    """A call that costs credits, without a clear answer: it may have been done, and charged.

    It must not be sent again by itself: look for what it would have made first.
    """


class WrongAddress(VendorError):
    """404 in HTML, or another answer that no such API gives: the address is wrong."""


class TooMany(VendorError):
    """A list is longer than it can be: a filter was ignored, or it asks too much at once."""


class NotFound(VendorError):
    """404: the thing asked for does not exist (any more)."""


class Rejected(VendorError):
    """The vendor read the request and refuses it: 400, 403, 422, or another 3xx or 4xx.

    ``names_party`` is true when the answer names the contact or the client as the cause.
    """

    def __init__(
        self,
        sentence: str,
        *,
        vendor: Vendor,
        status: int,
        answer: str = "",
        request_id: str = "",
        names_party: bool = False,
    ) -> None:
        super().__init__(
            sentence, vendor=vendor, status=status, answer=answer, request_id=request_id
        )
        self.names_party = names_party


class UnknownPersona(Rejected):
    """Mavera knows no persona of this id."""


class ShareUsed(Exception):
    """Others wait: this run makes room for them and goes on later. Nobody failed."""


class NoCredits(VendorError):
    """402: Mavera's credits are used up, or the budget of the workspace is. Surely not done."""

    exit_status = 3


class Unusable(VendorError):
    """Answered, and most likely charged, but the answer is not what was asked for.

    ``raw`` is the answer as it came (hostile), ``credits`` what it cost, None when not told.
    """

    def __init__(
        self,
        sentence: str,
        *,
        vendor: Vendor,
        status: int | None = None,
        raw: Any = None,
        credits: float | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(sentence, vendor=vendor, status=status, request_id=request_id)
        self.raw = raw
        self.credits = credits
