"""How videos are watched: asked of Wistia when a page wants it, and remembered for a while.

A page never waits long for Wistia. What it asks for is read by a thread; an answer that is late
is there for the next look, and meanwhile what was remembered is shown.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from .clients.limits import Limiters
from .clients.text import page_address
from .clients.wistia import WistiaClient
from .clock import Clock
from .errors import CredentialRefused, Throttled, VendorError
from .figures import Answers, Figures, figures_of, from_document, gone, to_document
from .store import customers, database, figures
from .store.figures import Known
from .store.keyring import Keyring

REMEMBERED: Final = timedelta(minutes=10)
LIST_REMEMBERED: Final = timedelta(hours=1)
"""Figures older than this are read again when somebody looks at the video, or at the list."""
REST: Final = timedelta(minutes=1)
LONGEST_REST: Final = timedelta(hours=1)
"""After a refusal nothing is asked for so long, unless a person presses the button."""
READ_TIMEOUT: Final = 6.0
"""Seconds for one answer of Wistia's."""
PATIENCE: Final = 6.0
LIST_PATIENCE: Final = 2.5
"""Seconds a page waits: that of one video, and the list."""
AT_ONCE: Final = 12
"""Videos that one look at the list has read; the next look goes on."""
_THREADS: Final = 4
_TOKENS_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is nothing new: no_token, refused, throttled, away or slow.

    ``sentence`` tells more where the vendor's refusal has one.
    """

    code: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a video. ``read_at`` is aware UTC; both None before it was ever read."""

    figures: Figures | None = None
    read_at: datetime | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    """One reading; ``token`` opens Wistia. An ``eager`` one a person asked for by a button."""

    customer_id: int
    known: Known
    token: str = field(repr=False)
    whole: bool = False
    eager: bool = False

    @property
    def account(self) -> tuple[int, bytes]:
        """Whose refusals these are: another token may be welcome."""
        return self.customer_id, hashlib.sha256(self.token.encode("utf-8", "replace")).digest()


