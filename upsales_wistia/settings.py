"""A customer's raw config, read tolerantly.

Upsales sends a checkbox as ``true``, ``"true"`` or ``1``, a number as a string, a list as a
list, a list of ``{"value": …}``, a JSON string or a comma list. A value that cannot be read
keeps its last good one and is reported: a rule never silently becomes "0 %" or "all projects".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from .funnel.identity import domain_ascii
from .funnel.settings import FormPolicy, IdentityRule, Settings
from .labels import LABELS, MAY_BE

SECRETS = ("wistiaApiPassword", "wistiaPublicToken", "wistiaWebhookSecret", "maveraApiKey")
"""Names in a config that are credentials: stored encrypted, never in a settings version."""

JOBS = ("personas", "dropoff", "cta", "brand-voice", "followup")
"""The enrichment jobs, as ``maveraJobs`` names them."""

ENGINES = ("panel", "focus-group")
"""Who compares calls to action, as ``ctaEngine`` names it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that could not be read: ``value`` as it came (cut), ``kept`` what holds instead.

    ``kept`` is "" when no earlier value is known: then nothing may be written, because a
    default would mean "0 %" or "all projects".
    """

    name: str
    value: str
    kept: str

    @property
    def blocks(self) -> bool:
        """Whether nothing may be written while this stands."""
        return not self.kept

    @property
    def sentence(self) -> str:
        """What the admin reads, and whoever writes the config by hand."""
        came = f'"{LABELS[self.name]}" ({self.name}) came as "{self.value}". {self.wanted}'
        if not self.kept:
            return f"{came} Nothing is written until it is corrected."
        return f"{came} We go on with {self.kept}. Correct it."

    @property
    def wanted(self) -> str:
        """What the value may be, in a sentence."""
        return f"It must be {MAY_BE[self.name]}."


@dataclass(frozen=True, slots=True)
class Reading:
    """A config after reading: readable values only, and what was wrong with the others."""

    config: dict[str, Any]
    problems: tuple[Problem, ...]


class _Number(fields.Field[Decimal]):
    """An exact number; ``25``, ``"25"``, ``"25 %"`` and ``"25,5"`` are all read."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        if isinstance(value, bool):
            raise ValidationError("not a number")
        try:
            number = Decimal(str(value).strip().rstrip("%").strip().replace(",", "."))
        except InvalidOperation:
            raise ValidationError("not a number") from None
        if not number.is_finite():
            raise ValidationError("not a number")
        return number


class _Whole(_Number):
    """A whole number; ``"5.0"`` is read as 5."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Decimal:
        number = super()._deserialize(value, attr, data, **kwargs)
        if number != number.to_integral_value():
            raise ValidationError("not a whole number")
        return number


class _Texts(fields.Field[list[str]]):
    """A list of texts in any of the shapes Upsales may send; sorted, each once."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[str]:
        items = _as_list(value)
        texts = {_as_text(item).strip() for item in items}
        return sorted(texts - {""})


class _Users(_Texts):
    """Numbers of users in Upsales, as texts; one alone is a list of one."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[str]:
        several = value if isinstance(value, str | list) else [value]
        texts = super()._deserialize(several, attr, data, **kwargs)
        if not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in texts):
            raise ValidationError("not the number of a user")
        return sorted(texts, key=int)


class _Jobs(_Texts):
    """Names of jobs, in whatever spelling."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[str]:
        texts = super()._deserialize(value, attr, data, **kwargs)
        return sorted({text.lower().replace("_", "-") for text in texts})


class _Domains(_Texts):
    """Domains, lower case and in ASCII; a space parts them, of an address the domain is taken."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[str]:
        texts = super()._deserialize(value, attr, data, **kwargs)
        return sorted({domain_ascii(word) for text in texts for word in text.split()} - {""})


class _Day(fields.Field[str]):
    """A day as ISO text; of a moment only its UTC day counts."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        try:
            moment = datetime.fromisoformat(str(value).strip())
            day = moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
        except (ValueError, OverflowError):
            raise ValidationError("not a date") from None
        return day.isoformat()


