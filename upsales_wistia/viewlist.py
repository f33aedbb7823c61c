"""What a list of views shows: who watched what, how much, and where it stands for each target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .funnel.identity import typed_email
from .funnel.reasons import REASONS, passed
from .funnel.report import NEW, Place
from .funnel.settings import Settings
from .funnel.view import Conversion, Stage, Target, Verdict, View
from .settings import typed
from .store import customers, ignored, people, runs, search, versions, visitors, writes
from .store.runs import Run
from .store.search import Filter, Listed, Reading
from .store.writes import Write

OFF = "off"
"""The reason code of a target that is switched off and wrote nothing of the view."""

MOST = 100_000
"""Rows in a download at most."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever watched, as far as we know; "" for what we do not know.

    ``email`` is the one that counts, else the one that is known another way or was typed.
    """

    name: str
    email: str

    @property
    def first(self) -> str:
        """The first name."""
        return next(iter(self.name.split()), "")


@dataclass(frozen=True, slots=True)
class Row:
    """A view in a list; ``codes`` and ``writes`` by target, ``company`` is the contact's.

    ``ignored_by`` is who ignores the viewer, "" for nobody.
    """

    view: View
    viewer: Viewer
    company: str
    codes: Mapping[Target, str]
    writes: Mapping[Target, Write | None]
    ignored_by: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """A customer as its views are read: the settings of now, and which run wrote what is new.

    ``last_read`` is the start of the newest complete read (aware UTC).
    """

    customer_id: int
    settings: Settings
    reading: Reading
    last_read: datetime | None


def scene(customer_id: int, run: Run | None = None) -> Scene:
    """The customer as of ``run``, or of its newest one."""
    version = versions.current(customer_id)
    settings = typed(version.config if version else {})
    known = run or runs.last(customer_id)
    on = frozenset(target for target in Target if settings.enabled(target))
    customer = customers.load(customer_id)
    reading = Reading(known.id if known else "", on, customer.forms_paused)
    return Scene(customer_id, settings, reading, customer.last_complete_read)


def codes_of(verdict: Verdict) -> frozenset[str]:
    """The reason codes that stand for a verdict."""
    return frozenset(code for code, (one, _) in REASONS.items() if one is verdict)


def codes_past(stage: Stage) -> frozenset[str]:
    """The reason codes of views that got through ``stage``, as a run's funnel counts them."""
    if stage is Stage.NEW:
        return frozenset(code for code, (verdict, _) in REASONS.items() if verdict in NEW)
    return frozenset(code for code in REASONS if passed(code, stage))


def rows(at: Scene, found: Sequence[Listed]) -> list[Row]:
    """These views with all that a list tells of them."""
    keys = [one.view.event_key for one in found]
    written = writes.of_views(at.customer_id, keys)
    persons = sorted({one.person for one in found} - {""})
    contacts = people.contacts(at.customer_id, persons)
    left_out = ignored.of_emails(at.customer_id, persons)
    visitor_keys = sorted({o.view.visitor_key for o in found if o.person} - {""})
    conversions = visitors.conversions_for(at.customer_id, visitor_keys)
    made = []
    for one in found:
        asked = contacts.get(one.person)
        known = asked.found if asked else None
        viewer = viewer_of(one.view, one.person, conversions, known.name if known else "")
        company = known.company_name if known else ""
        both = {target: written.get((one.view.event_key, target)) for target in Target}
        codes = {t: code_of(one.code(t), both[t], t, at.reading) for t in Target}
        by = left_out[one.person].by if one.person in left_out else ""
        made.append(Row(one.view, viewer, company, codes, both, by))
    return made


def every_row(at: Scene, wanted: Filter) -> Iterator[Row]:
    """The newest views for a download, ``MOST`` of them at most."""
    for batch in search.every(wanted, at.reading, MOST):
        yield from rows(at, batch)


def viewer_of(
    view: View, person: str, conversions: Mapping[str, Sequence[Conversion]], contact_name: str
) -> Viewer:
    """Whoever watched ``view``: named as they did, else as Upsales has it."""
    given = [(view.first_name, view.last_name)] + [
        (conversion.first_name, conversion.last_name)
        for conversion in reversed(conversions.get(view.visitor_key, ()))
        if conversion.email == person
    ]
    names = (" ".join(" ".join(both).split()) for both in given)
    email = person or typed_email(view).strip() or view.email.strip()
    return Viewer(next(filter(None, names), "") or contact_name, email)


def code_of(code: str, write: Write | None, target: Target, reading: Reading) -> str:
    """The one reason code of a view and target; the same as the search counts it by."""
    on = target in reading.on
    this_run = write is not None and write.run_id == reading.run_id
    paused = on and reading.forms_paused and target is Target.FORM
    reason = Place(code, write.sent if write else None, this_run, paused).reason
    return reason if on or reason in _SENT else OFF


_SENT = frozenset(
    {"written", "registered", "parked", "uncertain", "uncertain_you", "left_by_hand", "undone"}
)
"""Codes of a write that was sent or left out, whatever the settings say now."""