class Videos:
    """Reads and remembers the figures of videos. Safe for several threads.

    ``remembers`` is for how long those of one video are shown without asking again.
    """

    def __init__(self, wistia_url: str, clock: Clock, keyring: Keyring, limiters: Limiters) -> None:
        self.remembers = REMEMBERED
        self._url = wistia_url
        self._clock = clock
        self._keyring = keyring
        self._limiters = limiters
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="videos")
        self._lock = threading.Lock()
        self._going: dict[tuple[int, str], Future[Trouble | None]] = {}
        self._resting: dict[tuple[int, bytes], tuple[datetime, Trouble]] = {}

    def close(self) -> None:
        """Read nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def one(self, customer_id: int, known: Known, *, again: bool = False) -> Seen:
        """All that is known of one video; read first where it is old, or ``again`` is asked.

        Raises DeploymentError when the database does not answer, as do the next.
        """
        with database.answering():
            seen = self._seen(customer_id, [known.media_id]).get(known.media_id, Seen())
            token = self._token(customer_id)
        if (
            not again
            and seen.figures
            and seen.figures.whole
            and self._is_fresh(seen, self.remembers)
        ):
            return seen
        trouble = self._read(_Job(customer_id, known, token, whole=True, eager=again))
        with database.answering():
            seen = self._seen(customer_id, [known.media_id]).get(known.media_id, Seen())
        return Seen(seen.figures, seen.read_at, trouble)

    def refresh(
        self, customer_id: int, shown: Sequence[Known], others: Sequence[Known]
    ) -> tuple[int, Trouble | None]:
        """Read some of the videos ``shown`` that are old; how many are left, and why.

        Of ``others`` those that were never read: their place in the list depends on it.
        Raises DeploymentError when the database does not answer.
        """
        with database.answering():
            known = self._seen(customer_id, [one.media_id for one in shown])
            token = self._token(customer_id)
        old = [
            one
            for one in shown
            if not self._is_fresh(known.get(one.media_id, Seen()), LIST_REMEMBERED)
        ]
        unread = [one for one in others if one.plays is None]
        wanted = list({one.media_id: one for one in (*old, *unread)}.values())
        if not wanted:
            return 0, None
        trouble, done = self._read_some(
            [
                _Job(customer_id, one, token, whole=_was_whole(known.get(one.media_id)))
                for one in wanted[:AT_ONCE]
            ]
        )
        return len(wanted) - done, trouble

    def remembered(self, customer_id: int, media_ids: Sequence[str]) -> dict[str, Seen]:
        """What was read of these videos, however old."""
        with database.answering():
            return self._seen(customer_id, media_ids)

    def _read(self, job: _Job) -> Trouble | None:
        trouble = self._at_rest(job)
        if trouble:
            return trouble
        future = self._start(job)
        done, _ = wait([future], timeout=PATIENCE)
        return future.result() if done else Trouble("slow")

    def _read_some(self, jobs: Sequence[_Job]) -> tuple[Trouble | None, int]:
        """Why some could not be read, and how many were."""
        trouble = self._at_rest(jobs[0])
        if trouble:
            return trouble, 0
        done, _ = wait([self._start(job) for job in jobs], timeout=LIST_PATIENCE)
        found = [future.result() for future in done]
        return next(filter(None, found), None), found.count(None)

    def _at_rest(self, job: _Job) -> Trouble | None:
        """Why nothing is asked just now; None when it may be."""
        if not job.token:
            return Trouble("no_token")
        now = self._clock.now()
        with self._lock:
            until, trouble = self._resting.get(job.account, (now, None))
        return trouble if until > now and not job.eager else None

    def _start(self, job: _Job) -> Future[Trouble | None]:
        """The reading of a video; one that goes on already, where there is one."""
        key = (job.customer_id, job.known.media_id)
        with self._lock:
            going = self._going.get(key)
            if going is not None:
                return going
            made = self._going[key] = self._threads.submit(self._carry_out, job)
        made.add_done_callback(lambda _: self._ended(key))
        return made

    def _ended(self, key: tuple[int, str]) -> None:
        with self._lock:
            self._going.pop(key, None)

    def _carry_out(self, job: _Job) -> Trouble | None:
        trouble = self._at_rest(job)  # Another's refusal may have come meanwhile.
        if trouble:
            return trouble
        client = WistiaClient(
            self._url, job.token, limiters=self._limiters, read_timeout=READ_TIMEOUT
        )
        with client as wistia:
            try:
                self._keep(job, wistia)
            except VendorError as error:
                return self._rest(job, error)
        with self._lock:
            self._resting.pop(job.account, None)
        return None

    def _keep(self, job: _Job, wistia: WistiaClient) -> None:
        media_id, seconds = job.known.media_id, job.known.duration
        stats = wistia.media_stats(media_id)
        if stats is None:
            self._save_gone(job)
            return
        told = Answers(stats, wistia.engagement(media_id))
        try:
            whole = _whole(told, wistia, media_id) if job.whole else told
        except VendorError:
            self._save(job, figures_of(told, seconds, whole=False))
            raise
        self._save(job, figures_of(whole, seconds, whole=job.whole))

    def _save(self, job: _Job, read: Figures) -> None:
        now = self._clock.now()
        with database.answering():
            figures.save(job.customer_id, job.known.media_id, to_document(read), read.plays, now)

    def _save_gone(self, job: _Job) -> None:
        """What was known stays, as of when it was read."""
        media_id, now = job.known.media_id, self._clock.now()
        with database.answering():
            seen = self._seen(job.customer_id, [media_id]).get(media_id, Seen())
            read = gone(seen.figures, now)
            at = seen.read_at or now
            figures.save(job.customer_id, media_id, to_document(read), read.plays, at)

    def _rest(self, job: _Job, error: VendorError) -> Trouble:
        """Ask nothing more for a while."""
        trouble, rest = Trouble("away"), REST
        if isinstance(error, Throttled):
            trouble = Trouble("throttled")
            asked = min(error.wait, LONGEST_REST.total_seconds())
            rest = max(REST, timedelta(seconds=asked))
        elif isinstance(error, CredentialRefused):
            trouble = Trouble("refused", error.sentence)
        with self._lock:
            if len(self._resting) >= _TOKENS_KEPT:
                self._resting.clear()
            self._resting[job.account] = self._clock.now() + rest, trouble
        return trouble

    def _seen(self, customer_id: int, media_ids: Sequence[str]) -> dict[str, Seen]:
        return {
            media_id: Seen(from_document(stored.content), stored.read_at)
            for media_id, stored in figures.load(customer_id, media_ids).items()
        }

    def _is_fresh(self, seen: Seen, span: timedelta) -> bool:
        if seen.figures is None or seen.read_at is None:
            return False
        asked_at = seen.figures.gone_at or seen.read_at
        return self._clock.now() - asked_at < span

    def _token(self, customer_id: int) -> str:
        return customers.secrets(self._keyring, customer_id).get("wistiaApiPassword", "")


def _was_whole(seen: Seen | None) -> bool:
    return bool(seen and seen.figures and seen.figures.whole)


def _whole(told: Answers, wistia: WistiaClient, media_id: str) -> Answers:
    """With the day it was put up, the words, and the address of the account."""
    return replace(
        told,
        media=next(iter(wistia.medias([media_id])), None),
        captions=wistia.captions(media_id),
        customizations=wistia.customizations(media_id),
        home=page_address(wistia.account().url),
    )
