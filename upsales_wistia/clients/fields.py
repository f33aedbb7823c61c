"""marshmallow fields for what vendors send: tolerant in form, strict in what comes out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from .text import EMAIL, clean, email

T = TypeVar("T")

LARGEST_ID: Final = 2**63 - 1
"""What a column for ids can hold, in both databases."""


class VendorSchema(Schema, Generic[T]):
    """Reads a vendor's rows into ``T``; ignores the keys that vendors add over time."""

    class Meta:
        """Unknown keys are dropped."""

        unknown = EXCLUDE

    def one(self, row: Any) -> T | None:
        """What ``row`` says, or None when it lacks what it is known by."""
        try:
            loaded: T = self.load(row)
        except ValidationError:
            return None
        return loaded

    def several(self, rows: Iterable[Any]) -> list[T]:
        """What ``rows`` say, without those that cannot be known by anything."""
        return [one for one in map(self.one, rows) if one is not None]


class Tolerant(fields.Field[T], Generic[T]):
    """Reads anything, also null and nothing at all, without ever failing."""

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Read ``value``; marshmallow's own checks for null and absence are not needed."""
        return self.read(value)

    def read(self, value: Any) -> T:
        """What ``value`` means."""
        raise NotImplementedError


class Text(Tolerant[str]):
    """Cleaned text of at most ``limit`` characters, "" for none."""

    def __init__(self, limit: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._limit = limit

    def read(self, value: Any) -> str:
        """Return the cleaned text."""
        return clean(value, self._limit)


class Email(Tolerant[str]):
    """What may be an e-mail address, "" for none; one with a control character is none."""

    def read(self, value: Any) -> str:
        """Return the text, marked where something was left out."""
        return email(value, EMAIL)


class Number(Tolerant["float | None"]):
    """A finite number, None for anything else."""

    def read(self, value: Any) -> float | None:
        """Return the number; text that spells one counts."""
        return finite(value)


class Whole(Tolerant["int | None"]):
    """A whole number from 1 to ``LARGEST_ID``, None for anything else."""

    def read(self, value: Any) -> int | None:
        """Return the number; text that spells one counts."""
        number = _whole(value)
        return number if number is not None and 1 <= number <= LARGEST_ID else None


class Flag(Tolerant[bool]):
    """Yes or no, however it is spelt; ``default`` where it is not said."""

    def __init__(self, *, default: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._default = default

    def read(self, value: Any) -> bool:
        """Return whether it is set: 1, true, "1" and "true" say so."""
        if isinstance(value, bool | int | float):
            return bool(value)
        if isinstance(value, str):
            return value.strip().lower() in {"1", "true", "yes"}
        return self._default


class Moment(Tolerant["datetime | None"]):
    """A date with a time of day as aware UTC, None for anything else."""

    def read(self, value: Any) -> datetime | None:
        """Return the moment; one without a zone is UTC."""
        return moment(value)


class Within(Tolerant[T]):
    """What ``inner`` reads from the first of ``keys`` that an object has."""

    def __init__(self, inner: Tolerant[T], *keys: str, **kwargs: Any) -> None:
        super().__init__(load_only=True, **kwargs)
        self._inner = inner
        self._keys = keys

    def read(self, value: Any) -> T:
        """Return the inner value; of what is no object, what ``inner`` says of nothing."""
        found = None
        if isinstance(value, Mapping):
            found = next((value[key] for key in self._keys if value.get(key) is not None), None)
        return self._inner.read(found)


class Id(fields.Field[int]):
    """An id: a whole number from 1 to ``LARGEST_ID``. A row without one is of no use."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        number = Whole().read(value)
        if number is None:
            raise ValidationError("not an id")
        return number


def finite(value: object) -> float | None:
    """``value`` as a finite float, or None. A bool is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _whole(value: object) -> int | None:
    """``value`` as a whole number; read exactly, for a float holds no id above 2**53."""
    if isinstance(value, int | str) and not isinstance(value, bool):
        try:
            return int(value)
        except ValueError:
            pass
    number = finite(value)
    return int(number) if number is not None and number.is_integer() else None


def moment(value: object) -> datetime | None:
    """An ISO 8601 date with a time of day, in UTC; None for anything else.

    A bare date is refused: it would load as midnight and move a view by hours. So is a year
    outside 2000 to 2200: neither vendor was there, and no sum of ours leaves the calendar.
    """
    if not isinstance(value, str) or value[10:11] not in {"T", " "}:
        return None
    try:
        read = datetime.fromisoformat(value)
        read = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return read if 2000 <= read.year <= 2200 else None
