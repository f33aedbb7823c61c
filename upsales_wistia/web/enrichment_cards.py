"""The five cards of the enrichment page: what each job found, when, from what, at which cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, cast

from flask import url_for
from markupsafe import Markup, escape

from ..enrichment.budget import PRICES, Estimate, Operation
from ..enrichment.cta import PANEL
from ..enrichment.dropoff import clock_time
from ..enrichment.rules import DUE, JOBS, EnrichmentRules, JobName
from ..store import customers, drafts, enrichment, leases, voices
from ..store.drafts import Draft
from ..store.enrichment import EnrichmentRun, RunState
from .addresses import video_address
from .smallcurve import SmallCurve, small_curve
from .texts import enrichment as words
from .wording import Speech, shorten

SHOWN_DRAFTS = 3
COLOURS: Mapping[JobName, str] = dict(
    zip(JOBS, ("kept", "had", "hold", "pend", "warm"), strict=True)
)
_LISTS: Mapping[str, str] = {"personas": "groups", "cta": "panel", "followup": "drafts"}


@dataclass(frozen=True, slots=True)
class Card:
    """One job. ``run`` is its newest run, ``shown`` the newest that found anything.

    ``facts`` say from what and at which cost; ``estimate`` is what the next run would cost.
    """

    job: JobName
    name: str
    purpose: str
    state: str
    said: Markup | str
    facts: tuple[Markup | str, ...]
    run: EnrichmentRun | None
    shown: EnrichmentRun | None
    estimate: Estimate
    curve: SmallCurve | None = None

    @property
    def found(self) -> Mapping[str, Any]:
        """What is shown as found, {} for nothing."""
        return (self.shown.result or {}) if self.shown else {}

    @property
    def going(self) -> bool:
        """Whether it runs, or will in a moment."""
        return self.state in ("queued", "running")


@dataclass(frozen=True, slots=True)
class Purse:
    """The credits of this month; numbers as they are shown."""

    left: Markup
    read: Markup | str
    parts: tuple[tuple[str, str, float], ...]
    rest: float

    @property
    def whole(self) -> float:
        """How wide all parts are together, in credits."""
        return sum(part[2] for part in self.parts) + self.rest or 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose cards, by which rules, and how they are told."""

    customer_id: int
    rules: EnrichmentRules
    has_key: bool
    say: Speech
    views: Any

    def video(self, media_id: str) -> str:
        """A video's own page; where there is none, its views."""
        return video_address(self.customer_id, media_id) or str(self.views({"video": media_id}))

    @property
    def left(self) -> float | None:
        """The credits that Mavera last said are left; None when it never did."""
        told = customers.setup(self.customer_id).get("mavera_usage")
        return None if not told else float(told["left"])

    @property
    def month(self) -> datetime:
        """When this month began, for the reader."""
        local = self.say.now.astimezone(self.say.zone)
        return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def cards(subject: Subject) -> list[Card]:
    """All five, in their order."""
    return [_card(subject, job) for job in JOBS]


def purse(subject: Subject) -> Purse:
    """What was spent this month, and what Mavera last said is left."""
    say = subject.say
    spent = enrichment.spent(subject.customer_id, subject.month)
    parts = tuple(
        (COLOURS[job], f"{words.JOBS[job].name} {spent[job]:g}", spent[job])
        for job in JOBS
        if spent.get(job)
    )
    told = customers.setup(subject.customer_id).get("mavera_usage")
    if not told:
        left = words.SPENT.format(spent=f"{sum(spent.values()):g}")
        return Purse(left, words.NEVER_READ, parts, 0.0)
    until = words.UNTIL.format(day=_day(told["ends"], say)) if told["ends"] else ""
    left = words.LEFT.format(
        left=say.number(int(told["left"])),
        included=say.number(int(told["included"] or 0)),
        until=until,
    )
    read = words.READ_AT.format(when=say.dated(datetime.fromisoformat(told["at"])))
    return Purse(left, read, parts, float(told["left"] or 0))


