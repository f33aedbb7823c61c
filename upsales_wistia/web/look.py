"""A look at the list of views: what an address asks for, as the store is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort

from ..store import found, media, runs, viewers
from ..store.found import Ids
from ..store.runs import Run
from ..store.search import Filter
from ..viewlist import Scene, scene
from .asked import Asked, moment_of
from .security import services
from .wording import Speech

_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A video as the filters know it; "" for a project it has not, or that is not known."""

    media_id: str
    name: str
    project_id: str
    project_name: str


@dataclass(frozen=True, slots=True)
class Look:
    """The filters of an address and what they mean for a customer. ``email`` is the viewer's."""

    wishes: Asked
    scene: Scene
    wanted: Filter
    videos: tuple[Known, ...]
    email: str
    run: Run | None

    @property
    def projects(self) -> list[tuple[str, str]]:
        """The known projects by name: id and name."""
        known = {v.project_id: v.project_name or v.project_id for v in self.videos if v.project_id}
        return sorted(known.items(), key=lambda one: one[1].casefold())

    def video_name(self, media_id: str) -> str:
        """The name of a video, its id where none is known."""
        names = (v.name for v in self.videos if v.media_id == media_id)
        return next(names, "") or media_id


def look_at(customer_id: int, wishes: Asked, say: Speech) -> Look:
    """What ``wishes`` mean. Answers 404 for a run that is not the customer's."""
    run = runs.load(customer_id, wishes["run"]) if wishes["run"] else None
    if wishes["run"] and run is None:
        abort(404)
    videos = tuple(Known(*row) for row in media.names(customer_id))
    email = _email(customer_id, wishes)
    since, until = _span(wishes, run, say)
    wanted = Filter(
        customer_id,
        target=wishes.target,
        reasons=wishes.reasons,
        either=wishes.either,
        since=since,
        until=until,
        media=_media(wishes, videos),
        domain=wishes["domain"].lower(),
        whose=_whose(customer_id, wishes, email, videos),
        version=_version(wishes),
    )
    return Look(wishes, scene(customer_id, run), wanted, videos, email, run)


def _version(wishes: Asked) -> int | None:
    number = wishes["version"]
    if not number:
        return None
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0


def _email(customer_id: int, wishes: Asked) -> str:
    if not wishes["viewer"]:
        return ""
    return viewers.email_of(services().keyring, customer_id, wishes["viewer"]) or ""


def _span(wishes: Asked, run: Run | None, say: Speech) -> tuple[datetime | None, datetime | None]:
    """From when and until when; of several bounds the narrowest."""
    since = [moment_of(wishes["from"], say.zone)]
    until = [moment_of(wishes["to"], say.zone, end=True)]
    if run is not None:
        since.append(run.window_from)
        until.append(run.window_to + _MICRO)
    return max(filter(None, since), default=None), min(filter(None, until), default=None)


def _media(wishes: Asked, videos: tuple[Known, ...]) -> tuple[str, ...] | None:
    project, video = wishes["project"], wishes["video"]
    if project:
        return tuple(
            v.media_id
            for v in videos
            if v.project_id == project and (not video or v.media_id == video)
        )
    return (video,) if video else None


def _whose(customer_id: int, wishes: Asked, email: str, videos: tuple[Known, ...]) -> Ids | None:
    if wishes["viewer"]:
        return found.by_email(customer_id, email) if email else found.NONE
    if wishes["contact"]:
        number = wishes["contact"]
        known = number.isascii() and number.isdecimal() and len(number) < 19
        return found.by_contact(customer_id, int(number) if known else 0)
    if wishes["q"]:
        return found.by_words(customer_id, wishes["q"], _titled(wishes["q"], videos))
    return None


def _titled(text: str, videos: tuple[Known, ...]) -> list[str]:
    """The videos whose title has every word of ``text`` in it."""
    parts = text.casefold().split()
    return [v.media_id for v in videos if all(part in v.name.casefold() for part in parts)]
