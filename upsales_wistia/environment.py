"""How a variable of the environment is read, and what its value must be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from environs import Env, ValidationError

MAKE_A_KEY = (
    'python3 -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)

_PATH = re.compile(r"(/[\w.-]+)+", re.ASCII)


class Environment(Env):
    """Reads the mapping it was given, where an empty value is as good as none."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._given = given

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key, "").strip() or default


# What a value must be. Each raises ValidationError with the words that follow the name.


def between(low: float, high: float) -> Callable[[float], None]:
    """A number within both ends."""

    def check(value: float) -> None:
        if not low <= value <= high:
            raise ValidationError(f"it must be from {low} to {high}")

    return check


def up_to(high: int) -> Callable[[float], None]:
    """A number above 0."""

    def check(value: float) -> None:
        if not 0 < value <= high:
            raise ValidationError(f"it must be above 0, and at most {high}")

    return check


def one_of(*choices: str) -> Callable[[str], None]:
    """One of these words."""

    def check(value: str) -> None:
        if value not in choices:
            raise ValidationError(f"it must be one of {', '.join(choices)}")

    return check


def database_url(value: str) -> None:
    """The address of a database."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValidationError("it is no address") from None
    if parts.scheme not in {"sqlite", "postgresql", "postgres"}:
        raise ValidationError("it must begin with sqlite:/// or postgresql://")
    if not parts.path.strip("/") or (parts.scheme == "sqlite" and parts.netloc):
        raise ValidationError(
            "it names no database; write sqlite:///file.db or postgresql://host/name"
        )
    if "\0" in unquote(parts.path):
        raise ValidationError("no name of a database holds the character NUL")


def zone(value: str) -> None:
    """The name of a time zone, or auto."""
    try:
        value == "auto" or ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError("it must be auto, or a zone such as Europe/Stockholm") from None


def paths(env: Environment, name: str, default: str) -> tuple[str, ...]:
    """A variable that holds paths of the web, apart by commas."""
    value: str | None = env.str(name, default, validate=web_paths)
    return split(value or "")


def web_paths(value: str) -> None:
    """Paths of the web."""
    if not all(_PATH.fullmatch(path) for path in split(value)):
        raise ValidationError("it must be paths such as /job, apart by commas")


def address(env: Environment, name: str, default: str) -> str:
    """A variable that holds an address of the web; without a slash at its end."""
    value: str | None = env.str(name, default, validate=web_address)
    return (value or "").rstrip("/")


def web_address(value: str) -> None:
    """An address of the web without a query, and without a password."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    odd = any(char.isspace() or char in "\\@" or not char.isprintable() for char in value)
    if not usable or odd or parts.query or parts.fragment:
        raise ValidationError("it must be an address such as https://example.com, without a query")


def contents(path: str) -> str:
    """What a file of secrets holds."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValidationError("this file cannot be read") from None


def not_empty(text: str) -> None:
    """Anything at all."""
    if not text:
        raise ValidationError("it is empty")


def fernet_keys(text: str) -> None:
    """Keys for Fernet, apart by commas or spaces."""
    not_empty(text)
    for key in split(text):
        try:
            Fernet(key)
        except ValueError:
            raise ValidationError(
                f"each must be 32 bytes in URL-safe base64; make one with: {MAKE_A_KEY}"
            ) from None


def split(text: str) -> tuple[str, ...]:
    """The words in a list, apart by commas or spaces."""
    return tuple(text.replace(",", " ").split())


def json_object(env: Environment, name: str) -> Mapping[str, Any]:
    """A variable that holds a JSON object; {} without one."""
    value: str | None = env.str(name, "", validate=_is_object)
    read: Mapping[str, Any] = json.loads(value) if value else {}
    return read


def _is_object(value: str) -> None:
    try:
        read = json.loads(value or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ValidationError("it must be a JSON object")
