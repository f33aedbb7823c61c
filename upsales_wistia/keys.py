"""Changes the keys that the stored credentials are sealed with."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from .clock import SystemClock
from .config import Config, secrets_file, sqlite_file
from .errors import DeploymentError, UsageError
from .store import customers, instance
from .store.keyring import Keyring

_KEYS = "ENCRYPTION_KEYS"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: how many credentials of how many customers it sealed anew.

    ``unreadable`` are the customers of which nothing was changed, because no key opens a secret
    of theirs. ``keys`` is how many keys are listed now; ``own_file`` whether they are our own
    secrets file's.
    """

    resealed: int
    customers: int
    unreadable: tuple[int, ...]
    keys: int
    own_file: bool


def new() -> str:
    """A fresh key."""
    return Fernet.generate_key().decode()


def rotate(config: Config, environ: Mapping[str, str]) -> Rotation:
    """Seal every stored credential with the newest key; what is sealed so already stays.

    The database is open. With keys of the operator's the newest is the first of those listed.
    With our own secrets file a new key is put there first, and the old ones are dropped at the
    end, unless a secret cannot be read. It may die at any moment: begun anew it goes on. Raises
    UsageError when another rotation of this file is going on.
    """
    file = _secrets_file(config, environ)
    if file is None:
        return _reseal_all(config.encryption_keys, own_file=False)
    with _alone(file):
        content = _read(file)
        keys = content[_KEYS].replace(",", " ").split()
        if len(keys) == 1:  # More of them are left by a rotation that did not come to its end.
            keys = [new(), *keys]
            _replace(file, content | {_KEYS: " ".join(keys)})
        done = _reseal_all(keys, own_file=True)
        if done.unreadable:
            return done
        _replace(file, content | {_KEYS: keys[0]})
        return Rotation(done.resealed, done.customers, (), 1, own_file=True)


def _reseal_all(keys: Sequence[str], *, own_file: bool) -> Rotation:
    keyring = Keyring(keys)
    customers.rotate_to(keyring)
    instance.write(instance.KEYS_ROTATED, SystemClock().now().isoformat())
    resealed: list[int] = []
    unreadable: list[int] = []
    for customer in customers.list_all():
        try:
            resealed.append(customers.reseal(keyring, customer.id))
        except DeploymentError:
            unreadable.append(customer.id)
    several = sum(count > 0 for count in resealed)
    return Rotation(sum(resealed), several, tuple(unreadable), len(keys), own_file)


def _secrets_file(config: Config, environ: Mapping[str, str]) -> Path | None:
    """Our own secrets file where the keys are its; None where the operator gave them."""
    given = any(environ.get(name, "").strip() for name in (_KEYS, f"{_KEYS}_FILE"))
    if given or not config.database_url.startswith("sqlite:"):
        return None
    database = sqlite_file(config.database_url)
    file = secrets_file(database) if database else None
    return file if file and file.exists() else None


def _read(file: Path) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in json.loads(file.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        raise _unusable(file, "read") from None


def _replace(file: Path, content: Mapping[str, str]) -> None:
    """Put ``content`` in the place of the file, at once and on the disk for good."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            json.dump(content, written)
            written.flush()
            os.fsync(written.fileno())
        draft.replace(file)
        with _opened(file.parent) as folder:
            os.fsync(folder)
    except OSError:
        raise _unusable(file, "written") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep other rotations away. The folder is locked, for the file itself is replaced."""
    with _opened(file.parent) as folder:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError("The keys are being rotated already. Wait until it is done.") from None
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _unusable(file: Path, how: str) -> DeploymentError:
    return DeploymentError(
        f"The secrets file {file} cannot be {how}. Check its rights and those of its folder; no "
        "key was dropped."
    )
