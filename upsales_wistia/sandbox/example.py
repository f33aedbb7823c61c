"""The example: 193 views, 54 left an e-mail, 30 match, 20 watched enough, 18 chosen, 4 new.

Every view is planned with its fate; a test works the fates out again from the plain data.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .example_cast import CHOSEN, COMPANIES, CONTACTS, EXAMPLE_CONFIG, MEDIAS, PROJECTS, USERS
from .example_script import (
    BEFORE,
    CONVERSIONS,
    HISTORY,
    KNOWN,
    NOT_ADDRESSES,
    OLDER,
    TODAY,
    Scene,
)
from .example_videos import furnish
from .facts import Fate, View
from .world import World

__all__ = ["EXAMPLE_CONFIG", "example_world"]

SEED = 2611
NO_EMAIL_BEFORE, NO_EMAIL_TODAY, NO_EMAIL_OLDER, NO_EMAIL_ANCIENT = 79, 39, 13, 6

_PAGES = (
    "https://www.fjordlight.example/demo?utm_source=newsletter&utm_campaign=winter",
    "https://www.fjordlight.example/demo?email=some%40nordvik.example&token=s3cr3t&utm_medium=mail#t=3",
    "https://www.fjordlight.example/stories/heat-pump",
    "javascript:alert(document.cookie)",
    "",
)
_MEDIA = {media.hashed_id: media for media in MEDIAS}
_MINIMUM = 0.25
_NOTHINGS: tuple[tuple[str | int | None, dict[str, object] | str | None], ...] = (
    ("", ""),
    ("", {}),
    (None, None),
    (0, {}),
)
"""``conversion_type`` and ``conversion_data`` of rows that did not convert."""


@dataclass
class _Telling:
    """Turns scenes into views, with the same dice each time."""

    today: datetime
    dice: random.Random

    def key(self) -> str:
        return f"1760721_{uuid.UUID(int=self.dice.getrandbits(128), version=4)}"

    def view(self, scene: Scene, visitor_keys: dict[str, str]) -> View:
        """A view of somebody with an e-mail."""
        visitor = visitor_keys.setdefault(scene.visitor or scene.email, self.key())
        kind, typed = CONVERSIONS[scene.conversion]
        conversion: Mapping[str, object] | str = _nothing(scene.conversion)
        if typed:
            conversion = _typed(scene)
        return View(
            event_key=self.key(),
            visitor_key=visitor,
            received_at=self.at(scene.hours),
            fraction=scene.fraction,
            media_id=scene.media,
            email=None if scene.nameless else scene.email,
            conversion_type=kind,
            conversion=conversion,
            page=self.dice.choice(_PAGES),
            fate=Fate(
                identity=scene.identity,
                match=scene.match,
                enough=scene.fraction >= _MINIMUM,
                chosen=_MEDIA[scene.media].project in CHOSEN,
                person=scene.person,
            ),
        )

    def nobody(self, hours: float) -> View:
        """A view without an e-mail. Null and "" stand for none, in every mixture seen live."""
        media = self.dice.choice(MEDIAS)
        fraction = self.dice.random()
        email = self.dice.choice([None, None, ""])
        kind, conversion = self.dice.choice(_NOTHINGS)
        return View(
            event_key=self.key(),
            visitor_key=self.key(),
            received_at=self.at(hours),
            fraction=fraction,
            media_id=media.hashed_id,
            email=email,
            conversion_type=kind,
            conversion=conversion,
            page=self.dice.choice(_PAGES),
            fate=Fate("no_email", "", fraction >= _MINIMUM, media.project in CHOSEN),
        )

    def nobodies(self, count: int, latest: float, earliest: float) -> list[View]:
        """``count`` of them, between ``latest`` and ``earliest`` hours before today."""
        return [self.nobody(self.dice.uniform(latest, earliest)) for _ in range(count)]

    def at(self, hours: float) -> datetime:
        """A moment, hours before today, in whole milliseconds."""
        return self.today - timedelta(milliseconds=round(hours * 3_600_000))


def example_world(now: datetime) -> World:
    """The example, whose today is ``now`` (aware). It stands a day earlier until it is moved."""
    telling = _Telling(now, random.Random(SEED))  # noqa: S311 (the same dice each time)
    visitors: dict[str, str] = {}
    scenes: Sequence[Scene] = [*HISTORY, *OLDER, *BEFORE, *TODAY, *KNOWN, *NOT_ADDRESSES]
    told = [telling.view(scene, visitors) for scene in scenes]
    quiet = [
        *telling.nobodies(NO_EMAIL_BEFORE, 24.2, 71.2),
        *telling.nobodies(NO_EMAIL_TODAY, 0.1, 23.8),
        *telling.nobodies(NO_EMAIL_OLDER, 72.8, 95.0),
        *telling.nobodies(NO_EMAIL_ANCIENT, 120, 900),
    ]
    # This visitor watched first and left the e-mail in a later view: the first stays nameless.
    quiet[0] = replace(quiet[0], visitor_key=visitors["sara"], received_at=telling.at(69.5))
    # Keys of older sessions hold a dot.
    quiet[5] = replace(quiet[5], event_key="1390862572596e0.8447021404281259")
    world = World(
        now,
        projects=PROJECTS,
        medias=MEDIAS,
        companies=COMPANIES,
        contacts=CONTACTS,
        users=USERS,
        views=[*told, *quiet],
    )
    _grow(world, quiet)
    furnish(world.videos, now)
    world.twice = {told[-1].event_key, quiet[10].event_key, quiet[90].event_key}
    world.move_to(world.yesterday)
    return world


def _grow(world: World, quiet: list[View]) -> None:
    # Somebody keeps the tab open and watches on overnight; still without an e-mail.
    last_evening = world.today - timedelta(hours=12)
    for view in quiet[1:3]:
        grown = min(1.0, view.fraction + 0.2)
        fate = replace(view.fate, enough=grown >= _MINIMUM) if view.fate else None
        world.change(view.event_key, at=last_evening, fraction=grown, fate=fate)


def _typed(scene: Scene) -> dict[str, object]:
    first, _, last = scene.name.partition(" ")
    data: dict[str, object] = {"email": scene.email, "first_name": first, "last_name": last}
    return {**data, "is_new_lead": scene.match == "unknown"} if scene.hours < 48 else data


def _nothing(conversion: str) -> dict[str, object] | str:
    # {} in the rows of today, "" in older ones.
    return "" if conversion == "none_old" else {}
