"""What the command line shows to people: tables in a terminal, plain lines when piped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .funnel.report import unaccounted

Document = Mapping[str, Any]

_PIPED = 160
"""Columns of a line that no terminal breaks."""

_STEPS = (
    ("matched", "Match a contact or company"),
    ("watched", "Watched enough"),
    ("project", "In a chosen project"),
    ("new", "New, written now"),
)

LOSSES = {
    "no_email": "left no e-mail",
    "email_not_turnstile": "known another way",
    "not_an_email": "not an address",
    "waited_out": "waited too long",
    "below_minimum": "under the minimum",
    "other_project": "other project",
    "project_unknown": "project unknown",
    "before_start": "before the start date",
}

_LOSSES_AT = {
    "turnstile": ("no_email", "email_not_turnstile", "not_an_email"),
    "matched": ("waited_out",),
    "watched": ("below_minimum",),
    "project": ("other_project", "project_unknown"),
    "new": ("before_start",),
}


def console(*, stderr: bool = False) -> Console:
    """A console; piped, it is wide and plain, so that no line is broken."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPED)


def funnel(document: Document, *, plain: bool) -> Table:
    """The funnel of a run, with what was left out at each step; ``plain`` draws no lines."""
    table = Table(box=None if plain else box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_window(document))
    table.add_column("Activity log", justify="right")
    table.add_column("Form", justify="right")
    table.add_column("Left out")
    for name, activity, form, lost in _rows(document):
        table.add_row(name, activity, form, Text(lost))
    return table


def _window(document: Document) -> str:
    first, last = (datetime.fromisoformat(document["window"][end]) for end in ("from", "to"))
    return f"The last {(last - first).days} days"


def _rows(document: Document) -> list[tuple[str, str, str, str]]:
    steps = document["funnel"]
    views, known = steps["views"], steps["turnstile"]
    rows = [
        ("Views", str(views), str(views), ""),
        ("Left an e-mail in a Turnstile", str(known), str(known), _lost(document, "turnstile")),
    ]
    for stage, name in _STEPS:
        cells = [_cell(steps[target], stage) for target in ("activity", "form")]
        rows.append((name, cells[0], cells[1], _lost(document, stage)))
    return rows


def _cell(funnel: Mapping[str, int] | None, stage: str) -> str:
    if funnel is None:
        return "off"
    return str(funnel[stage]) if stage in funnel else "not asked"


def _lost(document: Document, stage: str) -> str:
    """What was left out at ``stage``; both targets' figures where they differ."""
    balances = [b for b in document["balance"].values() if b]
    parts = []
    for code in _LOSSES_AT[stage]:
        figures = list(dict.fromkeys(b["dropped"].get(code, 0) for b in balances))
        if any(figures):
            parts.append(f"{' / '.join(map(str, figures))} {LOSSES[code]}")
    if stage == "matched" and document["balance"]["activity"]:
        waiting = document["balance"]["activity"]["waiting"]
        parts.insert(0, f"{waiting} wait for a contact") if waiting else None
    return ", ".join(parts)


def sentences(document: Document) -> list[str]:
    """The run in a few plain sentences: how it ended, what was written, what is open."""
    made = document["written"]
    lines = []
    if document["reason"]:
        lines.append(document["reason"])
    lines.append(
        f"Written: {_many(made['activities'], 'activity', 'activities')} and "
        f"{_many(made['forms'], 'form', 'forms')}"
        + (f", {made['forms_created']} made new" if made["forms_created"] else "")
        + "."
    )
    open_counts = ", ".join(f"{document[name]} {words}" for name, words in _OPEN if document[name])
    lines.append(f"Open: {open_counts}." if open_counts else "Nothing is open.")
    lines += [_balance_line(name, b) for name, b in document["balance"].items() if b]
    requests = document["requests"]
    lines.append(
        f"Requests: {requests['wistia']} to Wistia, {requests['upsales']} to Upsales, "
        f"in {document['seconds']} s."
    )
    return lines


_OPEN = (
    ("settling", "still watching"),
    ("waiting", "waiting for a contact"),
    ("retrying", "tried again"),
    ("failed", "failed"),
    ("uncertain", "being checked"),
)


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _balance_line(target: str, balance: Mapping[str, Any]) -> str:
    parts = [balance["written"], balance["registered"], sum(balance["dropped"].values())]
    parts += [balance[name] for name, _ in _OPEN]
    sums = f"{' + '.join(map(str, parts))} = {balance['views']} views"
    missing = unaccounted(dict(balance))
    word = "It adds up." if not missing else f"{missing} are not accounted for: this is our fault."
    return f"Balance of the {'activity log' if target == 'activity' else 'forms'}: {sums}. {word}"


def entries(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a run wrote, one line each."""
    return [f"{row['target']:>8}  {row['what']}  →  {row['where']}" for row in rows]


def explanation(found: Mapping[str, Any]) -> list[str]:
    """The document of ``explain`` as lines."""
    lines = []
    for view in found["views"]:
        lines.append(f"{view['received_at']}  {view['media']['name']}  {view['percent']:.2f}%")
        for target, why in view["targets"].items():
            if why is None:
                lines.append(f"  {target}: off. Turn it on in the settings.")
                continue
            lines.append(f"  {target}: {why['verdict']} at {why['stage']}. {why['reason']}")
            if why["would_pass_with"]:
                change = ", ".join(f"{n} = {v}" for n, v in why["would_pass_with"].items())
                lines.append(f"    It would pass with {change}.")
    return lines


def failed_items(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Failed and uncertain items as lines."""
    lines = []
    for item in items:
        lines.append(f"{item['event_key']}  {item['target']}  {item['state']}")
        lines.append(f"  {item['reason']}")
        if item["request_id"]:
            lines.append(f"  Request {item['request_id']}")
        lines.append(f"  What we sent: {json.dumps(item['payload'], ensure_ascii=False)}")
    return lines
