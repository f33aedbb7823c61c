"""The tombstones outside the database, with their key: so that a backup brings nobody back.

One JSON object a line. The file is only ever appended to; it holds no e-mail address, but with
its keys somebody could try addresses out, so it is for its owner's eyes like the secrets file.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from ..errors import DeploymentError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One erasure: ``person`` is the hash of the e-mail, ``hashes`` all that name the person.

    With ``lifted`` the person was taken off the list. ``at`` is an ISO time in UTC.
    """

    customer: int
    key: str = field(repr=False)
    person: str
    hashes: tuple[str, ...]
    at: str
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class TombstoneFile:
    """The file at ``path``; without one (a database in memory) there is none."""

    path: Path | None

    def append(
        self,
        customer: int,
        key: str,
        person: str,
        hashes: list[str],
        at: datetime,
        *,
        lifted: bool = False,
    ) -> None:
        """Add a line, on the disk for good. Raises DeploymentError when it cannot be written."""
        if self.path is None:
            return
        line = Line(customer, key, person, tuple(hashes), at.isoformat(), lifted)
        text = json.dumps(asdict(line), separators=(",", ":")) + "\n"
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                # A line that a dying process left unfinished must not swallow this one.
                whole = not file.seek(0, os.SEEK_END) or _last_byte(file.fileno()) == b"\n"
                file.write((text if whole else f"\n{text}").encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DeploymentError(
                f"The file of tombstones {self.path} cannot be written: {error.strerror}. Nothing "
                "was changed. Make it writable, or name another in TOMBSTONES_FILE."
            ) from None

    def lines(self) -> Iterator[Line]:
        """All lines in order; those that cannot be read are left out, and told in the log.

        Raises DeploymentError when the file is there and cannot be opened.
        """
        if self.path is None:
            return
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise DeploymentError(
                f"The file of tombstones {self.path} cannot be opened: {error.strerror}. Give this "
                "user the right to read it, or name another in TOMBSTONES_FILE."
            ) from None
        unread = 0
        for text in content.splitlines():
            try:
                line = json.loads(text)
                yield Line(**{**line, "hashes": tuple(map(str, line["hashes"]))})
            except (ValueError, TypeError, KeyError):
                unread += bool(text.strip())
        if unread:
            log.warning("tombstones unreadable", lines=unread)

    def check(self) -> int:
        """How many lines it has. Raises DeploymentError when it could not be written or read."""
        lines = len(list(self.lines()))
        if self.path is not None and not os.access(
            self.path if self.path.exists() else self.path.parent, os.W_OK
        ):
            raise DeploymentError(
                f"The file of tombstones {self.path} cannot be written, so nobody can be erased. "
                "Make it writable, or name another in TOMBSTONES_FILE."
            )
        return lines

    def key_of(self, customer: int) -> str | None:
        """The newest key that this customer's tombstones were made with; None when there is none.

        A customer who was removed and comes back goes on with it.
        """
        found = [line.key for line in self.lines() if line.customer == customer]
        return found[-1] if found else None


def _last_byte(handle: int) -> bytes:
    return os.pread(handle, 1, os.fstat(handle).st_size - 1)
