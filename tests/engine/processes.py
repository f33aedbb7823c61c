"""The two processes of the kit, as a test holds them."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import requests

from tests.engine.steps import read_mark

PATIENCE = 60.0
"""Seconds after which something that does not happen is a failure."""

ROOT = Path(__file__).parent.parent.parent


class Running:
    """A process of the kit, which ends when its standard input is closed."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    @property
    def input(self) -> IO[bytes]:
        """Its standard input."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def output(self) -> IO[bytes]:
        """Its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout

    def close(self) -> None:
        """Let it end."""
        self.input.close()
        self.process.wait(PATIENCE)
        self.output.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Vendors(Running):
    """Wistia and Upsales, driven over their control endpoint."""

    def __init__(self, customers: int) -> None:
        super().__init__("tests.engine.vendors", str(customers))
        self.overview = json.loads(self.output.readline())
        self._session = requests.Session()
        self._numbers = itertools.count()

    def __enter__(self) -> Vendors:
        return self

    def close(self) -> None:
        """Let it end."""
        self._session.close()
        super().close()

    def next_customer(self) -> dict[str, Any]:
        """A customer nobody had: id, tokens, config."""
        found: dict[str, Any] = self.overview["customers"][next(self._numbers)]
        return found

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control endpoint."""
        url = f"{self.overview['wistia_url']}/_control/{path}"
        answer = self._session.request(method, url, json=body, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def traffic(self, customer: int) -> dict[str, int]:
        """How many of a customer's calls are ``in_flight``, were ``refused`` or ``spoilt``."""
        self.input.write(f"{customer}\n".encode())
        self.input.flush()
        found: dict[str, int] = json.loads(self.output.readline())
        return found


class App(Running):
    """Where the processes of the app come from."""

    def __init__(self, folder: Path) -> None:
        super().__init__("tests.engine.app")
        self.folder = folder
        self._orders = itertools.count(1)
        self._events: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self._pids: dict[int, int] = {}
        self._unread = b""

    def __enter__(self) -> App:
        return self

    def start(self, **order: Any) -> Child:
        """Start a process that does ``order``; see ``tests.engine.app``."""
        number = next(self._orders)
        paths = {n: self.folder / f"{number}.{n}" for n in ("log", "result", "marks")}
        whole: dict[str, Any] = {
            "prepare": None,
            "moments": [],
            "asked": True,
            "work": False,
            "trap": None,
            "go_on": False,
            "wait_for": None,
            "pace": 0.01,
            **order,
            "id": number,
            "log": str(paths["log"]),
            "result": str(paths["result"]),
            "marks": str(paths["marks"]) if order.get("marks") else None,
        }
        self.input.write(json.dumps(whole).encode() + b"\n")
        self.input.flush()
        deadline = time.monotonic() + PATIENCE
        while number not in self._pids:
            assert self._read(deadline), "the process was not started"
        return Child(self, self._pids[number], paths["log"], paths["result"], paths["marks"])

    def event(self, pid: int, *names: str, seconds: float = PATIENCE) -> dict[str, Any] | None:
        """The next event of a process with one of these names; None when it does not come."""
        deadline = time.monotonic() + seconds
        while True:
            for event in self._events[pid]:
                if event["event"] in names:
                    self._events[pid].remove(event)
                    return event
            if not self._read(deadline):
                return None

    def _read(self, deadline: float) -> bool:
        """Read what the process prints next. False when ``deadline`` (monotonic) is over."""
        wait = max(0.0, deadline - time.monotonic())
        if not select.select([self.output], [], [], wait)[0]:
            return False
        chunk = os.read(self.output.fileno(), 1 << 16)
        assert chunk, "the app's parent process is gone"
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            event = json.loads(line)
            self._events[event["pid"]].append(event)
            if event["event"] == "started":
                self._pids[event["order"]] = event["pid"]
        return True


@dataclass
class Child:
    """One process of the app."""

    app: App
    pid: int
    log: Path
    result: Path
    marks: Path
    status: int | None = field(default=None)

    def wait(self, name: str, seconds: float = PATIENCE) -> bool:
        """Whether ``name`` happens to it within ``seconds``, before it ends."""
        event = self.app.event(self.pid, name, "ended", seconds=seconds)
        if event is not None and event["event"] == "ended":
            self.status = event["status"]
        return event is not None and event["event"] == name

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens when it has ended, which is told as an event."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> bool:
        """``kill -9``. False when it had ended by itself."""
        self.send(signal.SIGKILL)
        return self.end() == -signal.SIGKILL

    def freeze(self) -> bool:
        """Stop it as a machine that stalls does. False when it had ended."""
        self.send(signal.SIGSTOP)
        return self.wait("stopped")

    def end(self) -> int:
        """Wait until it has ended; its status, negative for a signal."""
        if self.status is None:
            assert self.wait("ended"), f"process {self.pid} does not end\n{self.told()}"
        assert self.status is not None
        return self.status

    def outcome(self) -> dict[str, Any]:
        """What it left: documents, pauses in seconds, names of errors. It must have ended well."""
        assert self.end() == 0, self.told()
        found: dict[str, Any] = json.loads(self.result.read_text(encoding="utf-8"))
        return found

    def told(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8")[-6000:] if self.log.exists() else ""

    def mark(self) -> str:
        """Which step it was at last."""
        return read_mark(self.marks)
