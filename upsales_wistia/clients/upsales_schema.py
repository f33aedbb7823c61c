"""What Upsales sends and takes, as the rest of the house knows it.

https://api.upsales.com
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, post_load

from .fields import (
    Email,
    Flag,
    Id,
    Moment,
    Text,
    Tolerant,
    VendorSchema,
    Whole,
    Within,
)
from .text import KEY, NAME, clean

API_USER: Final = "@api.upsales.com"
SUBMIT_LENGTH: Final = 512

FIELD_EMAIL: Final = "Contact.email"
FIELD_FIRST_NAME: Final = "Contact.firstname"
FIELD_LAST_NAME: Final = "Contact.lastname"
# Own answers of a form are named Extra.<a time in ms>; these are ours for ever.
FIELD_VIDEO: Final = "Extra.1500000000001"
FIELD_PROJECT: Final = "Extra.1500000000002"
FIELD_PERCENT: Final = "Extra.1500000000003"
FIELD_VIEWED_AT: Final = "Extra.1500000000004"
FIELD_VIEW_ID: Final = "Extra.1500000000005"
FIELD_PAGE: Final = "Extra.1500000000006"

FORM_FIELDS: Final = {
    FIELD_EMAIL: "Email",
    FIELD_FIRST_NAME: "First name",
    FIELD_LAST_NAME: "Last name",
    FIELD_VIDEO: "Video",
    FIELD_PROJECT: "Project",
    FIELD_PERCENT: "Percent viewed",
    FIELD_VIEWED_AT: "Viewed at",
    FIELD_VIEW_ID: "View id",
    FIELD_PAGE: "Page",
}
"""The fields of a form of ours, in their order, with their titles."""


@dataclass(frozen=True, slots=True)
class Self_:  # noqa: N801
    """Whose key it is. ``user_id`` is the one inside the customer's account, None if unsaid.

    ``forms`` is whether the customer has forms; None when Upsales does not say.
    """

    client_id: int
    client_name: str
    user_id: int | None
    forms: bool | None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact and its company (``client_…``). ``planned``: something is planned with it."""

    id: int
    name: str
    email: str
    client_id: int
    client_name: str
    journey_step: str
    planned: bool
    active: bool


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A company. ``planned``: something is planned with it; ``managers``: ids of users."""

    id: int
    name: str
    journey_step: str
    planned: bool
    managers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user of the customer's. ``api`` is true of one that is an API key.

    ``administrator`` is true only where Upsales says so.
    """

    id: int
    name: str
    email: str
    active: bool
    api: bool
    administrator: bool = False


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An entry for the activity log. ``date`` is aware; it is written as the clock of ``zone``.

    ``external_id`` is at most 36 characters long, ``value`` at most 512.
    """

    client_id: int
    score: int
    value: str
    date: datetime
    external_id: str
    contact_id: int | None = None
    zone: str = "UTC"
    integration_id: int | None = None
    sub_type: str = "Wistia"

    def document(self) -> dict[str, Any]:
        """The body of ``POST /events``.

        https://support.upsales.com/hc/en-us/articles/360001704867-Custom-marketing-events
        """
        document: dict[str, Any] = {
            "entityType": "MarketingCustom",
            "subType": self.sub_type,
            "client": self.client_id,
            "score": self.score,
            "value": self.value,
            "date": self.date.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M:%S"),
            "externalId": self.external_id,
            "notify": False,
        }
        if self.contact_id is not None:
            document["contact"] = self.contact_id
        if self.integration_id is not None:
            document["integrationId"] = self.integration_id
        return document


@dataclass(frozen=True, slots=True)
class EventRow:
    """An entry of the activity log. ``date`` is aware UTC as Upsales understood it."""

    id: int
    external_id: str
    sub_type: str
    client_id: int | None
    contact_ids: tuple[int, ...]
    date: datetime | None
    value: str
    score: int


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form to make. ``internal_name`` is what it is found by again; ``score`` is per submit."""

    name: str
    internal_name: str
    score: int
    title: str = "Wistia video view"

    def document(self) -> dict[str, Any]:
        """The body of ``POST /forms``: what a form made by hand holds, and our fields."""
        return {
            "name": self.name[:100],
            "internalName": self.internal_name,
            "title": self.title,
            "description": "",
            "landingPage": "",
            "buttonText": "Submit",
            "thankYouTitle": "Thank you",
            "thankYouText": "Thank you",
            "score": self.score,
            "showTitle": 1,
            "redirect": 0,
            "isArchived": 0,
            "actions": [],
            "fields": [
                _form_field(name, title, sort)
                for sort, (name, title) in enumerate(FORM_FIELDS.items(), start=1)
            ],
        }


