"""One view in words: the headline, why it is where it is, and the five questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..funnel.domains import domain_of, registrable
from ..funnel.identity import own_conversion, typed_email
from ..funnel.reasons import REASONS
from ..funnel.sentences import Times
from ..funnel.steps import Mark
from ..funnel.view import Conversion, Stage, State, Target, Verdict
from ..funnel.writes import shown_percent
from ..trace import Trace
from ..viewlist import OFF
from . import texts
from .addresses import company_address, contact_address, video_address
from .texts import trace as words
from .viewrows import state_of
from .wording import Speech, shorten

_NAMES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Word:
    """Icon, colour and word of an answer; the icon is "" for none."""

    icon: str
    colour: str
    word: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is so, the rule, and the answers by target; ``stops`` where it ends."""

    question: str
    value: Markup
    rule: str
    node: Word
    answers: Mapping[str, Word]
    stops: bool


def times(say: Speech) -> Times:
    """How the reader is told moments, and who did something, within a sentence."""
    return Times(
        say.full_day,
        lambda moment: str(say.dated(moment).striptags()),
        lambda name: str(say.who(name).striptags()),
    )


def subject(trace: Trace) -> Target:
    """The target that the headline is about: what needs a person first, then what is open."""
    codes = trace.row.codes
    for wanted in ({"parked", "uncertain_you"}, {"uncertain"}):
        for target in Target:
            if codes[target] in wanted:
                return target
    main = trace.target
    other = next(target for target in Target if target is not main)
    there = {"written", "registered"}
    left_out = codes[main] == OFF or REASONS[codes[main]][0] is Verdict.DROPPED
    return other if left_out and codes[other] in there else main


def headline(trace: Trace) -> str:
    """How things are with the view."""
    code = trace.row.codes[subject(trace)]
    state = state_of(code)
    if state in ("dropped", OFF):
        return words.NOT_IN.format(why=words.NOT_IN_BECAUSE.get(code, texts.WHY.get(code, code)))
    write = trace.row.writes[subject(trace)]
    if code == "retry" and (write is None or not write.answer):
        return words.HEADLINES["planned"]
    return words.HEADLINES[state]


def sentence(trace: Trace, say: Speech) -> Markup:
    """Who watched what, and why it is where it is."""
    view, viewer = trace.row.view, trace.row.viewer
    return words.WATCHED.format(
        who=shorten(viewer.name or viewer.email or words.SOMEBODY),
        percent=shown_percent(view.percent),
        video=video(trace),
        when=say.dated(view.received_at, joint=" at "),
        reason=reason(trace, subject(trace), say),
    )


def video(trace: Trace) -> Markup:
    """The video's name, as a link to its page where there is one."""
    view = trace.row.view
    name = shorten(view.video.name or view.video.media_id)
    return linked(video_address(trace.scene.customer_id, view.video.media_id), name)


def linked(address: str, text: Markup, *, away: bool = False) -> Markup:
    """``text`` as a link; as it is where there is no address. ``away`` opens another tab."""
    if not address:
        return text
    there = Markup(' target="_blank" rel="noopener noreferrer"') if away else ""
    return Markup('<a href="{}"{}>{}</a>').format(address, there, text)


def reason(trace: Trace, target: Target, say: Speech) -> Markup:
    """Why the view is where it is for ``target``: a sentence."""
    code = trace.row.codes[target]
    if code == OFF:
        return escape(words.OFF[target.value])
    if code in ("written", "registered"):
        return _written(trace, target, say)
    if code == "below_minimum":
        return escape(minimum(trace))
    explained = trace.explained[target]
    return escape(explained.reason) if explained else Markup()


def _written(trace: Trace, target: Target, say: Speech) -> Markup:
    write = trace.row.writes[target]
    assert write is not None  # noqa: S101  (it is in Upsales)
    at = say.dated(write.sent.at)
    if target is Target.FORM:
        on = words.AS_FORM.format(place=shorten(write.place)) if write.place else ""
        unconfirmed = words.UNCONFIRMED if write.state is State.ACCEPTED else ""
        return words.SUBMITTED.format(at=at, on=on, unconfirmed=unconfirmed)
    score = words.SCORE.format(score=write.score) if write.score is not None else ""
    return words.WRITTEN.format(at=at, on=_on(trace), score=score)


def _on(trace: Trace) -> Markup:
    """On whom the log entry stands."""
    write = trace.row.writes[Target.ACTIVITY]
    if write is None or not write.place:
        return Markup()
    if write.contact_id is not None:
        address = contact_address(write.contact_id)
        return words.ON.format(place=linked(address, shorten(write.place), away=True))
    address = company_address(write.company_id) if write.company_id else ""
    return words.AS_SOMEONE.format(place=linked(address, shorten(write.place), away=True))


def questions(trace: Trace, say: Speech, projects: Mapping[str, str]) -> list[Question]:
    """The five questions in their order. ``projects`` are the known ones' names by id."""
    settings = trace.scene.settings
    once = words.ONCE
    if settings.start:
        once = words.ONCE_SINCE.format(start=say.full_day(settings.start))
    told = {
        Stage.TURNSTILE: (_left(trace, say), words.WHO_COUNTS[settings.identity.value]),
        Stage.MATCHED: (_matched(trace, say), words.MATCH_RULE),
        Stage.WATCHED: (seen(trace), minimum(trace)),
        Stage.PROJECT: (_project(trace), chosen(trace, projects, say)),
        Stage.NEW: (_new(trace, say), once),
    }
    return [_question(trace, stage, *told[stage]) for stage in Stage]


