"""Mavera: synthetic personas, an agent, focus groups, brand voices and generated texts.

https://docs.mavera.io/api-reference/introduction
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, TypeVar
from urllib.parse import quote

from ..errors import NotConfigured, NotFound, Rejected, TooMany, VendorError, WrongAddress
from .answers import unclear
from .fields import VendorSchema
from .http import Caller
from .limits import Limiters
from .mavera_answers import (
    FocusGroup,
    MaveAnswer,
    MaveThread,
    Reply,
    focus_group,
    mave_answer,
    mave_thread,
    reply_of,
)
from .mavera_call import Guard, MaveraCaller, PaidPermit, Params, Received, Timeouts, unusable
from .mavera_dialect import REFERENCE, Dialect
from .mavera_drafts import (
    BrandVoiceDraft,
    Draft,
    FocusGroupDraft,
    GenerationDraft,
    MaveDraft,
    PersonaDraft,
    ResponseDraft,
)
from .mavera_files import MaveraFiles
from .mavera_schema import (
    APP,
    BRAND_VOICE,
    GENERATION,
    PERSONA,
    USAGE,
    WORKSPACE,
    BrandVoice,
    Generation,
    GenerationApp,
    Persona,
    UploadedFile,
    Usage,
    Workspace,
    credits_of,
    listed,
)

T = TypeVar("T")

PER_PAGE: Final = 100
MOST_PAGES: Final = 50
THREADS_LOOKED_AT: Final = 10


class MaveraClient:
    """Mavera's answers for one key, over one session; for one thread.

    Reads raise CredentialRefused (401), NoCredits (402), Throttled (429, with Mavera's own wait),
    NotSent, Unclear (also TimedOut), WrongAddress, NotFound, Rejected or another VendorError.

    What costs credits takes a draft and a permit, is sent once and never again by itself. It
    raises CredentialRefused, NoCredits, Throttled, NotSent, WrongAddress, Rejected (UnknownPersona
    among them) when it was surely not done; Uncertain when that is not known: then the
    ``find_…`` of its kind tells, by the draft's label, whether there is what it would have made.
    Unusable is an answer that came and cannot be used; it carries the raw JSON and its cost.

    ``guard`` is told every JSON body that is about to leave and may raise to keep it in.
    ``workspace_id`` "" means the key's only workspace, looked up when one is needed.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        limiters: Limiters,
        workspace_id: str = "",
        dialect: Dialect = REFERENCE,
        guard: Guard | None = None,
        caller: Caller | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.dialect = dialect
        self._times = timeouts or Timeouts()
        self._call = MaveraCaller(base_url, key, limiters=limiters, caller=caller, guard=guard)
        self._files = MaveraFiles(self._call, base_url, dialect, self._times)
        self._workspace = workspace_id.strip()

    def __enter__(self) -> MaveraClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def requests(self) -> int:
        """How many HTTP requests were sent so far, uploads included."""
        return self._call.requests + self._files.requests

    def close(self) -> None:
        """Close the connections."""
        self._call.close()
        self._files.close()

    # What costs nothing

    def usage(self) -> Usage | None:
        """Credits used and left; None when this key may not read them (403, 404)."""
        # https://docs.mavera.io/api-reference/usage/get-usage-statistics
        try:
            return self._one(self._read(self.dialect.usage, operation="usage"), USAGE)
        except (NotFound, Rejected):
            return None

    def workspaces(self) -> list[Workspace]:
        """The workspaces of the account; never with their members' addresses."""
        return self._all(self.dialect.workspaces, WORKSPACE, "workspaces")

    def workspace_id(self) -> str:
        """The configured workspace, or the only one. Raises NotConfigured: it must be chosen."""
        if not self._workspace:
            there = self.workspaces()
            if len(there) != 1:
                names = ", ".join(f"{one.name} ({one.workspace_id})" for one in there[:20])
                raise NotConfigured(
                    "Your Mavera key has several workspaces. Put the id of one into the settings "
                    f"(maveraWorkspaceId): {names}."
                    if there
                    else "Your Mavera key has no workspace. Make one in Mavera first."
                )
            self._workspace = there[0].workspace_id
        return self._workspace

    def personas(self) -> list[Persona]:
        """Every persona that may be asked, custom ones too. Free."""
        # https://docs.mavera.io/api-reference/personas/list-available-personas
        return self._all(self.dialect.personas, PERSONA, "personas")

    def generation_apps(self) -> list[GenerationApp]:
        """The apps that ``generate`` may use. Free."""
        return self._all(self.dialect.generation_apps, APP, "generation_apps")

    def focus_group(self, group_id: str) -> FocusGroup:
        """A focus group as it stands."""
        received = self._read(f"{self.dialect.focus_groups}/{_piece(group_id)}", operation="group")
        return _whole(focus_group(received.document), received)

    def brand_voice(self, voice_id: str) -> BrandVoice:
        """A brand voice as it stands."""
        path = f"{self.dialect.brand_voices}/{_piece(voice_id)}"
        return self._one(self._read(path, operation="brand_voice"), BRAND_VOICE)

    def brand_voices(self) -> list[BrandVoice]:
        """Every brand voice of the workspace."""
        params = self._scope()
        return self._all(self.dialect.brand_voices, BRAND_VOICE, "brand_voices", params)

    def generation(self, generation_id: str) -> Generation:
        """A generated text as it stands."""
        path = f"{self.dialect.generations}/{_piece(generation_id)}"
        return self._one(self._read(path, operation="generation"), GENERATION)

    # What costs credits

    def body(self, draft: Draft) -> dict[str, Any]:
        """Exactly what would leave for ``draft``. May look the workspace up. Raises ValueError."""
        needs = isinstance(draft, FocusGroupDraft | BrandVoiceDraft)
        return draft.document(self.dialect, self.workspace_id() if needs else self._workspace)

    def permit(self) -> PaidPermit:
        """Wait for our turn; good for one paid call. Raises UsedUp when it is too far away.

        Apart from the call, so that its intent is committed after the waiting.
        """
        return self._call.permit()

    def respond(self, draft: ResponseDraft, permit: PaidPermit) -> Reply:
        """Ask a persona. No list of answers exists, so after Uncertain nothing can be found."""
        # https://docs.mavera.io/api-reference/responses/create-a-response
        received = self._buy(
            self.dialect.chat_path, draft, permit, operation="respond", timeout=self._times.answer
        )
        reply = reply_of(received.document)
        if reply is None:
            raise unusable(received, "it is empty or not the JSON asked for", _cost(received))
        return reply

    def ask_mave(self, draft: MaveDraft, permit: PaidPermit) -> MaveAnswer:
        """Ask the agent: a MaveResult, or a MaveQuestion when it asks back first."""
        # https://docs.mavera.io/api-reference/mave/send-message-to-mave
        received = self._buy(
            self.dialect.mave_chat, draft, permit, operation="ask_mave", timeout=self._times.agent
        )
        said = mave_answer(received.document)
        if said is None:
            raise unusable(received, "it says nothing", _cost(received))
        return said

    def create_persona(self, draft: PersonaDraft, permit: PaidPermit) -> Persona:
        """Make a custom persona."""
        received = self._buy(self.dialect.personas, draft, permit, operation="create_persona")
        return self._made(received, PERSONA)

    def create_focus_group(self, draft: FocusGroupDraft, permit: PaidPermit) -> FocusGroup:
        """Start a focus group; it is done later: ask ``focus_group``."""
        received = self._buy(self.dialect.focus_groups, draft, permit, operation="create_group")
        made = focus_group(received.document)
        if made is None:
            raise unusable(received, "it names no focus group", _cost(received))
        return made

    def create_brand_voice(self, draft: BrandVoiceDraft, permit: PaidPermit) -> BrandVoice:
        """Start a brand voice; it is done later: ask ``brand_voice``."""
        # https://docs.mavera.io/api-reference/brand-voice/create-brand-voice
        received = self._buy(self.dialect.brand_voices, draft, permit, operation="create_voice")
        return self._made(received, BRAND_VOICE)

    def generate(self, draft: GenerationDraft, permit: PaidPermit) -> Generation:
        """Let an app write; some do so later: ask ``generation`` while it is running."""
        # https://docs.mavera.io/api-reference/generations/generate-content
        timeout = self._times.answer
        received = self._buy(
            self.dialect.generations, draft, permit, operation="generate", timeout=timeout
        )
        return self._made(received, GENERATION)

    # What was made by a call without an answer. Free; None: it is not there.

    def find_persona(self, label: str) -> Persona | None:
        """The custom persona of this name."""
        return next((p for p in self.personas() if p.is_custom and p.name == label), None)

    def find_brand_voice(self, label: str) -> BrandVoice | None:
        """The brand voice of this label, a failed one only when there is no other."""
        found = [voice for voice in self.brand_voices() if voice.label == label]
        return min(found, key=lambda voice: voice.state == "failed", default=None)

    def find_generation(self, label: str) -> Generation | None:
        """The generated text of this title."""
        rows = self._rows(self.dialect.generations, "generations", self._scope())
        found = (one for one in GENERATION.several(rows) if one.title == label)
        return next(found, None)

    def find_focus_group(self, label: str) -> FocusGroup | None:
        """The focus group of this name. No page documents the list: it may be NotFound."""
        rows = self._rows(self.dialect.focus_groups, "focus_groups", self._scope())
        groups = (focus_group(row) for row in rows)
        return next((one for one in groups if one and one.label == label), None)

    def find_thread(self, label: str) -> MaveThread | None:
        """The conversation in which our message with this label stands.

        Only the newest ``THREADS_LOOKED_AT`` are opened: ask soon after the call.
        """
        # https://docs.mavera.io/api-reference/mave/list-mave-threads
        path = self.dialect.mave_threads
        rows = [row for row in self._rows(path, "threads", self._scope()) if isinstance(row, dict)]
        rows.sort(key=lambda row: str(row.get("updated_at") or row.get("created_at")), reverse=True)
        for row in rows[:THREADS_LOOKED_AT]:
            received = self._read(f"{path}/{_piece(str(row.get('id')))}", operation="thread")
            found = mave_thread(received.document, label)
            if found is not None:
                return found
        return None

    # Files

    def upload(self, name: str, content: bytes, file_type: str) -> UploadedFile:
        """Put a file up; it gets a public address. Free, and may be done again after any error.

        ``file_type`` is a MIME type. Raises ValueError for more than ``MOST_FILE_BYTES``.
        """
        return self._files.upload(name, content, file_type, self.workspace_id(), self._file_rows)

    def find_file(self, name: str) -> UploadedFile | None:
        """The uploaded file of this name. No page documents the list: it may be NotFound."""
        return self._files.find(self._file_rows(), name)

    def delete_file(self, file_id: str) -> bool:
        """Delete a file, its public address with it; False when the API does not allow it."""
        return self._delete(f"{self.dialect.files}/{_piece(file_id)}", "delete_file")

    def delete_thread(self, thread_id: str) -> bool:
        """Delete a conversation with Mave; False when the API does not allow it."""
        return self._delete(f"{self.dialect.mave_threads}/{_piece(thread_id)}", "delete_thread")

    def delete_generation(self, generation_id: str) -> bool:
        """Delete a generated text; False when the API does not allow it."""
        path = f"{self.dialect.generations}/{_piece(generation_id)}"
        return self._delete(path, "delete_generation")

    def _file_rows(self) -> Iterator[Any]:
        return self._rows(self.dialect.files, "files", self._scope())

    def _delete(self, path: str, operation: str) -> bool:
        try:
            self._call.change("DELETE", path, None, operation=operation, timeout=self._times.read)
        except WrongAddress:  # there is no such call
            return False
        except VendorError as error:
            if error.status not in (403, 404, 405, 501):
                raise
            return error.status == 404  # it is gone already
        return True

    def _buy(
        self,
        path: str,
        draft: Draft,
        permit: PaidPermit,
        *,
        operation: str,
        timeout: float | None = None,
    ) -> Received:
        del permit
        seconds = self._times.creation if timeout is None else timeout
        return self._call.buy(path, self.body(draft), operation=operation, timeout=seconds)

    def _read(self, path: str, params: Params = (), *, operation: str) -> Received:
        return self._call.read(path, params, operation=operation, timeout=self._times.read)

    def _scope(self) -> Params:
        return [("workspace_id", self._workspace)] if self._workspace else []

    def _all(self, path: str, schema: VendorSchema[T], name: str, params: Params = ()) -> list[T]:
        return schema.several(self._rows(path, name, params))

    def _rows(self, path: str, name: str, params: Params = ()) -> Iterator[Any]:
        """Every row of a list, in whichever way it goes on: by cursor, by offset or not at all."""
        seen, more = 0, list[tuple[str, str]]()
        last: list[Any] = []
        for _ in range(MOST_PAGES):
            asked = [*params, ("limit", str(PER_PAGE)), *more]
            received = self._read(path, asked, operation=name)
            rows = listed(received.document, name)
            if rows is None:
                raise unclear(received.answer, "mavera")
            if not rows or rows == last:
                return
            yield from rows
            seen, last = seen + len(rows), rows
            more = _next_page(received.document, seen)
            if not more:
                return
        raise TooMany("Mavera's list does not end.", vendor="mavera", code="mavera_away")

    def _one(self, received: Received, schema: VendorSchema[T]) -> T:
        return _whole(schema.one(received.document), received)

    def _made(self, received: Received, schema: VendorSchema[T]) -> T:
        made = schema.one(received.document)
        if made is None:
            raise unusable(received, "it lacks the id of what was made", _cost(received))
        return made


def _next_page(document: Any, seen: int) -> list[tuple[str, str]]:
    """What to ask a list for next: both ways of Mavera's pages are known, and [] ends it."""
    if not isinstance(document, Mapping):
        return []
    cursor = document.get("next_cursor")
    if isinstance(cursor, str) and cursor:
        return [("cursor", cursor)]
    return [("offset", str(seen))] if document.get("has_more") is True else []


def _whole(value: T | None, received: Received) -> T:
    if value is None:
        raise unclear(received.answer, "mavera")
    return value


def _cost(received: Received) -> float | None:
    return credits_of(received.document)


def _piece(text: str) -> str:
    return quote(text, safe="")
