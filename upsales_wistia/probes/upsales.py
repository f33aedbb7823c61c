"""What is asked of Upsales.

Left open, or told in two ways, by https://api.upsales.com and the pages it links to.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from typing import Final, Literal
from uuid import uuid4

from ..clients.credentials import Credential, KeyInCookie, KeyInQuery
from ..clients.http import Caller
from ..clients.limits import Limiter
from ..clients.upsales import PER_PAGE, UpsalesClient
from ..clients.upsales_envelope import row_list
from ..clients.upsales_schema import CONTACT, ContactRow, Self_
from ..errors import CredentialRefused, Rejected, Unclear
from ..funnel.domains import domain_of
from ..funnel.identity import address
from .entries import (
    Entry,
    by_app,
    by_day,
    by_external_id,
    by_kind,
    known_entries,
    zone_of_dates,
)
from .question import CannotTell, Found, Probe, Question, settle, unasked
from .reading import Params, Reading
from .subject import Subject

Way = Literal["cookie", "query"]

KEY: Final = "apiKey"
WAYS: Final[dict[Way, Callable[[str], Credential]]] = {"cookie": KeyInCookie, "query": KeyInQuery}
_OF_CONTACTS: Final = 100
_OURS: Final = "wistia:"
_FORMS_OFF: Final = "Nothing relies on it: forms are off in the settings."


class UpsalesAsked:
    """Upsales as one customer's key sees it. ``me`` is known once the key was accepted."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.key = subject.secrets[KEY]
        self.turn: Limiter = subject.limiters.upsales(self.key.strip())
        self.caller = Caller("upsales")
        self.way: Way = "query" if subject.config.upsales_auth == "query" else "cookie"
        self.me: Self_ | None = None
        self._clients: dict[Way, UpsalesClient] = {}
        self._contacts: list[ContactRow] | None = None

    def close(self) -> None:
        """Close the connections."""
        self.caller.close()
        for client in self._clients.values():
            client.close()

    def client(self, way: Way | None = None) -> UpsalesClient:
        """A client that sends the key in this way, or in the one that was accepted."""
        chosen = way or self.way
        if chosen not in self._clients:
            self._clients[chosen] = UpsalesClient(
                self.subject.config.upsales_api_url,
                None,
                self.key,
                auth=chosen,
                limiters=self.subject.limiters,
                caller=self.caller,
            )
        return self._clients[chosen]

    @cached_property
    def known(self) -> list[Entry]:
        """Entries that we know are there; CannotTell when there is none."""
        return known_entries(self.subject.customer_id, self.client())

    def owner(self) -> Self_:
        """Whose the key is; CannotTell when Upsales did not say."""
        if self.me is None:
            raise CannotTell("Upsales does not say whose the key is.")
        return self.me

    def contacts(self, params: Params) -> list[ContactRow]:
        """Active contacts by a filter, as Upsales found them; one page."""
        credential = WAYS[self.way](self.key)
        reading = Reading(self.caller, self.subject.config.upsales_api_url, credential, self.turn)
        answer = reading.answer("/contacts", [*params, ("active", "1"), ("sort", "id")])
        return CONTACT.several(row_list(answer))

    def somebody(self, count: int) -> list[ContactRow]:
        """The first contacts with e-mails, all different; CannotTell when there are fewer."""
        if self._contacts is None:
            self._contacts = self.contacts([("limit", str(_OF_CONTACTS)), ("id", "gt:0")])
        found = {
            row.email.lower(): row
            for row in reversed(self._contacts)
            if address(row.email) and "," not in row.email
        }
        if len(found) < count:
            raise CannotTell("There are too few contacts with an e-mail.")
        return list(found.values())[:count]


_NO_KEY = (
    "No Upsales key is stored: one that Upsales sends is kept in memory for one run alone. Give "
    "one with customers add."
)


def ask_upsales(subject: Subject) -> list[Probe]:
    """The rows about Upsales."""
    if not subject.secrets.get(KEY):
        return unasked(QUESTIONS, _NO_KEY)
    with closing(UpsalesAsked(subject)) as asked:
        return list(settle(QUESTIONS, asked, KEY))


def _way(asked: UpsalesAsked) -> Found:
    accepted: list[Way] = []
    refused: CredentialRefused | None = None
    for way in WAYS:
        try:
            asked.me = asked.client(way).self_()
            accepted.append(way)
        except CredentialRefused as error:
            refused = error
    if not accepted and refused is not None:
        raise refused
    wanted = asked.way
    asked.way = wanted if wanted in accepted else accepted[0]
    advice = f"Set UPSALES_AUTH={asked.way}, which spares a refused call."
    return Found(
        " and ".join(accepted),
        wanted in accepted,
        "" if wanted in accepted else advice,
        expected=wanted,
    )


def _account(asked: UpsalesAsked) -> Found:
    whose, wanted = asked.owner().client_id, asked.subject.customer_id
    return Found(str(whose), whose == wanted, expected=str(wanted))


