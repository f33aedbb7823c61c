"""Somebody who is to be erased, and everywhere one must look for them afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.sync.house import NOW, small_world, view
from upsales_wistia.sandbox import Contact, World
from upsales_wistia.store.models import TABLES
from upsales_wistia.store.sql import fetch


@dataclass(frozen=True)
class Someone:
    """A viewer: what names them, whatever is kept of them."""

    email: str
    first_name: str
    last_name: str
    visitor: str
    views: tuple[str, ...]

    @property
    def named_by(self) -> tuple[str, ...]:
        """Every text by which they could be recognised."""
        return (self.email, self.first_name, self.last_name, self.visitor, *self.views)


def with_annas_contact() -> World:
    """The small world, in which Upsales knows her too."""
    name = f"{ANNA.first_name} {ANNA.last_name}"
    known = small_world().contacts
    return small_world(contacts=[*known, Contact(901, name, ANNA.email, 1)])


ANNA = Someone(
    "annabella@acme.example",
    "Annabella",
    "Bergenstråhle",
    "visitor-of-hers",
    ("annas-first", "annas-second", "annas-nameless"),
)


def planted(world: World) -> None:
    """Let Anna watch three videos, once without saying who she is, and two others one each."""
    said = {"email": ANNA.email, "first_name": ANNA.first_name, "last_name": ANNA.last_name}
    first, second, nameless = ANNA.views
    hers = {"visitor_key": ANNA.visitor}
    world.add(view(first, ANNA.email, conversion=said, **hers))
    world.add(
        view(
            second,
            "",
            email=ANNA.email.upper().replace("@ACME", "@acme"),
            media_id="media00002",
            received_at=NOW - timedelta(minutes=40),
            **hers,
        )
    )
    world.add(view(nameless, "", received_at=NOW - timedelta(minutes=30), **hers))
    world.add(view("of-bo", "bo@birch.example"))
    world.add(view("of-nobody", ""))


def tables() -> dict[str, str]:
    """All that stands in the database, by table."""
    return {
        table._meta.table_name: str(fetch(f"SELECT * FROM {table._meta.table_name}"))
        for table in TABLES
    }


def files(url: str) -> str:
    """The bytes of SQLite's files, as one text; "" for a server."""
    if not url.startswith("sqlite:///"):
        return ""
    path = Path(url.removeprefix("sqlite:///"))
    there = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-journal")]
    return "".join(file.read_bytes().decode("latin-1") for file in there if file.exists())


def found(url: str, someone: Someone = ANNA) -> list[str]:
    """Where somebody is still named: tables, and "the file" for what was deleted from them."""
    spelt = set(someone.named_by)
    spelt |= {text.encode("ascii", "backslashreplace").decode() for text in spelt}
    spelt |= {text.encode().decode("latin-1") for text in spelt}
    there = {**tables(), "the file": files(url)}
    small = {name: content.lower() for name, content in there.items()}
    return sorted(
        f"{name}: {text}"
        for name, content in small.items()
        for text in spelt
        if text.lower() in content
    )
