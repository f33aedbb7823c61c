"""What the command line shows to people: tables in a terminal, plain lines when piped."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.status import Status
from rich.table import Table
from rich.text import Text

from .funnel.report import unaccounted

Document = Mapping[str, Any]

_PIPED = 160
"""Columns of a line that no terminal breaks."""

_JOINERS = "\u200c\u200d"
"""Invisible, but part of how some scripts and pictures are written."""

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
    "ignored_viewer": "ignored viewer",
    "below_minimum": "under the minimum",
    "other_project": "other project",
    "project_unknown": "project unknown",
    "before_start": "before the start date",
    "left_by_hand": "left out by hand",
    "undone": "taken back",
}

_LOSSES_AT = {
    "turnstile": ("no_email", "email_not_turnstile", "not_an_email"),
    "matched": ("waited_out", "ignored_viewer"),
    "watched": ("below_minimum",),
    "project": ("other_project", "project_unknown"),
    "new": ("before_start", "left_by_hand", "undone"),
}


def clean(text: str) -> str:
    """``text`` on one line, without what could steer a terminal or turn its words around.

    Vendors and viewers wrote some of it: escape sequences, other control characters and
    bidirectional overrides go.
    """
    return text if text.isprintable() else "".join(map(_harmless, text))


def _harmless(char: str) -> str:
    if char.isspace():
        return " "
    control = unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in _JOINERS
    return "" if control else char


def _cleaned(lines: Iterable[str]) -> list[str]:
    return [clean(line) for line in lines]


def console(*, stderr: bool = False) -> Console:
    """A console that takes text as it is; piped, it is wide, so that no line is broken.

    One for stdout is for a result: what a run does just now is no longer shown then.
    """
    if not stderr:
        Progress.end_all()
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width = _PIPED
    return made


class Progress:
    """Tells on stderr what a run does just now.

    In a terminal a page that was read, and a whole sentence, stays as a line; everything else
    takes the place of what was told before it, and at the end nothing of that is left. Piped,
    each is a line, but of a long count only the first, each 25th and the last.
    """

    _shown: ClassVar[list[Status]] = []  # at most one: a process has one terminal

    def __init__(self) -> None:
        """Nothing is shown before something is told."""
        self._console = console(stderr=True)
        # What is written to stdout meanwhile moves the line, so that must be the terminal too.
        both = sys.stderr.isatty() and sys.stdout.isatty()
        self._live = both and self._console.is_interactive

    def __call__(self, text: str) -> None:
        """Tell ``text``, such as ``Writing 2 of 4``."""
        told = clean(text)
        if self._live and not _LASTING.search(told):
            self._replace(told)
        elif self._live or _worth_a_line(told):
            self._console.print(told, style="dim")

    def _replace(self, told: str) -> None:
        if self._shown:
            self._shown[-1].update(Text(told, "dim"))
            return
        status = self._console.status(Text(told, "dim"))
        status.start()
        self._shown.append(status)

    @classmethod
    def end_all(cls) -> None:
        """Take away the line that changes; what is told afterwards begins a new one."""
        while cls._shown:
            cls._shown.pop().stop()


_LASTING = re.compile(r"^Reading views, page|\.$")
_COUNT = re.compile(r"(\d+) of (\d+)$")
_EACH = 25


def _worth_a_line(told: str) -> bool:
    count = _COUNT.search(told)
    if count is None:
        return True
    number, total = map(int, count.groups())
    return number in (1, total) or number % _EACH == 0


def funnel(document: Document, *, plain: bool) -> RenderableType:
    """The funnel of a run, with what was left out at each step; ``plain`` draws no lines.

    Either way it fits into 80 columns.
    """
    heads = (_window(document), "Activity", "Form", "Left out")
    if plain:
        return Text("\n".join(map(_plain_line, (heads, *_rows(document)))))
    # Rows that are told apart by space alone: the gap is two columns, as in the plain lines.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for head in heads:
        justify = "right" if head in ("Activity", "Form") else "left"
        table.add_column(Text(head), justify=justify)  # type: ignore[arg-type]
    for row in _rows(document):
        table.add_row(*map(Text, row))
    return table


def _plain_line(row: Sequence[str]) -> str:
    name, activity, form, lost = row
    first, *more = lost.split("\n")
    before = f"{name:<29}  {activity:>8}  {form:>9}  "
    return "\n".join([f"{before}{first}".rstrip(), *(f"{'':52}{line}" for line in more)])


def _window(document: Document) -> str:
    if "since" in document:
        return f"{document['since']} to {document['until'] or 'now'}"
    first, last = (datetime.fromisoformat(document["window"][end]) for end in ("from", "to"))
    days = -((first - last) // timedelta(days=1))
    return "The last day" if days == 1 else f"The last {days} days"


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
        parts.insert(0, f"{waiting} waiting for a contact") if waiting else None
    return "\n".join(parts)


def sentences(document: Document) -> list[str]:
    """The run in a few plain sentences: how it ended, what was written, what is open."""
    lines = [document["reason"]] if document["reason"] else []
    lines += [*_written(document), _open(document), *_balance(document)]
    requests = document["requests"]
    lines.append(
        f"Requests: {requests['wistia']} to Wistia, {requests['upsales']} to Upsales, "
        f"in {document['seconds']} s."
    )
    return _cleaned(lines)


def _written(document: Document) -> list[str]:
    made = document["written"]
    said = "Written" if document.get("commit", True) else "To be written with --commit"
    lines = [f"{said}: {_both(made)}."]
    if made["forms_created"]:
        lines.append(f"Made in Upsales: {_many(made['forms_created'], 'form', 'forms')} to submit.")
    if any(made["late"].values()):
        lines.append(f"Written of older views: {_both(made['late'])}.")
    if document["healed"]:
        lines.append(f"Doubles removed: {document['healed']}.")
    return lines


def _both(made: Mapping[str, int]) -> str:
    return (
        f"{_many(made['activities'], 'activity', 'activities')} and "
        f"{_many(made['forms'], 'form', 'forms')}"
    )


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _open(document: Document) -> str:
    counts = ", ".join(f"{document[name]} {words}" for name, words in _OPEN if document[name])
    return f"Open: {counts}." if counts else "Nothing is open."


_OPEN = (
    ("waiting", "waiting for a contact"),
    ("settling", "still watching"),
    ("retrying", "to be tried again"),
    ("failed", "failed"),
    ("uncertain", "being checked"),
)

_ACCOUNTS = "Written + there + left out + waiting + watching + again + failed + checked:"
_NAMES = {"activity": "Activity log", "form": "Forms"}


def _balance(document: Document) -> list[str]:
    on = {name: balance for name, balance in document["balance"].items() if balance}
    lines = [f"  {_NAMES[name]}: {_balance_line(balance)}" for name, balance in on.items()]
    return [_ACCOUNTS, *lines] if lines else []


def _balance_line(balance: Mapping[str, Any]) -> str:
    parts = [balance["written"], balance["registered"], sum(balance["dropped"].values())]
    parts += [balance[name] for name, _ in _OPEN]
    sums = f"{' + '.join(map(str, parts))} = {balance['views']} views"
    missing = unaccounted(dict(balance))
    if missing:
        return f"{sums}. {abs(missing)} are not accounted for: this is our fault."
    return f"{sums}. It adds up."


def entries(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a run wrote and where, one line each; in a terminal cut to its width."""
    width = console().width
    lines = [_entry(row, width) for row in rows]
    return ["What was written where:", *lines] if lines else []


