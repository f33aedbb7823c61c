"""Upsales: who is who, the activity log, and forms.

https://api.upsales.com
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, TypeVar

from .answers import Answer, refusal, unclear
from .credentials import Credential, KeyInCookie, KeyInQuery
from .fields import VendorSchema
from .http import Caller, Counted, Method
from .limits import Limiters
from .paging import PageWalk
from .upsales_envelope import envelope_data, ignored, refused, row_list, single
from .upsales_schema import (
    ACCOUNT,
    CONTACT,
    EVENT,
    FORM,
    ID,
    SELF,
    SUBMIT,
    SUBMIT_LENGTH,
    USER,
    AccountRow,
    ContactRow,
    EventDraft,
    EventRow,
    FormDraft,
    FormRow,
    FormSubmitRow,
    Self_,
    UserRow,
)
from .upsales_todos import TODO, TodoDraft, todo_type_of

T = TypeVar("T")
Auth = Literal["auto", "cookie", "query"]
Params = Sequence[tuple[str, str]]

EXTERNAL_URL: Final = "https://power.upsales.com/api/external"
EMAILS_A_REQUEST: Final = 40
PER_PAGE: Final = 1000
FORMS_A_PAGE: Final = 100
MOST_FOUND: Final = 2000
MOST_PAGES: Final = 200
_NO_TOKENS: Final = frozenset({"null", "true", "false", "undefined"})
_TOKEN: Final = re.compile(r'"?([A-Za-z0-9._~+/=:-]{1,500})"?')


@dataclass(frozen=True, slots=True)
class WritePermit:
    """Our turn for one write has come: it leaves at once, whatever else waits."""


@dataclass(frozen=True, slots=True)
class SubmitPermit:
    """Our turn for one form submit has come: it leaves at once, whatever else waits."""


class UpsalesClient(Counted):
    """Upsales' answers for one API key, over one session; for one thread.

    Reads raise CredentialRefused (401), Throttled (429), NotSent, Unclear (also TimedOut, and an
    envelope with an error), WrongAddress, NotFound, Rejected (400, 403, 422) or VendorError.
    A write is sent once, and raises the same, but Rejected for every other 3xx and 4xx: surely
    not done are CredentialRefused, Throttled, NotSent, WrongAddress and Rejected, while after
    Unclear it may have been done.

    Under ``auth`` "auto" the first call settles how the key is sent, by ``/self``; ``auth`` then
    says which way worked. ``read_timeout`` is in seconds.
    """

    def __init__(
        self,
        base_url: str,
        external_url: str | None,
        key: str,
        *,
        auth: Auth,
        limiters: Limiters,
        caller: Caller | None = None,
        read_timeout: float = 30.0,
    ) -> None:
        self.auth: Auth = auth
        self._base = base_url.rstrip("/")
        self._external = (external_url or EXTERNAL_URL).rstrip("/")
        self._ways = {"cookie": KeyInCookie(key), "query": KeyInQuery(key)}
        self._turns = (limiters.upsales(key.strip()),)
        self._write_turns = (*self._turns, limiters.upsales_writes(key.strip()))
        self._submits = limiters.submits
        self._caller = caller or Caller("upsales")
        self._timeout = read_timeout

    def __enter__(self) -> UpsalesClient:
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

    def self_(self) -> Self_:
        """Whose key it is. Under "auto" the cookie is tried first, and on a 401 the query."""
        # https://api.upsales.com: the answer's error is spelt "errors" here
        if self.auth == "auto":
            answer = self._send("GET", "/self", self._ways["cookie"], operation="self")
            self.auth = "query" if answer.status == 401 else "cookie"
            if self.auth == "cookie":
                return single(self._checked(answer, write=False), SELF)
        return single(self._read("/self", (), operation="self"), SELF)

    def contacts_by_email(self, emails: Sequence[str]) -> list[ContactRow]:
        """Active contacts with one of ``emails``, whatever their case; 40 to a request.

        An e-mail with a comma cannot be searched for: a comma parts values. A contact without a
        company is left out, here and in the other lists of contacts.
        """
        wanted = {email.strip().lower(): email.strip() for email in emails if "," not in email}
        asked = list(wanted.values())
        found: list[ContactRow] = []
        for first in range(0, len(asked), EMAILS_A_REQUEST):
            found += self._contacts("eq:" + ",".join(asked[first : first + EMAILS_A_REQUEST]))
        return [row for row in found if row.email.lower() in wanted]

    def contacts_by_domain(self, domain: str) -> list[ContactRow]:
        """Active contacts whose e-mail contains ``domain``, as Upsales finds them: unfiltered.

        Without the @, so that addresses at its sub-domains are found too. ``src`` is not
        documented, so the rows may be anything.
        """
        return self._contacts(f"src:{domain}")

    def contacts_after(self, contact_id: int, limit: int = PER_PAGE) -> list[ContactRow]:
        """The active contacts with the next ids, about ``limit`` of them.

        It is the crawl that Upsales documents. Fewer than ``limit`` means that it has ended.
        Raises VendorError when it comes back to ids that were read before: it would never end.
        """
        found: list[ContactRow] = []
        after = contact_id
        while True:
            params = [("sort", "id"), ("limit", str(limit)), ("id", f"gt:{after}")]
            answer = self._read("/contacts", [*params, ("active", "1")], operation="contacts")
            rows = row_list(answer)
            ids = ID.several(rows)
            if any(one <= after for one in ids):
                raise ignored(answer)
            found += CONTACT.several(rows)
            # Rows without a company are left out; a page of them must not look like the end.
            if len(rows) < limit or len(found) >= limit or not ids:
                return found
            after = max(ids)

    def accounts(self, ids: Sequence[int]) -> list[AccountRow]:
        """The companies with these ids; those that are gone are not among them."""
        found: list[AccountRow] = []
        for first in range(0, len(ids), PER_PAGE // 10):
            some = ",".join(map(str, ids[first : first + PER_PAGE // 10]))
            found += self._all("/accounts", [("id", f"eq:{some}")], ACCOUNT, "accounts")
        return found

    def users(self) -> list[UserRow]:
        """Every user of the customer's; API keys are users too."""
        return self._all("/users", (), USER, "users")

    def events(self, *filters: tuple[str, str, Any], limit: int = PER_PAGE) -> list[EventRow]:
        """Log entries that pass every filter (attribute, comparator, value), at most ``limit``.

        Upsales answers a 500 without a filter, so ValueError is raised. It may ignore one, or
        find nothing by one: compare what comes.
        """
        if not filters:
            raise ValueError("log entries can only be listed by a filter")
        params = [("q", _compact({"a": a, "c": c, "v": v})) for a, c, v in filters]
        answer = self._read("/events", [*params, ("limit", str(limit))], operation="events")
        return EVENT.several(row_list(answer))

    def event_pages(self, *filters: tuple[str, str, Any]) -> Iterator[list[EventRow]]:
        """All log entries that pass every filter, page by page; as ``events`` otherwise.

        The pages can be asked for again after an error.
        """
        params = [("q", _compact({"a": a, "c": c, "v": v})) for a, c, v in filters]

        def fetch(page: int, size: int) -> list[EventRow]:
            part = [("limit", str(size)), ("offset", str((page - 1) * size))]
            return EVENT.several(
                row_list(self._read("/events", [*params, *part], operation="events"))
            )

        return PageWalk(fetch, size=PER_PAGE, most=MOST_PAGES, vendor="upsales")

    def write_permit(self) -> WritePermit:
        """Wait until one more write is within the limits, and all but the write itself is done.

        Apart from the write, so that its intent is committed after the waiting. Raises UsedUp
        when the hour's writes are.
        """
        self._credential()
        for turn in self._write_turns:
            turn.acquire()
        return WritePermit()

    def submit_permit(self) -> SubmitPermit:
        """Wait until one more form submit is within the limits; as ``write_permit``."""
        self._submits.acquire()
        return SubmitPermit()

    def create_event(self, draft: EventDraft, permit: WritePermit) -> EventRow:
        """Write an entry into the activity log; ``permit`` is good for this one."""
        # https://support.upsales.com/hc/en-us/articles/360001704867-Custom-marketing-events
        del permit
        answer = self._write("POST", "/events", draft.document(), operation="create_event")
        return single(answer, EVENT)

    def todo_type(self) -> int:
        """The kind of activity that is a to-do."""
        return todo_type_of(self._read("/todoTypes", (), operation="todo_types"))

    def create_todo(self, draft: TodoDraft, permit: WritePermit) -> int:
        """Make a to-do; returns its id. ``permit`` is good for this one."""
        del permit
        answer = self._write("POST", "/activities", draft.document(), operation="create_todo")
        return single(answer, TODO)

    def delete_event(self, event_id: int) -> None:
        """Remove a log entry."""
        self.write_permit()
        envelope_data(self._write("DELETE", f"/events/{event_id}", None, operation="delete_event"))

    def forms(self) -> list[FormRow]:
        """Every form, archived ones too, without the page that each carries."""
        wanted = ("id", "uuid", "name", "internalName", "score", "isArchived")
        params = [("f[]", name) for name in wanted]
        return self._all("/forms", params, FORM, "forms", size=FORMS_A_PAGE)

    def create_form(self, draft: FormDraft) -> FormRow:
        """Make a form."""
        self.write_permit()
        return single(
            self._write("POST", "/forms", draft.document(), operation="create_form"), FORM
        )

    def update_form(self, form_id: int, *, score: int) -> FormRow:
        """Change what a submit of the form scores."""
        self.write_permit()
        document = {"score": score}
        answer = self._write("PUT", f"/forms/{form_id}", document, operation="update_form")
        return single(answer, FORM)

    def submit_form(self, form_uuid: str, fields: Mapping[str, str], permit: SubmitPermit) -> str:
        """Submit a form as a visitor would; returns the token that says it was taken.

        ``permit`` is good for this one. It is processed later. No key is sent. Values are cut to
        512 characters, as in the page. A 401 is Rejected: there is no key to refuse.
        """
        del permit
        # What the pages do that embed a form: without isAjax the answer is a redirect, and
        # "validation" is a field that only robots fill in.
        form = {name: value[:SUBMIT_LENGTH] for name, value in fields.items()} | {
            "formCid": form_uuid.partition("u")[0],
            "formId": form_uuid,
            "isFrame": "false",
            "validation": "",
            "isAjax": "true",
        }
        answer = self._caller.call(
            "POST",
            f"{self._external}/formSubmit",
            operation="submit_form",
            timeout=self._timeout,
            form=form,
        )
        error = refusal(answer, "upsales", write=True)
        if error is not None:
            raise error
        token = _TOKEN.fullmatch(answer.body.decode("utf-8", "replace").strip())
        if token is None or token[1] in _NO_TOKENS:
            raise unclear(answer, "upsales")
        return token[1]

    def form_submits(self, form_id: int, since: datetime | None = None) -> list[FormSubmitRow]:
        """Submits of a form that were processed, newest first; those before ``since`` not all.

        ``since`` is aware. A key may lack the right to read them: Rejected (403).
        """
        params = [("formId", str(form_id)), ("sort", "-regDate")]
        found: list[FormSubmitRow] = []

        def fetch(page: int, size: int) -> list[FormSubmitRow]:
            part = [("limit", str(size)), ("offset", str((page - 1) * size))]
            answer = self._read("/formSubmits", [*params, *part], operation="form_submits")
            return SUBMIT.several(row_list(answer))

        for page in PageWalk(fetch, size=PER_PAGE, most=MOST_PAGES, vendor="upsales"):
            found += page
            if since is not None and all(row.at is not None and row.at < since for row in page):
                break
        return found

    def _contacts(self, email: str) -> list[ContactRow]:
        """Contacts by a filter on ``email``. More than 2,000 mean that the filter is ignored."""
        params = [("email", email), ("active", "1")]
        return self._all("/contacts", params, CONTACT, "contacts", most=MOST_FOUND)

    def _all(
        self,
        path: str,
        params: Params,
        schema: VendorSchema[T],
        operation: str,
        *,
        size: int = PER_PAGE,
        most: int = MOST_PAGES * PER_PAGE,
    ) -> list[T]:
        """Every row of a list, ``size`` at a time; VendorError when it has more than ``most``."""

        def fetch(page: int, size: int) -> list[Any]:
            part = [("limit", str(size)), ("offset", str((page - 1) * size))]
            return row_list(self._read(path, [*params, *part], operation=operation))

        pages = PageWalk(fetch, size=size, most=most // size, vendor="upsales")
        return [row for page in pages for row in schema.several(page)]

    def _read(self, path: str, params: Params, *, operation: str) -> Answer:
        answer = self._send("GET", path, self._credential(), params, operation=operation)
        return self._checked(answer, write=False)

    def _write(
        self, method: Method, path: str, document: Mapping[str, Any] | None, *, operation: str
    ) -> Answer:
        answer = self._send(
            method, path, self._credential(), document=document, operation=operation
        )
        return self._checked(answer, write=True)

    def _credential(self) -> Credential:
        if self.auth == "auto":
            self.self_()
        return self._ways["query" if self.auth == "query" else "cookie"]

    def _send(
        self,
        method: Method,
        path: str,
        credential: Credential,
        params: Params = (),
        document: Mapping[str, Any] | None = None,
        *,
        operation: str,
    ) -> Answer:
        if not credential.sendable():
            raise refused(None)
        return self._caller.call(
            method,
            self._base + path,
            operation=operation,
            timeout=self._timeout,
            credential=credential,
            turns=self._turns if method == "GET" else (),
            params=params,
            json=document,
            headers={"Content-Type": "application/json"},
        )

    def _checked(self, answer: Answer, *, write: bool) -> Answer:
        if answer.status == 401:
            raise refused(answer)
        error = refusal(answer, "upsales", write=write)
        if error is not None:
            raise error
        return answer


def _compact(filter_: Mapping[str, Any]) -> str:
    return json.dumps(filter_, separators=(",", ":"))
