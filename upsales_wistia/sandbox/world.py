"""A world: what one customer's Wistia shows, and what its Upsales starts with.

Time stands until it is moved. What Wistia shows is what it had received by then.
"""

from __future__ import annotations

import threading
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from .facts import Company, Contact, Media, Project, User, View
from .videos import Videos

RETENTION = timedelta(days=730)
"""Wistia keeps events for two years."""


class World:
    """One customer's world, made of plain facts. Safe to use from several threads."""

    def __init__(
        self,
        now: datetime,
        *,
        projects: Sequence[Project] = (),
        medias: Sequence[Media] = (),
        companies: Sequence[Company] = (),
        contacts: Sequence[Contact] = (),
        users: Sequence[User] = (),
        views: Sequence[View] = (),
    ) -> None:
        self.now = _aware(now)
        self.yesterday = self.now - timedelta(days=1)
        self.today = self.now
        self.projects = list(projects)
        self.medias = list(medias)
        self.companies = tuple(companies)
        self.contacts = tuple(contacts)
        self.users = tuple(users)
        self.twice: set[str] = set()
        self.videos = Videos(self)
        self._lock = threading.RLock()
        self._versions: dict[str, list[tuple[datetime, int, View]]] = {}
        self._serial = 0
        self._shown: list[View] | None = None
        for view in views:
            self.add(view)

    def move_to(self, moment: datetime) -> None:
        """Let the world stand at ``moment`` (aware) from now on."""
        with self._lock:
            self.now = _aware(moment)
            self._shown = None

    def add(self, view: View, *, listed_at: datetime | None = None) -> View:
        """Let Wistia receive ``view``; it is shown from ``listed_at`` (default: at once)."""
        return self._put(view, listed_at or view.received_at)

    def change(self, event_key: str, *, at: datetime | None = None, **fields: Any) -> View:
        """Let a view grow: from ``at`` (default now) it has these ``fields``. Returns it.

        Raises KeyError for an unknown view.
        """
        with self._lock:
            latest = self._versions[event_key][-1][2]
            return self._put(replace(latest, **fields), at or self.now)

    def remove(self, event_key: str) -> None:
        """Let Wistia forget a view (an erasure): the rows below it move up."""
        with self._lock:
            del self._versions[event_key]
            self._shown = None

    def views(self) -> Sequence[View]:
        """What Wistia shows now, newest first."""
        with self._lock:
            if self._shown is None:
                rows = [view for key in self._versions if (view := self.view(key)) is not None]
                rows.sort(key=lambda view: (view.received_at, view.event_key), reverse=True)
                self._shown = rows
            return self._shown

    def view(self, event_key: str) -> View | None:
        """One view as it stands now, or None when Wistia does not show it."""
        with self._lock:
            known = [v for at, _, v in self._versions.get(event_key, ()) if at <= self.now]
        if not known or known[-1].received_at < self.now - RETENTION:
            return None
        return known[-1]

    def listing(
        self,
        *,
        start: date | None = None,
        end: date | None = None,
        media_id: str = "",
        visitor_key: str = "",
    ) -> Sequence[View]:
        """The rows of the events list, newest first, some of them twice. Dates are inclusive."""
        rows = [
            view
            for view in self.views()
            if (start is None or view.received_at.date() >= start)
            and (end is None or view.received_at.date() <= end)
            and (not media_id or view.media_id == media_id)
            and (not visitor_key or view.visitor_key == visitor_key)
        ]
        return rows if self.twice.isdisjoint(v.event_key for v in rows) else self._doubled(rows)

    def media(self, hashed_id: str) -> Media | None:
        """A video by its hashed id, deleted ones too, or None."""
        return next((media for media in self.medias if media.hashed_id == hashed_id), None)

    def project(self, hashed_id: str | None) -> Project | None:
        """A project by its hashed id, or None."""
        return next((p for p in self.projects if p.hashed_id == hashed_id), None)

    def insert_one(self) -> View:
        """Let a view of nobody come in now, on top of the list."""
        with self._lock:
            self._serial += 1
            key = f"1760721_inserted-{self._serial:06d}"
            media = self.medias[0].hashed_id if self.medias else "deleted0000"
            return self.add(View(key, f"{key}-visitor", self.now, 0.1, media))

    def _put(self, view: View, at: datetime) -> View:
        with self._lock:
            self._serial += 1
            versions = self._versions.setdefault(view.event_key, [])
            insort(versions, (_aware(at), self._serial, view), key=lambda v: v[:2])
            self._shown = None
        return view

    def _doubled(self, rows: Sequence[View]) -> list[View]:
        return list(self._with_doubles(rows))

    def _with_doubles(self, rows: Sequence[View]) -> Iterator[View]:
        # Observed live: 1,199 rows held 1,197 keys. The second copy comes a few rows later.
        again: dict[int, View] = {}
        for index, view in enumerate(rows):
            yield view
            if view.event_key in self.twice:
                again[index + 5] = view
            if index in again:
                yield again.pop(index)
        yield from again.values()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment
