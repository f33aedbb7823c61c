"""A backfill as its page tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..funnel.view import Target
from ..store import tally
from ..store.jobs import Job
from ..store.runs import Run
from ..sync.period import WRITES_AN_HOUR, Period, time_left
from . import texts
from .addresses import views_address
from .texts import backfill as words
from .wording import Speech

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A count, what it counts, and where these are listed ("" where none are)."""

    count: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a backfill does, or did, for one target; ``reasons`` of what is left out."""

    name: str
    figures: list[Figure]
    reasons: list[Figure]


@dataclass(frozen=True, slots=True)
class Going:
    """A backfill that is not done. ``share`` is 0-100, of the days; ``tenths`` rounded down."""

    headline: str
    days: str
    where: str
    written: str
    left: str
    share: int
    told: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A fetch that wrote."""

    run: str
    asked_at: datetime
    days: str
    by: str
    written: str
    done: bool


def days_of(told: Mapping[str, Any]) -> str:
    """``1 Oct 2026 to 31 Oct 2026``."""
    until = told["until"]
    return words.OF_DAYS.format(
        since=_day(date.fromisoformat(told["since"])),
        until=_day(date.fromisoformat(until)) if until else words.NOW,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def both(activities: int, forms: int, say: Speech) -> str:
    """``31 activities and 9 forms``; what there is none of is left out, unless there is neither."""
    parts = [say.count(activities, *words.ACTIVITIES)] if activities or not forms else []
    if forms:
        parts.append(say.count(forms, *words.SUBMITS))
    return words.AND.join(parts)


def parts(customer_id: int, made: Mapping[str, Any], say: Speech) -> list[Part]:
    """What is, or would be, done for each target that was asked for."""
    return [
        _part(customer_id, made, target, balance, say)
        for target, balance in made["balance"].items()
        if balance
    ]


def _part(
    customer_id: int, made: Mapping[str, Any], target: str, balance: Mapping[str, Any], say: Speech
) -> Part:
    commit = made["commit"]
    when = _filters(made, say) | {"target": target}

    def listed(**filters: str) -> str:
        return views_address(customer_id, **when, **filters)

    # Before they are written, those to come are among what was only looked at.
    to_come = {"state": "written"} if commit else {"code": "before_start"}
    dropped = balance["dropped"]
    figures = [
        Figure(
            balance["written"],
            words.CREATED if commit else words.CREATE,
            listed(**to_come),
        ),
        Figure(balance["registered"], words.THERE, listed(state="registered")),
        Figure(balance["settling"], words.WATCHING, listed(state="settling")),
        Figure(balance["waiting"], words.WAITING, listed(**(_WAITING if commit else to_come))),
        Figure(sum(dropped.values()), words.LEFT_OUT, listed(state="dropped")),
    ]
    figures += [
        Figure(balance[name], word, listed(state=name)) for name, word in _OPEN if balance[name]
    ]
    reasons = [
        Figure(count, texts.WHY.get(code, code), listed(code=code))
        for code, count in dropped.items()
    ]
    return Part(words.TARGETS[target], figures, reasons)


_WAITING = {"state": "waiting"}
_OPEN = (
    ("retrying", words.AGAIN),
    ("failed", words.FAILED),
    ("uncertain", words.CHECKED),
)


def _filters(made: Mapping[str, Any], say: Speech) -> dict[str, str]:
    if made["commit"]:
        return {"run": made["run"]}
    start, end = (datetime.fromisoformat(made["window"][name]) for name in ("from", "to"))
    last = end - timedelta(microseconds=1)
    return {
        "from": start.astimezone(say.zone).date().isoformat(),
        "to": last.astimezone(say.zone).date().isoformat(),
    }


def time_left_of(seconds: float, say: Speech) -> str:
    """``About 25 minutes left.``, or that it is less than one."""
    if seconds < 60:
        return words.LEFT_AT_ONCE
    return words.LEFT.format(time=say.lasting(timedelta(seconds=seconds)))


def estimate(made: Mapping[str, Any], minutes: float, say: Speech) -> str:
    """How long the writing takes, and why; "" where there is nothing to write."""
    seconds = made.get("seconds_to_write") or 0
    if not made["written"]["activities"] and not made["written"]["forms"]:
        return ""
    if seconds < 60:
        return words.QUICK.format(minutes=f"{minutes:g}")
    hour = made["written"]["activities"] > WRITES_AN_HOUR
    return words.TIME.format(
        time=say.lasting(timedelta(seconds=seconds)),
        limit=words.LIMIT_HOUR if hour else words.LIMIT_SECOND,
        minutes=f"{minutes:g}",
    )


def points(made: Mapping[str, Any], say: Speech) -> tuple[str, list[Mapping[str, Any]], int]:
    """A sentence on the points, the companies that get most, and how many more there are."""
    found = made.get("points") or []
    if not found:
        return "", [], 0
    whole = sum(one["points"] for one in found)
    sentence = words.POINTS.format(
        points=say.number(whole), companies=say.count(len(found), *words.COMPANIES)
    )
    return sentence, found[:_SHOWN], len(found) - _SHOWN


def going(customer_id: int, job: Job, say: Speech) -> Going:
    """How far a backfill is."""
    told = job.progress
    period = Period(*(datetime.fromisoformat(told[name]) for name in ("from", "to")))
    at = datetime.fromisoformat(told["next"])
    done = period.days - len(list(period.slices(at)))
    written = tally.written_by(customer_id, job.run_id)
    counts = (written[Target.ACTIVITY], written[Target.FORM])
    left = time_left(told, counts) if told["state"] == "running" else None
    share = 100 * done // period.days
    return Going(
        headline=words.WRITING if told["commit"] else words.LOOKING,
        days=days_of(told),
        where=_where(told, period, done, at),
        written=words.SO_FAR.format(what=both(*counts, say)) if told["commit"] else "",
        left=time_left_of(left, say) if left is not None else "",
        share=share,
        told=words.TOLD.format(tenths=share // 10 * 10),
        state=job.wish or told["state"],
        reason=told.get("reason") or "",
    )


def _where(told: Mapping[str, Any], period: Period, done: int, at: datetime) -> str:
    if told["state"] == "paused":
        last = at - timedelta(microseconds=1)
        return words.PAUSED.format(day=_day(last.date())) if done else words.PAUSED_AT_ONCE
    if done >= period.days:
        return words.COUNTING if not told["commit"] else ""
    return words.DAY.format(n=done + 1, days=period.days, day=_day(at.astimezone(UTC).date()))


def earlier(run: Run, say: Speech) -> Earlier:
    """A fetch that wrote, as the list has it."""
    made = run.report
    last = run.window_to - timedelta(microseconds=1)
    written = made["written"] if made else {"activities": 0, "forms": 0}
    nothing = not written["activities"] and not written["forms"]
    return Earlier(
        run.id,
        run.started_at,
        words.OF_DAYS.format(since=_day(run.window_from.date()), until=_day(last.date())),
        str(made.get("by", "")) if made else "",
        words.NONE_WRITTEN if nothing else both(written["activities"], written["forms"], say),
        made is not None,
    )