def _question(trace: Trace, stage: Stage, value: Markup, rule: str) -> Question:
    marks = trace.marks[stage]
    answers = {target.value: _answer(trace, stage, target) for target in Target}
    order = (Mark.STOPS, Mark.WAITS, Mark.PASSES, Mark.WOULD, Mark.OFF, Mark.NOT_ASKED)
    worst = min(marks.values(), key=order.index)
    node = Word(*words.MARKS[(Mark.OFF if worst is Mark.NOT_ASKED else worst).value])
    stops = worst in (Mark.STOPS, Mark.WAITS)
    return Question(words.QUESTIONS[stage.value], value, rule, node, answers, stops)


def _answer(trace: Trace, stage: Stage, target: Target) -> Word:
    mark = trace.marks[stage][target]
    code = trace.row.codes[target]
    if stage is Stage.NEW and mark in (Mark.PASSES, Mark.WAITS) and code != OFF:
        state = state_of(code)
        return Word(*texts.ICONS[state], texts.STATES[state])
    return Word(*words.MARKS[mark.value])


def _left(trace: Trace, say: Speech) -> Markup:
    view, person = trace.row.view, trace.decision.person
    if person is None:
        typed = (typed_email(view) or view.email).strip()
        if not typed:
            return escape(words.NOBODY_LEFT)
        known = trace.row.codes[trace.target] == "not_an_email"
        pattern = words.NOT_ADDRESS if known else words.ANOTHER_WAY
        return pattern.format(email=shorten(typed))
    email = shorten(person.email)
    if own_conversion(view):
        heard = [word.at for word in trace.words if word.kind.endswith("turnstile.converted")]
        at = words.TYPED_AT.format(time=say.dated(heard[0])) if heard else ""
        return words.TYPED.format(email=email, at=at)
    before = _conversion(trace, person.email)
    if before:
        return words.LEFT_BEFORE.format(email=email, at=say.dated(before.at))
    return words.ANOTHER_WAY.format(email=email)


def _conversion(trace: Trace, email: str) -> Conversion | None:
    view = trace.row.view
    earlier: Sequence[Conversion] = trace.known.conversions.get(view.visitor_key, ())
    fitting = [one for one in earlier if one.email == email and one.at <= view.received_at]
    return max(fitting, default=None)


def _matched(trace: Trace, say: Speech) -> Markup:
    person = trace.decision.person
    if person is None:
        return escape(words.NO_ONE)
    asked = trace.known.contacts.get(person.email)
    if asked and asked.found:
        contact = asked.found
        return words.BY_EMAIL.format(
            contact=linked(contact_address(contact.id), shorten(contact.name), away=True),
            company=linked(
                company_address(contact.company_id), shorten(contact.company_name), away=True
            ),
        )
    base = registrable(domain_of(person.email)) or domain_of(person.email)
    company = trace.known.companies.get(base)
    code = trace.row.codes[Target.ACTIVITY]
    waits = code != OFF and REASONS[code][1] is Stage.MATCHED and code != "form_first"
    if company and company.found and not waits:
        there = company.found
        return words.BY_DOMAIN.format(
            company=linked(company_address(there.id), shorten(there.name), away=True),
            domain=shorten(base),
            contacts=say.count(there.contacts, "contact", "contacts"),
            have="has" if there.contacts == 1 else "have",
        )
    why = texts.WHY.get(code if waits else "unknown", "")
    return words.NO_CONTACT.format(email=shorten(person.email), why=why)


def minimum(trace: Trace) -> str:
    """How much must be watched."""
    return words.MINIMUM.format(minimum=f"{trace.scene.settings.min_percent:f}")


def seen(trace: Trace) -> Markup:
    """How much was watched, in minutes where the length is known."""
    view = trace.row.view
    percent, length = shown_percent(view.percent), view.video.duration
    if length is None:
        return escape(words.PERCENT.format(percent=percent))
    watched = clock(float(view.percent) * length / 100)
    return escape(words.SO_MUCH.format(percent=percent, seen=watched, length=clock(length)))


def length(trace: Trace) -> str:
    """How long the video is; "" where that is not known."""
    seconds = trace.row.view.video.duration
    return "" if seconds is None else clock(seconds)


def about(trace: Trace) -> str:
    """How much of the video that is, below its bar."""
    view = trace.row.view
    percent, length = shown_percent(view.percent), view.video.duration
    if length is None:
        return words.ABOUT_PERCENT.format(percent=percent)
    watched = clock(float(view.percent) * length / 100)
    return words.ABOUT.format(seen=watched, length=clock(length), percent=percent)


def clock(seconds: float) -> str:
    """``1:12`` or ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _project(trace: Trace) -> Markup:
    of = trace.row.view.video
    if of.project_id is None:
        return words.IN_NO_PROJECT.format(video=shorten(of.name))
    project = shorten(of.project_name or of.project_id)
    return words.IN_PROJECT.format(video=shorten(of.name), project=project)


def chosen(trace: Trace, projects: Mapping[str, str], say: Speech) -> str:
    """Which projects count."""
    ids = trace.scene.settings.projects
    if not ids:
        return words.ALL_PROJECTS
    names = sorted((projects[one] for one in ids if one in projects), key=str.casefold)
    shown = [str(shorten(name).striptags()) for name in names[:_NAMES_SHOWN]]
    rest = len(ids) - len(shown)
    parts = [*shown, words.OTHERS_CHOSEN.format(n=say.number(rest))] if rest else shown
    joined = words.AND.join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return words.CHOSEN.format(projects=joined)


def _new(trace: Trace, say: Speech) -> Markup:
    written = [
        words.EACH.format(target=texts.TARGETS[target.value], words=reason(trace, target, say))
        for target in Target
        if trace.row.writes[target] is not None or trace.row.codes[target] == "settling"
    ]
    return Markup("<br>").join(written) or escape(words.NOTHING_WRITTEN)
