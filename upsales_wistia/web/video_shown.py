"""The figures of one video in words: tiles, table, drops, and calls to action."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import quote

from markupsafe import Markup, escape

from ..clients.wistia_videos import AT_THE_END
from ..enrichment.calls import Call
from ..enrichment.dropoff import clock_time
from ..enrichment.drops import FEWEST_PLAYS
from ..figures import Figures, Leaving
from ..funnel.view import Stage, Target, Verdict
from ..store import enrichment, search
from ..store import figures as kept
from ..store.enrichment import EnrichmentRun
from ..store.figures import Known
from ..store.search import Filter
from ..viewlist import Scene, codes_of
from .addresses import views_address
from .retention import Again, Retention, retention, share_within, steps_of
from .texts import videos as words
from .wording import Speech, shorten

WRITTEN_DAYS = 90
"""Days of which the tile counts what was written."""


_DONE = (Verdict.WRITTEN, Verdict.REGISTERED)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its name, a note below, and the views it counts ("" for no link)."""

    name: str
    value: str
    note: Markup | str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A row of the table; the shares are in percent, rounded down."""

    start: str
    end: str
    watching: int
    plays: str
    again: int


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call to action; ``percent`` of those who saw it used it, None when nobody saw it."""

    name: Markup
    text: str
    shown: str
    used: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The picture in both widths, in a sentence, and as a table of rows each ``step`` long."""

    charts: tuple[Retention, Retention]
    sentence: str
    step: str
    parts: tuple[Part, ...]


def whole_percent(share: float) -> int:
    """A fraction 0–1 as percent, rounded down; what is 41% but for the last bit is 41."""
    return int(share * 100 + 1e-9)


def why_no_curve(figures: Figures) -> str:
    """Why there is none; "" where there is one."""
    if figures.starts < FEWEST_PLAYS:
        return words.TOO_FEW.format(plays=figures.starts, fewest=FEWEST_PLAYS)
    if not figures.seconds:
        return words.NO_LENGTH_NO_CURVE
    return "" if any(figures.watching) else words.EMPTY_CURVE


def tiles(known: Known, figures: Figures, at: Scene, say: Speech) -> list[Tile]:
    """Plays, average, e-mails, and what was written to Upsales."""
    visitors = say.count(figures.visitors, "visitor", "visitors")
    since = words.SINCE.format(day=_day(figures.since, say)) if figures.since else ""
    here = views_address(at.customer_id, video=known.media_id)
    return [
        Tile(
            words.PLAYS,
            say.number(figures.plays),
            words.VISITORS.format(visitors=visitors, since=since),
            here,
        ),
        _average(figures),
        _emails(known, figures, at, say),
        _written(known, at, say),
    ]


def _day(moment: datetime, say: Speech) -> str:
    local = moment.astimezone(say.zone)
    this_year = local.year == say.now.astimezone(say.zone).year
    return say.day(local.date()) if this_year else say.full_day(moment)


def _average(figures: Figures) -> Tile:
    if figures.average is None:
        return Tile(words.AVERAGE, words.UNKNOWN, words.NO_LENGTH)
    value, seconds = f"{whole_percent(figures.average)}%", figures.seconds
    if not seconds:
        return Tile(words.AVERAGE, value, words.NO_LENGTH)
    watched = clock_time(int(figures.average * seconds))
    return Tile(
        words.AVERAGE, value, words.OF_LENGTH.format(watched=watched, length=clock_time(seconds))
    )


def _emails(known: Known, figures: Figures, at: Scene, say: Speech) -> Tile:
    left = kept.left_email(at.customer_id, [known.media_id]).get(known.media_id, 0)
    there = views_address(at.customer_id, video=known.media_id, passed=Stage.TURNSTILE.value)
    if figures.asked is None:
        return Tile(words.EMAILS, say.number(left), words.OF_KEPT, there)
    shown, used = figures.asked
    share = min(used / shown, 1.0) if shown else 0.0
    note = words.OF_ASKED.format(percent=whole_percent(share)) if shown else words.NOBODY_ASKED
    return Tile(words.EMAILS, say.number(used), note, there if left else "")


def _written(known: Known, at: Scene, say: Speech) -> Tile:
    on = at.reading.on
    target = Target.FORM if on == {Target.FORM} else Target.ACTIVITY
    day = say.now.astimezone(say.zone).date() - timedelta(days=WRITTEN_DAYS)
    since = datetime.combine(day, time(), say.zone)
    wanted = Filter(at.customer_id, target=target, since=since, media=(known.media_id,))
    by_code = search.counts(wanted, at.reading)
    there = {
        "video": known.media_id,
        "state": ",".join(verdict.value for verdict in _DONE),
        "from": day.isoformat(),
    }
    if target is Target.FORM:
        there["target"] = target.value
    count = sum(by_code.get(code, 0) for verdict in _DONE for code in codes_of(verdict))
    return Tile(
        words.WRITTEN[target],
        say.number(count),
        words.WRITTEN_NOTE[target].format(days=WRITTEN_DAYS),
        views_address(at.customer_id, **there) if count else "",
    )


def curve(known: Known, figures: Figures, say: Speech) -> Curve | None:
    """The picture; None where there is none."""
    if why_no_curve(figures):
        return None
    seconds = figures.seconds or 1.0
    both = (retention(figures, seconds, slim=False), retention(figures, seconds, slim=True))
    step = steps_of(seconds)
    parts = tuple(_parts(figures, seconds, step, say))
    return Curve(both, _sentence(known, figures, both[0].again), _lasting(step, say), parts)


def _lasting(step: int, say: Speech) -> str:
    return f"{step} seconds" if step < 60 else say.lasting(timedelta(seconds=step))


def _parts(figures: Figures, seconds: float, step: int, say: Speech) -> Iterator[Part]:
    at = 0.0
    while at < seconds:
        end = min(at + step, seconds)
        within = (figures.starts, at / seconds, end / seconds)
        watching = share_within(figures.watching, *within)
        again = share_within(figures.again, *within) if figures.again else 0.0
        number = say.number(round(watching * figures.starts / 100))
        yield Part(clock_time(at), clock_time(end), int(watching + 1e-9), number, int(again + 1e-9))
        at = end


def _sentence(known: Known, figures: Figures, again: Again | None) -> str:
    told = {
        name: int(share_within(figures.watching, figures.starts, at, at) + 1e-9)
        for name, at in (("start", 0.0), ("middle", 0.5), ("end", 1.0))
    }
    length = clock_time(figures.seconds or 0.0)
    said = words.PICTURE.format(title=known.name or words.NO_TITLE, length=length, **told)
    if figures.average is not None:
        said += words.PICTURE_AVERAGE.format(percent=whole_percent(figures.average))
    if figures.drops:
        each = ", ".join(f"{clock_time(one.at)} ({one.percent}%)" for one in figures.drops)
        said += words.PICTURE_DROPS.format(drops=each)
    return said + (words.PICTURE_AGAIN.format(peak=again.peak) if again and again.peak else "")


def calls(figures: Figures, say: Speech) -> list[CallRow]:
    """What the video asks for, with how often it was shown and used."""
    return [_call(one, say) for one in figures.calls]


def _call(one: Call, say: Speech) -> CallRow:
    kind = shorten(words.KINDS.get(one.kind, one.kind))
    if one.at == AT_THE_END:
        name = escape(words.AT_THE_END).format(kind=kind)
    elif one.at:
        name = escape(words.AT).format(kind=kind, time=clock_time(one.at))
    else:
        name = kind
    percent = None if one.rate is None else whole_percent(one.rate)
    return CallRow(name, one.text, say.number(one.shown), say.number(one.used), percent)


def comes_up(drop: Leaving) -> Markup:
    """What comes up in the video where viewers leave; "" for nothing that is known."""
    return escape(words.COMES_UP.get(drop.kind, "")).format(title=shorten(drop.title))


def proposed(customer_id: int, media_id: str) -> EnrichmentRun | None:
    """The newest run that proposed edits to this video."""
    for run in enrichment.runs(customer_id, "dropoff"):
        found = run.result or {}
        if found.get("edits") and found.get("from", {}).get("media") == media_id:
            return run
    return None


def drops_heading(figures: Figures) -> str:
    """The drops, by their number where there are any."""
    n = len(figures.drops)
    if not n:
        return words.NO_DROPS_HEADING
    return words.DROPS[min(n, len(words.DROPS)) - 1].format(n=n)


def wistia_address(known: Known, figures: Figures) -> str:
    """The video in Wistia; "" where that is not told, or is no https page."""
    if figures.gone_at or not figures.home.startswith("https://"):
        return ""
    return f"{figures.home.rstrip('/')}/medias/{quote(known.media_id, safe='')}"
