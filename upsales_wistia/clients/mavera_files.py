"""Files at Mavera, in three steps: ask for an address, put the bytes there, say so.

https://docs.mavera.io/features/files. The address in the middle is a store's, not Mavera's, and
never sees the key. The file can be read by whoever knows its public address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import NotFound, Rejected, Unclear, VendorError, WrongAddress
from .answers import refusal, unclear
from .http import Caller
from .mavera_call import MaveraCaller, Received, Timeouts
from .mavera_dialect import Dialect
from .mavera_schema import FILE, UploadedFile

Listed = Callable[[], Iterable[Any]]

MOST_FILE_BYTES: Final = 10 * 1024 * 1024

_STORE_HEADERS: Final = re.compile(
    r"content-type|content-md5|cache-control|x-(amz|goog|ms)-.+", re.I
)


class MaveraFiles:
    """Uploads for one key. The store is called over a session of its own, as nobody."""

    def __init__(
        self, call: MaveraCaller, base_url: str, dialect: Dialect, timeouts: Timeouts
    ) -> None:
        self._call = call
        self._home = urlsplit(base_url)
        self._dialect = dialect
        self._times = timeouts
        self._store = Caller("mavera")

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent to the store so far."""
        return self._store.requests

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    def upload(
        self, name: str, content: bytes, file_type: str, workspace_id: str, listed: Listed
    ) -> UploadedFile:
        """Put a file up. See ``MaveraClient.upload``; ``listed`` gives the rows of all files."""
        if not 1 <= len(content) <= MOST_FILE_BYTES:
            raise ValueError("Mavera takes files of 1 byte to 10 MB")
        size, workspace = len(content), {"workspace_id": workspace_id}
        asked = {"file_name": name, "file_type": file_type, "file_size": size, **workspace}
        place = self._post(self._dialect.upload_url, asked, "upload_url")
        public_url = self._put(place, content, file_type)
        told = {"name": name, "type": file_type, "url": public_url, "file_size": size, **workspace}
        try:
            return self._record(told)
        except Unclear:
            # Its bytes are public already: without a record nobody could ever delete them.
            there = self._recorded(listed, public_url)
        return there or self._record(told)

    def _record(self, told: Mapping[str, Any]) -> UploadedFile:
        received = self._post(self._dialect.files, told, "create_file")
        known = {"url": told["url"], "size": told["file_size"], **_object(received)}
        made = FILE.one(known)
        if made is None:
            raise unclear(received.answer, "mavera")
        return made

    def _recorded(self, listed: Listed, url: str) -> UploadedFile | None:
        try:
            return next((one for one in FILE.several(listed()) if one.url == url), None)
        except (NotFound, Rejected, WrongAddress):  # no page documents the list
            return None

    def find(self, rows: Iterable[Any], name: str) -> UploadedFile | None:
        """The file of this name."""
        return next((one for one in FILE.several(rows) if one.name == name), None)

    def _post(self, path: str, document: Mapping[str, Any], operation: str) -> Received:
        return self._call.change(
            "POST", path, document, operation=operation, timeout=self._times.creation
        )

    def _put(self, place: Received, content: bytes, file_type: str) -> str:
        """Put the bytes where Mavera says, with the headers it says; returns the public address."""
        told = _object(place)
        target, public_url = told.get("upload_url"), told.get("public_url")
        if not isinstance(public_url, str) or not public_url or not self._may_be_called(target):
            raise unclear(place.answer, "mavera")
        answer = self._store.call(
            "PUT",
            str(target),
            operation="put_file",
            timeout=self._times.creation,
            content=content,
            headers=_headers(told.get("headers"), file_type),
        )
        trouble: VendorError | None = refusal(answer, "mavera", write=True)
        if trouble is not None:
            raise trouble
        return public_url

    def _may_be_called(self, url: Any) -> bool:
        """Over https wherever it is; without TLS only on the host that Mavera itself has."""
        try:
            parts = urlsplit(url if isinstance(url, str) else "")
        except ValueError:
            return False
        if not parts.hostname or "@" in parts.netloc:
            return False
        return parts.scheme == "https" or (
            parts.scheme == self._home.scheme and parts.hostname == self._home.hostname
        )


def _headers(told: Any, file_type: str) -> dict[str, str]:
    """The headers that a store asks for; a name that is none of a store's is not sent."""
    given = told if isinstance(told, Mapping) else {}
    kept = {
        str(name): value
        for name, value in given.items()
        if _STORE_HEADERS.fullmatch(str(name)) and isinstance(value, str) and value.isprintable()
    }
    return (
        kept
        if any(name.lower() == "content-type" for name in kept)
        else {
            "Content-Type": file_type,
            **kept,
        }
    )


def _object(received: Received) -> Mapping[str, Any]:
    return received.document if isinstance(received.document, Mapping) else {}