def _form_field(name: str, title: str, sort: int) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "required": name == FIELD_EMAIL,
        "datatype": "text",
        "options": "",
        "sort": sort,
        "placeholder": "",
        "info": "",
        "language": None,
    }


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form. ``uuid`` is what a submit names it by, ``score`` is per submit."""

    id: int
    uuid: str
    name: str
    internal_name: str
    score: int
    archived: bool


@dataclass(frozen=True, slots=True)
class FormSubmitRow:
    """A submit that was processed; ``at`` (aware UTC) is when it came.

    ``fields`` maps a field's name to what was answered.
    """

    id: int
    form_id: int | None
    contact_id: int | None
    client_id: int | None
    at: datetime | None
    fields: Mapping[str, str]


class _Set(Tolerant[bool]):
    """Whether something is there: a date, 1 or true; not null, 0, "" or false."""

    def read(self, value: Any) -> bool:
        return bool(value) and value not in ("0", "false")


class _Forms(Tolerant["bool | None"]):
    """``features.forms``; absent is unknown, not false."""

    def read(self, value: Any) -> bool | None:
        return None if value is None else bool(value)


class _Ref(Tolerant["int | None"]):
    """An id, given as a number or as an object with an ``id``."""

    def read(self, value: Any) -> int | None:
        return Whole().read(value.get("id") if isinstance(value, Mapping) else value)


class _Refs(Tolerant[tuple[int, ...]]):
    """Ids, given as a list, a single one, or null."""

    def read(self, value: Any) -> tuple[int, ...]:
        found = map(_Ref().read, value if isinstance(value, list) else [value])
        return tuple(one for one in found if one is not None)


class _Answers(Tolerant[dict[str, str]]):
    """A submit's answers: a list of name and value, or an object of them."""

    def read(self, value: Any) -> dict[str, str]:
        pairs: list[tuple[Any, Any]] = []
        if isinstance(value, Mapping):
            pairs = list(value.items())
        elif isinstance(value, list):
            rows = [row for row in value if isinstance(row, Mapping)]
            pairs = [(row.get("name") or row.get("fieldName"), row.get("value")) for row in rows]
        return {clean(name, KEY): clean(text, NAME) for name, text in pairs if name}


class _IdSchema(VendorSchema[int]):
    id = Id(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> int:
        return int(data["id"])


class _SelfSchema(VendorSchema[Self_]):
    """``data.id`` is a master user's; the customer's own id of it is ``client.userId``."""

    client_id = Within(Whole(), "id", data_key="client")
    client_name = Within(Text(NAME), "name", data_key="client")
    user_id = Within(Whole(), "userId", data_key="client")
    forms = Within(_Forms(), "forms", data_key="features")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Self_:
        if data["client_id"] is None:
            raise ValidationError("whose key it is, is not said")
        return Self_(**data)


class _ContactSchema(VendorSchema[ContactRow]):
    id = Id(required=True)
    name = Text(NAME)
    email = Email()
    client_id = Within(Whole(), "id", data_key="client")
    client_name = Within(Text(NAME), "name", data_key="client")
    journey_step = Text(KEY, data_key="journeyStep")
    has_activity = _Set(data_key="hasActivity")
    has_appointment = _Set(data_key="hasAppointment")
    active = Flag(default=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> ContactRow:
        if data["client_id"] is None:
            raise ValidationError("nothing can be written on a contact without a company")
        planned = [data.pop("has_activity"), data.pop("has_appointment")]
        return ContactRow(**data, planned=any(planned))


class _AccountSchema(VendorSchema[AccountRow]):
    id = Id(required=True)
    name = Text(NAME)
    journey_step = Text(KEY, data_key="journeyStep")
    has_activity = _Set(data_key="hasActivity")
    has_appointment = _Set(data_key="hasAppointment")
    managers = _Refs(data_key="users")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> AccountRow:
        planned = [data.pop("has_activity"), data.pop("has_appointment")]
        return AccountRow(**data, planned=any(planned))


class _UserSchema(VendorSchema[UserRow]):
    id = Id(required=True)
    name = Text(NAME)
    email = Email()
    active = Flag(default=True)
    administrator = Flag(default=False)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> UserRow:
        return UserRow(**data, api=data["email"].lower().endswith(API_USER))


class _EventSchema(VendorSchema[EventRow]):
    """``contacts`` is plural here and ``contact`` in what we send."""

    id = Id(required=True)
    external_id = Text(KEY, data_key="externalId")
    sub_type = Text(KEY, data_key="subType")
    client_id = _Ref(data_key="client")
    contact_ids = _Refs(data_key="contacts")
    date = Moment()
    value = Text(NAME)
    score = Whole()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> EventRow:
        return EventRow(**data | {"score": data["score"] or 0})


class _FormSchema(VendorSchema[FormRow]):
    id = Id(required=True)
    uuid = Text(KEY)
    name = Text(NAME)
    internal_name = Text(NAME, data_key="internalName")
    score = Whole()
    archived = Flag(default=False, data_key="isArchived")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> FormRow:
        return FormRow(**data | {"score": data["score"] or 0})


class _SubmitSchema(VendorSchema[FormSubmitRow]):
    id = Id(required=True)
    form_id = Whole(data_key="formId")
    contact_id = _Ref(data_key="contact")
    client_id = _Ref(data_key="client")
    at = Moment(data_key="regDate")
    answers = _Answers(data_key="fieldValues")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> FormSubmitRow:
        return FormSubmitRow(fields=data.pop("answers"), **data)


ID: Final = _IdSchema()
SELF: Final = _SelfSchema()
CONTACT: Final = _ContactSchema()
ACCOUNT: Final = _AccountSchema()
USER: Final = _UserSchema()
EVENT: Final = _EventSchema()
FORM: Final = _FormSchema()
SUBMIT: Final = _SubmitSchema()
