"""Two kinds of column that mean the same on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from peewee import Field, TextField

from ..clock import require_aware

if TYPE_CHECKING:
    BaseField = Field[Any]
    BaseText = TextField[Any]
else:
    BaseField = Field
    BaseText = TextField


def to_column(moment: datetime) -> str:
    """How an aware time is stored: UTC, of a fixed width, so that text order is time order.

    Raises ValueError for a time without a zone.
    """
    return require_aware(moment).replace(tzinfo=None).isoformat(" ", "microseconds")


def from_column(value: str | datetime) -> datetime:
    """The aware UTC time of a column: text from SQLite, a naive time from PostgreSQL."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC)


def from_nullable(value: str | datetime | None) -> datetime | None:
    """As ``from_column``, None for NULL."""
    return None if value is None else from_column(value)


class UtcField(BaseField):
    """A moment in UTC. Refuses a time without a zone, gives aware times back."""

    field_type = "DATETIME"

    def db_value(self, value: datetime | None) -> str | None:
        """The column's text for an aware time."""
        return None if value is None else to_column(value)

    def python_value(self, value: str | datetime | None) -> datetime | None:
        """The aware time of a column."""
        return from_nullable(value)


class JsonField(BaseText):
    """JSON as text. It is only ever read whole, so neither database needs to look inside."""

    def db_value(self, value: Any) -> str | None:
        """The column's text; keys in order, so that equal documents are equal text."""
        return None if value is None else to_json(value)

    def python_value(self, value: str | None) -> Any:
        """The document of a column."""
        return None if value is None else json.loads(value)


def to_json(value: Any) -> str:
    """The one spelling of a JSON document in this database."""
    # In ASCII: a lone surrogate from hostile text is refused by both databases.
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