def _as_list(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        # What looks like JSON and is none was cut on its way: no list of texts.
        if value.startswith(("[", "{")):
            raise ValidationError("not a list")
        return value.replace("\n", ",").replace(";", ",").split(",")
    if isinstance(value, Sequence):
        return value
    raise ValidationError("not a list")


def _as_text(item: Any) -> str:
    if isinstance(item, Mapping):
        item = item.get("value", item.get("id"))
    if isinstance(item, bool) or not isinstance(item, str | int):
        raise ValidationError("not a list of texts")
    return str(item)


def _between(low: int, high: int) -> validate.Range:
    return validate.Range(min=low, max=high)


class _Tolerant(Schema):
    """Absent and empty values take their default."""

    class Meta:
        """What Upsales adds is not ours to refuse."""

        unknown = EXCLUDE

    @pre_load
    def _drop_empty(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        bare = {name: _bare(value) for name, value in data.items()}
        return {name: value for name, value in bare.items() if value not in ("", None)}


class ConfigSchema(_Tolerant):
    """The names of a config that rules read."""

    activityProjects = _Texts()
    activityMinPercent = _Number(validate=_between(0, 100))
    identity = fields.Enum(IdentityRule, by_value=True)
    domainMatching = fields.Boolean()
    ignoredDomains = _Domains()
    notOwnDomains = _Domains()
    waitingDays = _Whole(validate=_between(0, 3650))
    startDate = _Day()
    activitiesEnabled = fields.Boolean()
    activityScore = _Whole(validate=_between(0, 10_000))
    scoreByPercent = fields.Boolean()
    formsEnabled = fields.Boolean()
    formPolicy = fields.Enum(FormPolicy, by_value=True)
    formScore = _Whole(validate=_between(0, 10_000))
    formFilters = fields.Boolean()


class LaterSchema(_Tolerant):
    """The names of a config that no rule reads, but another part of the house."""

    notifyUsers = _Users()
    retentionDays = _Whole(validate=_between(1, 3650))
    maveraJobs = _Jobs(validate=validate.ContainsOnly(JOBS))
    maveraMaxCredits = _Whole(validate=_between(0, 1_000_000))
    maveraWorkspaceId = fields.String(validate=validate.Length(max=200))
    followupPercent = _Number(validate=_between(0, 100))
    followupTodo = fields.Boolean()
    generateAppId = fields.String(validate=validate.Length(max=200))
    ctaEngine = fields.String(validate=validate.OneOf(ENGINES))


def _bare(value: Any) -> Any:
    """``value`` without the shapes Upsales may put around it: JSON text, ``{"value": …}``."""
    value = _trim(value)
    if isinstance(value, str) and value.startswith(("[", "{", '"')):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    return _trim(value)


def _trim(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


_DEFAULTS = Settings()

DEFAULTS: Mapping[str, Any] = {
    "activityProjects": [],
    "activityMinPercent": 0,
    "identity": _DEFAULTS.identity.value,
    "domainMatching": _DEFAULTS.domain_matching,
    "ignoredDomains": [],
    "notOwnDomains": [],
    "waitingDays": _DEFAULTS.waiting_days,
    "startDate": None,
    "activitiesEnabled": _DEFAULTS.activities_enabled,
    "activityScore": _DEFAULTS.activity_score,
    "scoreByPercent": _DEFAULTS.score_by_percent,
    "formsEnabled": _DEFAULTS.forms_enabled,
    "formPolicy": _DEFAULTS.form_policy.value,
    "formScore": _DEFAULTS.form_score,
    "formFilters": _DEFAULTS.form_filters,
}
"""What a config that was read says where nobody chose."""

NAMES = tuple(DEFAULTS)
"""Every name that a rule reads."""

LATER_DEFAULTS: dict[str, Any] = {
    "notifyUsers": [],
    "retentionDays": 730,
    "maveraJobs": [],
    "maveraMaxCredits": 50,
    "maveraWorkspaceId": "",
    "followupPercent": 80,
    "followupTodo": False,
    "generateAppId": "",
    "ctaEngine": "panel",
}
"""The same for the names that no rule reads; a config need not name them."""

LATER = tuple(LATER_DEFAULTS)
"""Every name that no rule reads."""


def split_secrets(config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The rules of a raw ``config``, and the credentials in it (those given, trimmed)."""
    rules = {name: value for name, value in config.items() if name not in SECRETS}
    given = {name: config.get(name) for name in SECRETS}
    return rules, {n: v.strip() for n, v in given.items() if isinstance(v, str) and v.strip()}


def read(raw: Mapping[str, Any], last_good: Mapping[str, Any] | None = None) -> Reading:
    """Read the rules of a raw config.

    ``last_good`` is the config of the version before, as this function returned it. The result's
    config is plain JSON and names every rule, except those that were never readable: a second
    unreadable value in a row has no last good one either. Of the names that no rule reads it
    holds those that are given; one that cannot be read takes its default where it has no good one.
    """
    loaded, wrong = _load(ConfigSchema(), raw)
    good = last_good or {}
    read_now = {name: _plain(value) for name, value in loaded.items()}
    config = {
        name: good[name] if name in wrong else read_now.get(name, DEFAULTS[name])
        for name in NAMES
        if name not in wrong or name in good
    }
    problems = tuple(_problem(name, raw.get(name), good) for name in NAMES if name in wrong)
    later = _read_later(raw, good)
    return Reading({**config, **later.config}, (*problems, *later.problems))


def _read_later(raw: Mapping[str, Any], good: Mapping[str, Any]) -> Reading:
    given = {name: raw[name] for name in LATER if name in raw}
    loaded, wrong = _load(LaterSchema(), given)
    kept = {name: good.get(name, LATER_DEFAULTS[name]) for name in wrong}
    found = kept | {name: _plain(value) for name, value in loaded.items()}
    config = {name: found.get(name, LATER_DEFAULTS[name]) for name in given}
    problems = tuple(_problem(name, raw[name], kept) for name in LATER if name in wrong)
    return Reading(config, problems)


def _load(schema: Schema, raw: Mapping[str, Any]) -> tuple[Mapping[str, Any], Collection[str]]:
    """The values that can be read, and the names of those that cannot."""
    try:
        return schema.load(raw), ()
    except ValidationError as error:
        wrong = error.messages_dict
        valid = cast("dict[str, Any]", error.valid_data)
        return {name: value for name, value in valid.items() if name not in wrong}, wrong


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value.value if isinstance(value, IdentityRule | FormPolicy) else value


def _problem(name: str, value: Any, good: Mapping[str, Any]) -> Problem:
    came = shown(str(value))
    if name not in good:
        return Problem(name, came, "")
    chosen = json.dumps(good[name], ensure_ascii=False)[:100]
    default = {**DEFAULTS, **LATER_DEFAULTS}[name]
    return Problem(name, came, "the default" if good[name] == default else chosen)


def shown(text: str) -> str:
    """The first 100 characters of ``text``, on one line and without what could steer a terminal.

    Half a character could be neither stored nor printed.
    """
    kept = (" " if char.isspace() else char for char in text[:100])
    return "".join(char if char.isprintable() else "\ufffd" for char in kept)


def typed(config: Mapping[str, Any]) -> Settings:
    """The funnel's settings of a config that ``read`` returned."""
    get = config.get
    start = get("startDate")
    return Settings(
        projects=frozenset(get("activityProjects", ())),
        min_percent=Decimal(str(get("activityMinPercent", 0))),
        identity=IdentityRule(get("identity", _DEFAULTS.identity)),
        domain_matching=get("domainMatching", _DEFAULTS.domain_matching),
        ignored_domains=frozenset(get("ignoredDomains", ())),
        not_own_domains=frozenset(get("notOwnDomains", ())),
        waiting_days=get("waitingDays", _DEFAULTS.waiting_days),
        start=_midnight(start) if start else None,
        activities_enabled=get("activitiesEnabled", _DEFAULTS.activities_enabled),
        activity_score=get("activityScore", _DEFAULTS.activity_score),
        score_by_percent=get("scoreByPercent", _DEFAULTS.score_by_percent),
        forms_enabled=get("formsEnabled", _DEFAULTS.forms_enabled),
        form_policy=FormPolicy(get("formPolicy", _DEFAULTS.form_policy)),
        form_score=get("formScore", _DEFAULTS.form_score),
        form_filters=get("formFilters", _DEFAULTS.form_filters),
    )


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
