"""Nothing planted that names a person leaves for Mavera, whatever job is run."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.enrichment.house import MaveraHouse
from tests.sync.house import NOW, small_world, view
from upsales_wistia.enrichment.rules import JOBS
from upsales_wistia.sandbox import Contact, Media, Project
from upsales_wistia.store import enrichment

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

SYLLABLES = ["ba", "ce", "di", "fo", "gu", "hy", "ja", "ke", "li", "mo", "nu", "xe", "zu", "ör"]


class Person:
    """Somebody made up, and every trace of theirs."""

    def __init__(self, chance: random.Random) -> None:
        def name() -> str:
            return "".join(chance.choice(SYLLABLES) for _ in range(3)).capitalize()

        self.first, self.last = name(), name()
        self.email = f"{self.first}.{self.last}@{name()}.example".lower()
        self.phone = f"+46 7{chance.randrange(10)} {chance.randrange(1000, 9999)} 5678"
        self.ip = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
        self.visitor = f"v1_{chance.getrandbits(60):x}"

    @property
    def full(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    def said(self) -> str:
        """A sentence that tells all of it."""
        return f"{self.full} has {self.email}, {self.phone}, {self.ip} and {self.visitor}."

    def traces(self) -> list[str]:
        """What must not leave at all; a first name alone may be spoken in a transcript."""
        return [self.full, self.last, self.email, self.phone, self.ip, self.visitor]


def build(sandbox: Any, store: str, people: list[Person]) -> MaveraHouse:
    """Everybody watches; everything that has words names somebody."""
    a, b, contact = people[0], people[1], people[2]
    world = small_world(
        projects=[Project(1, "proj1", f"For {a.full}"), Project(2, "proj2", f"{b.first}")],
        medias=[
            Media(11, "media00001", f"Call with {a.said()}", "proj1", 60.0),
            Media(12, "media00002", f"{b.first} explains, {b.phone}", "proj2", 600.0),
        ],
        contacts=[Contact(101, contact.full, contact.email, 1)],
    )
    house = MaveraHouse(sandbox, store, world=world)
    house.watch(*views(people))
    videos = house.world.videos
    videos.drop("media00002", 100, 0.2)
    for second, person in enumerate(people):
        videos.say("media00002", 94.0 + second, f"{person.first.upper()}: {person.said()}")
        videos.say("media00001", 10.0 + second, f"Ask {person.said()}")
        videos.offer("media00001", f"Book {person.said()}", 200, 40 + second)
    return house


def views(people: list[Person]) -> Iterator[Any]:
    for place, person in enumerate(people):
        typed = {"email": person.email, "first_name": person.first, "last_name": person.last}
        for media in ("media00001", "media00002"):
            yield view(
                f"view-{place}-{media}",
                person.email,
                visitor_key=person.visitor,
                received_at=NOW - timedelta(hours=2, minutes=place),
                fraction=0.9,
                media_id=media,
                conversion=typed,
            )


def words_of(house: MaveraHouse) -> tuple[str, str]:
    """All that was composed and left, and all that was uploaded."""
    composed = "\n".join(json.dumps(body, ensure_ascii=False) for body in house.bodies)
    uploaded = ""
    for content in house.desk.stored.values():
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            uploaded += file.read("word/document.xml").decode()
    return composed, uploaded


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("app", "engine"), [("", ""), ("follow_up_email", ""), ("", "focus-group")]
)
def test_no_trace_of_anybody_is_in_any_body(
    sandbox: Any, store: str, seed: int, app: str, engine: str
) -> None:
    chance = random.Random(f"{seed} {app} {engine}")
    people = [Person(chance) for _ in range(7)]
    house = build(sandbox, store, people)
    house.tenant.switches.mavera_deletes = False  # so that the file can be read below
    house.configure(generateAppId=app, ctaEngine=engine, maveraMaxCredits=500)
    sandbox.faults.add("mavera.ask_mave", "clarifying", times=1)
    for job in JOBS:
        subject = "media00002" if job == "dropoff" else ""
        made = house.enrich(job, subject, consent=True, custom_personas=True, max_credits=500)
        if made["status"] == "asks":  # and whoever answers tells of somebody too
            house.services.enriching.answer(4711, made["run"], f"Ask {people[3].said()}")
            house.services.join_jobs()
            made["status"] = enrichment.load(4711, made["run"]).state
        assert made["status"] == "done", (job, made["reason"])
    composed, uploaded = words_of(house)
    for person in people:
        for trace in person.traces():
            assert trace not in composed
            assert trace not in uploaded
        assert person.first not in composed
    assert "[name]" in composed
    assert "[name]" in uploaded
    asked = {charge.operation for charge in house.desk.charges}
    assert asked == {
        *("ask_mave", "create_persona", "create_voice", "respond"),
        *(("generate",) if app else ()),
        *(("create_group",) if engine else ()),
    }
