"""What the command line shows of a backfill beside its funnel, and of what is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from .terminal import clean

_COMPANIES = 20
_NAMES = {"activity": "Activities", "form": "Forms"}


def lines(document: Mapping[str, Any]) -> list[str]:
    """What it would write, or wrote, in one line a target; of a preview the points as well."""
    told = [
        f"{_NAMES[target]}: {_one_line(balance, commit=document['commit'])}"
        for target, balance in document["balance"].items()
        if balance
    ]
    if document["commit"]:
        return told
    return [*told, *_points(document.get("points", [])), *_time(document)]


def _one_line(balance: Mapping[str, Any], *, commit: bool) -> str:
    dropped = balance["dropped"]
    reasons = ", ".join(f"{code} {count}" for code, count in dropped.items())
    return (
        f"{'created' if commit else 'create'} {balance['written']}"
        f" · already there {balance['registered']} · settling {balance['settling']}"
        f" · waiting {balance['waiting']} · dropped {sum(dropped.values())}"
        + (f" ({reasons})" if reasons else "")
    )


def _points(companies: list[Mapping[str, Any]]) -> list[str]:
    if not companies:
        return []
    shown = [f"  {clean(one['name'])}: +{one['points']}" for one in companies[:_COMPANIES]]
    more = len(companies) - len(shown)
    return ["Points:", *shown, *([f"  and {more} more companies"] if more else [])]


def _time(document: Mapping[str, Any]) -> list[str]:
    seconds = document.get("seconds_to_write")
    if not seconds:
        return []
    least = timedelta(seconds=seconds)
    return [f"Writing takes {least} at least: Upsales takes 3 entries a second, 4,500 an hour."]


def to_take_back(told: Mapping[str, Any]) -> list[str]:
    """What ``undo`` would do."""
    lines = [f"Takes back {_many(told['entries'], 'activity', 'activities')} in Upsales."]
    if told["forms"]:
        what = _many(told["forms"], "form was", "forms were")
        lines.append(f"{what} submitted too and cannot be taken back.")
    if told["checked"]:
        what = _many(told["checked"], "is", "are")
        lines.append(f"{what} being checked and stays as it is.")
    return [*lines, "Nothing of it is written again until you ask. Take it back with --commit."]


def taken_back(made: Mapping[str, Any]) -> list[str]:
    """What ``undo`` did."""
    lines = [made["reason"]] if made["reason"] else []
    lines.append(f"{made['taken_back']} of {made['entries']} taken back.")
    lines += [
        f"  {one['event_key']}: Upsales answered “{one['answer']}”" for one in made["refused"]
    ]
    return [clean(line) for line in lines]


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
