"""The process's environment, read once: every mistake in it is told in one error."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from environs import EnvValidationError, ValidationError

from .environment import (
    MAKE_A_KEY,
    Environment,
    address,
    between,
    contents,
    database_url,
    fernet_keys,
    json_object,
    not_empty,
    one_of,
    paths,
    split,
    up_to,
    zone,
)
from .errors import DeploymentError, UsageError

UNTOLD = frozenset(
    {
        "DATABASE_URL",
        "SECRET_KEY",
        "ENCRYPTION_KEYS",
        "UPSALES_APP_KEY",
        "UPSALES_APP_KEY_PREVIOUS",
        "OPERATOR_TOKEN",
    }
)
"""Variables whose value is never repeated in an error: they hold secrets."""

_PLAIN_ADDRESS = re.compile(r"https?://[!-\[\]-~]+")
_UPSALES_HOST = re.compile(r"([a-z0-9-]+\.)+upsales\.com")


@dataclass(frozen=True)
class Config:
    """What the operator set, or the defaults. ``PORT`` also names the default ``PUBLIC_URL``.

    ``tombstones_file`` is None with a database in memory alone. ``poll_minutes`` may be a
    fraction. ``encryption_keys`` are Fernet keys, newest first.
    ``upsales_external_url`` is None for Upsales' own two addresses, ``upsales_app_id`` None when
    the app is not in Upsales' directory. ``upsales_event_tz`` is ``auto`` or the name of a zone.
    ``mavera_dialect`` holds changes to how Mavera is spoken with: ``clients.mavera_dialect``.
    ``upsales_app_key``, the one before it and ``operator_token`` are None when not set.
    """

    database_url: str = field(repr=False)
    engine: Literal["local", "procrastinate"]
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    tombstones_file: Path | None
    upsales_app_id: int | None
    upsales_app_key: str | None = field(repr=False)
    upsales_app_key_previous: str | None = field(repr=False)
    upsales_job_paths: tuple[str, ...]
    upsales_event_paths: tuple[str, ...]
    upsales_api_url: str
    upsales_auth: Literal["auto", "cookie", "query"]
    upsales_external_url: str | None
    upsales_event_tz: str
    wistia_api_url: str
    mavera_api_url: str
    mavera_dialect: Mapping[str, Any]
    port: int
    public_url: str
    poll_minutes: float
    window_days: int
    lease_seconds: float
    settle_seconds: float
    retain_api_key: bool
    operator_token: str | None = field(repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Config:
        """Read ``environ``; with SQLite and no keys given, make the secrets file beside it.

        Raises UsageError with one sentence a line for every variable that cannot be read, and
        DeploymentError when a database is there whose secrets file is gone.
        """
        env = Environment(environ)
        values = _plain_values(env)
        given = {name: _secret(env, name, check) for name, check in _SECRETS.items()}
        optional = {name.lower(): _secret(env, name, not_empty) for name in _OPTIONAL_SECRETS}
        _seal(env, environ)
        _check_engine(values["engine"], values["database_url"])
        texts = {name: read() for name, read in given.items()}
        secret_key, keys = _with_defaults(values["database_url"], texts, values["tombstones_file"])
        values |= {name: read() for name, read in optional.items()}
        values["tombstones_file"] = _tombstones_file(values)
        return cls(**values, secret_key=secret_key, encryption_keys=split(keys))

    def trusts(self, url: str) -> bool:
        """Whether an address that came in a request may be called: Upsales', or a vendor's of ours.

        Anything else could make us call whomever a forger names. What libraries read in different
        ways (a backslash, a space) is no address.
        """
        if not _PLAIN_ADDRESS.fullmatch(url):
            return False
        try:
            parts = urlsplit(url)
            named = parts.hostname is not None and parts.port != 0
        except ValueError:
            return False
        if not named or "@" in parts.netloc or parts.fragment:
            return False
        own = {self.upsales_api_url, self.upsales_external_url, self.wistia_api_url} - {None}
        if (parts.scheme, parts.netloc.lower()) in {_origin(str(vendor)) for vendor in own}:
            return True
        host = parts.netloc.lower().removesuffix(":443")
        return parts.scheme == "https" and bool(_UPSALES_HOST.fullmatch(host))


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _plain_values(env: Environment) -> dict[str, Any]:
    port = env.int("PORT", 8000, validate=between(1, 65535))
    return {
        "database_url": env.str(
            "DATABASE_URL", "sqlite:///upsales_wistia.db", validate=database_url
        ),
        "engine": env.str("ENGINE", "local", validate=one_of("local", "procrastinate")),
        "tombstones_file": env.str("TOMBSTONES_FILE", ""),
        "upsales_app_id": env.int("UPSALES_APP_ID", None, validate=between(1, 2**63 - 1)),
        "upsales_job_paths": paths(env, "UPSALES_JOB_PATHS", "/job,/cron,/schedule"),
        "upsales_event_paths": paths(env, "UPSALES_EVENT_PATHS", "/events,/event"),
        "upsales_api_url": address(
            env, "UPSALES_API_URL", "https://integration.upsales.com/api/v2"
        ),
        "upsales_auth": env.str("UPSALES_AUTH", "auto", validate=one_of("auto", "cookie", "query")),
        "upsales_external_url": address(env, "UPSALES_EXTERNAL_URL", "") or None,
        "upsales_event_tz": env.str("UPSALES_EVENT_TZ", "auto", validate=zone),
        "wistia_api_url": address(env, "WISTIA_API_URL", "https://api.wistia.com"),
        "mavera_api_url": address(env, "MAVERA_API_URL", "https://app.mavera.io/api/v1"),
        "mavera_dialect": json_object(env, "MAVERA_DIALECT"),
        "port": port,
        "public_url": address(env, "PUBLIC_URL", f"http://127.0.0.1:{port}"),
        "poll_minutes": env.float("POLL_MINUTES", 20.0, validate=up_to(10_080)),
        "window_days": env.int("WINDOW_DAYS", 3, validate=between(1, 730)),
        "lease_seconds": env.float("LEASE_SECONDS", 120.0, validate=between(0.2, 3600)),
        "settle_seconds": env.float("SETTLE_SECONDS", 300.0, validate=between(0, 604_800)),
        "retain_api_key": env.bool("RETAIN_API_KEY", False),
    }


def _check_engine(engine: str, database_url: str) -> None:
    if engine == "procrastinate" and database_url.startswith("sqlite:"):
        raise UsageError(
            "ENGINE=procrastinate needs PostgreSQL. Set DATABASE_URL to postgresql://…, or leave "
            "ENGINE out: then one process does everything."
        )


def _seal(env: Environment, environ: Mapping[str, str]) -> None:
    try:
        env.seal()
    except EnvValidationError as error:
        problems = cast("Mapping[str, list[str]]", error.error_messages)
        lines = [
            _sentence(name, environ.get(name, "").strip(), " ".join(messages).rstrip("."))
            for name, messages in problems.items()
        ]
        raise UsageError("\n".join(lines)) from None


def _sentence(name: str, value: str, problem: str) -> str:
    # An address may carry a password or a token: then it is not repeated either.
    told = name not in UNTOLD and not set("@?") & set(value)
    shown = f' is "{value[:80]}"' if told else ""
    return f"{name}{shown}: {problem[:1].lower()}{problem[1:]}."


# The secrets: from the variable, from the file that NAME_FILE names, or from our own file.


def _secret(env: Environment, name: str, check: Callable[[str], None]) -> Callable[[], str | None]:
    value: str | None = env.str(name, None, validate=check)
    path: str | None = env.str(f"{name}_FILE", None, validate=lambda given: check(contents(given)))
    return lambda: value or (contents(path) if path else None)


_SECRETS: dict[str, Callable[[str], None]] = {
    "SECRET_KEY": not_empty,
    "ENCRYPTION_KEYS": fernet_keys,
}
_OPTIONAL_SECRETS = ("UPSALES_APP_KEY", "UPSALES_APP_KEY_PREVIOUS", "OPERATOR_TOKEN")


def _with_defaults(
    database_url: str, given: Mapping[str, str | None], tombstones: str
) -> tuple[str, str]:
    missing = [name for name, value in given.items() if value is None]
    if not database_url.startswith("sqlite:"):
        required = [_required(name) for name in missing]
        required += [] if tombstones else [_NO_TOMBSTONES]
        if required:
            raise UsageError("\n".join(required))
    kept = _secrets_beside(database_url) if missing else {}
    texts = {name: value or kept.get(name, "") for name, value in given.items()}
    return texts["SECRET_KEY"], texts["ENCRYPTION_KEYS"]


_NO_TOMBSTONES = (
    "TOMBSTONES_FILE is required with PostgreSQL, and the same for every process: the file that "
    "keeps erased people forgotten when a backup is put back. Name one outside the backup."
)


def _tombstones_file(values: Mapping[str, Any]) -> Path | None:
    """The file that was named, else one beside the secrets file; None for a database in memory."""
    if values["tombstones_file"]:
        return Path(values["tombstones_file"])
    database = sqlite_file(values["database_url"])
    return database.with_name(f"{database.name}.tombstones") if database else None


def _required(name: str) -> str:
    return (
        f"{name} (or {name}_FILE) is required with PostgreSQL, and the same for every process. "
        f"Make one with: {MAKE_A_KEY}"
    )


def sqlite_file(database_url: str) -> Path | None:
    """The file that a ``sqlite:`` address names, percent-decoded; None for one in memory."""
    name = unquote(urlsplit(database_url).path)[1:]
    return None if name in {"", ":memory:"} else Path(name)


def secrets_file(database: Path) -> Path:
    """Our own secrets file of a database in a file."""
    return database.with_name(f"{database.name}.secrets")


def _secrets_beside(database_url: str) -> dict[str, str]:
    database = sqlite_file(database_url)
    if database is None:
        return _fresh_secrets()
    path = secrets_file(database)
    try:
        return _read(path)
    except FileNotFoundError:
        _refuse_orphan(database, path)
    _create(path, _fresh_secrets())
    return _read(path)


def _refuse_orphan(database: Path, path: Path) -> None:
    # New keys could not open what the old ones sealed: better to stop than to lose the tokens.
    if database.exists() and database.stat().st_size:
        raise DeploymentError(
            f"The database {database} is there, but its keys are gone: {path} is missing. "
            "Put it back from the backup, or set SECRET_KEY and ENCRYPTION_KEYS."
        )


def _fresh_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(32),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }


def _create(path: Path, content: Mapping[str, str]) -> None:
    """Put the whole file there at once, unless another process was faster: then its file stays."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError as error:
        raise DeploymentError(
            f"The secrets file {path} cannot be made: {error.strerror}. "
            "Choose a folder that can be written to in DATABASE_URL."
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kept = {name: str(content[name]) for name in _SECRETS}
        for name, check in _SECRETS.items():
            check(kept[name])
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DeploymentError(
            f"The secrets file {path} cannot be opened: {error.strerror}. Give this user the "
            "right to read it, and to enter its folder."
        ) from None
    except (ValueError, TypeError, KeyError, ValidationError):
        raise DeploymentError(
            f"The secrets file {path} is damaged and cannot be read. Put it back from the backup."
        ) from None
    return kept
