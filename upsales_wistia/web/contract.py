"""What the pages need from the rest of the house, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ..clock import Clock
from ..config import Config
from ..connection import Connection
from ..enrichment.rules import EnrichmentRules, JobName
from ..enrichment.run import Wanted
from ..frame import Frame
from ..privacy.certificate import Certificate
from ..privacy.erase import Erased
from ..status import StatusData
from ..store.keyring import Keyring
from ..store.taken_back import Chosen
from ..sync.period import Wanted as Older
from ..videos import Videos
from .hook_request import HookRequest


class Hooks(Protocol):
    """What Upsales' requests set going. Each is called with the database at hand.

    Whatever takes longer than 2 seconds is done after these have returned. Those that take
    something over raise OldRequest when a newer request was taken over already.
    """

    def external(self, request: HookRequest) -> None:
        """Take over name and config, and run with the request's key when the present run ends."""

    def job(self, request: HookRequest) -> None:
        """The same on Upsales' own schedule."""

    def contact_changed(self, request: HookRequest, contact_id: int) -> None:
        """A contact is new or changed: release who waits for it."""

    def event_details(self, request: HookRequest) -> Mapping[str, Any]:
        """``{"rows": […]}`` for an opened log entry."""

    def widget(self, request: HookRequest, name: str) -> Mapping[str, Any]:
        """``{"rows": […]}`` for a contact's or company's card."""

    def iframe(self, request: HookRequest) -> str:
        """An opened log entry as an HTML document."""

    def unknown_path(self) -> None:
        """Upsales asks for an address that we do not have."""

    def spoken_of(self, request: HookRequest) -> bool:
        """Somebody in Upsales looks at the app of a customer; whether that was known before."""


class Asking(Protocol):
    """Asks Upsales to call us. Called with the database at hand."""

    @property
    def can_ask(self) -> bool:
        """Whether the app is in Upsales' directory."""

    def ask(self, customer_id: int, *, asked: bool = False) -> bool:
        """Ask for a customer, ``asked`` by a person; whether Upsales took it."""


class Fetching(Protocol):
    """Backfills. Called with the database at hand; each is carried out afterwards."""

    def ask(self, customer_id: int, wanted: Older, by: str) -> object:
        """Look at older views; UsageError, with one sentence, for days that cannot be."""

    def write(self, customer_id: int, seen: str, by: str) -> object:
        """Write what a preview foresaw; UsageError when it is not the one that was ``seen``."""

    def pause(self, customer_id: int) -> None:
        """Let it end after the write that it is making; it can go on later."""

    def go_on(self, customer_id: int) -> None:
        """Let it go on."""

    def stop(self, customer_id: int) -> None:
        """Let it end for good."""


class Undoing(Protocol):
    """Takes back what was written. Called with the database at hand."""

    def ask(self, customer_id: int, chosen: Chosen, by: str) -> None:
        """Let it be taken back soon; UsageError, with one sentence, where it cannot be."""

    def go_on(self, customer_id: int) -> None:
        """Let what could not go on go on."""

    def write_again(self, customer_id: int, chosen: Chosen, by: str) -> int:
        """Let what was taken back be written by the next run; returns how many entries."""


class Webhooks(Protocol):
    """What Wistia's webhook sets going. Called with the database at hand."""

    def receive(self, customer: str, body: bytes, signature: str) -> bool:
        """Take in a body that Wistia posted; False when it is not signed with their secret."""


class Enriching(Protocol):
    """The five jobs with Mavera. Each is called with the database at hand."""

    def rules(self, customer_id: int) -> EnrichmentRules:
        """What the customer chose."""

    def has_key(self, customer_id: int) -> bool:
        """Whether the customer gave a Mavera key."""

    def switch(self, customer_id: int, *, drafts: bool, todos: bool, by: str) -> None:
        """Let follow-ups be drafted after each poll, and become to-dos, or not."""

    def preview(
        self, customer_id: int, job: JobName, subject: str = "", wanted: Wanted | None = None
    ) -> Mapping[str, Any]:
        """Every body that a run would send. Raises AppError when it cannot be told."""

    def queue(
        self, customer_id: int, job: JobName, subject: str, wanted: Wanted, *, by: str
    ) -> object:
        """Let a job run in the background soon. Raises NotConfigured without a key."""

    def stop(self, customer_id: int, run_id: str) -> None:
        """Let a run end after the call that it is making. Raises UsageError for an unknown one."""

    def answer(self, customer_id: int, run_id: str, said: str) -> None:
        """Answer Mave's question. Raises UsageError for an unknown run."""


class Erasing(Protocol):
    """What is kept of people. Each is called with the database at hand.

    All raise UsageError, in a sentence, for what is no e-mail address.
    """

    def look(self, customer_id: int, email: str) -> Certificate:
        """What is kept of a person, counted; nothing is changed."""

    def ask_soon(self, customer_id: int, email: str, *, entries: bool, by: str) -> int:
        """Let a person be erased in the background; the erasure's number."""

    def unforget(self, customer_id: int, email: str) -> bool:
        """Take a person off the list of those who stay forgotten; false when not on it."""

    def of(self, customer_id: int, number: int) -> Erased | None:
        """How far an erasure has come; None when there is none of that number."""

    def export(self, customer_id: int, email: str) -> Mapping[str, Any]:
        """What is kept on a person, as a JSON document."""


class Services(Protocol):
    """The part of the object graph that the web is given."""

    @property
    def config(self) -> Config:
        """The process's environment."""

    @property
    def clock(self) -> Clock:
        """What time the pages take it to be."""

    @property
    def connection(self) -> Connection:
        """Live checks of what an admin typed."""

    @property
    def keyring(self) -> Keyring:
        """Makes ids of e-mails, and opens secrets."""

    @property
    def hooks(self) -> Hooks:
        """What Upsales' requests set going."""

    @property
    def asking(self) -> Asking:
        """Asks Upsales to call us for a customer."""

    @property
    def webhooks(self) -> Webhooks:
        """What Wistia's webhook sets going."""

    @property
    def erasing(self) -> Erasing:
        """What is kept of people, erased and exported."""

    @property
    def fetching(self) -> Fetching:
        """Older views, because a person asks for them."""

    @property
    def undoing(self) -> Undoing:
        """Takes back what was written."""

    @property
    def videos(self) -> Videos:
        """How videos are watched."""

    def answering(self) -> AbstractContextManager[None]:
        """The database, for one request; DeploymentError when it does not answer."""

    def check_database(self) -> None:
        """Raise DeploymentError with the cause when the database does not answer."""

    def end_session(self, customer_id: int, session_id: str, until: float) -> None:
        """Let a session be over before ``until`` (epoch seconds), when it would end by itself.

        Raises DeploymentError when the database does not answer, as does the next.
        """

    def is_session_ended(self, customer_id: int, session_id: str) -> bool:
        """Whether this session was ended before its time."""

    def frame(self, customer_id: int) -> Frame | None:
        """What stands around a customer's pages; None when there is no such customer.

        Raises DeploymentError when the database does not answer.
        """

    @property
    def enriching(self) -> Enriching:
        """The five jobs with Mavera."""

    def run_soon(self, customer_id: int) -> None:
        """A person asks for a run: it begins now, or when the present one has ended."""

    def status_page(self, customer_id: int) -> StatusData | None:
        """What the status page of a customer shows; None when there is no such customer.

        Raises DeploymentError when the database does not answer.
        """