def _day(text: str, say: Speech) -> str:
    try:
        # Its last day, wherever it is told: the end is the first moment after it.
        last = datetime.fromisoformat(text) - timedelta(seconds=1)
        return say.full_day(datetime.combine(last, time(12), say.zone))
    except (ValueError, TypeError):
        return ""


def _card(subject: Subject, job: JobName) -> Card:
    found = enrichment.runs(subject.customer_id, job, limit=5)
    newest = found[0] if found else None
    shown = next((run for run in found if run.result), None)
    state = _state(subject, newest)
    percent = f"{subject.rules.followup_percent:f}"
    return Card(
        job,
        words.JOBS[job].name,
        words.JOBS[job].purpose.format(percent=percent),
        state,
        _said(subject, state, newest),
        tuple(_facts(subject, job, shown)),
        newest,
        shown,
        _estimate(subject, job, shown),
        _curve(shown) if job == "dropoff" else None,
    )


def _state(subject: Subject, run: EnrichmentRun | None) -> str:
    if run is not None and run.state in (RunState.QUEUED, RunState.RUNNING):
        held = leases.is_held(subject.customer_id, "enrichment_leases")
        if held and run.state is RunState.RUNNING:
            return "running"
        awaited = customers.due_at(subject.customer_id, DUE) is not None
        return "queued" if held or awaited else "died"
    if not subject.has_key:
        return "off"
    if run is None:
        return "ready"
    if run.state is RunState.DONE and _odd(run):
        return "partial"
    return run.state.value


def _odd(run: EnrichmentRun) -> str:
    """The worst that came of a call: ``unreadable``, ``uncertain`` or ``refused``; "" for none."""
    items = (run.result or {}).get(_LISTS.get(run.job, ""), ())
    ends = {item.get("end") for item in items} | {(run.result or {}).get("end")}
    return next((end for end in words.ODD if end in ends), "")


def _said(subject: Subject, state: str, run: EnrichmentRun | None) -> Markup | str:
    """What is to be said of its state, beside the word for it."""
    if state == "off":
        return words.OFF.format(settings=url_for("settings.page", customer_id=subject.customer_id))
    if state == "running":
        return leases.doing(subject.customer_id, "enrichment_leases") or ""
    if run is None:
        return ""
    if state == "partial":
        there = url_for("enriched.found", customer_id=subject.customer_id, run_id=run.id)
        return words.ODD[_odd(run)].format(there=there)
    if state not in ("stopped", "failed", "died"):
        return ""
    why = words.DIED if state == "died" else run.reason or ""
    return " ".join(filter(None, [why, _done_of(run), words.NOTHING_TWICE]))


def _done_of(run: EnrichmentRun) -> str:
    items = (run.result or {}).get(_LISTS.get(run.job, ""), ())
    done = sum(item.get("end") == "answered" for item in items)
    return words.DONE_OF.format(done=done, all=len(items)) if done else ""


def _facts(subject: Subject, job: JobName, run: EnrichmentRun | None) -> list[Markup | str]:
    if run is None:
        return []
    told = _FACTS[job](subject, run.result or {}, run)
    spent = enrichment.spent_by(subject.customer_id, run.id)
    return [*told, subject.say.count(round(spent), "credit", "credits")]


def _of_personas(subject: Subject, found: Any, run: EnrichmentRun) -> list[Markup | str]:
    say, of = subject.say, found["from"]
    since, until = (datetime.fromisoformat(of[name]) for name in ("since", "until"))
    address = subject.views({"from": since.date().isoformat(), "to": until.date().isoformat()})
    people = say.count(of["people"], "viewer", "viewers")
    linked = Markup('<a href="{}">{}</a>').format(address, people) if address else escape(people)
    groups = words.IN_GROUPS.format(n=say.count(len(found["groups"]), "group", "groups"))
    span = f"{say.full_day(since)} – {say.full_day(until)}"
    told: list[Markup | str] = [Markup("{} {}, {}").format(linked, groups, span)]
    return told + ([words.LEFT_OUT.format(n=of["left_out"])] if of["left_out"] else [])


