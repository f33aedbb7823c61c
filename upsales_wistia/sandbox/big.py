"""A world of any size, for load: every view is worked out from its number when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import overload

from .facts import Company, Contact, Media, Project, User, View
from .world import World

_EVENT, _NOBODY, _PERSON = "big-e-", "big-n-", "big-p-"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a big world is made up. Shares are 0..1; the same shape gives the same world."""

    views: int = 10_000
    days: float = 3.0
    converted_share: float = 0.25
    people: int = 1000
    known_share: float = 0.6
    unknown_domains: int = 100
    companies: int = 50
    medias: int = 50


class BigWorld(World):
    """``shape.views`` views, evenly spread over the days before ``now``; later ones come in too."""

    def __init__(self, now: datetime, shape: Shape) -> None:
        super().__init__(now)
        self.shape = shape
        self.projects = [Project(1, "bigproj001", "All videos")]
        self.medias = [
            Media(10 + n, f"bigmedia{n:04d}", f"Video number {n}", "bigproj001", 120.0)
            for n in range(shape.medias)
        ]
        self.companies = tuple(Company(n + 1, f"Company {n} AB") for n in range(shape.companies))
        known = round(shape.people * shape.known_share)
        self.contacts = tuple(
            Contact(1000 + n, f"Person {n}", self.email(n), n % shape.companies + 1)
            for n in range(known)
        )
        self.users = (User(1, "Wistia", "key@api.upsales.com"),)
        self._origin = now - timedelta(days=shape.days)
        self._step = timedelta(days=shape.days) / shape.views

    def email(self, person: int) -> str:
        """The e-mail of a person; the first ``known_share`` of them are contacts."""
        if person < round(self.shape.people * self.shape.known_share):
            return f"person{person}@company{person % self.shape.companies}.example"
        return f"guest{person}@elsewhere{person % self.shape.unknown_domains}.example"

    def number(self, number: int) -> View:
        """The view with this number, the oldest being 0."""
        shape = self.shape
        moment = self._origin + self._step * (number + 1)
        received = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        key = f"{_EVENT}{number}"
        media = f"bigmedia{number % shape.medias:04d}"
        fraction = _dice(number + 7)
        if not self._converted(number):
            return View(key, f"{_NOBODY}{number}", received, fraction, media)
        person = number % shape.people
        email = self.email(person)
        typed = {"email": email, "first_name": "Person", "last_name": str(person)}
        visitor = f"{_PERSON}{person}"
        return View(key, visitor, received, fraction, media, email, "pre-roll-email", typed)

    def view(self, event_key: str) -> View | None:
        """One view as it stands now, or None."""
        added = super().view(event_key)
        if added is not None or not event_key.startswith(_EVENT):
            return added
        number = int(event_key.removeprefix(_EVENT))
        return self.number(number) if number < self._count(self.now) else None

    def listing(
        self,
        *,
        start: date | None = None,
        end: date | None = None,
        media_id: str = "",
        visitor_key: str = "",
    ) -> Sequence[View]:
        """The rows of the events list, newest first, those added by hand on top."""
        added = super().listing(start=start, end=end, media_id=media_id, visitor_key=visitor_key)
        low = self._count(_midnight(start) - timedelta(microseconds=1)) if start else 0
        high = self._count(self.now)
        if end is not None:
            after = _midnight(end + timedelta(days=1)) - timedelta(microseconds=1)
            high = min(high, self._count(after))
        numbers: Sequence[int] = range(high - 1, low - 1, -1)
        if visitor_key:
            numbers = [n for n in self._of_visitor(visitor_key) if low <= n < high][::-1]
        if media_id:
            wanted = [n for n in numbers if f"bigmedia{n % self.shape.medias:04d}" == media_id]
            numbers = wanted
        return Numbered(self, added, numbers)

    def _of_visitor(self, visitor_key: str) -> Sequence[int]:
        total = self._count(self.now)
        if visitor_key.startswith(_NOBODY):
            return [int(visitor_key.removeprefix(_NOBODY))]
        if visitor_key.startswith(_PERSON):
            person = int(visitor_key.removeprefix(_PERSON))
            numbers = range(person, total, self.shape.people)
            return [number for number in numbers if self._converted(number)]
        return []

    def _converted(self, number: int) -> bool:
        return _dice(number) < self.shape.converted_share

    def _count(self, moment: datetime) -> int:
        return max(0, (moment - self._origin) // self._step)


class Numbered(Sequence[View]):
    """Views added by hand, then those of the numbers, each made when it is asked for."""

    def __init__(self, world: BigWorld, added: Sequence[View], numbers: Sequence[int]) -> None:
        self._world = world
        self._added = added
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._added) + len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> View: ...
    @overload
    def __getitem__(self, index: slice) -> list[View]: ...
    def __getitem__(self, index: int | slice) -> View | list[View]:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if index < len(self._added):
            return self._added[index]
        return self._world.number(self._numbers[index - len(self._added)])


def big_world(
    now: datetime,
    views: int = 10_000,
    converted_share: float = 0.25,
    *,
    days: float = 3.0,
    people: int = 1000,
    known_share: float = 0.6,
    unknown_domains: int = 100,
) -> BigWorld:
    """A world of ``views`` views in the ``days`` before ``now``, made lazily."""
    shape = Shape(views, days, converted_share, people, known_share, unknown_domains)
    return BigWorld(now, shape)


def _dice(number: int) -> float:
    # Knuth's multiplicative hash: scattered, cheap, the same everywhere.
    return (number * 2_654_435_761 % 2**32) / 2**32


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
