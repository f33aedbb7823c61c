"""What exists in a world: Wistia's videos and views, Upsales' companies, contacts and users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A Wistia project. ``hashed_id`` is the id the API's filters take."""

    id: int
    hashed_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Media:
    """A Wistia video. ``duration`` is in seconds; a deleted one is in no list any more."""

    id: int
    hashed_id: str
    name: str
    project: str | None
    duration: float | None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What is meant to become of a view under ``EXAMPLE_CONFIG``.

    ``identity`` is ``no_email``, ``email_not_turnstile``, ``not_an_email`` or ``converted``;
    ``match`` (of converted ones) ``contact``, ``company``, ``unknown``, ``free_mail``,
    ``own_domain`` or ``ignored_domain``; ``enough`` and ``chosen`` say whether enough was
    watched, of a video in a chosen project.
    """

    identity: str
    match: str = ""
    enough: bool = False
    chosen: bool = False
    person: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One viewing session as Wistia has it. ``fraction`` is 0..1, ``received_at`` aware UTC.

    ``email``, ``conversion_type`` and ``conversion`` are told exactly as they stand here:
    Wistia uses null and "", integers and strings, ``{}`` and "" for the same thing.
    """

    event_key: str
    visitor_key: str
    received_at: datetime
    fraction: float
    media_id: str
    email: str | None = None
    conversion_type: str | int | None = ""
    conversion: Mapping[str, object] | str | None = ""
    page: str = "https://www.fjordlight.example/videos"
    fate: Fate | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """An Upsales account; ``manager`` is a user's id, 0 for none."""

    id: int
    name: str
    journey_step: str = "lead"
    has_activity: bool = False
    manager: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """An Upsales contact of one company."""

    id: int
    name: str
    email: str
    company_id: int
    journey_step: str = "lead"
    has_activity: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class User:
    """An Upsales user. An API key is a user too, with an address at api.upsales.com."""

    id: int
    name: str
    email: str
    active: bool = True
    administrator: bool = False