def _of_dropoff(subject: Subject, found: Any, run: EnrichmentRun) -> list[Markup | str]:
    say = subject.say
    of = found["from"]
    address = subject.video(of["media"])
    title = Markup('<a href="{}">{}</a>').format(address, shorten(of["title"] or words.NO_TITLE))
    return [
        title,
        say.count(len(found["drops"]), "drop", "drops"),
        say.count(len(found.get("edits", ())), "edit proposed", "edits proposed"),
    ]


def _of_cta(subject: Subject, found: Any, run: EnrichmentRun) -> list[Markup | str]:
    say = subject.say
    enough = say.count(len(found["calls"]), "call to action", "calls to action")
    told: list[Markup | str] = [f"{enough} with enough views"]
    return told + ([words.TOO_FEW.format(n=found["too_few"])] if found["too_few"] else [])


def _of_voice(subject: Subject, found: Any, run: EnrichmentRun) -> list[Markup | str]:
    say, of = subject.say, found["from"]
    left_out = of["left_out"]
    many = say.count(of["transcripts"], "transcript", "transcripts")
    projects = say.count(of["projects"], "project", "projects")
    told: list[Markup | str] = [f"{many} of {projects}"]
    if left_out["drafts"] or left_out["protected"]:
        drafted = say.count(left_out["drafts"], "draft", "drafts")
        protected = say.count(left_out["protected"], "video", "videos")
        told.append(words.VOICE_LEFT_OUT.format(drafts=drafted, protected=protected))
    agreed = voices.consent(subject.customer_id, run.id)
    if agreed:
        told.append(words.AGREED.format(who=say.who(agreed.by), when=say.dated(agreed.at)))
    if found.get("files_left"):
        files = say.count(found["files_left"], "file", "files")
        told.append(words.FILES_LEFT.format(files=files))
    return told


def _of_followup(subject: Subject, found: Any, run: EnrichmentRun) -> list[Markup | str]:
    counts = drafts.count(subject.customer_id, since=subject.month)
    made = subject.say.count(counts["new"] + counts["done"], "draft", "drafts")
    return [words.DRAFTED.format(made=made, done=counts["done"])]


_FACTS = {
    "personas": _of_personas,
    "dropoff": _of_dropoff,
    "cta": _of_cta,
    "brand-voice": _of_voice,
    "followup": _of_followup,
}


def _estimate(subject: Subject, job: JobName, shown: EnrichmentRun | None) -> Estimate:
    """About what the next run costs: as many calls as the last one, or the usual number."""
    if job == "dropoff":
        return Estimate.of([Operation.MAVE])
    if job == "brand-voice":
        return Estimate.of([Operation.BRAND_VOICE])
    if job == "cta":
        group = subject.rules.focus_group
        return Estimate.of([Operation.FOCUS_GROUP] if group else [Operation.RESPONSE] * PANEL)
    calls = len((shown.result or {}).get(_LISTS[job], ())) if shown else 0
    generates = job == "followup" and subject.rules.app_id
    price = PRICES[Operation.GENERATION if generates else Operation.RESPONSE]
    return Estimate(price.usually * max(calls, 1), price.most * max(calls, 1))


def _curve(run: EnrichmentRun | None) -> SmallCurve | None:
    if run is None or "curve" not in (run.result or {}):
        return None
    found = cast("Mapping[str, Any]", run.result)
    return small_curve(found["curve"]["points"], found["curve"]["seconds"], found["drops"])


def curve_in_words(found: Mapping[str, Any]) -> str:
    """The picture of a curve as one sentence."""
    points = found["curve"]["points"]
    drops = ", ".join(
        f"{clock_time(drop['at'])} {words.LEAVES.format(percent=drop['percent'])}"
        for drop in found["drops"]
    )
    return words.CURVE.format(
        title=found["from"]["title"],
        drops=drops or words.NO_DROPS,
        start=int(points[0][1]) if points else 0,
        end=int(points[-1][1]) if points else 0,
    )


def to_whom(draft: Draft) -> str:
    """Who a draft is to, in words."""
    return words.TO.format(
        who=draft.first_name or draft.person, title=draft.title, percent=draft.percent
    )
