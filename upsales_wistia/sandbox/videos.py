"""What a world's Wistia tells of each video as a whole, and the verbs that plant it there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .facts import View
    from .world import World

MOST_CELLS = 1000
"""Longer videos are scaled to so many cells of their curve."""

_LANGUAGES = {"eng": ("English", "English"), "swe": ("Swedish", "Svenska")}


@dataclass(frozen=True, slots=True)
class Said:
    """Words from second ``start`` to ``end``."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """A call to action and how often it was shown and followed; ``at`` is a second or "end"."""

    text: str
    impressions: int
    clicks: int
    kind: str = "Call to Action"
    url: str = "https://www.fjordlight.example/book"
    at: str = "end"


@dataclass
class Video:
    """One video's facts beside its views. ``viewers`` None: the curve is that of the views."""

    created: datetime | None = None
    status: str = "ready"
    archived: bool = False
    password: str = ""
    viewers: int | None = None
    drops: list[tuple[float, float]] = field(default_factory=list)
    replays: list[tuple[float, float, float]] = field(default_factory=list)
    curve: tuple[int, ...] | None = None
    words: dict[str, list[Said]] = field(default_factory=dict)
    drafts: set[str] = field(default_factory=set)
    actions: list[Action] = field(default_factory=list)
    chapters: list[tuple[float, str]] = field(default_factory=list)


