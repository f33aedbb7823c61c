"""The sentence of each reason, as a person reads it. The texts are in English, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .domains import domain_of, registrable
from .matching import Match
from .settings import Settings
from .view import Fetched, Known, Sent, State, Target, View
from .writes import shown_percent

SENTENCES: Mapping[str, str] = {
    "no_email": "The viewer did not leave an e-mail, so nobody in Upsales can be found.",
    "email_not_turnstile": (
        "Wistia knows {email} another way, but the viewer did not leave it in a Turnstile."
    ),
    "not_an_email": "“{email}” is not an e-mail address, so nobody can be found by it.",
    "not_asked": "Whether it matches is known after a look-up in Upsales: the next run tells.",
    "unknown": (
        "No contact in Upsales has {email}, and none has an address at {domain}. It waits until "
        "{until}: add the contact, and it is written by itself."
    ),
    "free_mail": (
        "No contact has {email}, and {domain} is free-mail, which says nothing about a company. "
        "It waits until {until}: add the contact, and it is written by itself."
    ),
    "disposable": (
        "No contact has {email}, and {domain} gives out throw-away addresses. It waits until "
        "{until}; most likely there is nothing to do."
    ),
    "own_domain": (
        "No contact has {email}, and {domain} is your own: {users} of your Upsales users have "
        "it. It waits until {until}. Not yours? Say so under Domains."
    ),
    "ignored_domain": (
        "No contact has {email}, and {domain} is on your list of ignored domains. It waits until "
        "{until}: add the contact, or take the domain off the list."
    ),
    "matching_off": (
        "No contact has {email}, and matching by domain is off. It waits until {until}: add the "
        "contact, or turn matching on."
    ),
    "form_goes_first": (
        "The form goes first, and Upsales may make the contact of it. It is written on the "
        "contact then, or on {company} an hour after the form at the latest."
    ),
    "form_first": (
        "The form was sent at {form_sent}, and Upsales may make the contact of it. It is written "
        "on the contact then, or on {company} at {form_until} at the latest."
    ),
    "waited_out": (
        "It waited {days} days for a contact with {email}, and none came. Add the contact, then "
        "fetch it under Fetch older views."
    ),
    "ignored_viewer": (
        "{ignored_by} chose on {ignored} to ignore this viewer. Take it back in the Waiting room."
    ),
    "below_minimum": "Watched {percent}%; your minimum is {minimum}%.",
    "other_project": "“{video}” is in {project}, which is not among the {n} {projects} you chose.",
    "project_unknown": (
        "Wistia no longer says which project “{video}” was in: most likely it was deleted. You "
        "take {n} chosen {projects} only."
    ),
    "before_start": (
        "Watched on {received}, before your start date {start}. Fetch it under Fetch older views "
        "if you want it."
    ),
    "looked_at": (
        "Watched on {received}, before the runs began to read. Fetch it under Fetch older views "
        "if you want it."
    ),
    "left_by_hand": "{by} left it out on {sent}, after Upsales refused it.",
    "undone": (
        "{by} took it back on {sent}. It is not written again until you press Write it again."
    ),
    "settling": (
        "The viewing may still go on. It is written at about {over}, with the final percentage."
    ),
    "written": "Written at {sent}{where}.",
    "registered": "Written on {sent}{where}.",
    "submitted": "Submitted on {sent}{form}.",
    "planned": "Everything lets it through. The next run writes it; nothing to do.",
    "retry": "Upsales answered “{answer}” at {sent}. It is tried again at {retry}; nothing to do.",
    "parked": (
        "Upsales refused it {tries} times, last with “{answer}”. Correct the cause in Upsales. "
        "Then press Try again."
    ),
    "paused": (
        "Forms are paused, because Upsales refused two in a row{refusal}. Correct the cause in "
        "Upsales, then let them go on: upsales-wistia failed retry."
    ),
    "uncertain": (
        "Upsales did not answer in time, so it may be there already. Nothing is sent again "
        "before that is known; nothing to do."
    ),
    "uncertain_you": (
        "Upsales cannot tell us whether it is there. Look at {place}, then press It is there or "
        "Send again."
    ),
}


def cut(text: str, longest: int = 80) -> str:
    """Hostile text on one line, at most ``longest`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Situation:
    """A view and all that its sentence may name."""

    view: View
    target: Target
    code: str
    email: str = ""
    match: Match | None = None
    sent: Sent | None = None
    again: datetime | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Times:
    """How a reader is told moments (aware), the day alone and the minute, and who did something."""

    day: Callable[[datetime], str]
    minute: Callable[[datetime], str]
    who: Callable[[str], str] = cut


def sentence(at: Situation, known: Known, settings: Settings, times: Times | None = None) -> str:
    """The reason of one view and target, in words; ``times`` are those of UTC when not given."""
    facts = _facts(at, known, settings, times or Times(day, minute))
    return SENTENCES[_key(at)].format_map(facts)


def _key(at: Situation) -> str:
    if at.code == "parked" and at.sent and at.sent.state is not State.FAILED:
        return "paused"
    if at.code == "unknown" and not at.asked:
        return "not_asked"
    if at.code == "before_start" and at.view.fetched is not Fetched.NOT:
        return "looked_at"
    if at.code == "form_first" and not at.again:
        return "form_goes_first"
    if at.code == "retry" and (at.sent is None or not at.sent.answer):
        return "planned"
    if at.code in ("registered", "written") and at.target is Target.FORM:
        return "submitted"
    return at.code


def _facts(at: Situation, known: Known, settings: Settings, times: Times) -> dict[str, str]:
    view, sent = at.view, at.sent
    form = known.sent.get((view.event_key, Target.FORM))
    email = at.email or _raw_email(at)
    domain = domain_of(email)
    own = known.own_domains.get(registrable(domain) or domain, 0)
    until = view.received_at + timedelta(days=settings.waiting_days)
    n = len(settings.projects)
    ignored = known.ignored.get(email)
    return {
        "email": cut(email),
        "domain": cut(domain),
        "users": str(own),
        "until": times.day(until),
        "days": str(settings.waiting_days),
        "company": cut(at.match.company_name) if at.match else "the company",
        "form_sent": times.minute(form.at) if form else "",
        "form_until": times.minute(at.again) if at.again else "",
        "percent": str(shown_percent(view.percent)),
        "minimum": str(settings.min_percent),
        "video": cut(view.video.name),
        "project": cut(view.video.project_name or "another project"),
        "n": str(n),
        "projects": "project" if n == 1 else "projects",
        "received": times.day(view.received_at),
        "start": times.day(settings.start) if settings.start else "",
        "over": times.minute(at.again) if at.again else "the next run",
        "sent": times.minute(sent.at) if sent else "",
        "where": f" on {cut(sent.where)}" if sent and sent.where else "",
        "form": f" as {cut(sent.where)}" if sent and sent.where else "",
        "place": cut(sent.where) if sent and sent.where else "the contact",
        "answer": cut(sent.answer) if sent else "",
        "refusal": f", with “{cut(sent.answer)}”" if sent and sent.answer else "",
        "retry": times.minute(sent.retry_at) if sent and sent.retry_at else "the next run",
        "tries": str(sent.tries) if sent else "",
        "by": times.who(sent.by) if sent and sent.by else "Somebody",
        "ignored_by": times.who(ignored.by) if ignored else "Somebody",
        "ignored": times.day(ignored.at) if ignored else "an earlier day",
    }


def _raw_email(at: Situation) -> str:
    # One that is known another way is not what was typed, when that was no address.
    typed = "" if at.code == "email_not_turnstile" else at.view.conversion_email.strip()
    return typed or at.view.email.strip()


def day(moment: datetime) -> str:
    """``20 Nov 2026``."""
    return f"{moment.day} {moment:%b %Y}"


def minute(moment: datetime) -> str:
    """``20 Nov 14:20 UTC``."""
    return f"{moment.day} {moment:%b %H:%M} UTC"
