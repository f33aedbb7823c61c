"""What came back, and which of our errors it is when it is not what was asked for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final

from .. import clock
from ..errors import (
    NotFound,
    Rejected,
    Throttled,
    Unclear,
    Vendor,
    VendorError,
    WrongAddress,
)
from .credentials import Credential, Nobody
from .text import clean

VENDOR_NAMES: Final[dict[Vendor, str]] = {
    "wistia": "Wistia",
    "upsales": "Upsales",
    "mavera": "Mavera",
}
LONGEST_THROTTLE: Final = 86_400.0
"""Seconds: a header that asks for more is taken for a mistake."""

_UNIX_TIME: Final = 1_000_000_000.0
"""No vendor asks for so many seconds: what is larger is a moment."""

_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.S | re.I)
_PARTY: Final = re.compile(r"contact|client", re.I)


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's answer, whatever its status. ``body`` is hostile text."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    credential: Credential = field(default_factory=Nobody)

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        """The vendor's id of the request, "" when it gave none."""
        return clean(self.headers.get("x-request-id"), 100)

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people; an empty body is none."""
        body = self.body.lstrip()
        kind = self.headers.get("content-type", "").lower()
        return body.startswith(b"<") or (bool(body) and kind.startswith("text/html"))

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is not, or is nested too deeply."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    @property
    def words(self) -> str:
        """What the vendor said, for a person: at most 300 characters, without our secret."""
        try:
            said = _said(self.json())
        except ValueError:
            said = _TAGS.sub(" ", self.body[:20_000].decode("utf-8", "replace"))
        return self.credential.redact(clean(" ".join(said.split()), 2_000))[:300]

    @property
    def wait(self) -> float:
        """Seconds the vendor asks us to stay away: the largest of what it says, at least 0.

        ``X-RateLimit-Reset`` counts seconds and comes negative at times with Upsales; with
        Mavera it is a Unix time.
        """
        asked = max(
            _seconds(self.headers.get("retry-after", "")),
            self.until_reset,
        )
        return min(max(asked, 0.0), LONGEST_THROTTLE)

    @property
    def until_reset(self) -> float:
        """Seconds until ``X-RateLimit-Reset``; 0 without one, negative when it is past."""
        reset = _seconds(self.headers.get("x-ratelimit-reset", ""))
        return reset - clock.epoch() if reset > _UNIX_TIME else reset


def refusal(answer: Answer, vendor: Vendor, *, write: bool) -> VendorError | None:
    """The error that ``answer`` is by its status; None for a 2xx. A 401 is the caller's to name.

    A write is never "not found" and never stops the run for an odd 3xx or 4xx: that one item is
    refused.
    """
    if answer.ok:
        return None
    name, status = VENDOR_NAMES[vendor], answer.status
    if status == 429 or (status == 503 and not write and "retry-after" in answer.headers):
        return throttled(answer, vendor)
    if status >= 500:
        return unclear(answer, vendor)
    if status == 404 and answer.is_html:
        return wrong_address(vendor, status)
    if write or status in {400, 403, 422}:
        return Rejected(
            f"{name} refuses the request ({status}). {_check(vendor, 'rights of the key')}",
            vendor=vendor,
            status=status,
            answer=answer.words,
            request_id=answer.request_id,
            names_party=_PARTY.search(answer.words) is not None,
        )
    kind = NotFound if status == 404 else VendorError
    return kind(
        f"{name} gave an answer we did not ask for ({status}). {_check(vendor, 'network')}",
        vendor=vendor,
        status=status,
        answer=answer.words,
        request_id=answer.request_id,
        code=None if status == 404 else f"{vendor}_away",
    )


def _check(vendor: Vendor, cause: str) -> str:
    """The next step after an answer that only a wrong address or ``cause`` explains."""
    return (
        f"The next run tries again and nothing is lost. If it stays so, check the {cause}, and "
        f"{vendor.upper()}_API_URL."
    )


def throttled(answer: Answer, vendor: Vendor) -> Throttled:
    """The vendor asks us to come back later."""
    return Throttled(
        f"{VENDOR_NAMES[vendor]} asks us to slow down. The rest follows by itself.",
        vendor=vendor,
        wait=answer.wait,
        answer=answer.words,
    )


def unclear(answer: Answer, vendor: Vendor) -> Unclear:
    """An answer that does not say whether it was done."""
    name, status = VENDOR_NAMES[vendor], answer.status
    if status >= 500:
        said = f"{name} does not answer (error {status})."
    else:
        said = f"{name} gave an answer that cannot be read."
    return Unclear(
        f"{said} The next run tries again and nothing is lost.",
        vendor=vendor,
        status=status,
        answer=answer.words,
        request_id=answer.request_id,
        code=f"{vendor}_away",
    )


def wrong_address(vendor: Vendor, status: int | None = None) -> WrongAddress:
    """Nothing of this vendor lives at the configured address."""
    return WrongAddress(
        f"{VENDOR_NAMES[vendor]} is not at the configured address. Check {vendor.upper()}_API_URL.",
        vendor=vendor,
        status=status,
        code=f"{vendor}_away",
    )


def _said(document: Any) -> str:
    """The message inside an error document, or "" when there is none we know."""
    for _ in range(3):
        if isinstance(document, str):
            return document
        if isinstance(document, list):
            document = document[0] if document else ""
        elif isinstance(document, dict):
            known = ("error", "errors", "msg", "message", "key")
            document = next((document[key] for key in known if document.get(key)), "")
    return document if isinstance(document, str) else ""


def _seconds(header: str) -> float:
    """A header's seconds, or the seconds until its HTTP date; 0 when it is neither."""
    try:
        seconds = float(header)
    except ValueError:
        return _until(header)
    return seconds if math.isfinite(seconds) else 0.0


def _until(header: str) -> float:
    try:
        moment = parsedate_to_datetime(header)
        return clock.require_aware(moment).timestamp() - clock.epoch() if moment.tzinfo else 0.0
    except (ValueError, OverflowError):
        return 0.0