class Videos:
    """The videos of one world, by hashed id. Every verb may be called again, to move a pattern."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._videos: dict[str, Video] = {}

    def __getitem__(self, hashed_id: str) -> Video:
        return self._videos.setdefault(hashed_id, Video())

    def plant(self, verb: str, hashed_id: str, **how: Any) -> None:
        """Do one of the verbs below by its name. Raises ValueError for any other."""
        verbs = {
            "publish": self.publish,
            "protect": self.protect,
            "drop": self.drop,
            "replay": self.replay,
            "curve": self.set_curve,
            "say": self.say,
            "repeat": self.repeat,
            "offer": self.offer,
            "chapter": self.chapter,
            "clear": self.clear,
        }
        if verb not in verbs:
            raise ValueError(f"nothing to plant is called {verb!r}")
        verbs[verb](hashed_id, **how)  # type: ignore[operator]

    def clear(self, hashed_id: str) -> None:
        """Forget everything planted on this video."""
        self._videos.pop(hashed_id, None)

    def publish(
        self,
        hashed_id: str,
        created: datetime | str,
        status: str = "ready",
        *,
        archived: bool = False,
    ) -> None:
        """Let it have been put up at ``created`` (aware), and be queued, processing or ready."""
        video = self[hashed_id]
        video.created = datetime.fromisoformat(created) if isinstance(created, str) else created
        video.status, video.archived = status, archived

    def protect(self, hashed_id: str, password: str = "hunter2") -> None:  # noqa: S107 (invented)
        """Put a password before it; "" takes it away."""
        self[hashed_id].password = password

    def drop(self, hashed_id: str, at: float, share: float, *, viewers: int = 200) -> None:
        """Let ``share`` (0..1) of those who still watch leave at second ``at``."""
        self[hashed_id].viewers = viewers
        self[hashed_id].drops.append((at, share))

    def replay(
        self, hashed_id: str, start: float, end: float, share: float, *, viewers: int = 200
    ) -> None:
        """Let ``share`` (0..1) of the viewers watch ``start`` to ``end`` (seconds) once more."""
        self[hashed_id].viewers = viewers
        self[hashed_id].replays.append((start, end, share))

    def set_curve(self, hashed_id: str, cells: Sequence[int]) -> None:
        """Let the curve be exactly this."""
        self[hashed_id].curve = tuple(cells)

    def say(
        self,
        hashed_id: str,
        start: float,
        text: str,
        *,
        end: float | None = None,
        language: str = "eng",
        draft: bool = False,
    ) -> None:
        """Let these words be said from second ``start``; a draft of captions is not published."""
        words = self[hashed_id].words.setdefault(language, [])
        words.append(Said(start, start + 4 if end is None else end, text))
        drafts = self[hashed_id].drafts
        drafts.add(language) if draft else drafts.discard(language)

    def repeat(self, hashed_id: str, phrase: str, times: int = 5, *, language: str = "eng") -> None:
        """Let a speaker say ``phrase`` again and again, ten seconds apart."""
        for number in range(times):
            self.say(hashed_id, 10.0 * (number + 1), phrase, language=language)

    def offer(self, hashed_id: str, text: str, impressions: int, clicks: int, **more: Any) -> None:
        """Let the video ask for something: shown ``impressions`` times, followed ``clicks``."""
        kept = [action for action in self[hashed_id].actions if action.text != text]
        self[hashed_id].actions = [*kept, Action(text, impressions, clicks, **more)]

    def chapter(self, hashed_id: str, at: float, title: str) -> None:
        """Let a part with a title begin at second ``at``."""
        self[hashed_id].chapters.append((at, title))

    def captions(self, hashed_id: str) -> list[dict[str, Any]]:
        """The captions of a video as Wistia lists them."""
        video = self[hashed_id]
        rows = []
        for language, words in sorted(video.words.items()):
            english, native = _LANGUAGES.get(language, (language, language))
            rows.append(
                {
                    "english_name": english,
                    "native_name": native,
                    "language": language,
                    "text": srt(words),
                    "is_draft": language in video.drafts,
                    "id": hashlib.sha256(f"{hashed_id} {language}".encode()).hexdigest()[:12],
                }
            )
        return rows

    def engagement(self, hashed_id: str) -> dict[str, Any]:
        """The curve of a video: how often each slice was played, and played again."""
        views = self._views(hashed_id)
        video, cells = self[hashed_id], self._cells(hashed_id)
        if video.curve is not None:
            curve, again = list(video.curve), [0] * len(video.curve)
        elif video.viewers is not None:
            curve, again = self._planted(hashed_id, cells)
        else:
            curve = [sum(view.fraction * cells > cell for view in views) for cell in range(cells)]
            again = [0] * cells
        start = self._planted_plays(hashed_id) or max(curve, default=0)
        mean = sum(curve) / len(curve) / start if start else 0.0
        return {"engagement": mean, "engagement_data": curve, "rewatch_data": again}

    def stats(self, hashed_id: str, *, texts: bool) -> dict[str, Any]:
        """The totals of a video, its calls to action among them."""
        views, told = self._views(hashed_id), self.engagement(hashed_id)
        media = self._world.media(hashed_id)
        length = (media.duration if media else None) or 0.0
        planted = self._planted_plays(hashed_id)
        watched = sum(view.fraction for view in views)
        plays, visitors = len(views), len({view.visitor_key for view in views})
        if planted:
            plays = visitors = planted
            watched = planted * float(told["engagement"])
        return {
            "load_count": 2 * plays,
            "play_count": plays,
            "play_rate": 0.5 if plays else 0.0,
            "hours_watched": watched * length / 3600,
            "engagement": watched / plays if plays else 0.0,
            "visitors": visitors,
            "actions": [_action_row(action, texts=texts) for action in self[hashed_id].actions],
        }

    def _planted_plays(self, hashed_id: str) -> int:
        """How many the planted curve is of; 0 where the views make the curve."""
        video = self[hashed_id]
        return max(video.curve, default=0) if video.curve is not None else video.viewers or 0

    def customizations(self, hashed_id: str) -> dict[str, Any]:
        """What was set on purpose; every leaf is text, the password among them."""
        video = self[hashed_id]
        set_: dict[str, Any] = {}
        if video.password:
            set_["private"] = {"password_protect_on": "true"}
            set_["encrypted"] = {"password_protect_password": video.password}
        plugin: dict[str, Any] = {}
        for action in video.actions:
            told = {"text": action.text, "time": action.at}
            if action.kind == "Turnstile":
                gate = {"on": "true", "topText": action.text, "time": action.at}
                plugin["requireEmail-v1"] = gate
            elif action.kind == "Annotation":
                links = plugin.setdefault("midrollLink-v1", {"on": "true", "links": []})
                links["links"].append({**told, "url": action.url})
            else:
                final = {"on": "true", "ctaType": "text", "link": action.url}
                plugin["postRoll-v1"] = {**final, **told}
        if video.chapters:
            listed = [{"title": title, "time": str(at)} for at, title in video.chapters]
            plugin["chapters"] = {"on": "true", "chapterList": listed}
        return {**set_, "plugin": plugin} if plugin else set_

    def _planted(self, hashed_id: str, cells: int) -> tuple[list[int], list[int]]:
        video = self[hashed_id]
        media = self._world.media(hashed_id)
        width = ((media.duration if media else None) or cells) / cells if cells else 1.0
        curve, again = [], []
        for cell in range(cells):
            left = float(video.viewers or 0)
            for at, share in video.drops:
                left *= 1 - share if cell * width >= at else 1
            played = [s for a, b, s in video.replays if a <= cell * width < b]
            again.append(round(left * sum(played)))
            curve.append(round(left) + again[-1])
        return curve, again

    def _cells(self, hashed_id: str) -> int:
        media = self._world.media(hashed_id)
        return min(MOST_CELLS, ceil(media.duration)) if media and media.duration else 0

    def _views(self, hashed_id: str) -> Sequence[View]:
        return self._world.listing(media_id=hashed_id)


def srt(words: Sequence[Said]) -> str:
    """The words in SRT, in the order of their times."""
    return "\n".join(_cues(sorted(words, key=lambda said: said.start)))


def _cues(words: Sequence[Said]) -> Iterator[str]:
    for number, said in enumerate(words, 1):
        yield f"{number}\n{_time(said.start)} --> {_time(said.end)}\n{said.text}\n"


def _time(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02},{thousandths:03}"


def _action_row(action: Action, *, texts: bool) -> dict[str, Any]:
    rate = action.clicks / action.impressions if action.impressions else 0.0
    counts = {"action_count": action.clicks, "impression_count": action.impressions, "rate": rate}
    told = {"text": action.text, "url": action.url} if texts else {}
    return {"type": action.kind, **counts, **told}
