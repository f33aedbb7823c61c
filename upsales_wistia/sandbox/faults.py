"""Faults that can be switched on by name, each for one operation of a vendor."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

INSTEAD = frozenset(
    [
        "400",
        "402",
        "403",
        "404",
        "422",
        "500",
        "502",
        "503",
        "504",
        "429",
        "429_bare",
        "429_negative",
        "revoked",
        "unauthorized_scope",
        "account_inactive",
        "html",
        "html_404",
        "not_json",
        "redirect",
        "reset",
        "timeout",
        "refused_contact",
        "refused_client",
    ]
)
"""The answer is this instead, and nothing is done."""

AROUND = frozenset(
    [
        "slow",
        "cut",
        "write_then_cut",
        "500_after_writing",
        "timeout_after_writing",
        "odd_answer",
        "write_late",
    ]
)
"""The work is done (``write_late``: only at the next settling), the answer is spoilt."""

INSIDE = frozenset(
    [
        "ignore_filter",
        "finds_nothing",
        "lagging_search",
        "duplicate",
        "insert",
        "empty",
        "malformed",
        "clarifying",
        "unknown_persona",
        "persona_not_offered",
        "never_done",
        "fails",
    ]
)
"""The operation itself misbehaves, with an answer of the usual shape."""

OPERATIONS = frozenset(
    [
        "wistia.events",
        "wistia.event",
        "wistia.visitors",
        "wistia.visitor",
        "wistia.medias",
        "wistia.media",
        "wistia.media_stats",
        "wistia.engagement",
        "wistia.captions",
        "wistia.customizations",
        "wistia.projects",
        "wistia.project",
        "wistia.account",
        "wistia.token",
        "wistia.heatmap",
        "upsales.self",
        "upsales.todo_types",
        "upsales.contacts",
        "upsales.accounts",
        "upsales.users",
        "upsales.events",
        "upsales.create_event",
        "upsales.delete_event",
        "upsales.create_todo",
        "upsales.forms",
        "upsales.form",
        "upsales.create_form",
        "upsales.update_form",
        "upsales.form_submit",
        "upsales.form_submits",
        "upsales.app_hook",
        "upsales.callback",
        *(
            f"mavera.{operation}"
            for operation in (
                "usage",
                "workspaces",
                "personas",
                "generation_apps",
                "threads",
                "thread",
                "delete_thread",
                "groups",
                "group",
                "voices",
                "voice",
                "generations",
                "generation",
                "delete_generation",
                "upload_url",
                "files",
                "create_file",
                "delete_file",
                "respond",
                "complete",
                "ask_mave",
                "create_persona",
                "create_group",
                "create_voice",
                "generate",
            )
        ),
        "wistia.*",
        "upsales.*",
        "mavera.*",
        "*",
    ]
)
"""What a fault can be switched on for."""

KINDS = INSTEAD | AROUND | INSIDE


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``times`` None: until cleared. ``after``: that many calls pass unharmed first.

    ``operation`` may hold ``*``. ``page`` and ``customer`` narrow it when given. ``seconds`` is
    how long a time-out hangs, a slow answer takes, or the ``Retry-After`` of a 429.
    """

    id: int
    operation: str
    kind: str
    times: int | None = None
    after: int = 0
    page: int | None = None
    customer: int | None = None
    seconds: float = 1.0


class Faults:
    """The faults that are switched on. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._active: dict[int, Fault] = {}
        self._met: dict[int, int] = {}

    def add(
        self,
        operation: str,
        kind: str,
        *,
        times: int | None = None,
        after: int = 0,
        page: int | None = None,
        customer: int | None = None,
        seconds: float = 1.0,
    ) -> Fault:
        """Switch a fault on. Returns it. Raises ValueError for an unknown operation or kind."""
        if operation not in OPERATIONS:
            raise ValueError(f"no such operation: {operation!r}")
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind!r}; there are {', '.join(sorted(KINDS))}")
        fault = Fault(next(self._ids), operation, kind, times, after, page, customer, seconds)
        with self._lock:
            self._active[fault.id] = fault
            self._met[fault.id] = 0
        return fault

    def remove(self, fault: Fault | int) -> None:
        """Switch one fault off; one that is off already stays so."""
        with self._lock:
            self._active.pop(fault if isinstance(fault, int) else fault.id, None)

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._active.clear()

    def take(self, operation: str, customer: int | None, page: int | None) -> list[Fault]:
        """The faults that hit this call; those with a number of times are used up by it."""
        with self._lock:
            return [
                fault
                for fault in list(self._active.values())
                if self._fits(fault, operation, customer, page) and self._hits(fault)
            ]

    def listing(self) -> list[dict[str, Any]]:
        """The faults that are on, as plain data, with how many calls each has met."""
        with self._lock:
            return [{**asdict(f), "met": self._met[f.id]} for f in self._active.values()]

    @staticmethod
    def _fits(fault: Fault, operation: str, customer: int | None, page: int | None) -> bool:
        return (
            fnmatchcase(operation, fault.operation)
            and fault.customer in (None, customer)
            and fault.page in (None, page)
        )

    def _hits(self, fault: Fault) -> bool:
        self._met[fault.id] += 1
        met = self._met[fault.id]
        if fault.times is not None and met >= fault.after + fault.times:
            del self._active[fault.id]
        return met > fault.after


def one_of(faults: Iterable[Fault], kinds: frozenset[str]) -> Fault | None:
    """The first of ``faults`` whose kind is among ``kinds``, or None."""
    return next((fault for fault in faults if fault.kind in kinds), None)
