"""Wistia: who watched how much, and the names of videos and projects. Reads only.

https://docs.wistia.com/reference/getting-started-with-the-stats-api
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import quote

from ..errors import CredentialRefused, NotFound, Rejected
from .answers import Answer, refusal, unclear
from .credentials import Bearer
from .fields import VendorSchema
from .http import Caller, Counted, TimedOut
from .limits import Limiters
from .paging import PageWalk
from .text import clean
from .wistia_schema import (
    ACCOUNT,
    MEDIA,
    PROJECT,
    TOKEN,
    VISITOR,
    Account,
    Media,
    Project,
    TokenScopes,
    Visitor,
)
from .wistia_videos import (
    CAPTIONS,
    ENGAGEMENT,
    STATS,
    Captions,
    Customizations,
    Engagement,
    MediaStats,
    customizations,
)

T = TypeVar("T")
Params = Sequence[tuple[str, str]]

PER_PAGE: Final = 100
FEWEST_PER_PAGE: Final = 25
MOST_PAGES: Final = 5_000
READ_STATS: Final = "Read detailed stats"
READ_MEDIA: Final = "Read all folder and media data"

_REFUSED: Final = {
    "unauthorized_scope": (
        'The token lacks the permission "{permission}". Ask the owner of your Wistia account for '
        f'a token that may "{READ_MEDIA}" and "{READ_STATS}". Nothing is lost: everything is '
        "written once it works again."
    ),
    "unauthorized_credentials": (
        "Wistia does not know this API token; it was revoked or mistyped. Replace the token in "
        "the settings. Nothing is lost: everything is written once it works again."
    ),
    "account_inactive": (
        "Your Wistia account is not active. Its owner can tell why. Views are read again by "
        "themselves."
    ),
}


class WistiaClient(Counted):
    """Wistia's answers for one API token, over one session; for one thread.

    Every method raises CredentialRefused (401), Throttled (429), NotSent, Unclear (also TimedOut;
    an answer that cannot be read), WrongAddress, Rejected (400, 403, 422) or another VendorError.
    ``read_timeout`` is in seconds: a page of 100 views takes more than 30 at times.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        limiters: Limiters,
        caller: Caller | None = None,
        read_timeout: float = 60.0,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._bearer = Bearer(token)
        self._turns = (limiters.wistia(token.strip()),)
        self._caller = caller or Caller("wistia")
        self._timeout = read_timeout

    def __enter__(self) -> WistiaClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    @property
    def base_url(self) -> str:
        """Where this Wistia lives, without a slash at its end."""
        return self._base

    def event_pages(
        self,
        start: date,
        end: date,
        *,
        visitor_key: str | None = None,
        media_id: str | None = None,
        page: int = 1,
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of raw views of the days ``start`` to ``end``, both inclusive, newest first.

        The first one given is number ``page``.
        Rows may repeat. Wistia does not say whose midnight ends a day: ask for a day more on
        both sides. After an error the same iterator may be asked again: it goes on where it was,
        and after a time-out from page 1 with smaller pages.
        """
        # https://docs.wistia.com/reference/statsevents
        params = [("start_date", start.isoformat()), ("end_date", end.isoformat())]
        params += [("visitor_key", visitor_key)] if visitor_key else []
        params += [("media_id", media_id)] if media_id else []
        return _ViewPages(self._event_rows, params, page)

    def visitor_event_pages(self, visitor_key: str) -> Iterator[list[dict[str, Any]]]:
        """Pages of all raw views of one visitor that Wistia still has (two years)."""
        return _ViewPages(self._event_rows, [("visitor_key", visitor_key)])

    def event(self, event_key: str) -> dict[str, Any] | None:
        """The raw view, or None when Wistia does not know it (any more)."""
        path = f"/v1/stats/events/{quote(event_key, safe='')}"
        answer = self._find(path, operation="event", permission=READ_STATS)
        if answer is None:
            return None
        document = _document(answer)
        if not isinstance(document, dict):
            raise unclear(answer, "wistia")
        return document

    def visitor(self, visitor_key: str) -> Visitor | None:
        """The visitor, or None when Wistia does not know it."""
        # https://docs.wistia.com/reference/statsvisitors
        path = f"/v1/stats/visitors/{quote(visitor_key, safe='')}"
        answer = self._find(path, operation="visitor", permission=READ_STATS)
        return None if answer is None else _one(answer, VISITOR)

    def medias(self, hashed_ids: Sequence[str]) -> list[Media]:
        """The videos of these ids, 100 to a request; those that are gone are not among them."""
        # https://docs.wistia.com/reference/medias
        found: list[Media] = []
        for first in range(0, len(hashed_ids), PER_PAGE):
            ids = [("hashed_ids[]", one) for one in hashed_ids[first : first + PER_PAGE]]
            params = [*ids, ("page", "1"), ("per_page", str(PER_PAGE))]
            answer = self._get("/v1/medias", params, operation="medias", permission=READ_MEDIA)
            found += MEDIA.several(_rows(answer))
        return found

    def medias_of(self, project_id: str) -> list[Media]:
        """All videos of a project."""

        def fetch(page: int, size: int) -> list[Any]:
            params = [("project_id", project_id), ("page", str(page)), ("per_page", str(size))]
            answer = self._get("/v1/medias", params, operation="medias", permission=READ_MEDIA)
            return _rows(answer)

        pages = PageWalk(fetch, size=PER_PAGE, most=MOST_PAGES, vendor="wistia")
        return [one for page in pages for one in MEDIA.several(page)]

    def media_stats(self, media_id: str) -> MediaStats | None:
        """A video's totals with its calls to action; None when Wistia does not know the video."""
        # https://docs.wistia.com/reference/statsmedias
        path = f"/v1/stats/medias/{quote(media_id, safe='')}"
        answer = self._find(path, operation="media_stats", permission=READ_STATS)
        return None if answer is None else _one(answer, STATS)

    def engagement(self, media_id: str) -> Engagement | None:
        """How often each slice of a video was played; None when Wistia does not know it."""
        path = f"/v1/stats/medias/{quote(media_id, safe='')}/engagement"
        answer = self._find(path, operation="engagement", permission=READ_STATS)
        return None if answer is None else _one(answer, ENGAGEMENT)

    def captions(self, media_id: str) -> list[Captions] | None:
        """The words of a video, drafts too, one for each language; None for an unknown video.

        Languages without any text are left out. [] means that there are no captions.
        """
        # https://docs.wistia.com/reference/captions
        path = f"/v1/medias/{quote(media_id, safe='')}/captions"
        answer = self._find(path, operation="captions", permission=READ_MEDIA)
        if answer is None:
            return None
        return [one for one in CAPTIONS.several(_rows(answer)) if one.text.strip()]

    def customizations(self, media_id: str) -> Customizations | None:
        """What was set on a video: its password, its calls to action; None for an unknown one."""
        # https://docs.wistia.com/reference/customizations
        path = f"/v1/medias/{quote(media_id, safe='')}/customizations"
        answer = self._find(path, operation="customizations", permission=READ_MEDIA)
        if answer is None:
            return None
        document = _document(answer)
        if not isinstance(document, dict):
            raise unclear(answer, "wistia")
        return customizations(document)

    def is_protected(self, media_id: str) -> bool | None:
        """Whether a video asks for a password; None when Wistia does not know the video."""
        found = self.customizations(media_id)
        return None if found is None else found.is_protected

    def projects(self) -> list[Project]:
        """All projects the token may see."""

        # https://docs.wistia.com/reference/projects
        def fetch(page: int, size: int) -> list[Any]:
            params = [("page", str(page)), ("per_page", str(size))]
            answer = self._get("/v1/projects", params, operation="projects", permission=READ_MEDIA)
            return _rows(answer)

        pages = PageWalk(fetch, size=PER_PAGE, most=MOST_PAGES, vendor="wistia")
        return [one for page in pages for one in PROJECT.several(page)]

    def account(self) -> Account:
        """The account the token belongs to; any token that works may read it."""
        # https://docs.wistia.com/reference/account
        answer = self._get("/v1/account", (), operation="account", permission="")
        return _one(answer, ACCOUNT)

    def scopes(self) -> TokenScopes:
        """What the token may do. Only the modern API tells, so its version is pinned."""
        # https://docs.wistia.com/docs/migration-from-v1-guide
        answer = self._get(
            "/modern/token",
            (),
            operation="token",
            permission="",
            headers={"X-Wistia-Api-Version": "2026-03"},
        )
        return _one(answer, TOKEN)

    def _event_rows(self, params: Params) -> list[Any]:
        return _rows(
            self._get("/v1/stats/events", params, operation="events", permission=READ_STATS)
        )

    def _find(self, path: str, *, operation: str, permission: str) -> Answer | None:
        try:
            return self._get(path, (), operation=operation, permission=permission)
        except NotFound:
            return None

    def _get(
        self,
        path: str,
        params: Params,
        *,
        operation: str,
        permission: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if not self._bearer.sendable():
            raise _refused("unauthorized_credentials", "", None)
        answer = self._caller.call(
            "GET",
            self._base + path,
            operation=operation,
            timeout=self._timeout,
            credential=self._bearer,
            turns=self._turns,
            params=params,
            headers=headers,
        )
        if answer.status == 401:
            raise _refused(_code(answer), permission, answer)
        error = refusal(answer, "wistia", write=False)
        if error is not None:
            raise error
        return answer


class _ViewPages(Iterator[list[dict[str, Any]]]):
    """A walk over views that asks for less when Wistia is slow or refuses a date ahead."""

    def __init__(self, read: Callable[[Params], list[Any]], params: Params, first: int = 1) -> None:
        self._read = read
        self._params = list(params)
        self._size = PER_PAGE
        self._walk = PageWalk(
            self._fetch, size=PER_PAGE, most=MOST_PAGES, vendor="wistia", first=first
        )

    def __next__(self) -> list[dict[str, Any]]:
        """The next page. Raises as every method of the client does, and may be asked again."""
        try:
            rows = next(self._walk)
        except TimedOut:
            # Pages of 100 time out at times; a walk whose page size changes must start again.
            self._size = max(self._size // 2, FEWEST_PER_PAGE)
            self._walk.start_again(self._size)
            raise
        return [row for row in rows if isinstance(row, dict)]

    def _fetch(self, page: int, size: int) -> list[Any]:
        part = [("page", str(page)), ("per_page", str(size))]
        try:
            return self._read([*self._params, *part])
        except Rejected as refused:
            # Whether end_date may lie ahead is not documented: without it all up to now comes.
            undated = [pair for pair in self._params if pair[0] != "end_date"]
            if refused.status != 422 or page > 1 or undated == self._params:
                raise
        self._params = undated
        return self._read([*self._params, *part])


def _refused(code: str, permission: str, answer: Answer | None) -> CredentialRefused:
    lacking = permission or READ_STATS
    return CredentialRefused(
        _REFUSED[code].replace("{permission}", lacking),
        vendor="wistia",
        code=code,
        permission=lacking if code == "unauthorized_scope" else "",
        answer=answer.words if answer else "",
        request_id=answer.request_id if answer else "",
    )


def _code(answer: Answer) -> str:
    """Why the token is refused. A missing permission comes as a 401 too; v1 may not say."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    code = document.get("code") if isinstance(document, dict) else None
    known = isinstance(code, str) and code in _REFUSED
    return clean(code, 50) if known else "unauthorized_credentials"


def _document(answer: Answer) -> Any:
    """The answer's JSON. Raises Unclear when it is none."""
    try:
        return answer.json()
    except ValueError:
        pass
    raise unclear(answer, "wistia")


def _rows(answer: Answer) -> list[Any]:
    """The bare array that lists are. Raises Unclear for anything else."""
    rows = _document(answer)
    if not isinstance(rows, list):
        raise unclear(answer, "wistia")
    return rows


def _one(answer: Answer, schema: VendorSchema[T]) -> T:
    loaded = schema.one(_document(answer))
    if loaded is None:
        raise unclear(answer, "wistia")
    return loaded
