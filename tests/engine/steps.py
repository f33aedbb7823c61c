"""The named steps of a run, watched from outside: the package itself has no hooks.

``sys.setprofile`` sees each call and return of Python; the ones below are told apart by their
code. A trap ends or freezes the process at one of them; marks tell another process where this
one is, in memory that outlives it.
"""

from __future__ import annotations

import importlib
import inspect
import mmap
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_CLIENT = "upsales_wistia.clients.upsales:UpsalesClient"

STEPS = {
    "fetch": "upsales_wistia.clients.paging:PageWalk.__next__",
    "commit": "upsales_wistia.store.leases:Lease.commit",
    "look-up": f"{_CLIENT}.contacts_by_email",
    "decision": "upsales_wistia.funnel.decide:decide_all",
    "preparation": "upsales_wistia.sync.deliver:_prepare",
    "intent": "upsales_wistia.store.outbox:begin",
    "entry": f"{_CLIENT}.create_event",
    "submit": f"{_CLIENT}.submit_form",
    "storing": "upsales_wistia.store.outbox:finish",
    "outcome": "upsales_wistia.sync.deliver:_done",
    "kept page": "upsales_wistia.sync.poll:keep_rows",
    "verdicts": "upsales_wistia.store.sieve:save_sieve",
    "plan": "upsales_wistia.store.outbox:plan",
    "closing": "upsales_wistia.sync.run:_close",
    "evidence": "upsales_wistia.sync.evidence:evidence",
    "verdict": "upsales_wistia.store.checks:keep",
    "removal": f"{_CLIENT}.delete_event",
    "adoption": "upsales_wistia.store.checks:adopt",
    "lease": "upsales_wistia.store.leases:claim",
    # The request has left, the answer is not read.
    "answer": "urllib3.connection:HTTPConnection.getresponse",
}
"""The function of each step. ``commit`` is a context manager: it is left twice, first into its
block, inside the transaction, then after the commit. ``storing`` lies inside such a block,
``outcome`` after it."""

WATCHED = [name for name in STEPS if name not in ("lease", "answer", "commit")]
LONGEST_MARK = 32

Watch = Callable[[FrameType, str, Any], None]


def code_of(step: str) -> CodeType:
    """The code of a step's function."""
    module, _, path = STEPS[step].partition(":")
    found: Any = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    code = inspect.unwrap(found).__code__
    assert isinstance(code, CodeType)
    return code


class Trap:
    """Sends this process a signal at the ``nth`` call of, or return from, a step.

    ``within`` names a step that must be on its way at that time.
    """

    def __init__(
        self, step: str, on: str, nth: int, send: str, within: str | None, tell: Callable[[], None]
    ) -> None:
        self.code, self.on, self.left = code_of(step), on, nth
        self.signal = signal.Signals[send]
        self.within = code_of(within) if within else None
        self.tell = tell

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        """Look at one call or return."""
        if frame.f_code is not self.code or event != self.on or not self._is_within(frame):
            return
        self.left -= 1
        if self.left == 0:
            self.tell()
            os.kill(os.getpid(), self.signal)

    def _is_within(self, frame: FrameType) -> bool:
        if self.within is None:
            return True
        above = frame.f_back
        while above is not None and above.f_code is not self.within:
            above = above.f_back
        return above is not None


class Marks:
    """Keeps in a file's memory which step was last entered or left.

    Tells when the lease is held, and when the first write is prepared.
    """

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        with Path(path).open("w+b") as file:
            file.truncate(LONGEST_MARK)
            self.memory = mmap.mmap(file.fileno(), LONGEST_MARK)
        # By identity: to hash a code is slow, and this is asked at every call.
        self.marks: dict[str, dict[int, bytes]] = {"call": {}, "return": {}}
        for name in WATCHED:
            for event, word in (("call", "in"), ("return", "after")):
                mark = f"{word} {name}".encode().ljust(LONGEST_MARK)
                self.marks[event][id(code_of(name))] = mark
        self.claim, self.preparation = code_of("lease"), code_of("preparation")
        self.tell = tell
        self.writing = False

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        """Look at one call or return."""
        mark = self.marks[event].get(id(frame.f_code))
        if mark:
            self.memory[:] = mark
            if not self.writing and frame.f_code is self.preparation:
                self.writing = True
                self.tell("writing")
        elif frame.f_code is self.claim and event == "return" and arg is not None:
            self.tell("holding")


def read_mark(path: Path) -> str:
    """The last mark of a process that may be gone."""
    text = path.read_bytes().strip(b"\0 ").decode() if path.exists() else ""
    return text or "at the start"


def watch(watcher: Watch) -> None:
    """Let ``watcher`` see what this thread, and those that it starts, call from now on."""

    def look(frame: FrameType, event: str, arg: Any) -> None:
        if event == "call" or event == "return":
            watcher(frame, event, arg)

    threading.setprofile(look)
    sys.setprofile(look)