def _forms(asked: UpsalesAsked) -> Found:
    forms = asked.owner().forms
    if forms is None:
        raise CannotTell("Upsales does not say whether the account has forms.")
    return _for_forms(asked, "on" if forms else "off", forms)


def _submits(asked: UpsalesAsked) -> Found:
    forms = sorted(asked.client().forms(), key=lambda f: not f.internal_name.startswith(_OURS))
    if not forms:
        raise CannotTell("There is no form yet.")
    try:
        asked.client().form_submits(forms[0].id, asked.subject.now)
    except Rejected as refused:
        return _for_forms(asked, f"refused ({refused.status})", False)
    return Found("they may be read", True)


def _for_forms(asked: UpsalesAsked, found: str, ok: bool) -> Found:
    if not ok and not asked.subject.settings.forms_enabled:
        return Found(found, True, _FORMS_OFF)
    return Found(found, ok)


def _several(asked: UpsalesAsked) -> Found:
    both = asked.somebody(2)
    wanted = {row.email.lower() for row in both}
    nobody = f"nobody@{uuid4()}.example"
    emails = ",".join([*(row.email for row in both), nobody])

    def search() -> list[ContactRow]:
        return asked.contacts([("email", f"eq:{emails}"), ("limit", str(PER_PAGE))])

    return _searched(search, lambda row: row.email.lower() in wanted, {row.id for row in both})


def _part(asked: UpsalesAsked) -> Found:
    (contact,) = asked.somebody(1)
    domain = domain_of(contact.email).lower()

    def search() -> list[ContactRow]:
        return asked.contacts([("email", f"src:{domain}"), ("limit", str(PER_PAGE))])

    found = _searched(search, lambda row: domain in row.email.lower(), {contact.id})
    if not found.ok and not asked.subject.settings.domain_matching:
        return Found(found.found, True, "Nothing relies on it: domainMatching is off.")
    return found


def _searched(
    search: Callable[[], list[ContactRow]], fits: Callable[[ContactRow], bool], wanted: set[int]
) -> Found:
    """Whether a search finds the contacts that are there, and no other ones."""
    try:
        rows = search()
    except (Rejected, Unclear) as refused:
        if refused.status is None:
            raise
        return Found(f"refused ({refused.status})", False)
    if not all(map(fits, rows)):
        return Found("is ignored", False)
    if not wanted <= {row.id for row in rows}:
        return Found("does not find them", False)
    return Found("works", True)


QUESTIONS: Final[tuple[Question[UpsalesAsked], ...]] = (
    # Documented in the query; Upsales' own apps send a cookie.
    Question("How the Upsales key is sent", "cookie", _way, "", "UPSALES_AUTH"),
    Question(
        "Whose the Upsales key is",
        "this customer's",
        _account,
        "The key is another account's. Nothing is written with it; store the right one.",
        KEY,
    ),
    Question(
        "Forms in Upsales (features.forms)",
        "on",
        _forms,
        "The account has no forms. Switch formsEnabled off.",
        "formsEnabled",
    ),
    # Reading submits needs the right of an administrator.
    Question(
        "Form submits",
        "they may be read",
        _submits,
        "Submits in doubt wait for you, as they cannot be looked for. A key of an administrator "
        "may read them.",
        KEY,
    ),
    Question(
        "Contacts by several e-mails",
        "works",
        _several,
        "Contacts are asked for by 40 e-mails at once and would be missed. Switch the app off "
        "until it is mended.",
        "activitiesEnabled",
    ),
    # The comparator src is not documented.
    Question(
        "Contacts by a part of an e-mail (src)",
        "works",
        _part,
        "All contacts are read once a day instead, 1,000 to a call; with domainMatching off that "
        "is spared.",
        "domainMatching",
    ),
    # How /events is filtered is shown for client.id alone.
    Question(
        "Entries by externalId",
        "works",
        by_external_id,
        "Nothing to change: an entry in doubt is looked for by day and text. Those that this "
        "cannot tell wait for you under: failed list.",
    ),
    Question(
        "Entries by integrationId",
        "works",
        by_app,
        "After a gap entries are listed by subType instead. Entries made before UPSALES_APP_ID "
        "was set do not carry it.",
        "UPSALES_APP_ID",
    ),
    Question(
        "Entries by subType",
        "works",
        by_kind,
        "After a gap our entries are listed by integrationId: set UPSALES_APP_ID.",
        "UPSALES_APP_ID",
    ),
    Question(
        "Entries by date",
        "works",
        by_day,
        "Nothing to change: after a gap all of our entries are listed. Where externalId fails as "
        "well, entries in doubt wait for you under: failed list.",
    ),
    # The format of date is documented, its zone is not.
    Question(
        "Zone of an entry's date",
        "UTC",
        zone_of_dates,
        "",
        "UPSALES_EVENT_TZ",
    ),
)