def _entry(row: Mapping[str, Any], width: int) -> str:
    where, before = clean(row["where"]), f"  {row['target']:<8}  "
    room = max(_LEAST, width - len(before) - cell_len(where) - 3)
    return _fit(f"{before}{_fit(clean(row['what']), room)} → {where}", width)


def fitted(line: str) -> str:
    """``line``, cut to the width of a terminal."""
    return _fit(clean(line), console().width)


_LEAST = 30
"""Columns that a title has at least, however long the name beside it."""


def _fit(text: str, width: int) -> str:
    fitting = Text(text)
    fitting.truncate(width, overflow="ellipsis")
    return fitting.plain


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
    return _cleaned(lines)


def failed_items(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Failed and uncertain items as lines."""
    lines = []
    for item in items:
        lines.append(f"{item['event_key']}  {item['target']}  {item['state']}")
        lines.append(f"  {item['reason']}")
        if item["request_id"]:
            lines.append(f"  Request {item['request_id']}")
        lines.append(f"  What we sent: {json.dumps(item['payload'], ensure_ascii=False)}")
    return _cleaned(lines)


def customer(row: Mapping[str, Any]) -> str:
    """A customer in the list, and when it is erased if Upsales goes on refusing."""
    days = row["erased_in_days"]
    soon = f"  (erased after {days} more days of refusals)" if days is not None else ""
    return clean(f"{row['customer']}  {row['state']}  {row['name']}{soon}")
